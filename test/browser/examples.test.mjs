// The examples of the documents, as a front-end developer meets them: a page on an origin of its own, in front of `vitrine demo --origin`.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { launch, open } from "./browser.mjs";
import { servePages } from "./pages.mjs";
import { startDemo } from "./program.mjs";

const examples = fileURLToPath(new URL("../../docs/examples/", import.meta.url));

let pages;
let demo;
let browser;

before(
  async () => {
    // What the guide says a page with a policy of its own needs.
    const policy = { "Content-Security-Policy": "" };
    pages = await servePages(policy);
    [demo, browser] = await Promise.all([startDemo(pages.origin), launch()]);
    policy["Content-Security-Policy"] =
      `default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; base-uri 'none'; ` +
      `img-src data: ${demo.origin}; connect-src ${demo.origin} ${demo.issuer}`;
  },
  { timeout: 240_000 },
);

after(
  async () => {
    await browser?.close();
    await demo?.stop();
    pages?.stop();
  },
  { timeout: 240_000 },
);

const built = [
  ["the page without a build step", `${examples}single-page`, true],
  ["the starter", `${examples}vite-react/dist`, existsSync(`${examples}vite-react/dist/index.html`)],
];

for (const [name, directory, there] of built) {
  test(`${name}: from sign-in to an image, a table and a PDF saved as a file`, { skip: !there && "it was not built" }, async (t) => {
    pages.serve(directory, (text) => text.replaceAll("http://127.0.0.1:8080", demo.origin));
    const { page, context, witness } = await open(browser, { acceptDownloads: true });
    t.after(() => context.close());
    page.setDefaultTimeout(120_000);
    await page.goto(`${pages.origin}/`);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByLabel("User name").fill("alice");
    await page.getByLabel("Password").fill("alice");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    assert.equal(page.url(), `${pages.origin}/`, "the code stays in the address bar");
    await page.getByText("alice", { exact: true }).waitFor();

    const image = page.getByRole("img").first();
    await image.scrollIntoViewIfNeeded();
    assert.ok((await image.evaluate((img) => img.decode().then(() => img.naturalWidth))) > 0);

    await page.getByRole("listitem").first().getByRole("button").click();
    await page.getByRole("columnheader").first().waitFor();
    assert.ok((await page.getByRole("cell").count()) > 1);

    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as PDF" }).click()]);
    assert.match(download.suggestedFilename(), /\.pdf$/);
    assert.match(await readFile(await download.path(), "latin1"), /^%PDF-/);

    assert.equal(await page.getByRole("alert").innerText(), "");
    assert.deepEqual(witness.violations, []);
    assert.deepEqual(witness.problems, []);

    await anExpiredImageIsRequestedAgain(page, image, witness);

    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    assert.equal(new URL(page.url()).origin, pages.origin);
  });
}

// A link that works no more is what an image has whose page was open for long.
async function anExpiredImageIsRequestedAgain(page, image, witness) {
  await image.scrollIntoViewIfNeeded(); // a lazy image is not fetched elsewhere
  for (let time = 0; time < 2; time++) {
    const failed = page.waitForRequest((request) => request.url() === `${demo.origin}/content/expired${time}`);
    await image.evaluate((img, dead) => (img.src = dead), `${demo.origin}/content/expired${time}`);
    await failed;
    await page.waitForFunction((img) => img.complete && img.naturalWidth > 0 && !img.src.includes("/expired"), await image.elementHandle());
  }
  assert.deepEqual(witness.problems.filter((text) => !/404|ERR_BLOCKED_BY_ORB/.test(text)), []);
}

test("a dead link that is opened leads back to the page", async (t) => {
  pages.serve(`${examples}single-page`, () => `<!doctype html><title>portal</title><a href="${demo.origin}/content/expired">PDF</a>`);
  const { page, context } = await open(browser);
  t.after(() => context.close());
  await page.goto(`${pages.origin}/`);
  await page.getByRole("link", { name: "PDF" }).click();
  await page.getByRole("heading", { name: "This link does not work any more" }).waitFor();
  await page.getByRole("link", { name: `Back to ${pages.origin}/` }).click();
  await page.waitForURL(`${pages.origin}/`);
  assert.equal(await page.title(), "portal");
});
