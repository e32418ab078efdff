// A server between Vitrine and the stand-in Tableau that passes everything on except what a test replaces, as a Tableau would
// answer that somebody has got hold of: anyone who can publish a workbook has some say in its bytes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const loopback = "127.0.0.1:0";

/**
 * replacing makes that server. bodies are what it answers instead, by the end of a path; in them PORTAL is its own address, where
 * there also is a page of a front end without any policy. reached are the other paths below /leak that anybody reached.
 */
async function replacing(upstream, bodies, reached) {
  const server = http.createServer((request, response) => {
    const path = request.url.split("?")[0];
    if (path === "/portal") {
      response.writeHead(200, { "Content-Type": "text/html" });
      response.end("<!DOCTYPE html><html><head><title>portal</title></head><body></body></html>");
      return;
    }
    if (path.startsWith("/leak")) {
      reached.push(path);
      response.end();
      return;
    }
    const end = Object.keys(bodies).find((e) => path.endsWith(e));
    if (end) {
      response.writeHead(200, { "Content-Type": bodies[end].type, "Content-Disposition": "inline", "Set-Cookie": "evil=1" });
      response.end(bodies[end].body.replaceAll("PORTAL", `http://127.0.0.1:${server.address().port}`));
      return;
    }
    const { host, ...headers } = request.headers;
    const onward = http.request(upstream + request.url, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

// run starts the program and resolves with what the patterns find in its lines.
function run(args, wanted) {
  const child = spawn(process.env.VITRINE_BIN, args, { stdio: ["ignore", "pipe", "pipe"] });
  const found = {};
  const said = [];
  child.stderr.on("data", (data) => said.push(data));
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      said.push(`${line}\n`);
      for (const [name, pattern] of Object.entries(wanted)) found[name] ??= line.match(pattern)?.[1];
      if (Object.keys(wanted).every((name) => found[name])) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`${args[0]} ended with ${code}:\n${said.join("")}`)));
  });
  return { child, ready };
}

async function end(child) {
  if (child.exitCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGINT");
  const patience = setTimeout(() => child.kill("SIGKILL"), 120_000);
  await gone;
  clearTimeout(patience);
}

/** startHostile starts Vitrine in front of such a Tableau. ask(user, query) asks it as somebody. */
export async function startHostile(bodies) {
  const sandbox = run(["sandbox", "--tableau", loopback, "--idp", loopback, "--api-version", "3.29"], {
    tableau: /^Tableau +(http\S+)/,
    issuer: /^OpenID +(http\S+)/,
    one: /^ +vitrine-1 (\S+)/,
    two: /^ +vitrine-2 (\S+)/,
  });
  const { tableau, issuer, one, two } = await sandbox.ready;
  const reached = [];
  const between = await replacing(tableau, bodies, reached);
  const directory = await mkdtemp(join(tmpdir(), "vitrine-"));
  await writeFile(join(directory, "one"), one, { mode: 0o600 });
  await writeFile(join(directory, "two"), two, { mode: 0o600 });
  await writeFile(
    join(directory, "vitrine.yaml"),
    `listen: "${loopback}"
tableau:
  url: http://127.0.0.1:${between.address().port}
  signIn: {method: personalAccessToken, tokens: [{name: vitrine-1, secretFile: one}, {name: vitrine-2, secretFile: two}]}
  sites: [""]
oidc: [{issuer: "${issuer}", audiences: [vitrine], username: {claim: preferred_username}}]
roles: [{name: everyone, allow: [CATALOG, CONTENT, DOWNLOAD]}]
`,
  );
  const server = run(["serve", "--config", join(directory, "vitrine.yaml")], { origin: /(http:\/\/127\.0\.0\.1:\d+)/ });
  const { origin } = await server.ready;
  return {
    origin,
    portal: `http://127.0.0.1:${between.address().port}/portal`,
    reached,
    async ask(user, query) {
      const token = await accessToken(user, issuer);
      const response = await fetch(`${origin}/graphql`, {
        method: "POST",
        headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
        body: JSON.stringify({ query }),
      });
      return response.json();
    },
    async stop() {
      await end(server.child);
      await end(sandbox.child);
      between.closeAllConnections();
      between.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function accessToken(user, issuer) {
  const child = spawn(process.env.VITRINE_BIN, ["token", "--user", user, "--idp", issuer], { stdio: ["ignore", "pipe", "inherit"] });
  let token = "";
  for await (const data of child.stdout) token += data;
  return token.trim();
}
