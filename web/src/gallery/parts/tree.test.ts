// @vitest-environment node
import assert from "node:assert/strict";
import { test } from "vitest";
import { treeOf } from "./projects";

test("projects are put below their parents, and one with a hidden parent is at the top", () => {
  const __typename = "Project" as const;
  const item = (id: string, parent?: string) => ({ __typename, id, luid: id, name: id, parent: parent ? { __typename, id: parent } : null });
  const names = (branches: ReturnType<typeof treeOf>): unknown => branches.map((b) => [b.name, names(b.children)]);
  assert.deepEqual(names(treeOf([item("c", "b"), item("b", "a"), item("a"), item("x", "hidden")])), [
    ["a", [["b", [["c", []]]]]],
    ["x", []],
  ]);
});
