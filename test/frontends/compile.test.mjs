// Every query of the guide and of a portal compiles with the usual code generators, configured by the client kit.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generate } from "@graphql-codegen/cli";
import { documents, kit, sdl } from "./queries.mjs";
import { compileForRelay } from "./relay.mjs";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));

// workspace is a directory with the schema, which goes with the test.
async function workspace(t) {
  const dir = await mkdtemp(join(tmpdir(), "vitrine-frontends-"));
  t.after(() => rm(dir, { recursive: true }));
  await writeFile(join(dir, "schema.graphql"), sdl);
  return dir;
}

test("names are unique", () => {
  const names = documents.map((d) => d.name);
  assert.deepEqual(names.filter((name, i) => names.indexOf(name) !== i), []);
  assert.ok(names.length > 50, `only ${names.length} queries`);
});

test("graphql-codegen, client preset", async (t) => {
  const dir = await workspace(t);
  await mkdir(join(dir, "queries"));
  for (const { name, text } of documents) await writeFile(join(dir, "queries", `${name}.graphql`), text);
  const files = await generate(
    {
      schema: join(dir, "schema.graphql"),
      documents: join(dir, "queries/*.graphql"),
      silent: true,
      generates: {
        [join(dir, "gql/")]: {
          preset: "client",
          config: { documentMode: "string", strictScalars: true, scalars: JSON.parse(kit("scalars.json")) },
        },
      },
    },
    false,
  );
  const generated = files.find((file) => file.filename.endsWith("graphql.ts")).content;
  for (const { name } of documents) assert.ok(generated.includes(`${name}Document`), `${name} was not generated`);
  assert.doesNotMatch(generated, /output: (any|unknown)/);
});

test("relay-compiler", async (t) => {
  const artifacts = await compileForRelay(await workspace(t));
  assert.deepEqual(documents.map((d) => d.name).filter((name) => !artifacts.has(name)), []);
});

test("genqlient", async (t) => {
  const dir = await workspace(t);
  for (const name of ["go.mod", "go.sum"]) await copyFile(join(here, "genqlient", name), join(dir, name));
  // genqlient 0.8 does not know interfaces of interfaces: docs/client/README.md says so.
  await writeFile(join(dir, "schema.graphql"), sdl.replace("interface Content implements Node", "interface Content"));
  await mkdir(join(dir, "queries"));
  for (const { name, text } of documents) await writeFile(join(dir, "queries", `${name}.graphql`), text);
  await writeFile(join(dir, "genqlient.yaml"), `package: portal\n${kit("genqlient.yaml")}`);
  const options = { cwd: dir, env: { ...process.env, GOFLAGS: "-mod=mod" } };
  await run("go", ["tool", "genqlient"], options);
  await run("go", ["vet", "."], options); // what was generated compiles
  const generated = await readFile(join(dir, "generated.go"), "utf8");
  for (const { name } of documents) assert.match(generated, new RegExp(`func ${name}\\(`), `${name} was not generated`);
});
