import assert from "node:assert/strict";
import { test } from "vitest";
import { forgetHistory, History, mostEntries, publicVariables, type Entry } from "./history";
import { mapStorage } from "./storage";

const listed = (history: History): Entry[] => (JSON.parse(history.get("queries") ?? '{"queries": []}') as { queries: Entry[] }).queries;
const write = (history: History, ...queries: Entry[]) => history.set("queries", JSON.stringify({ queries }));

test("the history is there after a reload, for the same person alone", () => {
  const local = mapStorage();
  write(new History(local, "alice"), { query: "{ viewer { username } }", variables: '{"a": 1}', headers: '{"X-A": "b"}', label: "me" });
  assert.deepEqual(listed(new History(local, "alice")), [{ query: "{ viewer { username } }", variables: '{"a": 1}', label: "me" }]);
  assert.deepEqual(listed(new History(local, "bob")), []);
  assert.equal(local.length, 0, "what alice left is still there");
});

test("signing out leaves nothing", () => {
  const local = mapStorage();
  write(new History(local, "alice"), { query: "{ a }" });
  forgetHistory(local);
  assert.equal(local.length, 0);
});

test("the history is bounded", () => {
  const local = mapStorage();
  const history = new History(local, "alice");
  write(history, ...Array.from({ length: 80 }, (_, i) => ({ query: `{ a${i} }` })));
  assert.deepEqual([listed(history).length, listed(history).at(-1)?.query], [mostEntries, "{ a79 }"]);
  write(history, ...Array.from({ length: 10 }, (_, i) => ({ query: `{ a${i} } #${"x".repeat(90_000)}` })));
  assert.equal(listed(history).length, 3);
});

test("what looks like a secret is not kept", () => {
  const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
  const history = new History(mapStorage(), "alice");
  write(history, { query: `{ a(b: "${token}") }` }, { query: '{ a(apiKey: "b") }' }, { query: "{ tokens { name } }", variables: `{"c": ["${token}"], "d": {"password": "e"}, "f": 1}` });
  assert.deepEqual(listed(history).map((e) => [e.query, JSON.parse(e.variables ?? "") as unknown]), [["{ tokens { name } }", { c: [null], d: {}, f: 1 }]]);
  assert.equal(publicVariables('{"site":  "x"}'), '{"site":  "x"}');
  assert.equal(publicVariables('{"accessToken": '), "");
});

test("a storage that is broken or full does not break the page", () => {
  const local = mapStorage();
  local.setItem("vitrine-playground-history", "{");
  assert.deepEqual(listed(new History(local, "alice")), []);
  const full = { ...mapStorage(), setItem: () => assert.fail("full") };
  write(new History(full, "alice"), { query: "{ a }" });
});
