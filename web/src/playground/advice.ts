// What to do about an error, by its code. The codes are those of docs/guide-frontend.md.

const byCode: Record<string, string> = {
  TABLEAU_USER_UNKNOWN: "Tableau has no user for you on this site. Ask your Tableau administrator for one, or choose another site.",
  TABLEAU_FORBIDDEN: "Tableau does not let you read this. What you may read is in the answer.",
  TABLEAU_UNSUPPORTED: "This Tableau is too old for it, or has switched it off.",
  TABLEAU_PARTIAL: "Tableau left something out of its answer. Ask for less at once.",
  TABLEAU_RATE_LIMITED: "Tableau asks for a pause. Try again in a moment.",
  TABLEAU_UNAVAILABLE: "Tableau does not answer. Try again in a moment.",
  TABLEAU_TIMEOUT: "Tableau took too long. Ask for less, or try again.",
  TABLEAU_SIGN_IN_FAILED: "Vitrine could not sign in to Tableau. Only the operator can fix that.",
  SITE_UNKNOWN: "There is no such site here. Choose one in the menu Site.",
  NOT_FOUND: "It does not exist, or you may not see it.",
  EMBED_FORBIDDEN: "Administrators get no tokens for embedding.",
  DOCUMENT_NOT_TRUSTED: "Your roles may run listed documents only. Ask the operator.",
  RATE_LIMITED: "Your budget for this minute is used up. Try again in a moment.",
  QUERY_TOO_COSTLY: "The query costs more than one may. Lower `first`, or nest less.",
  QUERY_TOO_DEEP: "The query nests too deep. Nest less.",
  DEADLINE_EXCEEDED: "The query took too long. Ask for less at once.",
  UNREACHABLE: "The server does not answer. Check the network.",
  GRAPHQL_PARSE_FAILED: "The query has a mistake in its grammar. The editor marks it.",
  GRAPHQL_VALIDATION_FAILED: "The query does not fit the schema. A field that your roles do not open counts as unknown.",
};

/** adviceOn is a sentence for each kind of error in a list, the most frequent first; up to three. */
export function adviceOn(errors: readonly { extensions?: Record<string, unknown> }[]): string[] {
  const counts = new Map<string, number>();
  for (const { extensions } of errors) {
    const advice = byCode[String(extensions?.["code"])];
    if (advice) counts.set(advice, (counts.get(advice) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([advice]) => advice);
}
