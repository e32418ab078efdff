import assert from "node:assert/strict";
import { test } from "vitest";
import { fieldsOf, linksOf } from "./content-links";

const query = `
  query Q { site { views { nodes { name small: image { url } ...files } } } }
  fragment files on View { paper: pdf { url } ...files }
`;

test("links have the names of their fields, whatever the aliases are, and of what they belong to", () => {
  const node = { name: "Overview", small: { url: "https://v/content/1" }, paper: { url: "https://v/content/2" } };
  const data = { site: { views: { nodes: [node, node, { name: "x", small: { url: "https://elsewhere/content/3" } }] } } };
  assert.deepEqual(linksOf(data, "https://v", fieldsOf(query)), [
    { url: "https://v/content/1", field: "image", of: "Overview", isPicture: true },
    { url: "https://v/content/2", field: "pdf", of: "Overview", isPicture: false },
  ]);
  assert.equal(linksOf(data, "https://v", new Map(), 1).length, 1);
});

test("a query that is not one has no fields", () => assert.equal(fieldsOf("{").size, 0));
