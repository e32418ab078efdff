// The playground as a person meets it: Chromium against `vitrine demo`, nothing else in between.
import assert from "node:assert/strict";
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

const signInButton = (page) => page.getByRole("button", { name: "Sign in", exact: true });
// Back from the provider. On the way there the button is disabled.
const signedOut = (page) => page.getByRole("button", { name: "Sign in", exact: true, disabled: false }).waitFor();
const result = (page) => page.locator(".result-window");

// visit opens the playground in a fresh profile that is closed with the test.
async function visit(t, options) {
  const visitor = await open(browser, options);
  t.after(() => visitor.context.close());
  visitor.page.setDefaultTimeout(240_000);
  await visitor.page.goto(demo.playground);
  return visitor;
}

// signIn goes through the provider's login page, where it is shown, and back.
async function signIn(page, user) {
  await signInButton(page).click();
  await page.getByLabel("User name").fill(user);
  await page.getByLabel("Password").fill(user);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

async function run(page) {
  await page.getByRole("button", { name: /^Execute query/ }).click();
}

async function choose(page, menu, item) {
  await page.locator("main[aria-busy=false]").waitFor();
  await page.getByRole("button", { name: menu }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
}

function assertClean(witness) {
  assert.deepEqual(witness.requests.filter((address) => new URL(address).hostname !== "127.0.0.1" && !address.startsWith("data:")), []);
  assert.deepEqual(witness.violations, []);
  assert.deepEqual(witness.problems, []);
}

async function assertNoTokenKept(page, context, witness) {
  assert.ok(witness.tokens.size >= 2, "the witness saw no tokens, so this proves nothing");
  const kept = await stored(page, context);
  assert.doesNotMatch(kept, jwt);
  for (const token of witness.tokens) assert.ok(!kept.includes(token), "a token is kept");
  for (const address of witness.requests) assert.doesNotMatch(address, jwt);
}

test("alice signs in, runs the first query and sees its answer; nothing leaves loopback and no token is kept", async (t) => {
  const { page, context, witness } = await visit(t);
  await picture(page, "signed-out");
  await signIn(page, "alice");
  assert.equal(page.url(), demo.playground, "the code stays in the address bar");
  await page.getByText("everyone").waitFor();
  await run(page);
  for (const text of ['"username"', '"alice"', '"workbooks"', '"totalCount"']) await result(page).getByText(text).first().waitFor();
  assert.doesNotMatch(await result(page).innerText(), /"errors"/);
  await picture(page, "answer");
  await assertNoTokenKept(page, context, witness);
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("vitrine.signin"))), []);
  assertClean(witness);
});

test("nothing can be run before the editors are there, so no click is lost", async (t) => {
  const { page, context } = await visit(t);
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await context.route("**/assets/chunk-*", async (route) => {
    if (await page.getByRole("button", { name: "Sign out" }).isVisible()) await released;
    await route.continue();
  });
  await signIn(page, "alice");
  await page.locator("main[aria-busy=true]").waitFor();
  const ran = run(page).then(() => "clicked");
  const frames = page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done("waits")))));
  assert.equal(await Promise.race([ran, frames]), "waits");
  release();
  await ran;
  await result(page).getByText('"alice"').waitFor();
});

test("everything in GraphiQL works under the policy", async (t) => {
  const { page, witness } = await visit(t);
  await signIn(page, "alice");
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByRole("link", { name: "Query", exact: true }).click();
  await page.getByRole("link", { name: "Viewer", exact: true }).waitFor();
  await picture(page, "documentation");
  await page.locator(".graphiql-doc-explorer-search-input").click();
  await page.keyboard.type("workbooks");
  await page.locator(".graphiql-doc-explorer-search [role=option]").first().waitFor();
  await page.keyboard.press("Escape");
  await run(page);
  await result(page).getByText('"data"').first().waitFor();
  await page.getByRole("button", { name: "Show History" }).click();
  await page.locator(".graphiql-history-item").first().waitFor();
  await page.getByRole("button", { name: "Open short keys dialog" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Open settings dialog" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Dark" }).click();
  await picture(page, "settings-dark");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Prettify query/ }).click();
  await page.getByRole("button", { name: "Headers" }).click();
  await page.getByRole("button", { name: "Re-fetch GraphQL schema" }).click();
  await page.locator(".graphiql-query-editor .CodeMirror").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\nquery Second { ");
  await page.keyboard.press("Control+Space");
  await page.locator(".CodeMirror-hints li").first().waitFor();
  await picture(page, "completion-dark");
  await page.keyboard.press("Escape");
  await page.locator(".graphiql-query-editor .cm-property", { hasText: "username" }).first().hover();
  await page.locator(".CodeMirror-info").waitFor();
  assertClean(witness);
});

test("a header typed into the editor is not kept", async (t) => {
  const { page, context } = await visit(t);
  await signIn(page, "alice");
  await page.getByRole("button", { name: "Headers" }).click();
  await page.locator(".graphiql-editor:not(.hidden) .CodeMirror").last().click();
  await page.keyboard.type('{"X-Secret": "typed-by-hand"');
  await run(page);
  await result(page).getByText('"data"').first().waitFor();
  assert.doesNotMatch(await stored(page, context), /typed-by-hand/);
});

test("a reload keeps the query, and signs in again by the provider's session", async (t) => {
  const { page, context, witness } = await visit(t);
  await signIn(page, "alice");
  await page.locator(".graphiql-query-editor .CodeMirror").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# my own words\n");
  await page.waitForFunction(() => sessionStorage.getItem("graphiql:query")?.includes("my own words"));
  await page.reload();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await page.getByText("# my own words").waitFor();
  await assertNoTokenKept(page, context, witness);
  assertClean(witness);
});

test("signing out ends the sign-in here and at the provider", async (t) => {
  const { page, context, witness } = await visit(t);
  await signIn(page, "alice");
  await page.getByRole("button", { name: "Sign out" }).click();
  await signedOut(page); // the provider asked nothing, because the page could show whose session it is
  assert.equal(page.url(), demo.playground);
  await assertNoTokenKept(page, context, witness);
  await signInButton(page).click();
  await page.getByLabel("Password").waitFor();
  assertClean(witness);
});

test("bob sees himself, not alice", async (t) => {
  const { page } = await visit(t);
  await signIn(page, "bob");
  await run(page);
  await result(page).getByText('"bob"').waitFor();
  assert.doesNotMatch(await page.locator("body").innerText(), /alice/i);
});

test("dave, who is not a Tableau user, gets a message that says so", async (t) => {
  const { page } = await visit(t);
  await signIn(page, "dave");
  await page.getByText("Tableau has no user “dave”").waitFor();
  await run(page);
  await page.getByRole("alert").getByText(/Tableau has no user for you on this site/).waitFor();
  await result(page).getByText('"TABLEAU_USER_UNKNOWN"').first().waitFor();
});

test("opened under another name than the provider knows, the page says where to go", async (t) => {
  const { page, context } = await visit(t);
  const elsewhere = demo.origin.replace("127.0.0.1", "localhost");
  await context.route(`${elsewhere}/**`, async (route) => {
    const response = await route.fetch({ url: route.request().url().replace(elsewhere, demo.origin) });
    await route.fulfill({ response });
  });
  await page.goto(`${elsewhere}/playground`);
  await page.getByRole("link", { name: demo.playground }).waitFor();
  assert.equal(await signInButton(page).count(), 0);
});

test("an open page renews its sign-in without a word", async (t) => {
  const { page, witness } = await visit(t);
  await page.clock.install();
  await page.reload();
  await signIn(page, "alice");
  const renewed = page.waitForResponse((r) => /grant_type=refresh_token/.test(r.request().postData() ?? ""));
  await page.clock.fastForward("04:30"); // a token of the stand-in lives five minutes
  assert.equal((await renewed).status(), 200);
  await run(page);
  await result(page).getByText('"alice"').waitFor();
  assert.deepEqual(witness.grants, ["authorization_code", "refresh_token"]);
  assertClean(witness);
});

test("a sign-in that can not be renewed says so and offers to sign in again", async (t) => {
  const { page, context } = await visit(t);
  await page.clock.install();
  await page.reload();
  await signIn(page, "alice");
  await context.route(/\/token$/, (route) => route.abort());
  await page.clock.fastForward("06:00");
  await page.getByText("Your sign-in has run out. Your query is kept.").waitFor();
  await run(page);
  await result(page).getByText(/has run out/).waitFor();
  await picture(page, "run-out");
  await context.unroute(/\/token$/);
  await page.getByRole("button", { name: "Sign in again" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  await run(page);
  await result(page).getByText('"alice"').waitFor();
});

for (const [name, query, words] of [
  ["a callback of another tab", "?code=abc&state=unknown", /another tab/],
  ["a callback that is opened by itself", "", /another tab/],
]) {
  test(`${name} is explained`, async (t) => {
    const { page } = await visit(t);
    await page.goto(`${demo.playground}/callback${query}`);
    await page.getByRole("alert").getByText(words).waitFor();
    assert.equal(page.url(), demo.playground);
    await signIn(page, "alice");
  });
}

test("a sign-in that the provider refuses is explained", async (t) => {
  const { page, context } = await visit(t);
  await context.route(/\/authorize\?/, (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const back = new URL(asked.get("redirect_uri"));
    back.search = new URLSearchParams({ error: "access_denied", state: asked.get("state") });
    return route.fulfill({ status: 302, headers: { location: back.href } });
  });
  await signInButton(page).click();
  await page.getByRole("alert").getByText(/cancelled or refused/).waitFor();
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), []);
  await picture(page, "refused");
});

test("a provider that can not be reached is explained", async (t) => {
  const { page, context } = await visit(t);
  await context.route(/openid-configuration/, (route) => route.abort());
  await signInButton(page).click();
  await page.getByRole("alert").getByText(/could not be reached/).waitFor();
  await signInButton(page).isEnabled();
});

test("the page follows a preference for dark", async (t) => {
  const { page } = await visit(t, { colorScheme: "dark" });
  await picture(page, "signed-out-dark");
  await signIn(page, "carol");
  const [red, green, blue] = await page
    .locator("header")
    .evaluate((e) => getComputedStyle(e).backgroundColor.match(/\d+/g).map(Number));
  assert.ok(red + green + blue < 200, `the bar is rgb(${red}, ${green}, ${blue})`);
  await picture(page, "dark");
});

test("an example runs; its lists are tables, its REST calls a waterfall, and its files pictures", async (t) => {
  const { page, witness } = await visit(t);
  await signIn(page, "bob");
  await choose(page, "Examples", "A picture and the data behind it");
  await page.getByRole("button", { name: "Examples" }).click();
  assert.equal(await page.getByRole("menuitem", { name: "Permission audit" }).count(), 0, "bob's roles lack GOVERNANCE");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Price" }).click();
  await page.getByText(/^Price: \d+ /).waitFor();
  await run(page);
  await page.getByText(/^ok · \d+ ms/).waitFor();
  await result(page).locator("a.response-link").first().waitFor();

  await page.getByRole("button", { name: /^REST calls? \d/ }).click();
  await page.getByRole("rowheader", { name: "GET sites/{site}/views", exact: true }).waitFor();
  assert.ok((await page.locator(".waterfall rect.took").count()) > 0);

  await page.getByRole("button", { name: /^Files 2/ }).click();
  const picture = page.getByRole("region", { name: "Files" }).locator("img");
  assert.ok((await picture.evaluate((img) => img.decode().then(() => img.naturalWidth))) > 0);

  await choose(page, "Examples", "Who owns what");
  await run(page);
  await page.getByRole("button", { name: /^Table 1/ }).click();
  const firstName = page.getByRole("region", { name: /^Table of site.workbooks/ }).locator("tbody td").first();
  const before = await firstName.innerText();
  for (const direction of ["ascending", "descending"]) {
    await page.getByRole("columnheader", { name: "name", exact: true }).getByRole("button").press("Enter");
    await page.locator(`th[aria-sort=${direction}]`).waitFor();
  }
  assert.notEqual(await firstName.innerText(), before);
  assertClean(witness);
});

test("a query is clicked together, and what is typed is in the tree", async (t) => {
  const { page, witness } = await visit(t);
  await signIn(page, "alice");
  await choose(page, "Examples", "Search");
  await page.getByRole("button", { name: "Show Query builder" }).click();
  const builder = page.getByRole("region", { name: "Query builder" });
  await builder.getByLabel("search", { exact: true }).waitFor();
  await builder.getByLabel("viewer", { exact: true }).press("Space");
  await page.locator(".graphiql-query-editor").getByText("viewer").waitFor();
  await builder.getByLabel("Add an argument of search").selectOption("filter");
  await builder.getByLabel("first", { exact: true }).fill("3");
  await builder.getByLabel("site", { exact: true }).press("Space");
  const query = await page.evaluate(() => document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue());
  assert.match(query, /^query Search\(\$terms: String!\) \{\n {2}viewer \{\n {4}username\n {2}\}\n\}/);
  await page.evaluate(() => document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.setValue("{ sites { contentUrl } "));
  await builder.getByText(/no mistake/).waitFor();
  await page.evaluate(() => document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.setValue("{ sites { contentUrl } }"));
  await builder.getByRole("checkbox", { name: "contentUrl", exact: true, checked: true }).waitFor();
  assertClean(witness);
});

test("the site menu puts a site into the query, and a link opens the documentation of a field", async (t) => {
  const { page, witness } = await visit(t);
  await page.goto(`${demo.playground}#type=Workbook.views`);
  await page.reload();
  await signIn(page, "alice");
  await page.getByText("Views of the workbook, in Tableau's order.").waitFor();
  assert.equal(page.url(), demo.playground);
  await page.getByRole("button", { name: "Site ▾" }).click();
  await page.getByRole("menuitemradio", { name: "Marketing" }).click();
  await page.locator(".graphiql-query-editor").getByText('"marketing"').waitFor();
  await page.getByRole("button", { name: "Show Start here" }).click();
  await page.getByRole("button", { name: "ContentLink", exact: true }).click();
  await page.getByText("File name for saving, without a path.").waitFor();
  assertClean(witness);
});

test("the history survives a reload, and nothing of one person is left for the next", async (t) => {
  const { page, context, witness } = await visit(t);
  await signIn(page, "alice");
  await choose(page, "Examples", "Search");
  // The history takes the query from the tab, which follows the editor some milliseconds later.
  await page.waitForFunction(() => sessionStorage.getItem("graphiql:query")?.includes("query Search"));
  await run(page);
  await page.getByText(/^ok · /).waitFor();
  await page.reload();
  await page.locator("main[aria-busy=false]").waitFor();
  await page.getByRole("button", { name: "Show History" }).click();
  await page.locator(".graphiql-history").getByText("Search").waitFor();
  await assertNoTokenKept(page, context, witness);
  await page.getByRole("button", { name: "Sign out" }).click();
  await signedOut(page);
  const kept = JSON.parse(await stored(page, context));
  assert.deepEqual([kept.local, kept.session, kept.databases, kept.caches, kept.history], [{}, {}, [], [], null]);
  await signIn(page, "bob");
  await page.getByRole("button", { name: "Show History" }).click();
  await page.locator(".graphiql-history").waitFor();
  assert.equal(await page.locator(".graphiql-history-item").count(), 0);
  await page.locator(".graphiql-query-editor").getByText("First", { exact: true }).waitFor();
  assertClean(witness);
});

test("a shared link brings its query through the sign-in, and holds no token", async (t) => {
  const { page, context } = await visit(t);
  await page.goto(`${demo.playground}#${new URLSearchParams({ query: "query Shared { viewer { username } }", variables: '{"a": 1}' })}`);
  await page.reload();
  await signIn(page, "alice");
  await page.locator(".graphiql-query-editor").getByText("Shared").waitFor();
  assert.equal(page.url(), demo.playground);
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.getByText("Link copied").waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /#query=query\+Shared/);
  assert.doesNotMatch(link, jwt);
});

test("the keyboard leaves the editor, which has the focus after the sign-in", async (t) => {
  const { page } = await visit(t);
  await signIn(page, "alice");
  await page.locator("main[aria-busy=false]").waitFor();
  await page.waitForFunction(() => document.activeElement?.closest(".graphiql-query-editor"));
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement?.closest(".graphiql-query-editor .CodeMirror") === null));
});

test("on a phone the answer is below the query, and both can be read", async (t) => {
  const { page } = await visit(t, { viewport: { width: 390, height: 844 } });
  await signIn(page, "alice");
  await run(page);
  await result(page).getByText('"alice"').waitFor();
  const [query, answer] = [await page.locator(".graphiql-query-editor").boundingBox(), await result(page).boundingBox()];
  assert.ok(query.width > 200 && answer.width > 200, `${query.width} and ${answer.width} px wide`);
  assert.ok(answer.y > query.y + query.height - 1);
  const text = await page.locator(".graphiql-query-editor .CodeMirror").boundingBox();
  assert.ok(text.height > 150, `the query is ${text.height} px high`);
});
