import assert from "node:assert/strict";
import { parse, print } from "@0no-co/graphql.web";
import { test } from "vitest";
import { prune, Shape, type Introspection } from "./shape";

const named = (name: string) => ({ name: null, ofType: { name } });

// A role that has no permissions and no thumbnails, at a Tableau without usage and without sizes of pictures.
const answer: Introspection = {
  __schema: {
    queryType: { name: "Query" },
    types: [
      { name: "Query", fields: [{ name: "node", args: [{ name: "id" }], type: { name: "Node" } }] },
      { name: "Node", fields: [{ name: "id", args: [], type: named("ID") }] },
      {
        name: "View",
        fields: [
          { name: "id", args: [], type: named("ID") },
          { name: "usage", args: [], type: { name: "Usage" } },
          { name: "image", args: [{ name: "size" }, { name: "options" }], type: { name: "Link" } },
        ],
      },
      { name: "Usage", fields: [{ name: "total", args: [], type: { name: "Int" } }] },
      { name: "Link", fields: [{ name: "url", args: [], type: named("URL") }] },
      { name: "Int", fields: null },
    ],
  },
  tableau: {
    supports: [
      { coordinate: "View.usage", isSupported: false },
      { coordinate: "View.image(size:)", isSupported: false },
      { coordinate: "View.image", isSupported: true },
    ],
  },
};
const shape = new Shape(answer);

const cases: [name: string, document: string, want: string | undefined][] = [
  ["a field that the role lacks", "query Q { node { ... on View { id thumbnail { url } } } }", "query Q { node { ... on View { id } } }"],
  ["a type that the role lacks", "query Q { node { id ... on Job { id } } }", "query Q { node { id } }"],
  ["a field that Tableau lacks", "query Q { node { ... on View { id usage { total } } } }", "query Q { node { ... on View { id } } }"],
  [
    "an argument that Tableau lacks, with its variable",
    "query Q($s: S, $o: O) { node { ... on View { image(size: $s, options: $o) { url } } } }",
    "query Q($o: O) { node { ... on View { image(options: $o) { url } } } }",
  ],
  ["what has nothing left", "query Q($id: ID!) { node(id: $id) { ... on View { permissions { id } } } }", undefined],
  [
    "a fragment",
    "query Q { node { ...F ...G } } fragment F on View { id permissions { id } } fragment G on View { permissions { id } }",
    "query Q { node { ...F } } fragment F on View { id }",
  ],
];

for (const [name, document, want] of cases) {
  test(`prune takes out ${name}`, () => {
    const pruned = prune(parse(document, { noLocation: true }), shape);
    assert.equal(pruned && print(pruned), want && print(parse(want)));
  });
}

test("a document that the role has in full stays the same one", () => {
  const document = parse("query Q($id: ID!) { node(id: $id) { id ... on View { image { url } } } }", { noLocation: true });
  assert.equal(prune(document, shape), document);
});
