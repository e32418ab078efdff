// Starts the program under test, `vitrine demo` on ports of its own choice.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const loopback = "127.0.0.1:0";

/**
 * startDemo runs `$VITRINE_BIN demo` and waits until it has printed the addresses of its playground and its provider.
 * Returns the former, its origin, token(user), which gives an access token of the provider, and stop(), which ends the program as
 * Ctrl-C would.
 */
export async function startDemo() {
  const binary = process.env.VITRINE_BIN;
  if (!binary) throw new Error("VITRINE_BIN is not set; give it the path of a built vitrine");
  const args = ["demo", "--listen", loopback, "--tableau", loopback, "--idp", loopback];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said = [];
  child.stderr.on("data", (data) => said.push(data));
  const ended = once(child, "exit");
  const { playground, issuer } = await Promise.race([
    addresses(child.stdout, said),
    ended.then(([code]) => Promise.reject(new Error(`demo ended with ${code} before it was ready:\n${said.join("")}`))),
  ]);
  return {
    playground,
    origin: new URL(playground).origin,
    async token(user) {
      const { stdout } = await promisify(execFile)(binary, ["token", "--user", user, "--idp", issuer]);
      return stdout.trim();
    },
    async stop() {
      child.kill("SIGINT");
      const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(patience);
      // What was printed is looked through for secrets when all tests are done.
      if (process.env.VITRINE_PRINTED) await writeFile(`${process.env.VITRINE_PRINTED}/demo-${child.pid}.log`, said.join(""));
    },
  };
}

// addresses reads what the program prints up to the addresses that are wanted, and goes on reading so that it never blocks.
function addresses(stdout, said) {
  const wanted = { playground: /^playground +(http\S+)/, issuer: /^OpenID +(http\S+)/ };
  const found = {};
  return new Promise((resolve) => {
    createInterface({ input: stdout }).on("line", (line) => {
      said.push(`${line}\n`);
      for (const [name, pattern] of Object.entries(wanted)) found[name] ??= line.match(pattern)?.[1];
      if (Object.keys(wanted).every((name) => found[name])) resolve(found);
    });
  });
}
