// How long the gallery's start page takes to its largest paint, with 50 ms for each answer of Tableau, beside an empty page: make paint.
import { launch, open } from "./browser.mjs";
import { startWithTLS } from "./program.mjs";

const latency = process.env.LATENCY ?? "50ms";
const [server, browser] = await Promise.all([startWithTLS("--latency", latency), launch()]);
const { page, context } = await open(browser, { ignoreHTTPSErrors: true, locale: "en-GB", viewport: { width: 1280, height: 900 } });
await context.route("**/empty", (route) => route.fulfill({ contentType: "text/html", body: "<!DOCTYPE html><title>Empty</title><p>Empty</p>" }));

// largest waits until nothing is loading, and returns the time of the largest paint since the navigation, in milliseconds.
async function largest() {
  await page.waitForLoadState("networkidle");
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => resolve(Math.round(list.getEntries().at(-1).startTime))).observe({ type: "largest-contentful-paint", buffered: true });
      }),
  );
}

async function empty() {
  await page.goto(`${server.origin}/empty`);
  return largest();
}

// start opens the start page. The tab was signed in before, so the provider sends it back at once; the time is that of the last
// navigation, from the answer of the provider on.
async function start() {
  await page.goto(`${server.origin}/gallery/~`);
  await page.getByRole("heading", { name: "Updated last" }).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll(".card img")].slice(0, 3).every((img) => img.complete && img.naturalWidth > 0));
  return largest();
}

await page.goto(`${server.origin}/gallery/~`);
await page.getByRole("button", { name: "Sign in", exact: true }).click();
await page.getByLabel("User name").fill("alice");
await page.getByLabel("Password").fill("alice");
await page.getByRole("button", { name: "Sign in" }).click();
await page.getByRole("button", { name: /^Account: / }).waitFor();
const rows = [["first visit", await start(), await empty()]];
for (let i = 2; i <= 5; i++) rows.push([`visit ${i}`, await start(), await empty()]);
const middle = (column) => rows.map((r) => r[column]).sort((a, b) => a - b)[2];
for (const [name, gallery, nothing] of [...rows, ["median", middle(1), middle(2)]]) {
  console.log(`${name.padEnd(12)} largest paint ${String(gallery).padStart(5)} ms, empty page ${String(nothing).padStart(4)} ms, ratio ${(gallery / nothing).toFixed(1)}`);
}
await browser.close();
await server.stop();
