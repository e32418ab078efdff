import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["src/gql/", "node_modules/", "scripts/", "src/shims/"] },
  ...tseslint.configs.recommendedTypeChecked,
  hooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ["eslint.config.js", "codegen.ts", "vitest.config.ts"] } } },
    rules: {
      "react-hooks/incompatible-library": "off", // the compiler that this is about is not used
    },
  },
  { files: ["**/*.test.ts"], rules: { "@typescript-eslint/require-await": "off" } },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
);
