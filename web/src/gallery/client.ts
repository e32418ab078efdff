// The GraphQL client: urql with its normalized cache, in memory. Each sign-in has a client of its own, so nothing that one person
// read can reach the next.
import { Client, fetchExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import withoutId from "../../../docs/client/types-without-id.json";
import type { TokenSource } from "../api/graphql";

/** newClient makes a client that asks endpoint with the tokens of one person. */
export function newClient(endpoint: string, tokens: TokenSource): Client {
  const keys = Object.fromEntries(withoutId.map((name) => [name, () => null]));
  return new Client({
    url: endpoint,
    exchanges: [cacheExchange({ keys }), fetchExchange],
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
