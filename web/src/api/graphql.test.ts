import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "vitest";
import { ask, signInHasEnded, type TokenSource } from "./graphql";

type Reply = [status: number, body: string];

// serve answers one reply per request, in order, and keeps what it was asked.
async function serve(t: TestContext, ...replies: Reply[]): Promise<{ endpoint: string; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    const [status, body] = replies[seen.length - 1] ?? [500, "one request too many"];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  t.onTestFinished(() => void server.close());
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, seen };
}

// tokensOf hands out the first token, and the next after each renewal.
function tokensOf(...tokens: string[]): TokenSource {
  return {
    accessToken: () => tokens[0],
    renew: async () => {
      tokens.shift();
      return tokens.length > 0;
    },
  };
}

const question = { query: "{ viewer { username } }" };

test("the token of the session wins over a header from the editor", async (t) => {
  const { endpoint, seen } = await serve(t, [200, '{"data":{"viewer":{"username":"alice"}}}']);
  const answer = await ask(endpoint, tokensOf("one"), question, { Authorization: "Bearer other", "X-Extra": "1" });
  assert.deepEqual(answer, { data: { viewer: { username: "alice" } } });
  assert.equal(seen[0]?.headers.authorization, "Bearer one");
  assert.equal(seen[0]?.headers["x-extra"], "1");
});

test("a refused token is renewed once and the question asked again", async (t) => {
  const { endpoint, seen } = await serve(t, [401, "{}"], [200, '{"data":{}}']);
  assert.deepEqual(await ask(endpoint, tokensOf("old", "new"), question), { data: {} });
  assert.deepEqual(seen.map((r) => r.headers.authorization), ["Bearer old", "Bearer new"]);
});

test("a token refused twice is not tried a third time", async (t) => {
  const refusal = '{"errors":[{"message":"no"}]}';
  const { endpoint, seen } = await serve(t, [401, refusal], [401, refusal]);
  assert.equal((await ask(endpoint, tokensOf("old", "new", "newest"), question)).errors?.[0]?.message, "no");
  assert.equal(seen.length, 2);
});

test("without a token nothing is sent", async (t) => {
  const { endpoint, seen } = await serve(t);
  assert.equal((await ask(endpoint, tokensOf(), question)).errors?.[0]?.message, signInHasEnded);
  assert.equal(seen.length, 0);
});

test("an answer that is no JSON is shown, not thrown", async (t) => {
  const { endpoint } = await serve(t, [502, "<h1>Bad gateway</h1>"]);
  assert.match((await ask(endpoint, tokensOf("one"), question)).errors?.[0]?.message ?? "", /status 502.*Bad gateway/);
});

test("a server that is not there is said, not thrown", async () => {
  const answer = await ask("http://127.0.0.1:1/graphql", tokensOf("one"), question);
  assert.equal(answer.errors?.[0]?.extensions?.code, "UNREACHABLE");
});
