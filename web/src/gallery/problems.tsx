// Errors by their code: what happened and what to do, in the language of the person.
import { CombinedError } from "@urql/core";
import { useText } from "./i18n/language";

export interface Problem {
  code: string;
  requestId?: string | undefined;
  /** The path of the field that failed; empty if the whole request did. */
  path: readonly (string | number)[];
}

/** problemOf is the first problem of an answer, as a code. */
export function problemOf(error: unknown): Problem | undefined {
  if (!error) return undefined;
  if (!(error instanceof CombinedError)) return { code: error instanceof TypeError ? "UNREACHABLE" : "INTERNAL", path: [] };
  const first = error.graphQLErrors[0];
  if (!first) return { code: "UNREACHABLE", path: [] };
  const { code, requestId } = first.extensions as { code?: string; requestId?: string };
  return { code: code ?? "INTERNAL", requestId, path: first.path ?? [] };
}

/** problemAt is the problem of a field, wherever it is in the answer. */
export function problemAt(error: CombinedError | undefined, field: string): Problem | undefined {
  const found = error?.graphQLErrors.find((e) => e.path?.includes(field));
  return found && problemOf(new CombinedError({ graphQLErrors: [found] }));
}

export function useSentence(): (problem: Problem) => string {
  const text = useText();
  return ({ code }) => text.problems[code] ?? `${text.problems["INTERNAL"] ?? ""} (${code})`;
}

/** A problem in place of what it kept away, with one thing to do about it. */
export function ProblemNotice({ problem, again }: { problem: Problem; again?: () => void }) {
  const text = useText();
  const sentence = useSentence();
  const temporary = /UNAVAILABLE|RATE_LIMITED|TIMEOUT|DEADLINE|UNREACHABLE|INTERNAL|EMBED_FAILED|EMBED_SCRIPT/.test(problem.code);
  return (
    <div className="notice problem" role="alert" data-code={problem.code}>
      <p>{sentence(problem)}</p>
      {temporary && again && (
        <button type="button" className="button" onClick={again}>
          {text.tryAgain}
        </button>
      )}
      {problem.code === "INTERNAL" && problem.requestId && <p className="small">{text.request(problem.requestId)}</p>}
    </div>
  );
}
