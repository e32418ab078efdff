// The audits of the npm package graphql-http, which are those of the GraphQL over HTTP specification: all of them pass with a token, and
// without one nothing but 401 is answered.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serverAudits } from "graphql-http";
import { startDemo } from "../browser/program.mjs";

let demo;
let token;

before(
  async () => {
    demo = await startDemo();
    token = await demo.token("alice");
  },
  { timeout: 240_000 },
);

after(() => demo?.stop(), { timeout: 240_000 });

// The list is that of the package; where the demo listens is not known yet.
const ask = (init) => fetch(`${demo.origin}/graphql`, init);
const audits = (fetchFn) => serverAudits({ url: "http://unknown.invalid/graphql", fetchFn });

// at sends what an audit asks for to the demo: the part behind the path is the audit's.
const at = (address) => `${demo.origin}/graphql${new URL(address).search}`;

for (const [i, audit] of audits(() => {}).entries()) {
  test(`${audit.id} ${audit.name}`, async () => {
    const withToken = (address, init) => fetch(at(address), { ...init, headers: { ...init?.headers, authorization: `Bearer ${token}` } });
    const result = await audits(withToken)[i].fn();
    assert.equal(result.status, "ok", `${result.status}: ${result.reason}`);
  });
}

test("there are 61 audits", () => assert.equal(audits(() => {}).length, 61));

test("without a token whatever an audit asks gets 401, and so does a token in a cookie", async () => {
  let asked = 0;
  for (const cookie of [undefined, `token=${token}; access_token=${token}; Authorization=Bearer ${token}`]) {
    const noToken = async (address, init) => {
      const answer = await fetch(at(address), { ...init, headers: { ...init?.headers, ...(cookie && { cookie }) } });
      assert.equal(answer.status, 401, `${init?.method} ${address}`);
      assert.match(answer.headers.get("www-authenticate"), /^Bearer /);
      assert.equal(answer.headers.get("set-cookie"), null);
      asked++;
      return answer;
    };
    for (const audit of audits(noToken)) await audit.fn().catch((error) => assert.ok(!(error instanceof assert.AssertionError), error.message));
  }
  assert.ok(asked >= 122, `only ${asked} requests were sent`);
});

test("answers say what they are, vary by what they depend on, and set no cookie", async () => {
  const answer = await ask({ method: "POST", headers: { "content-type": "application/json", authorization: `Bearer ${token}` }, body: '{"query":"{__typename}"}' });
  assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
  assert.match(answer.headers.get("vary"), /Accept/);
  assert.equal(answer.headers.get("set-cookie"), null);
  assert.deepEqual(await answer.json(), { data: { __typename: "Query" } });
});
