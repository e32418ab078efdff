import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { test } from "vitest";
import { examples } from "./examples";
import { firstQuery } from "./first-query";
import { areas } from "./areas";

const source = readFileSync(new URL("../../../schema.graphqls", import.meta.url), "utf8");
const schema = buildSchema(source);

for (const { name, query } of [...examples, { name: "the first query", query: firstQuery }]) {
  test(`the schema has all that is in the example: ${name}`, () => {
    assert.deepEqual(validate(schema, parse(query)).map(String), []);
  });
}

test("each example has what its menu needs", () => {
  assert.ok(examples.length >= 14);
  for (const { name, group, area, user, query } of examples) {
    assert.ok(name && group && user && query.startsWith("query "), name);
    assert.ok(areas.some((a) => a.name === area) || area === "ALWAYS", `${name}: ${area}`);
  }
});

test("the start page names every area of the schema, and types that it has", () => {
  const enumValues = /enum Area \{([^}]*)\}/.exec(source)?.[1] ?? "";
  const names = [...enumValues.matchAll(/^ {2}([A-Z]+)$/gm)].map((m) => m[1]);
  assert.deepEqual(areas.map((a) => a.name), names.filter((name) => name !== "ALWAYS"));
  for (const { name, members } of areas) {
    for (const member of members) {
      const [type = "", field] = member.split(".");
      const found = schema.getType(type);
      assert.ok(found, `${name}: ${member}`);
      if (field) assert.ok("getFields" in found && field in found.getFields(), `${name}: ${member}`);
    }
  }
});
