import assert from "node:assert/strict";
import { test } from "vitest";
import { sorted, tablesOf } from "./table";

const data = {
  site: {
    name: "Default",
    workbooks: {
      totalCount: 2,
      nodes: [
        { name: "B", size: 10, owner: { fullName: "Ann" }, tags: ["x", "y"], views: [{ name: "V1" }, { name: "V2" }] },
        { name: "A", size: 9, owner: null, tags: [], views: [{ name: "V3" }] },
      ],
    },
  },
  sites: [],
  groups: ["one"],
};

const texts = (table: { rows: { cells: { text: string }[] }[] }) => table.rows.map((row) => row.cells.map((cell) => cell.text));

test("every list of objects is a table; objects are flattened, inner lists name their items and are tables too", () => {
  const [workbooks, views, ...rest] = tablesOf(data);
  assert.deepEqual(rest, []);
  assert.equal(workbooks?.name, "site.workbooks");
  assert.deepEqual(workbooks.columns, ["name", "size", "owner.fullName", "tags", "views"]);
  assert.deepEqual(texts(workbooks), [["B", "10", "Ann", "x, y", "2: V1, V2"], ["A", "9", "", "", "1: V3"]]);
  assert.equal(views?.name, "site.workbooks › views");
  assert.deepEqual(texts(views), [["B", "V1"], ["B", "V2"], ["A", "V3"]]);
  assert.deepEqual(views.columns, ["of", "name"]);
});

test("edges are lists of their nodes", () => {
  const [table] = tablesOf({ a: { edges: [{ cursor: "1", node: { name: "x" } }, { cursor: "2", node: { name: "y" } }] } });
  assert.deepEqual([table?.name, table && texts(table)], ["a", [["x"], ["y"]]]);
});

test("errors are at their cells and rows", () => {
  const [table] = tablesOf({ nodes: [{ name: "a", owner: null }, null] }, [
    { message: "no owner", path: ["nodes", 0, "owner"] },
    { message: "gone", path: ["nodes", 1] },
    { message: "elsewhere" },
  ]);
  assert.equal(table?.rows[0]?.cells[1]?.error, "no owner");
  assert.equal(table.rows[0].cells[0]?.error, undefined);
  assert.equal(table.rows[1]?.error, "gone");
});

test("numbers sort as numbers, texts by their numbers too, lists by length, and what is missing is last", () => {
  const rows = (...values: unknown[]) => values.map((value) => ({ cells: [{ text: "", value }] }));
  const order = (descending: boolean, ...values: unknown[]) => sorted(rows(...values), 0, descending).map((row) => row.cells[0]?.value);
  assert.deepEqual(order(false, 10, null, 9), [9, 10, null]);
  assert.deepEqual(order(true, 9, undefined, 10), [10, 9, undefined]);
  assert.deepEqual(order(false, "b10", "b9", "A"), ["A", "b9", "b10"]);
  assert.deepEqual(order(true, [1], [1, 2]), [[1, 2], [1]]);
});
