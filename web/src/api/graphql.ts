// Asks the GraphQL endpoint with the bearer token of the person who is signed in.

/** A GraphQL answer, or one of the same shape made here when none came. */
export interface Answer<T = unknown> {
  data?: T | null;
  errors?: { message: string; path?: readonly (string | number)[]; extensions?: Record<string, unknown> }[];
  extensions?: Record<string, unknown>;
}

/** What is sent: the body of a GraphQL request over HTTP. */
export interface Question {
  /** Left out where extensions name a document. */
  query?: string;
  variables?: unknown;
  operationName?: string | null;
  extensions?: Record<string, unknown>;
}

/** Where tokens come from, and where to say that one was refused. */
export interface TokenSource {
  /** The access token, or undefined when nobody is signed in or the sign-in has run out. */
  accessToken(): string | undefined;
  /** Called after the server refused the token (401); true if there is now another one to try. */
  renew(): Promise<boolean>;
}

export const signInHasEnded = "Your sign-in has run out. Please sign in again, then run this once more.";

function failure(message: string, code: string): Answer<never> {
  return { errors: [{ message, extensions: { code } }] };
}

async function post(endpoint: string, question: Question, token: string, headers?: Record<string, string>) {
  return fetch(endpoint, {
    method: "POST",
    credentials: "omit",
    cache: "no-store",
    headers: {
      ...headers,
      Accept: "application/graphql-response+json, application/json;q=0.9",
      "Content-Type": "application/json",
      Authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(question),
  });
}

async function read<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  try {
    return JSON.parse(text) as Answer<T>;
  } catch {
    return failure(`The server answered with status ${response.status} and no JSON: ${text.slice(0, 200)}`, "NO_JSON");
  }
}

/**
 * ask sends one GraphQL request. A refused token is renewed once, where that is possible, and the request sent again.
 * It never throws: what goes wrong on the way comes back as an answer with errors.
 */
export async function ask<T>(
  endpoint: string,
  tokens: TokenSource,
  question: Question,
  headers?: Record<string, string>,
): Promise<Answer<T>> {
  for (let attempt = 0; ; attempt++) {
    const token = tokens.accessToken();
    if (!token) return failure(signInHasEnded, "UNAUTHENTICATED");
    let response: Response;
    try {
      response = await post(endpoint, question, token, headers);
    } catch (cause) {
      return failure(`The server could not be reached: ${String(cause)}`, "UNREACHABLE");
    }
    if (response.status === 401 && attempt === 0 && (await tokens.renew())) continue;
    return read<T>(response);
  }
}
