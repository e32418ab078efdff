import assert from "node:assert/strict";
import { test } from "vitest";
import { optionsOf, readState, writeState } from "./state";

const address = "tab=data&f.Region=West&f.Region=East&f.A%26B=x%3Dy&p.Top=5";

test("filters and parameters are read from the address and written back", () => {
  const search = new URLSearchParams(address);
  const state = readState(search);
  assert.deepEqual(state, {
    filters: [
      { field: "Region", values: ["West", "East"] },
      { field: "A&B", values: ["x=y"] },
    ],
    parameters: [{ name: "Top", value: "5" }],
  });
  assert.deepEqual(readState(writeState(search, state)), state);
  assert.equal(writeState(search, { filters: [], parameters: [] }).toString(), "tab=data");
});

test("a view as it opens has no options, so that all who see it share one picture", () => {
  assert.equal(optionsOf({ filters: [], parameters: [] }), null);
  assert.deepEqual(optionsOf({ filters: [{ field: "Region", values: ["West"] }], parameters: [] }), {
    combine: "PRODUCT",
    filters: [{ field: "Region", values: ["West"] }],
  });
});
