// Compiles the queries with relay-compiler, as a front end would.
import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { documents, kit, sdl } from "./queries.mjs";

const compiler = fileURLToPath(new URL("node_modules/relay-compiler/cli.js", import.meta.url));

/**
 * compileForRelay compiles all queries in a directory, in TypeScript unless the settings say otherwise, and returns the paths of the
 * artifacts by the name of the query.
 */
export async function compileForRelay(dir, settings = {}) {
  const config = { ...JSON.parse(kit("relay.config.json")), ...settings };
  const extension = config.language === "javascript" ? "js" : "ts";
  await mkdir(join(dir, "src"));
  await writeFile(join(dir, "schema.graphql"), sdl);
  await writeFile(join(dir, "relay.config.json"), JSON.stringify(config));
  // Relay wants an operation to be named after its module, and fragments too; each document gets a module.
  for (const { name, text } of documents) {
    const renamed = text.replaceAll(/\bfragment (\w+)/g, `fragment ${name}_$1`).replaceAll(/\.\.\.(?!\s*on\b)\s*(\w+)/g, `...${name}_$1`);
    const query = renamed.replace(/\bquery (\w+)/g, "query $1Query");
    const module = `import { graphql } from "relay-runtime";\nexport const document = graphql\`${query.replaceAll("`", "'")}\`;\n`;
    await writeFile(join(dir, "src", `${name}.${extension}`), module);
  }
  await promisify(execFile)(process.execPath, [compiler, "relay.config.json"], { cwd: dir });
  const generated = join(dir, "src/__generated__");
  const suffix = `Query.graphql.${extension}`;
  const artifacts = (await readdir(generated)).filter((file) => file.endsWith(suffix));
  return new Map(artifacts.map((file) => [file.slice(0, -suffix.length), join(generated, file)]));
}
