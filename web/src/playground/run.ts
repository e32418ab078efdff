// Runs a query, and collects what is known about the run.
import { ask, type Answer, type Question } from "../api/graphql";
import type { Settings } from "../settings";
import type { Session } from "../signin/session";
import { fieldsOf, linksOf, type ContentLink } from "./content-links";
import type { PathError } from "./table";

/** A REST call of a run, as the server reports it. Times are milliseconds. */
export interface RestCall {
  call: string;
  startMs: number;
  waitMs: number;
  durationMs: number;
  retried?: boolean;
  shared?: boolean;
  failed?: boolean;
}

/** What is known about a run after its answer came. */
export interface Run {
  milliseconds: number;
  bytes: number;
  data: unknown;
  errors: (PathError & { extensions?: Record<string, unknown> })[];
  calls: RestCall[];
  /** The price in points, where the server says it. */
  cost: number | undefined;
  links: ContentLink[];
}

interface Extension {
  timeline?: RestCall[];
  cost?: unknown;
}

/** runQuery asks, and reports the run. The answer that it returns lacks what was asked for the report alone. Introspection is no run. */
export async function runQuery(
  settings: Settings,
  session: Session,
  question: Question,
  headers: Record<string, string> | undefined,
  report: (run: Run) => void,
): Promise<Answer> {
  if (question.operationName === "IntrospectionQuery") return ask(settings.endpoint, session, question, headers);
  const asked = { ...question, operationName: operationOf(question), extensions: { vitrine: { calls: true, timeline: true } } };
  const start = performance.now();
  const { extensions, ...answer } = await ask(settings.endpoint, session, asked, headers);
  const { vitrine, ...others } = (extensions ?? {}) as { vitrine?: Extension };
  report({
    milliseconds: performance.now() - start,
    bytes: JSON.stringify(answer).length,
    data: answer.data,
    errors: answer.errors ?? [],
    calls: vitrine?.timeline ?? [],
    cost: typeof vitrine?.cost === "number" ? vitrine.cost : undefined,
    links: linksOf(answer.data, settings.publicURL, fieldsOf(question.query ?? "")),
  });
  return Object.keys(others).length > 0 ? { ...answer, extensions: others } : answer;
}

/** operationOf is the operation to run. GraphiQL learns the names of a new query late: one that the query does not have is left out. */
export function operationOf({ query, operationName }: Question): string | null {
  return operationName && new RegExp(`\\bquery\\s+${operationName}\\b`).test(query ?? "") ? operationName : null;
}
