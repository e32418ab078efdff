// Starts the program under test, `vitrine demo` on ports of its own choice.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const loopback = "127.0.0.1:0";

/**
 * startDemo runs `$VITRINE_BIN demo` and waits until it has printed the address of its playground.
 * Returns that address, its origin, and stop(), which ends the program as Ctrl-C would.
 */
export async function startDemo() {
  const binary = process.env.VITRINE_BIN;
  if (!binary) throw new Error("VITRINE_BIN is not set; give it the path of a built vitrine");
  const args = ["demo", "--listen", loopback, "--tableau", loopback, "--idp", loopback];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said = [];
  child.stderr.on("data", (data) => said.push(data));
  const ended = once(child, "exit");
  const playground = await Promise.race([
    playgroundAddress(child.stdout, said),
    ended.then(([code]) => Promise.reject(new Error(`demo ended with ${code} before it was ready:\n${said.join("")}`))),
  ]);
  return {
    playground,
    origin: new URL(playground).origin,
    async stop() {
      child.kill("SIGINT");
      const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await ended;
      clearTimeout(patience);
    },
  };
}

// playgroundAddress reads what the program prints up to the playground's address, and goes on reading so that it never
// blocks.
function playgroundAddress(stdout, said) {
  return new Promise((found) => {
    createInterface({ input: stdout }).on("line", (line) => {
      said.push(`${line}\n`);
      const address = line.match(/http:\/\/127\.0\.0\.1:\d+\/playground\b/);
      if (address) found(address[0]);
    });
  });
}
