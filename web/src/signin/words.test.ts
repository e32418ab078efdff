import assert from "node:assert/strict";
import { test } from "vitest";
import { ErrorResponse, ErrorTimeout } from "oidc-client-ts";
import { explain, UnknownSignIn } from "./words";

const issuer = "https://login.example.com";

const cases: [name: string, problem: unknown, want: RegExp][] = [
  ["cancelled at the provider", new ErrorResponse({ error: "access_denied" }), /cancelled or refused/],
  ["a mistake in the settings", new ErrorResponse({ error: "invalid_scope", error_description: "no such scope" }), /no such scope.*the administrator/],
  ["a code nobody knows", new ErrorResponse({ error: "odd" }), /\(odd\)/],
  ["the provider is down", new TypeError("Failed to fetch"), /login\.example\.com could not be reached/],
  ["the provider is slow", new ErrorTimeout("late"), /did not answer in time/],
  ["a callback used twice", new UnknownSignIn(), /another tab/],
  ["anything else", new Error("Invalid issuer in token"), /did not work: Invalid issuer in token/],
];

for (const [name, problem, want] of cases) {
  test(`plain words: ${name}`, () => assert.match(explain(problem, issuer), want));
}
