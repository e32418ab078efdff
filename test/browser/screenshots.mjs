// Pictures of each page in three widths, light and dark, to look at: make screenshots. WIDTHS=390,1280 SCHEMES=dark PAGES=view take some.
import { mkdir } from "node:fs/promises";
import { launch } from "./browser.mjs";
import { startDemo } from "./program.mjs";

const list = (value, all) => (value ? value.split(",") : all);
const widths = list(process.env.WIDTHS, ["390", "1280", "1920"]).map(Number);
const schemes = list(process.env.SCHEMES, ["light", "dark"]);
const wanted = list(process.env.PAGES, undefined);
const person = process.env.PERSON ?? "alice";
const inside = (page) => page.getByRole("button", { name: /^(Account|Sign out)/ });
const directory = process.env.SCREENSHOTS ?? "../../build/screenshots";

// Each page as [name, path, what to do before the picture].
const pages = [
  ["gallery-home", "/gallery"],
  ["gallery-workbooks", "/gallery/~/workbooks"],
  ["gallery-workbook", "/gallery/~/workbook/Superstore"],
  ["gallery-workbook-details", "/gallery/~/workbook/Superstore?tab=details"],
  ["gallery-permissions", "/gallery/~/workbook/Superstore?tab=permissions"],
  ["gallery-view", "/gallery/~/view/Superstore/Overview"],
  ["gallery-view-filtered", "/gallery/~/view/Superstore/Overview?f.Region=West"],
  ["gallery-view-data", "/gallery/~/view/Superstore/Overview?tab=data"],
  ["gallery-view-live", "/gallery/~/view/Superstore/Overview?tab=live", liveView],
  ["gallery-view-details", "/gallery/~/view/Superstore/Overview?tab=details"],
  ["gallery-sources", "/gallery/~/workbook/Superstore?tab=sources"],
  ["gallery-recents", "/gallery/~/recents"],
  ["gallery-project", "/gallery/~", openProject],
  ["gallery-search", "/gallery/~/search?q=sales"],
  ["gallery-favorites", "/gallery/~/favorites"],
  ["playground", "/playground", run],
  ["playground-builder", "/playground", builder],
  ["playground-calls", "/playground", calls],
  ["playground-start", "/playground", start],
];

async function openProject(page) {
  const menu = page.getByRole("button", { name: "Menu" });
  if (await menu.isVisible()) await menu.click();
  await page.locator(".tree-row a:visible").first().click();
  await page.locator(".breadcrumbs").waitFor({ state: "attached" });
}

async function liveView(page) {
  await page.getByText("This is Tableau itself").or(page.getByRole("alert")).waitFor();
}

// Those of the README go into the directory IMAGES too.
const ofReadme = { "gallery-home": "gallery-home", "gallery-view-data": "gallery-view" };

async function run(page) {
  await page.getByRole("button", { name: /^Execute query/ }).click();
  await page.getByText(/^ok · /).waitFor();
}

// builder shows the query builder beside a table: the picture of the README.
async function builder(page) {
  await page.getByRole("button", { name: "Examples" }).click();
  await page.getByRole("menuitem", { name: "Who owns what" }).click();
  await page.getByRole("button", { name: "Show Query builder" }).click();
  await run(page);
  await page.getByRole("button", { name: /^Table/ }).click();
}

async function calls(page) {
  await run(page);
  await page.getByRole("button", { name: /^REST call/ }).click();
}

async function start(page) {
  await run(page);
  await page.getByRole("button", { name: "Show Start here" }).click();
}

async function signIn(page) {
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  const name = page.getByLabel("User name");
  await name.or(inside(page)).waitFor();
  if (!(await name.isVisible())) return;
  await name.fill(person);
  await page.getByLabel("Password").fill(person);
  await page.getByRole("button", { name: "Sign in" }).click();
}

await mkdir(directory, { recursive: true });
const [demo, browser] = await Promise.all([startDemo(), launch()]);
for (const width of widths) {
  for (const colorScheme of schemes) {
    const context = await browser.newContext({ viewport: { width, height: width < 600 ? 844 : 900 }, colorScheme });
    const page = await context.newPage();
    page.on("console", (m) => console.log(`${m.type()}: ${m.text()}`));
    page.on("pageerror", (e) => console.log(`exception: ${e}`));
    const picture = (name) => page.screenshot({ path: `${directory}/${name}-${width}-${colorScheme}.png` });
    for (const [name, path, act] of pages) {
      if (wanted && !wanted.some((w) => name.startsWith(w))) continue;
      await page.goto(demo.origin + path);
      const button = page.getByRole("button", { name: "Sign in", exact: true, disabled: false });
      await button.or(inside(page)).first().waitFor();
      if (await button.isVisible()) {
        if (!wanted) await picture(`${name}-signed-out`);
        await signIn(page);
      }
      await inside(page).waitFor();
      await page.waitForFunction(() => !document.querySelector("[aria-busy=true], .skeleton:not(.thumbnail)"), undefined, { timeout: 20_000 }).catch(() => console.log(`${name}: still loading`));
      await act?.(page);
      // Thumbnails load when they come near the window.
      await page.waitForFunction(
        () => [...document.querySelectorAll(".thumbnail.skeleton")].every((e) => e.getBoundingClientRect().top > innerHeight || e.getBoundingClientRect().left > innerWidth),
        undefined,
        { timeout: 20_000 },
      ).catch(() => console.log(`${name}: pictures are missing`));
      await picture(name);
      if (process.env.IMAGES && ofReadme[name] && width === 1280 && colorScheme === "light") {
        await page.screenshot({ path: `${process.env.IMAGES}/${ofReadme[name]}.png` });
      }
      console.log(`${name} ${width} ${colorScheme}`);
    }
    await context.close();
  }
}
await browser.close();
await demo.stop();
