import assert from "node:assert/strict";
import { test } from "vitest";
import { asCurl, asFetch, asTypedDocument, readShared, shareLink } from "./share";

const shared = { query: `query Q($t: String) { site { search(terms: $t) { totalCount } } } # it's`, variables: `{"t": "a&b"}` };

test("a link holds query and variables in its fragment", () => {
  const link = shareLink("https://bi.example.com/playground", shared);
  assert.equal(new URL(link).search, "");
  assert.deepEqual(readShared(new URL(link).hash), shared);
  assert.equal(readShared(""), undefined);
});

test("code names the token and does not hold it", () => {
  assert.match(asCurl("https://bi.example.com/graphql", shared), /Bearer \$TOKEN.*it'\\''s/s);
  assert.match(asFetch("https://bi.example.com/graphql", shared), /Bearer \$\{accessToken\}/);
  assert.match(asTypedDocument({ query: "{ a(b: `${1}`) }", variables: "" }), /\\`\\\$\{1\}\\`/);
});
