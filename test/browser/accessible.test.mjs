// Both pages by axe-core, in light and dark, narrow and wide, and by keyboard alone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.mjs";
import { startDemo } from "./program.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let demo;
let browser;

before(
  async () => {
    [demo, browser] = await Promise.all([startDemo(), launch()]);
  },
  { timeout: 240_000 },
);

after(
  async () => {
    await browser?.close();
    await demo?.stop();
  },
  { timeout: 240_000 },
);

const paths = [
  "/gallery/~",
  "/gallery/~/workbooks",
  "/gallery/~/workbook/Superstore",
  "/gallery/~/workbook/Superstore?tab=permissions",
  "/gallery/~/workbook/Superstore?tab=sources",
  "/gallery/~/view/Superstore/Overview?f.Region=West",
  "/gallery/~/view/Superstore/Overview?tab=data",
  "/gallery/~/view/Superstore/Overview?tab=live",
  "/gallery/~/search?q=sales",
  "/gallery/~/no/such/page",
];

async function signIn(page, user) {
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill(user);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: /^Account: / }).waitFor();
}

// violations are those of level serious or worse. The script goes in by the debugger, which no policy concerns.
async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter((v) => ["serious", "critical"].includes(v.impact))
      // CodeMirror scrolls by the keys of its text field, which is beside what scrolls.
      .map((v) => (v.id === "scrollable-region-focusable" ? { ...v, nodes: v.nodes.filter((n) => !n.html.includes("CodeMirror-scroll")) } : v))
      .filter((v) => v.nodes.length > 0)
      .map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 4).join("; ")} (${v.nodes[0].failureSummary.split("\n")[1]})`);
  });
}

// checkPlayground looks at the playground with each of its views and panels. It signs in by the provider's session.
async function checkPlayground(page) {
  await page.goto(demo.playground);
  await page.locator("main[aria-busy=false]").waitFor();
  await page.getByRole("button", { name: /^Execute query/ }).click();
  await page.getByText(/^ok · /).waitFor();
  for (const view of [/^JSON/, /^Table/, /^REST calls/]) {
    await page.getByRole("button", { name: view }).click();
    assert.deepEqual(await violations(page), [], `the playground: ${view}`);
  }
  for (const panel of ["Start here", "Query builder", "History"]) {
    await page.getByRole("button", { name: `Show ${panel}` }).click();
    await page.locator(".graphiql-plugin > *").first().waitFor();
    assert.deepEqual(await violations(page), [], `the playground: ${panel}`);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `the playground is ${wide} px wider than the window`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [390, 1280]) {
    test(`the gallery has no serious fault of accessibility: ${colorScheme}, ${width} px`, async (t) => {
      const { page, context } = await open(browser, { colorScheme, viewport: { width, height: 860 }, locale: "en-GB", reducedMotion: "reduce" });
      t.after(() => context.close());
      page.setDefaultTimeout(60_000);
      await page.goto(demo.gallery);
      await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
      assert.deepEqual(await violations(page), [], "signed out");
      await signIn(page, "carol");
      for (const path of paths) {
        await page.goto(demo.origin + path);
        await page.getByRole("button", { name: /^Account: / }).waitFor();
        await page.waitForFunction(() => !document.querySelector("[aria-busy=true], .skeleton:not(.thumbnail)"));
        assert.deepEqual(await violations(page), [], path);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${path} is ${wide} px wider than the window`);
      }
      await page.getByRole("button", { name: /^Account: / }).click();
      await page.getByRole("menu").waitFor();
      assert.deepEqual(await violations(page), [], "the menu");
      await checkPlayground(page);
    });
  }
}

test("everything in the gallery can be reached and used by keyboard", async (t) => {
  const { page, context } = await open(browser, { locale: "en-GB" });
  t.after(() => context.close());
  page.setDefaultTimeout(60_000);
  await page.goto(`${demo.gallery}/~/view/Superstore/Overview`);
  await signIn(page, "alice");
  await page.getByRole("tab", { name: "Picture" }).waitFor();
  const reached = new Set();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""));
  }
  for (const name of ["Skip to content", "Search", "Home", "All workbooks", "Download", "Open in Tableau", "Picture", "Add a filter", "Add a parameter"]) {
    assert.ok([...reached].some((r) => r.includes(name)), `${name} is not reached: ${[...reached].join(" | ")}`);
  }
  await page.getByRole("tab", { name: "Picture" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", { name: "Data", selected: true }).waitFor();
  await page.getByRole("button", { name: "Add a filter" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.getByRole("checkbox").first().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Add a filter");
});
