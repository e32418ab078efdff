// Chromium with the network cut, and a witness of everything its pages do that they should not.
import { chromium } from "playwright-core";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // No name resolves and nothing but loopback can be reached.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** launch starts the Chromium of the system, or the one that CHROMIUM names. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });
}

/**
 * open makes a fresh browser profile with one page. `witness` holds, as they happen:
 *   requests    addresses asked for, whatever became of them
 *   violations  what the content security policy refused
 *   problems    errors on the console and exceptions that nothing caught
 *   tokens      access, ID and refresh tokens that the page was given
 *   grants      grant_type of each request to a token endpoint
 */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, ...options });
  const witness = { requests: [], violations: [], problems: [], tokens: new Set(), grants: [] };
  await context.exposeBinding("reportViolation", (_, text) => witness.violations.push(text));
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => {
      window.reportViolation(`${e.effectiveDirective} refused ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber} ${e.sample}`);
    });
  });
  context.on("request", (request) => {
    witness.requests.push(request.url());
    const grant = new URLSearchParams(request.postData() ?? "").get("grant_type");
    if (grant) witness.grants.push(grant);
  });
  context.on("response", (response) => rememberTokens(response, witness.tokens));
  context.on("console", (message) => {
    if (message.type() === "error") witness.problems.push(message.text());
  });
  context.on("weberror", (error) => witness.problems.push(String(error.error())));
  return { context, page: await context.newPage(), witness };
}

async function rememberTokens(response, tokens) {
  const request = response.request();
  if (request.method() !== "POST" || !/grant_type=/.test(request.postData() ?? "")) return;
  const body = await response.json().catch(() => ({}));
  for (const kind of ["access_token", "id_token", "refresh_token"]) if (body[kind]) tokens.add(body[kind]);
}

/** stored is everything that pages of this context keep at `origin`, as one text: web storage, cookies, databases, caches. */
export async function stored(page, context) {
  const kept = await page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    cookie: document.cookie,
    history: history.state,
    address: location.href,
    name: window.name,
  }));
  return JSON.stringify({ ...kept, cookies: await context.cookies(page.url()) });
}

/** A JSON Web Token, wherever it is in a text. */
export const jwt = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;
