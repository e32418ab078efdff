import assert from "node:assert/strict";
import { test } from "node:test";

import { compare } from "./contract.mjs";

const before = `
  type Query { a: Int b(x: Int = 1): T! c: E }
  type T { f: String }
  enum E { ONE OTHER }
  input I { p: Int }
`;

const changed = (from, to) => compare(before, before.replace(from, to));

test("additions are harmless", () => {
  for (const [from, to, added] of [
    ["c: E", "c: E d: Int", ["Query.d"]],
    ["x: Int = 1", "x: Int = 1, y: Int", ["Query.b(y:)"]],
    ["ONE OTHER", "ONE TWO OTHER", ["E.TWO"]],
    ["p: Int", "p: Int q: Int", ["I.q"]],
    ["enum E", "type U { g: Int } enum E", ["U", "U.g"]],
  ]) {
    assert.deepEqual(changed(from, to), { breaking: [], added }, to);
  }
});

test("what clients rely on may not go or change", () => {
  for (const [from, to] of [
    ["a: Int ", ""],
    ["a: Int", "a: String"],
    ["T!", "T"],
    ["x: Int = 1", "x: Int = 2"],
    ["x: Int = 1", "x: Int = 1, y: Int!"],
    ["x: Int = 1", ""],
    ["ONE OTHER", "OTHER"],
    ["p: Int", "p: Int!"],
    ["p: Int", "p: Int q: Int!"],
  ]) {
    const text = before.replace(from, to).replace("b()", "b");
    assert.equal(compare(before, text).breaking.length > 0, true, to);
  }
});

test("what is deprecated may go", () => {
  for (const [now, then] of [
    ["c: E @deprecated", ""],
    ["ONE @deprecated OTHER", "OTHER"],
  ]) {
    const from = now.replace(" @deprecated", "");
    assert.equal(compare(before.replace(from, now), before.replace(from, then)).breaking.length, 0, now);
    assert.equal(compare(before, before.replace(from, then)).breaking.length, 1, from);
  }
});

test("the same contract is the same, however it is written", () => {
  assert.deepEqual(compare(before, `"A description." ${before.trim()}`), { breaking: [], added: [] });
});
