// The stand-in for Tableau's Embedding API: a page of another origin shows a view with a token of the sandbox's connected app.
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";
import { startSandbox } from "./program.mjs";

let portal; // the page of another origin: its text is set by show
let html;
let policy;
let sandbox;
let browser;

before(
  async () => {
    portal = createServer((_, response) => response.writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": policy }).end(html));
    portal.listen(0, "127.0.0.1");
    [sandbox, browser] = await Promise.all([startSandbox(), launch(), once(portal, "listening")]);
  },
  { timeout: 240_000 },
);

after(
  async () => {
    await browser?.close();
    await sandbox?.stop();
    portal?.closeAllConnections();
    portal?.close();
  },
  { timeout: 240_000 },
);

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

// token signs an embed token with the connected app that the sandbox prints.
function token(user, changes = {}) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: sandbox.clientID, sub: user, aud: "tableau", jti: randomUUID(), iat: now - 5, exp: now + 300, scp: ["tableau:views:embed"], ...changes };
  const signed = `${part({ alg: "HS256", typ: "JWT", kid: sandbox.secretID })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", sandbox.secret).update(signed).digest("base64url")}`;
}

// show opens a page with one <tableau-viz> and returns the first event that it fires.
async function show(page, jwt) {
  html = `<!DOCTYPE html><title>Portal</title><script type="module" src="${sandbox.tableau}/javascripts/api/tableau.embedding.3.latest.min.js"></script>
    <tableau-viz src="${sandbox.tableau}/views/Superstore/Overview" token="${jwt}"></tableau-viz>
    <script>window.fired = new Promise((done) => { for (const name of ["firstinteractive", "vizloaderror"])
      document.querySelector("tableau-viz").addEventListener(name, (e) => done({ name, detail: e.detail })); });</script>`;
  policy = `default-src 'none'; script-src 'unsafe-inline' ${sandbox.tableau}; frame-src ${sandbox.tableau}`;
  await page.goto(`http://127.0.0.1:${portal.address().port}/`);
  return page.evaluate(() => window.fired);
}

test("a view shows who is signed in, once for each token", async (t) => {
  const { page, context, witness } = await open(browser);
  t.after(() => context.close());
  const jwt = token("alice");
  assert.equal((await show(page, jwt)).name, "firstinteractive");
  const frame = page.frameLocator("tableau-viz iframe");
  await frame.getByText("Signed in as Alice Cook (alice)").waitFor();
  assert.equal(await frame.locator("body").getAttribute("data-scopes"), "tableau:views:embed");
  assert.ok(await frame.getByRole("img").isVisible());
  assert.ok(!witness.requests.some((address) => address.includes(jwt)), "the token is in an address");
  assert.deepEqual(witness.violations, []);
  const again = await show(page, jwt);
  assert.equal(again.name, "vizloaderror");
  assert.match(again.detail.message, /10091/);
});

test("a token with a fault shows its number", async (t) => {
  const { page, context } = await open(browser);
  t.after(() => context.close());
  const fired = await show(page, token("alice", { exp: Math.floor(Date.now() / 1000) + 660 }));
  assert.equal(fired.name, "vizloaderror");
  assert.match(fired.detail.message, /\(16\)/);
});
