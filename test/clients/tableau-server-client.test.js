// The npm package tableau-server-client, a client that knows nothing of Vitrine, reads the stand-in.
const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const tableau = require("tableau-server-client");

let sandbox;

before(
  async () => {
    const { startSandbox } = await import("../browser/program.mjs");
    sandbox = await startSandbox();
  },
  { timeout: 30_000 },
);

after(() => sandbox?.stop(), { timeout: 30_000 });

test("it signs in and lists extract refreshes", async () => {
  const client = tableau.initialize({ baseUrl: sandbox.tableau, apiVersion: "3.8" });
  const answer = await client.authentication.signin({ username: "carol", password: "carol" });
  assert.equal(answer.statusCode, 200);
  for (const name of ["token", "siteId", "userId"]) assert.equal(typeof client.http.getParam(name), "string", name);
  const { body } = await client.tasks.getExtractRefreshes();
  assert.ok(body.tasks.task.length > 0);
  for (const { extractRefresh } of body.tasks.task) {
    assert.equal(typeof extractRefresh.id, "string");
    assert.ok(extractRefresh.workbook?.id ?? extractRefresh.datasource?.id, JSON.stringify(extractRefresh));
  }
});

test("it refuses a wrong password and accepts a right one", async () => {
  const client = tableau.initialize({ baseUrl: sandbox.tableau, apiVersion: "3.8" });
  const answer = await client.authentication.signin({ username: "carol", password: "wrong" });
  assert.deepEqual([answer.statusCode, answer.body.error.code, client.http.getParam("token")], [401, "401001", undefined]);
});
