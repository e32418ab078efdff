// The licenses of the packages that a bundle holds, as one text.
import { readFile, readdir } from "node:fs/promises";
import { join, sep } from "node:path";

// packageOf finds the folder of the package that an input of the bundle belongs to, or "" for our own files.
function packageOf(input) {
  const parts = input.split("/");
  const at = parts.lastIndexOf("node_modules");
  if (at < 0) return "";
  const length = parts[at + 1].startsWith("@") ? 3 : 2;
  return parts.slice(0, at + length).join(sep);
}

async function entry(root, folder) {
  const info = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8"));
  const names = (await readdir(join(root, folder))).filter((n) => /^(licen[cs]e|copying|notice)/i.test(n)).sort();
  const texts = await Promise.all(names.map((n) => readFile(join(root, folder, n), "utf8")));
  const heading = `${info.name} ${info.version} (${info.license ?? "see below"})`;
  return [heading, ...texts.map((t) => t.trim())].join("\n\n");
}

/** licenses lists every package with code in the bundle: name, version, license and its text. */
export async function licenses(root, metafile) {
  const used = new Set();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      if (bytesInOutput > 0) used.add(packageOf(input));
    }
  }
  used.delete("");
  const entries = await Promise.all([...used].sort().map((folder) => entry(root, folder)));
  const line = `\n\n${"-".repeat(80)}\n\n`;
  return ["The pages of Vitrine contain these packages.", ...entries].join(line) + "\n";
}
