import { defineConfig } from "vitest/config";

// Documents are texts, as in the bundle.
const graphqlAsText = {
  name: "graphql-as-text",
  transform: (code: string, id: string) => (id.endsWith(".graphql") ? { code: `export default ${JSON.stringify(code)};`, map: null } : undefined),
};

export default defineConfig({ plugins: [graphqlAsText], test: { include: ["src/**/*.test.ts"] } });
