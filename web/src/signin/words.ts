// Says in plain words what went wrong with a sign-in.
import { ErrorResponse, ErrorTimeout } from "oidc-client-ts";

/** A sign-in that this page started elsewhere, or that it has already dealt with. */
export class UnknownSignIn extends Error {}

// Error codes of RFC 6749 section 4.1.2.1 and OpenID Connect Core section 3.1.2.6 that a person can do something about.
const byCode: Record<string, string> = {
  access_denied: "The sign-in was cancelled or refused.",
  login_required: "The sign-in provider asks you to sign in again.",
  consent_required: "The sign-in provider needs your consent first.",
  interaction_required: "The sign-in provider has a question for you first.",
  temporarily_unavailable: "The sign-in provider is busy. Please try again in a moment.",
  server_error: "The sign-in provider had an error of its own. Please try again in a moment.",
  invalid_grant: "This sign-in has run out or was used already. Please sign in again.",
};

// The rest are mistakes in settings, which the person can only pass on.
const forTheOperator: Record<string, string> = {
  invalid_client: "The sign-in provider does not know this page (its client id)",
  unauthorized_client: "The sign-in provider does not let this page sign people in",
  invalid_scope: "The sign-in provider refuses a scope that this page asks for",
  invalid_request: "The sign-in provider refuses this page's request",
  invalid_target: "The sign-in provider does not know the audience that this page asks for",
};

/** explain turns whatever a sign-in threw into one or two sentences; issuer is the provider's address. */
export function explain(problem: unknown, issuer: string): string {
  if (problem instanceof UnknownSignIn) {
    return "This sign-in was started in another tab or window, or has been used already. Please sign in again.";
  }
  if (problem instanceof ErrorResponse) return explainCode(problem.error ?? "", problem.error_description ?? "");
  if (problem instanceof ErrorTimeout) return `The sign-in provider at ${issuer} did not answer in time. Please try again.`;
  if (problem instanceof TypeError) {
    // What fetch throws: no connection, or an answer that the browser may not show us.
    return `The sign-in provider at ${issuer} could not be reached from this browser. Check the network; if it is up, it may not allow this page (CORS).`;
  }
  return `The sign-in did not work: ${problem instanceof Error ? problem.message : String(problem)}`;
}

function explainCode(code: string, description: string): string {
  const plain = byCode[code];
  if (plain) return plain;
  const detail = description ? `: ${description}` : "";
  const operator = forTheOperator[code] ?? "The sign-in provider refused";
  return `${operator} (${code}${detail}). Please tell the administrator of this server.`;
}
