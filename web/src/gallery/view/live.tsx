// The live view: Tableau's own component in the page, signed in as the person by a token that works once.
import { useEffect, useRef, useState } from "react";
import { LiveViewDocument } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { ProblemNotice } from "../problems";
import { useAskUncached, useRole } from "../role";
import { LiveProblem, showLive } from "./embedding";

type State = { phase: "loading" } | { phase: "shown" } | { phase: "failed"; code: string };

/** Live shows a view by the Embedding API. Its script is loaded when this is shown, and not before. */
export function Live({ id, name }: { id: string; name: string }) {
  const text = useText();
  const { embedOrigin } = useRole();
  const ask = useLatest(useAskUncached());
  const place = useRef<HTMLDivElement>(null);
  const [attempt, setAttempt] = useState(0);
  const [state, setState] = useState<State>({ phase: "loading" });

  useEffect(() => {
    const leaving = new AbortController();
    const issue = async () => {
      const { data, errors } = await ask.current(LiveViewDocument, { id });
      const embed = data?.node && "embed" in data.node ? data.node.embed : undefined;
      const code = errors?.[0]?.extensions?.["code"];
      if (!embed) throw new LiveProblem(typeof code === "string" ? code : "INTERNAL");
      return embed;
    };
    const change = (next: State) => {
      if (!leaving.signal.aborted) setState(next);
    };
    const failed = (reason: unknown) => change({ phase: "failed", code: reason instanceof LiveProblem ? reason.code : "INTERNAL" });
    showLive({ place: place.current!, issue, origin: embedOrigin, attempt, signal: leaving.signal, onShown: () => change({ phase: "shown" }), onFailed: failed }).catch(failed);
    return () => leaving.abort();
  }, [ask, id, embedOrigin, attempt]);

  const again = () => {
    setState({ phase: "loading" });
    setAttempt(attempt + 1);
  };
  return (
    <section className="live" aria-busy={state.phase === "loading"} aria-label={text.liveOf(name)}>
      {state.phase === "failed" && <ProblemNotice problem={{ code: state.code, path: [] }} again={again} />}
      <div ref={place} className={state.phase === "failed" ? "live-place failed" : "live-place"} />
      <p className="muted small" role="status">
        {state.phase === "loading" ? text.liveLoading : state.phase === "shown" ? text.liveNote : ""}
      </p>
    </section>
  );
}

// useLatest is a reference to what was given last, for effects that do not begin again because of it.
function useLatest<T>(value: T) {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
