// A query as a link, and as code. Neither holds a token.

/** What a link holds: in the fragment, which browsers send to nobody. */
export interface Shared {
  query: string;
  variables: string;
}

export function shareLink(page: string, { query, variables }: Shared): string {
  return `${page}#${new URLSearchParams({ query, ...(variables.trim() && { variables }) }).toString()}`;
}

/** readShared is what a link holds, or undefined for an address without a query. */
export function readShared(fragment: string): Shared | undefined {
  const values = new URLSearchParams(fragment.replace(/^#/, ""));
  const query = values.get("query");
  return query ? { query, variables: values.get("variables") ?? "" } : undefined;
}

function bodyOf({ query, variables }: Shared): string {
  let parsed: unknown;
  try {
    parsed = variables.trim() ? JSON.parse(variables) : undefined;
  } catch {
    parsed = undefined;
  }
  return JSON.stringify({ query, ...(parsed !== undefined && { variables: parsed }) }, null, 2);
}

/** asCurl quotes for a POSIX shell; the token is a variable of that shell. */
export function asCurl(endpoint: string, shared: Shared): string {
  const body = bodyOf(shared).replaceAll("'", `'\\''`);
  return `curl -s ${endpoint} -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '${body}'`;
}

export function asFetch(endpoint: string, shared: Shared): string {
  const body = bodyOf(shared).replaceAll("\n", "\n  ");
  return `const response = await fetch(${JSON.stringify(endpoint)}, {
  method: "POST",
  headers: { Authorization: \`Bearer \${accessToken}\`, "Content-Type": "application/json" },
  body: JSON.stringify(${body}),
});
const { data, errors } = await response.json();
`;
}

/** asTypedDocument is for graphql-codegen's client preset. */
export function asTypedDocument({ query }: Shared): string {
  return `import { graphql } from "./gql";\n\nexport const document = graphql(\`\n${query.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${")}\`);\n`;
}
