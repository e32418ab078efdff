import assert from "node:assert/strict";
import { test } from "vitest";
import { siteOf, withSite } from "./sites";

const cases: [name: string, query: string, variables: string, want: [string, string] | undefined][] = [
  ["no argument", "{ site { name } } # mine", "", ['{ site(contentUrl: "m") { name } } # mine', ""]],
  ["another site", 'query Q { a: site(contentUrl: "x") { name } site { luid } }', "", ['query Q { a: site(contentUrl: "m") { name } site(contentUrl: "m") { luid } }', ""]],
  ["a variable", "query Q($s: String) { site(contentUrl: $s) { name } }", '{"a": 1}', ["query Q($s: String) { site(contentUrl: $s) { name } }", '{\n  "a": 1,\n  "s": "m"\n}']],
  ["no site", "{ viewer { username } }", "", undefined],
  ["not a query", "{ site {", "", undefined],
];

for (const [name, query, variables, want] of cases) {
  test(`a site is put into a query: ${name}`, () => {
    const got = withSite({ query, variables }, "m");
    assert.deepEqual(got && [got.query, got.variables], want);
    if (got) assert.equal(siteOf(got), "m");
  });
}
