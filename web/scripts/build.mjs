// Bundles the pages into internal/web/dist, from where the Go program embeds them:
//
//   manifest.json            page -> names of its script, styles, icon and license list
//   gallery-documents.json   SHA-256 -> GraphQL document of the gallery, for servers where only trusted documents run
//   assets/NAME-HASH.EXT     what /assets/ serves, each with a .gz and a .br beside it where they are smaller
//
// A page is one entry in `pages`.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { licenses } from "./licenses.mjs";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const dist = resolve(web, "../internal/web/dist");
const pages = { gallery: "src/gallery/main.tsx", playground: "src/playground/main.tsx" };

// GraphiQL's style sheet carries 380 kB of fonts as data: addresses. The pages use the fonts of the
// reader's system instead: a smaller page, and no font source in the policy.
const withoutFonts = {
  name: "without-fonts",
  setup(b) {
    b.onLoad({ filter: /graphiql\/dist\/style\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/@font-face\s*\{[^}]*\}/g, ""),
      loader: "css",
    }));
  },
};

// Two faults of GraphiQL's accessibility: a tab that holds two buttons, and a button of the history whose name is not its text.
// Its tabs become a list of buttons.
const accessibleParts = {
  name: "accessible-parts",
  setup(b) {
    const change = (filter, ...changes) =>
      b.onLoad({ filter }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const [from, to] of changes) {
          if (!contents.includes(from)) throw new Error(`${path} has no ${from} any more`);
          contents = contents.replaceAll(from, to);
        }
        return { contents, loader: "js" };
      });
    change(/@graphiql\/react\/dist\/ui\/tabs\.js$/, ['"aria-selected": isActive, role: "tab", ', '"aria-current": isActive || undefined, '], ['role: "tablist", ', ""]);
    change(/graphiql\/dist\/GraphiQL\.js$/, ['role: "tabpanel", id: "graphiql-session"', 'role: "region", id: "graphiql-session"']);
    change(/@graphiql\/plugin-history\/dist\/components\.js$/, ['onClick: handleHistoryItemClick, "aria-label": "Set active", ', "onClick: handleHistoryItemClick, "]);
  },
};

// GraphiQL names its icons after the functions that draw them, whose names a bundle shortens. Their titles are read aloud.
const iconNames = {
  name: "icon-names",
  setup(b) {
    b.onLoad({ filter: /@graphiql\/react\/dist\/icons\/index\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8"))
        .replace(/generateIcon\((Svg\w+)\)/g, 'generateIcon($1, "$1")')
        .replace("function generateIcon(RawComponent)", "function generateIcon(RawComponent, name)")
        .replaceAll("RawComponent.name", "name"),
      loader: "js",
    }));
  },
};

async function bundle() {
  return build({
    absWorkingDir: web,
    entryPoints: pages,
    outdir: join(dist, "assets"),
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    assetNames: "[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    minify: true,
    target: ["es2022"],
    jsx: "automatic",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
    loader: { ".graphql": "text" },
    alias: { "react-style-singleton": join(web, "src/shims/style-singleton.ts") },
    plugins: [withoutFonts, iconNames, accessibleParts],
    metafile: true,
    write: false,
    logLevel: "warning",
  });
}

// hashed names a file after its content, as the bundler does for its own.
function hashed(name, content) {
  const ext = extname(name);
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 8);
  return `${basename(name, ext)}-${digest}${ext}`;
}

async function writeAsset(name, content) {
  const path = join(dist, "assets", name);
  await writeFile(path, content);
  const packed = {
    gz: gzipSync(content, { level: 9 }),
    br: brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }),
  };
  for (const [ext, bytes] of Object.entries(packed)) if (bytes.length < content.length * 0.9) await writeFile(`${path}.${ext}`, bytes);
  return name;
}

function pageEntries(metafile, shared) {
  const manifest = {};
  for (const [name, entry] of Object.entries(pages)) {
    const [path, output] = Object.entries(metafile.outputs).find(([, o]) => o.entryPoint === entry);
    manifest[name] = { script: basename(path), styles: output.cssBundle ? [basename(output.cssBundle)] : [], ...shared };
  }
  return manifest;
}

const result = await bundle();

// Only what an earlier build wrote goes; the README lets the Go package compile before the first one.
await rm(join(dist, "assets"), { recursive: true, force: true });
await mkdir(join(dist, "assets"), { recursive: true });

for (const file of result.outputFiles) await writeAsset(basename(file.path), file.contents);
const icon = await readFile(join(web, "static/icon.svg"));
const third = await licenses(web, result.metafile);
const shared = {
  icon: await writeAsset(hashed("icon.svg", icon), icon),
  licenses: await writeAsset(hashed("licenses.txt", third), third),
};
const documents = JSON.parse(await readFile(join(web, "src/gql/persisted-documents.json"), "utf8"));
const byHash = Object.fromEntries(Object.entries(documents).map(([id, text]) => [id.replace(/^sha256:/, ""), text]));
await writeFile(join(dist, "gallery-documents.json"), `${JSON.stringify(byHash, null, 2)}\n`);
await writeFile(join(dist, "manifest.json"), `${JSON.stringify(pageEntries(result.metafile, shared), null, 2)}\n`);

// firstLoad is the size of the script that a page loads before anything is done in it, as gzip sends it.
function firstLoad(entry) {
  const { outputs } = result.metafile;
  const [start] = Object.entries(outputs).find(([, o]) => o.entryPoint === entry);
  const needed = new Set();
  const visit = (path) => {
    if (needed.has(path)) return;
    needed.add(path);
    for (const i of outputs[path].imports) if (i.kind === "import-statement" && !i.external) visit(i.path);
  };
  visit(start);
  const sent = (path) => gzipSync(result.outputFiles.find((f) => basename(f.path) === basename(path)).contents, { level: 9 }).length;
  return [...needed].reduce((sum, path) => sum + sent(path), 0);
}

// What a first visit may cost, in bytes of script. A change that needs more changes these numbers.
const budgets = { gallery: 200_000, playground: 800_000 };
for (const [name, entry] of Object.entries(pages)) {
  const size = firstLoad(entry);
  console.log(`built ${name}: ${Math.round(size / 1000)} kB of script for the first visit, of at most ${budgets[name] / 1000} kB`);
  if (size > budgets[name]) process.exitCode = 1;
}
