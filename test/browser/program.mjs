// Starts the program under test on ports of its own choice.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const loopback = "127.0.0.1:0";

const binary = process.env.VITRINE_BIN;

// start runs the program until it has printed the addresses that are wanted, by name. It gives them, and stop(), which ends the
// program as Ctrl-C would.
async function start(args, wanted) {
  if (!binary) throw new Error("VITRINE_BIN is not set; give it the path of a built vitrine");
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said = [];
  child.stderr.on("data", (data) => said.push(data));
  const ended = once(child, "exit");
  const found = await Promise.race([
    addresses(child.stdout, said, wanted),
    ended.then(([code]) => Promise.reject(new Error(`${args[0]} ended with ${code} before it was ready:\n${said.join("")}`))),
  ]);
  return {
    ...found,
    async stop() {
      child.kill("SIGINT");
      const patience = setTimeout(() => child.kill("SIGKILL"), 120_000);
      await ended;
      clearTimeout(patience);
      // What was printed is looked through for secrets when all tests are done; sandbox prints some on purpose.
      const kept = process.env.VITRINE_PRINTED;
      if (kept && args[0] !== "sandbox") await writeFile(`${kept}/${args[0]}-${child.pid}.log`, said.join(""));
    },
  };
}

const issuer = /^OpenID +(http\S+)/;

async function token(user, idp) {
  const { stdout } = await promisify(execFile)(binary, ["token", "--user", user, "--idp", idp]);
  return stdout.trim();
}

/**
 * startDemo runs `$VITRINE_BIN demo`, for pages of these origins too. Returns the addresses of its gallery, playground and Tableau, its origin, token(user),
 * which gives an access token of its provider, and stop().
 */
export async function startDemo(...origins) {
  return startDemoWith(origins.flatMap((origin) => ["--origin", origin]));
}

/** startDemoWith is startDemo with further flags. */
export async function startDemoWith(flags) {
  const args = ["demo", "--listen", loopback, "--tableau", loopback, "--idp", loopback, ...flags];
  const demo = await start(args, { gallery: /^gallery +(http\S+)/, playground: /^playground +(http\S+)/, tableau: /^Tableau +(http\S+)/, issuer });
  return { ...demo, origin: new URL(demo.playground).origin, token: (user) => token(user, demo.issuer) };
}

/**
 * startSandbox runs `$VITRINE_BIN sandbox`, the two stand-ins alone. Returns the address of its Tableau, clientID, secretID and secret of
 * its connected app, and stop().
 */
export function startSandbox() {
  const app = { clientID: /^ +client id +(\S+)/, secretID: /^ +secret id +(\S+)/, secret: /^ +secret +(\S+)$/ };
  return start(["sandbox", "--tableau", loopback, "--idp", loopback], { tableau: /^Tableau +(http\S+)/, ...app });
}

/** startWithTLS runs `serve` with a certificate of its own beside a sandbox, where administrators may send trusted documents only, and returns what startDemo does. */
export async function startWithTLS(...ofSandbox) {
  const dir = await mkdtemp(join(tmpdir(), "vitrine-tls-"));
  const [cert, key, settings] = ["chain.pem", "key.pem", "vitrine.yaml"].map((name) => join(dir, name));
  const openssl = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
  await promisify(execFile)("openssl", [...openssl, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert]);
  const pat = /^ +vitrine-1 (\S+)$/;
  const sandbox = await start(["sandbox", "--tableau", loopback, "--idp", loopback, ...ofSandbox], { tableau: /^Tableau +(http\S+)/, issuer, pat });
  await writeFile(join(dir, "pat"), sandbox.pat, { mode: 0o600 });
  await writeFile(
    settings,
    `listen: "${loopback}"
tls: {certFile: chain.pem, keyFile: key.pem}
tableau: {url: "${sandbox.tableau}", signIn: {method: personalAccessToken, tokens: [{name: vitrine-1, secretFile: pat}]}, sites: [""]}
oidc: [{issuer: "${sandbox.issuer}", audiences: [vitrine], username: {claim: preferred_username}, scopes: [openid, profile, email]}]
roles: [{name: everyone, allow: [CATALOG, CONTENT]}, {name: pinned, when: {group: bi-admins}, documents: enforce}]
playground: {enabled: true, clientID: vitrine-playground}
gallery: {enabled: true, clientID: vitrine-gallery}
`,
  );
  const server = await start(["serve", "--config", settings], { api: /^Vitrine +(https\S+)/ });
  const { origin } = new URL(server.api);
  return {
    origin,
    playground: `${origin}/playground`,
    token: (user) => token(user, sandbox.issuer),
    async stop() {
      await server.stop();
      await sandbox.stop();
      await rm(dir, { recursive: true });
    },
  };
}

// addresses reads what the program prints up to all that is wanted, and goes on reading so that it never blocks.
function addresses(stdout, said, wanted) {
  const found = {};
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on("line", (line) => {
      said.push(`${line}\n`);
      for (const [name, pattern] of Object.entries(wanted)) found[name] ??= line.match(pattern)?.[1];
      if (Object.keys(wanted).every((name) => found[name])) resolve(found);
    });
  });
}
