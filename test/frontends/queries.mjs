// The queries of the guide and of a portal, and the schema.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "graphql";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** sdl is the whole schema as the program prints and serves it: @oneOf is defined for tools that do not know it. */
export const sdl = execFileSync(process.env.VITRINE_BIN ?? "vitrine", ["schema"], { encoding: "utf8" });

/** kit reads a file of the client kit. */
export const kit = (name) => readFileSync(`${root}docs/client/${name}`, "utf8");

const guide = readFileSync(`${root}docs/guide-frontend.md`, "utf8");
const directory = fileURLToPath(new URL("queries/", import.meta.url));

/** documents are all queries, with the name of their first operation. Names are unique, as code generators need them. */
export const documents = [
  ...[...guide.matchAll(/```graphql\n(.*?)```/gs)].map((block) => block[1]),
  ...readdirSync(directory).map((name) => readFileSync(directory + name, "utf8")),
].map((text) => ({ text, name: parse(text).definitions.find((d) => d.kind === "OperationDefinition").name.value }));
