import { readFileSync } from "node:fs";
import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";
import type { CodegenConfig } from "@graphql-codegen/cli";

const scalars = JSON.parse(readFileSync(new URL("../docs/client/scalars.json", import.meta.url), "utf8")) as Record<string, string>;

// The types of the gallery's queries, and a manifest that pins them, from the schema and src/gallery/documents.
const config: CodegenConfig = {
  schema: "../schema.graphqls",
  documents: "src/gallery/documents/*.graphql",
  silent: true,
  generates: {
    "src/gql/": {
      preset: "client",
      // As graphcache asks, so that a document that is only named has the same answer.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      presetConfig: { fragmentMasking: false, persistedDocuments: { mode: "embedHashInDocument", hashAlgorithm: "sha256" } },
      config: { useTypeImports: true, enumsAsTypes: true, strictScalars: true, scalars },
    },
  },
};

export default config;
