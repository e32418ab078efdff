// Runs src/**/*.test.ts and scripts/*.test.mjs with Node's own test runner; Node 20 reads no TypeScript, so that is bundled first.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const web = resolve(import.meta.dirname, "..");
const tests = readdirSync(join(web, "src"), { recursive: true }).filter((name) => /\.test\.tsx?$/.test(name));
const outdir = mkdtempSync(join(tmpdir(), "vitrine-web-"));
try {
  await build({
    entryPoints: tests.map((name) => join(web, "src", name)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
  });
  const compiled = readdirSync(outdir, { recursive: true }).filter((name) => name.endsWith(".mjs"));
  const scripts = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test.mjs"));
  const files = [...compiled.map((name) => join(outdir, name)), ...scripts.map((name) => join(import.meta.dirname, name))];
  const run = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" });
  process.exitCode = run.status ?? 1;
} finally {
  rmSync(outdir, { recursive: true });
}
