import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { buildSchema, parse, validate } from "graphql";
import { test } from "vitest";
import { examples } from "./examples";
import { firstQuery } from "./first-query";

const schema = buildSchema(readFileSync(new URL("../../../schema.graphqls", import.meta.url), "utf8"));

for (const { name, query } of [...examples, { name: "the first query", query: firstQuery }]) {
  test(`the schema has all that is in the example: ${name}`, () => {
    assert.deepEqual(validate(schema, parse(query)).map(String), []);
  });
}
