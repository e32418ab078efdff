import { existsSync } from "node:fs";
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  // The schema that your roles see: GET /schema.graphql with a token. In Vitrine's repository it is the whole schema.
  schema: existsSync("schema.graphql") ? "schema.graphql" : "../../../schema.graphqls",
  documents: "src/**/*.{ts,tsx}",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        scalars: { DateTime: "string", LocalTime: "string", LUID: "string", Long: "number", URL: "string" },
      },
    },
  },
};

export default config;
