import assert from "node:assert/strict";
import { test } from "vitest";
import { keepQueryOnly, type Memory } from "./storage";

function tabStorage(): Memory & { all: Map<string, string> } {
  const all = new Map<string, string>();
  return {
    all,
    get length() {
      return all.size;
    },
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, value) => void all.set(key, value),
    removeItem: (key) => void all.delete(key),
    clear: () => all.clear(),
  };
}

test("only the query, its variables and the theme reach the tab's storage", () => {
  const tab = tabStorage();
  const storage = keepQueryOnly(tab);
  for (const key of ["query", "variables", "theme", "headers", "tabState", "queries", "favorites", "shouldPersistHeaders"]) {
    storage.setItem(`graphiql:${key}`, key);
    assert.equal(storage.getItem(`graphiql:${key}`), key);
  }
  assert.deepEqual([...tab.all.keys()], ["graphiql:query", "graphiql:variables", "graphiql:theme"]);
  assert.equal(storage.length, 8);
});

test("clearing leaves what is not GraphiQL's", () => {
  const tab = tabStorage();
  tab.setItem("another", "1");
  const storage = keepQueryOnly(tab);
  storage.setItem("graphiql:query", "{ viewer }");
  storage.setItem("graphiql:headers", "{}");
  storage.clear();
  assert.deepEqual([...tab.all.keys()], ["another"]);
  assert.equal(storage.length, 0);
  assert.equal(storage.getItem("graphiql:headers"), null);
});
