// The gallery as people meet it: Chromium against `vitrine demo`, nothing else in between.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { jwt, launch, open, stored } from "./browser.mjs";
import { startDemo } from "./program.mjs";

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

// visit opens a path in a fresh profile that is closed with the test.
async function visit(t, path = "/", options = {}) {
  const visitor = await open(browser, { acceptDownloads: true, locale: "en-GB", ...options });
  t.after(() => visitor.context.close());
  visitor.page.setDefaultTimeout(120_000);
  await visitor.page.goto(demo.origin + path);
  return visitor;
}

const account = (page) => page.getByRole("button", { name: /^(Account|Konto): / });
const heading = (page, name) => page.getByRole("heading", { level: 1, name });

// signIn goes through the provider's login page and back.
async function signIn(page, user) {
  await page.getByRole("button", { name: /^(Sign in|Anmelden)$/ }).click();
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill(user);
  await page.getByRole("button", { name: "Sign in" }).click();
  await account(page).waitFor();
}

async function signOut(page) {
  await account(page).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
}

const settled = (page) => page.waitForFunction(() => !document.querySelector("[aria-busy=true], .skeleton:not(.thumbnail)"));

function assertClean(witness) {
  assert.deepEqual(witness.requests.filter((address) => !/^(data|blob):/.test(address) && new URL(address).hostname !== "127.0.0.1"), []);
  assert.deepEqual(witness.violations, []);
  assert.deepEqual(witness.problems, []);
}

test("alice finds a workbook, filters a view, reads its data and saves it as PDF; nothing leaves loopback and no token is kept", async (t) => {
  const { page, context, witness } = await visit(t);
  assert.equal(page.url(), demo.gallery, "the start page does not lead to the gallery");
  await signIn(page, "alice");
  await heading(page, "Default").waitFor();
  assert.equal(page.url(), `${demo.gallery}/~`);
  await page.getByRole("heading", { name: "Viewed recently" }).waitFor();

  await page.getByRole("link", { name: "All workbooks" }).first().click();
  await page.getByText("54 workbooks").waitFor();
  const picture = page.locator(".card img").first();
  assert.ok((await picture.evaluate((img) => img.decode().then(() => img.naturalWidth))) > 0);
  await page.getByRole("button", { name: "Show more" }).click();
  await page.waitForFunction(() => document.querySelectorAll(".card h3").length === 48);

  await page.getByRole("searchbox").fill("superstore");
  await page.getByRole("link", { name: "Superstore", exact: true }).first().click();
  await heading(page, "Superstore").waitFor();
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await heading(page, "Overview").waitFor();
  const drawn = page.getByRole("img", { name: /The view Overview/ });
  assert.ok((await drawn.evaluate((img) => img.decode().then(() => img.naturalWidth))) > 600);

  await page.getByRole("button", { name: "Add a filter" }).click();
  await page.getByRole("checkbox", { name: "West" }).check();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.waitForURL(/f\.Region=West/);
  await page.getByRole("tab", { name: "Data" }).click();
  await page.getByText("3 rows").waitFor();
  await page.getByRole("columnheader", { name: "Region" }).waitFor();

  await page.getByRole("button", { name: "Download" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "PDF", exact: true }).click()]);
  assert.match(download.suggestedFilename(), /\.pdf$/);
  assert.match(await readFile(await download.path(), "latin1"), /^%PDF-/);
  await page.getByText(/\.pdf is saved/).waitFor();

  // The address is the state: a reload, which signs in again by itself, comes back to it.
  await page.reload();
  await page.getByText("3 rows").waitFor();
  await page.goBack();
  await page.getByRole("tab", { name: "Picture", selected: true }).waitFor();

  const kept = await stored(page, context);
  assert.ok(witness.tokens.size >= 2, "the witness saw no tokens, so this proves nothing");
  assert.doesNotMatch(kept, jwt);
  for (const token of witness.tokens) assert.ok(!kept.includes(token), "a token is kept");
  for (const address of witness.requests) assert.doesNotMatch(address, jwt);
  assertClean(witness);
});

test("the live view is Tableau's own, signed in as the person by a token that is kept nowhere", async (t) => {
  const { page, context, witness } = await visit(t, "/gallery/~/view/Superstore/Overview");
  const embeds = [];
  page.on("response", async (response) => {
    if (response.url() !== `${demo.origin}/graphql` || !/LiveView/.test(response.request().postData() ?? "")) return;
    embeds.push((await response.json()).data.node.embed);
  });
  await signIn(page, "alice");
  await heading(page, "Overview").waitFor();
  const ofTableau = () => witness.requests.filter((address) => new URL(address).port === new URL(demo.tableau).port);
  assert.deepEqual(ofTableau(), [], "Tableau's script is loaded before anybody wants it");

  await page.getByRole("tab", { name: "Live" }).click();
  const frame = page.frameLocator("tableau-viz iframe");
  await frame.getByText("Signed in as Alice Cook (alice)").waitFor();
  await page.getByText("This is Tableau itself").waitFor();
  assert.ok(ofTableau().length > 0);
  await page.getByRole("tab", { name: "Details" }).click();
  assert.equal(await page.locator("tableau-viz").count(), 0);
  await page.getByRole("tab", { name: "Live" }).click();
  await frame.getByText("Signed in as Alice Cook (alice)").waitFor();

  assert.equal(embeds.length, 2, "a token is redeemed once");
  const kept = await stored(page, context);
  for (const { token } of embeds) {
    assert.match(token, jwt);
    assert.ok(!kept.includes(token) && !witness.requests.some((address) => address.includes(token)), "an embed token is kept");
  }
  assertClean(witness);
});

test("the start page asks little before its first picture", async (t) => {
  const { page, witness } = await visit(t, "/gallery/~");
  await signIn(page, "alice");
  witness.requests.length = 0;
  await page.reload();
  await page.locator(".card img").first().waitFor();
  const sent = witness.requests.map((address) => new URL(address).pathname);
  const first = sent.findIndex((path) => path.startsWith("/content/"));
  const asked = sent.slice(0, first).filter((path) => path === "/graphql");
  assert.ok(first > 0 && asked.length <= 6, `${asked.length} queries before the first picture: ${sent.slice(0, first).join(" ")}`);
});

test("every format of a view and its workbook can be saved", async (t) => {
  const { page, witness } = await visit(t, "/gallery/~/view/Superstore/Overview");
  await signIn(page, "alice");
  await heading(page, "Overview").waitFor();
  for (const [name, file] of [
    ["Data (CSV)", /\.csv$/],
    ["Crosstab (Excel)", /\.xlsx$/],
    ["PowerPoint of the workbook", /\.pptx$/],
  ]) {
    await page.getByRole("button", { name: "Download" }).click();
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name }).click()]);
    assert.match(download.suggestedFilename(), file);
  }
  assertClean(witness);
});

test("a deep link is kept through the sign-in", async (t) => {
  const { page } = await visit(t, "/gallery/~/view/Superstore/Overview?tab=data&f.Region=East");
  await signIn(page, "alice");
  await page.getByText("3 rows").waitFor();
  assert.equal(page.url(), `${demo.gallery}/~/view/Superstore/Overview?tab=data&f.Region=East`);
});

test("bob sees what he may see; of what his roles lack there is nothing, and his one site is chosen", async (t) => {
  const { page, witness } = await visit(t, "/gallery/~/workbooks");
  await signIn(page, "bob");
  await page.getByText("39 workbooks").waitFor();
  await page.goto(`${demo.gallery}/~/workbook/Superstore`);
  await heading(page, "Superstore").waitFor();
  await page.getByRole("tab", { name: "Details" }).waitFor();
  assert.equal(await page.getByRole("tab", { name: "Permissions" }).count(), 0);
  await page.goto(`${demo.gallery}/~/view/Superstore/Overview?tab=live`);
  await page.getByText("There is no live view for you here").waitFor();
  assert.equal(await page.getByRole("tab", { name: "Live" }).count(), 0);
  await page.goto(`${demo.gallery}/finance`);
  await page.getByRole("heading", { name: "You have no access to a site." }).waitFor();
  assertClean(witness);
});

test("carol sees permissions, changes the site, and may read everything there", async (t) => {
  const { page, witness } = await visit(t, "/gallery/~/workbook/Superstore?tab=permissions");
  await signIn(page, "carol");
  await page.getByRole("columnheader", { name: "Allowed" }).waitFor();
  await page.getByRole("button", { name: /^Site: / }).click();
  await page.getByRole("menuitemradio", { name: "Finance" }).click();
  await heading(page, "Finance").waitFor();
  assert.equal(page.url(), `${demo.gallery}/finance`);
  await page.goto(`${demo.gallery}/~/view/Superstore/Overview?tab=live`);
  await page.getByRole("alert").getByText("Live views are not given to administrators here").waitFor();
  assertClean(witness);
});

test("alice, who may not read the permissions of a workbook, gets a sentence", async (t) => {
  const { page } = await visit(t, "/gallery/~/workbook/Superstore?tab=permissions");
  await signIn(page, "alice");
  await page.getByRole("alert").getByText("Tableau does not let you see this").waitFor();
});

test("dave, who is not a Tableau user, gets a sentence that says so", async (t) => {
  const { page, witness } = await visit(t);
  await signIn(page, "dave");
  await page.getByText("Tableau has no user “dave”").waitFor();
  assertClean(witness);
});

test("what does not exist is said, with the way back", async (t) => {
  const { page } = await visit(t, "/gallery/~/workbook/NoSuchWorkbook");
  await signIn(page, "alice");
  await page.getByRole("alert").getByText("This does not exist, or you may not see it.").waitFor();
  await page.goto(`${demo.gallery}/~/no/such/page`);
  await page.getByRole("link", { name: "To the start page" }).click();
  await heading(page, "Default").waitFor();
});

test("two people one after the other in one browser: nothing of the first is left", async (t) => {
  const { page, context, witness } = await visit(t, "/gallery/~/favorites");
  await signIn(page, "alice");
  await heading(page, "Favorites").waitFor();
  await settled(page);
  const pictures = await page.locator("img").evaluateAll((all) => all.map((img) => img.src));
  assert.ok(pictures.length > 0);
  await signOut(page);
  assert.equal(page.url(), demo.gallery);
  const kept = JSON.parse(await stored(page, context));
  assert.deepEqual([kept.local, kept.session, kept.databases, kept.caches, kept.cookie, kept.history], [{}, {}, [], [], "", null]);

  witness.requests.length = 0;
  await signIn(page, "bob");
  await page.goto(`${demo.gallery}/~/favorites`);
  await heading(page, "Favorites").waitFor();
  await settled(page);
  assert.doesNotMatch(await page.locator("body").innerText(), /alice/i);
  for (const picture of pictures) assert.ok(!witness.requests.includes(picture), "bob's page asks for a picture of alice");
  assertClean(witness);
});

test("a sign-in that can not be renewed is said, and signing in again comes back to the same place", async (t) => {
  const { page, context } = await visit(t, "/gallery/~/project-of-nobody");
  await page.clock.install();
  await page.reload();
  await signIn(page, "alice");
  await page.goto(`${demo.gallery}/~/workbooks?sort=NAME`);
  await page.getByText("54 workbooks").waitFor();
  await context.route(/\/token$/, (route) => route.abort());
  await page.clock.fastForward("06:00");
  await page.getByText("Your sign-in has run out").waitFor();
  await context.unroute(/\/token$/);
  await page.getByRole("button", { name: "Sign in again" }).click();
  await page.getByText("54 workbooks").waitFor();
  assert.equal(page.url(), `${demo.gallery}/~/workbooks?sort=NAME`);
});

test("a picture whose address has expired is asked for again, once until it loads", async (t) => {
  const { page, context, witness } = await visit(t, "/gallery/~/workbooks");
  let failures = 0;
  await context.route(/\/content\//, async (route) => (failures++ < 4 ? route.fulfill({ status: 404, body: "" }) : route.continue()));
  await signIn(page, "alice");
  await page.getByText("54 workbooks").waitFor();
  const picture = page.locator(".card img").first();
  await page.waitForFunction((img) => img.isConnected && img.complete && img.naturalWidth > 0, await picture.elementHandle()).catch(() => {});
  await page.waitForFunction(() => [...document.querySelectorAll(".card img")].slice(0, 3).every((img) => img.complete && img.naturalWidth > 0));
  assert.deepEqual(witness.problems.filter((text) => !/404/.test(text)), []);
});

test("while a picture is slow, its place is kept and the page says what it waits for", async (t) => {
  const { page, context } = await visit(t, "/gallery/~/view/Superstore/Overview");
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await context.route(/\/content\//, async (route) => {
    await released;
    await route.continue();
  });
  await signIn(page, "alice");
  await page.getByText("Tableau draws the picture").waitFor();
  const before = await page.locator(".picture").boundingBox();
  release();
  await page.waitForFunction(() => document.querySelector(".picture[aria-busy=false]"));
  const after = await page.locator(".picture").boundingBox();
  assert.ok(Math.abs(after.height - before.height) < 2, "the page jumps when the picture comes");
});

test("while Tableau is down there is a sentence and a way to try again", async (t) => {
  const { page, context } = await visit(t, "/gallery/~/workbooks");
  let down = true;
  const error = { message: "Tableau does not respond.", path: ["site"], extensions: { code: "TABLEAU_UNAVAILABLE" } };
  await context.route("**/graphql", async (route) => {
    if (!down || !/query Workbooks/.test(route.request().postData() ?? "")) return route.continue();
    return route.fulfill({ contentType: "application/graphql-response+json", body: JSON.stringify({ data: { site: null }, errors: [error] }) });
  });
  await signIn(page, "alice");
  await page.getByRole("alert").getByText("Tableau does not answer at the moment").waitFor();
  down = false;
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("54 workbooks").waitFor();
});

test("texts, numbers and times are in the language of the person", async (t) => {
  const { page, witness } = await visit(t, "/gallery/~/workbooks", { locale: "de-DE" });
  await signIn(page, "alice");
  await page.getByText("54 Arbeitsmappen").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  await account(page).click();
  await page.getByRole("menuitemradio", { name: "English" }).click();
  await page.getByText("54 workbooks").waitFor();
  await page.reload();
  await page.getByText("54 workbooks").waitFor();
  assertClean(witness);
});
