// The playground over TLS, as `serve` with a certificate of its own gives it: it works under the same policy, over HTTP/2.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";
import { startWithTLS } from "./program.mjs";

let server;
let browser;

before(
  async () => {
    [server, browser] = await Promise.all([startWithTLS(), launch()]);
  },
  { timeout: 240_000 },
);

after(
  async () => {
    await browser?.close();
    await server?.stop();
  },
  { timeout: 240_000 },
);

test("alice signs in over TLS and sees an answer; the policy refuses nothing", async (t) => {
  const { context, page, witness } = await open(browser, { ignoreHTTPSErrors: true });
  t.after(() => context.close());
  page.setDefaultTimeout(240_000);
  const answer = await page.goto(server.playground);
  const headers = answer.headers();
  assert.match(headers["strict-transport-security"], /max-age=\d{7,}/);
  assert.match(headers["content-security-policy"], /^default-src 'none'; script-src 'self'; style-src 'self'/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByLabel("User name").fill("alice");
  await page.getByLabel("Password").fill("alice");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  const asked = page.waitForResponse((r) => r.url().startsWith(`${server.origin}/graphql`) && r.request().postData()?.includes("username"));
  await page.getByRole("button", { name: /^Execute query/ }).click();
  await page.locator(".result-window").getByText('"alice"').first().waitFor();
  await asked;
  const protocols = await page.evaluate(() => performance.getEntriesByType("resource").map((e) => [e.name, e.nextHopProtocol]));
  for (const [name, protocol] of protocols) if (name.startsWith(server.origin)) assert.equal(protocol, "h2", name);
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/tls.png` });
  assert.deepEqual(witness.violations, []);
  assert.deepEqual(witness.problems, []);
});

test("the gallery works for people who may send trusted documents only", async (t) => {
  const { page, context, witness } = await open(browser, { ignoreHTTPSErrors: true, locale: "en-GB" });
  t.after(() => context.close());
  page.setDefaultTimeout(60_000);
  const bodies = [];
  page.on("request", (request) => request.url() === `${server.origin}/graphql` && bodies.push(JSON.parse(request.postData())));
  await page.goto(`${server.origin}/gallery/~/view/Superstore/Overview`);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByLabel("User name").fill("carol");
  await page.getByLabel("Password").fill("carol");
  await page.getByRole("button", { name: "Sign in" }).click();
  const drawn = page.getByRole("img", { name: /The view Overview/ });
  assert.ok((await drawn.evaluate((img) => img.decode().then(() => img.naturalWidth))) > 600);
  await page.getByRole("tab", { name: "Data" }).click();
  await page.getByText("12 rows").waitFor();
  assert.equal(await page.getByRole("tab", { name: "Permissions" }).count(), 0, "what the roles lack is shown");
  await page.getByRole("button", { name: "Download" }).click();
  await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "PDF", exact: true }).click()]);
  await page.getByRole("link", { name: "Superstore" }).first().click();
  await page.getByRole("tab", { name: "Sources" }).click();
  await page.locator(".lineage").getByText(/^Superstore Datasource/).first().waitFor();
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await page.getByRole("heading", { name: "Updated last" }).waitFor();
  await page.locator(".card img").first().waitFor();

  assert.ok(bodies.length > 5 && bodies.every(({ query, extensions }) => query === undefined && extensions.persistedQuery.sha256Hash.length === 64));
  const token = await server.token("carol");
  const refused = await context.request.post(`${server.origin}/graphql`, { headers: { authorization: `Bearer ${token}` }, data: { query: "{viewer{username}}" } });
  assert.equal((await refused.json()).errors[0].extensions.code, "DOCUMENT_NOT_TRUSTED");
  assert.deepEqual(witness.violations, []);
  assert.deepEqual(witness.problems, []);
});

test("a page of another origin can read nothing, whatever it sends", async (t) => {
  const { context, page } = await open(browser, { ignoreHTTPSErrors: true });
  t.after(() => context.close());
  const token = await server.token("alice");
  await page.goto("about:blank"); // whose origin is null
  const outcomes = await page.evaluate(
    async ([origin, bearer]) => {
      const tried = {
        "with a token": { headers: { authorization: `Bearer ${bearer}` } },
        "with cookies": { credentials: "include" },
        "as a form": { method: "POST", body: new URLSearchParams({ query: "{viewer{username}}" }) },
        "as text": { method: "POST", body: '{"query":"{viewer{username}}"}' },
      };
      const results = {};
      for (const [name, init] of Object.entries(tried)) {
        results[name] = await fetch(`${origin}/graphql?query={viewer{username}}`, init).then(
          (r) => `read ${r.status}`,
          () => "refused",
        );
      }
      return results;
    },
    [server.origin, token],
  );
  for (const [name, outcome] of Object.entries(outcomes)) assert.equal(outcome, "refused", name);
});
