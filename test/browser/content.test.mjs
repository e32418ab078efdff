// What Tableau answers does nothing on Vitrine's origin, whatever it holds and however a browser opens it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";
import { startHostile } from "./hostile.mjs";

const attack = "document.title = 'owned'; fetch('PORTAL/leak/script'); localStorage.owned = '1'";
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40" onload="${attack}"><script>${attack}</script>
<rect width="40" height="40" style="fill:#369"/><image href="PORTAL/leak/image"/>
<foreignObject width="40" height="40"><iframe xmlns="http://www.w3.org/1999/xhtml" srcdoc="&lt;script&gt;parent.document.title='owned'&lt;/script&gt;"/></foreignObject></svg>`;
const html = `<!DOCTYPE html><html><head><title>page</title></head><body onload="${attack}"><script>${attack}</script></body></html>`;

const bodies = {
  "/image": { type: "image/svg+xml", body: svg },
  "/previewImage": { type: "text/plain", body: html }, // a page that calls itself something else
  "/pdf": { type: "text/html", body: html },
  "/data": { type: "text/plain", body: html },
  "/content": { type: "application/xml", body: html },
};

let server;
let browser;
let links;

before(
  async () => {
    [server, browser] = await Promise.all([startHostile(bodies), launch()]);
    const answer = await server.ask(
      "alice",
      `{ site(contentUrl: "") { view(by: {path: "Superstore/Overview"}) {
        svg: image(format: SVG) { url } thumbnail { url } pdf { url } csv { url } workbook { download { url } } } } }`,
    );
    const view = answer.data?.site?.view;
    assert.ok(view, JSON.stringify(answer));
    links = { svg: view.svg.url, thumbnail: view.thumbnail.url, pdf: view.pdf.url, csv: view.csv.url, file: view.workbook.download.url };
  },
  { timeout: 60_000 },
);

after(
  async () => {
    await browser?.close();
    await server?.stop();
  },
  { timeout: 240_000 },
);

async function visit(t) {
  const visitor = await open(browser, { acceptDownloads: true });
  t.after(() => visitor.context.close());
  return visitor;
}

// nothingHappened looks for what the attack leaves.
async function nothingHappened(page, witness) {
  assert.notEqual(await page.title(), "owned");
  assert.deepEqual(server.reached, []);
  assert.ok(!(await page.evaluate(() => String(window.localStorage?.owned)).catch(() => "")).includes("1"));
  assert.deepEqual(witness.problems.filter((text) => text.includes("owned")), []);
}

test("an SVG with a script is drawn in an <img> and runs nothing", async (t) => {
  const { page, witness } = await visit(t);
  await page.goto(server.portal);
  await page.evaluate((address) => {
    document.body.append(Object.assign(document.createElement("img"), { id: "i", src: address }));
  }, links.svg);
  const width = await page.locator("#i").evaluate((img) => img.decode().then(() => img.naturalWidth));
  assert.equal(width, 40);
  await nothingHappened(page, witness);
});

test("an SVG that is opened as a page is saved, not shown", async (t) => {
  const { page, witness } = await visit(t);
  const [download] = await Promise.all([page.waitForEvent("download"), page.goto(links.svg).catch(() => {})]);
  assert.match(download.suggestedFilename(), /\.svg$/);
  await nothingHappened(page, witness);
});

test("a page that Tableau sends for a picture is no page", async (t) => {
  const { page, witness } = await visit(t);
  const response = await page.goto(links.thumbnail);
  assert.equal(response.headers()["content-type"], "image/png");
  await nothingHappened(page, witness);
});

test("a page that Tableau sends for a document is refused", async (t) => {
  const { page, witness } = await visit(t);
  const response = await page.goto(links.pdf);
  assert.equal(response.status(), 502);
  assert.equal(await page.title(), "This file is not available at the moment"); // a page of Vitrine
  assert.match(response.headers()["content-security-policy"], /^default-src 'none'; style-src 'unsafe-inline';/);
  assert.equal(await page.locator("script, img, form").count(), 0);
  await nothingHappened(page, witness);
});

for (const [what, name] of [
  ["csv", "Overview.csv"],
  ["file", "Superstore.twb"],
]) {
  test(`a page that Tableau sends for a ${what} is saved, not shown`, async (t) => {
    const { page, witness } = await visit(t);
    const [download] = await Promise.all([page.waitForEvent("download"), page.goto(links[what]).catch(() => {})]);
    assert.equal(download.suggestedFilename(), name);
    await nothingHappened(page, witness);
  });
}

test("none of it becomes a script, a style or a page within a page", async (t) => {
  const { page, witness } = await visit(t);
  await page.goto(server.portal);
  const loaded = await page.evaluate(async (all) => {
    const outcome = {};
    for (const [name, address] of Object.entries(all)) {
      outcome[name] = await new Promise((resolve) => {
        const script = Object.assign(document.createElement("script"), { src: address });
        script.onload = () => resolve("ran");
        script.onerror = () => resolve("refused");
        document.head.append(script);
      });
    }
    return outcome;
  }, links);
  assert.deepEqual(new Set(Object.values(loaded)), new Set(["refused"]));
  await nothingHappened(page, witness);
});
