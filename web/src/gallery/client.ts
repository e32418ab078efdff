// The GraphQL client: urql with its normalized cache, in memory. Each sign-in has a client of its own, so nothing that one person
// read can reach the next.
import type { DocumentNode } from "@0no-co/graphql.web";
import { Client, fetchExchange, mapExchange, stringifyDocument } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import withoutId from "../../../docs/client/types-without-id.json";
import type { Question, TokenSource } from "../api/graphql";
import type { Settings } from "../settings";

// named is the extension that names a document by the hash that graphql-codegen gave it. What is pruned keeps the name of the whole.
function named(document: DocumentNode) {
  const { __meta__ } = document as { __meta__?: { hash?: string } };
  return { persistedQuery: { version: 1 as const, sha256Hash: __meta__?.hash?.replace(/^sha256:/, "") ?? "" } };
}

// Where only trusted documents run, the text of a document is not sent, and the server takes out of it what the person's roles lack.
// The cache makes a document of its own, so the name is in the context on the way through it.
const beforeTheCache = mapExchange({
  onOperation: (operation) => ({ ...operation, context: { ...operation.context, named: named(operation.query) } }),
});
const behindTheCache = mapExchange({
  onOperation: (operation) => ({ ...operation, extensions: { ...operation.extensions, ...(operation.context["named"] as object) } }),
});

/** bodyOf is a document as a request has it that is sent past the client. */
export function bodyOf(settings: Pick<Settings, "namesDocuments">, document: DocumentNode): Question {
  return settings.namesDocuments ? { extensions: named(document) } : { query: stringifyDocument(document) };
}

/** newClient makes a client that asks endpoint with the tokens of one person. */
export function newClient({ endpoint, namesDocuments: names }: Pick<Settings, "endpoint" | "namesDocuments">, tokens: TokenSource): Client {
  const keys = Object.fromEntries(withoutId.map((name) => [name, () => null]));
  return new Client({
    url: endpoint,
    exchanges: [...(names ? [beforeTheCache] : []), cacheExchange({ keys }), ...(names ? [behindTheCache] : []), fetchExchange],
    preferGetMethod: false,
    fetch: (input, init) => fetchWithToken(tokens, input, init),
  });
}

// fetchWithToken sends a request with the bearer token. A refused token is renewed once, and the request sent again.
async function fetchWithToken(tokens: TokenSource, input: RequestInfo | URL, init: RequestInit | undefined): Promise<Response> {
  for (let attempt = 0; ; attempt++) {
    const headers = new Headers(init?.headers);
    headers.set("Authorization", `Bearer ${tokens.accessToken() ?? ""}`);
    headers.set("Accept", "application/graphql-response+json, application/json;q=0.9");
    const response = await fetch(input, { ...init, headers, credentials: "omit", cache: "no-store" });
    if (response.status !== 401 || attempt > 0 || !(await tokens.renew())) return response;
  }
}
