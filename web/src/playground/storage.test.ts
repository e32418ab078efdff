import assert from "node:assert/strict";
import { test } from "vitest";
import { forget, mapStorage, openStorage } from "./storage";

test("only the query, its variables and the theme reach the tab's storage, and the history the browser's", () => {
  const [tab, local] = [mapStorage(), mapStorage()];
  const storage = openStorage(tab, local, "alice");
  for (const key of ["query", "variables", "theme", "headers", "tabState", "shouldPersistHeaders"]) {
    storage.setItem(`graphiql:${key}`, key);
    assert.equal(storage.getItem(`graphiql:${key}`), key);
  }
  storage.setItem("graphiql:queries", '{"queries": [{"query": "{ a }", "headers": "{}"}]}');
  assert.equal(storage.getItem("graphiql:queries"), '{"queries":[{"query":"{ a }"}]}');
  assert.equal(tab.length, 4, "the three, and whose they are");
  assert.equal(local.length, 1);
  assert.equal(storage.length, 6);
});

test("another person in the same tab finds nothing", () => {
  const [tab, local] = [mapStorage(), mapStorage()];
  const first = openStorage(tab, local, "alice");
  first.setItem("graphiql:query", "{ a }");
  first.setItem("graphiql:queries", '{"queries": [{"query": "{ a }"}]}');
  assert.equal(openStorage(tab, local, "alice").getItem("graphiql:query"), "{ a }");
  const second = openStorage(tab, local, "bob");
  assert.deepEqual([second.getItem("graphiql:query"), second.getItem("graphiql:queries")], [null, null]);
});

test("what is forgotten at the sign-out is all of it, and clearing leaves what is not GraphiQL's", () => {
  const [tab, local] = [mapStorage(), mapStorage()];
  tab.setItem("another", "1");
  const storage = openStorage(tab, local, "alice");
  storage.setItem("graphiql:query", "{ viewer }");
  storage.setItem("graphiql:headers", "{}");
  storage.setItem("graphiql:favorites", '{"favorites": [{"query": "{ a }"}]}');
  storage.clear();
  assert.deepEqual([storage.getItem("graphiql:query"), storage.getItem("graphiql:headers"), storage.getItem("graphiql:favorites")], [null, null, null]);
  storage.setItem("graphiql:query", "{ viewer }");
  forget(tab, local);
  assert.deepEqual([tab.length, tab.getItem("another"), local.length], [1, "1", 0]);
});
