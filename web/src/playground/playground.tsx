import { useEditorContext } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { ask, type Question } from "../api/graphql";
import type { Settings } from "../settings";
import type { Session } from "../signin/session";
import { firstQuery } from "./first-query";
import { Banner, Header, Welcome, type Viewer } from "./frame";
import { readShared } from "./share";
import { keepQueryOnly } from "./storage";
import { RunLine, Toolbar, type Run } from "./toolbar";

/** The page: a panel to sign in, then GraphiQL under a bar that says who one is. */
export function Playground({ settings, session }: { settings: Settings; session: Session }) {
  const state = useSyncExternalStore(session.subscribe, session.state);
  if (state.phase !== "signedIn") return <Welcome settings={settings} state={state} signIn={() => void session.signIn()} />;
  return <Workbench key={state.subject} settings={settings} session={session} name={state.name} ended={state.ended} />;
}

interface WorkbenchProps {
  settings: Settings;
  session: Session;
  name: string;
  ended: boolean;
}

function Workbench({ settings, session, name, ended }: WorkbenchProps) {
  const storage = useMemo(() => openStorage(settings.path), [settings.path]);
  const [run, setRun] = useState<Run>();
  const fetcher = useMemo(
    () => (question: Question, options?: { headers?: Record<string, string> }) =>
      measured(settings, session, question, options?.headers, setRun) as Promise<never>,
    [settings, session],
  );
  const { viewer, notice } = useViewer(settings, session);
  const [ready, setReady] = useState(false);
  return (
    <>
      <Header name={name} viewer={viewer} gallery={settings.pages.gallery} signOut={() => void session.signOut()} />
      {ended && <Banner text="Your sign-in has run out. Your query is kept." action="Sign in again" onAction={() => void session.signIn()} />}
      {!ended && notice && <Banner text={notice} />}
      <main className="workbench" inert={!ready} aria-busy={!ready}>
        <GraphiQL
          fetcher={fetcher}
          storage={storage}
          defaultQuery={firstQuery}
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo>
            <WhenReady onChange={setReady} />
            <Toolbar settings={settings} session={session} areas={viewer?.areas ?? []} />
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
      <RunLine run={run} />
    </>
  );
}

// openStorage is the storage of this tab, with the query of a shared link in it.
function openStorage(path: string) {
  const storage = keepQueryOnly(window.sessionStorage);
  const shared = readShared(window.location.hash);
  if (shared) {
    storage.setItem("graphiql:query", shared.query);
    storage.setItem("graphiql:variables", shared.variables);
    window.history.replaceState(null, "", path);
  }
  return storage;
}

// measured asks, and reports what is known about the run. Introspection is no run.
async function measured(settings: Settings, session: Session, question: Question, headers: Record<string, string> | undefined, report: (run: Run) => void) {
  if (question.operationName === "IntrospectionQuery") return ask(settings.endpoint, session, question, headers);
  const start = performance.now();
  const { extensions, ...answer } = await ask(settings.endpoint, session, { ...question, extensions: { vitrine: { calls: true } } }, headers);
  const text = JSON.stringify(answer);
  const { vitrine, ...others } = (extensions ?? {}) as { vitrine?: { calls?: Record<string, number> } };
  const files = text.match(/https?:\/\/[^"\\]+\/content\/[^"\\]+/g) ?? [];
  report({
    milliseconds: performance.now() - start,
    bytes: text.length,
    errors: answer.errors?.length ?? 0,
    calls: vitrine?.calls ?? {},
    files: [...new Set(files)].filter((url) => url.startsWith(settings.publicURL)).slice(0, 12),
  });
  return Object.keys(others).length > 0 ? { ...answer, extensions: others } : answer;
}

// WhenReady reports when GraphiQL's four editors are loaded. They load after its buttons are shown. Until then a click on
// "Execute query" is dropped silently, or the stored variables are left out.
function WhenReady({ onChange }: { onChange: (ready: boolean) => void }) {
  const { queryEditor, variableEditor, headerEditor, responseEditor } = useEditorContext({ nonNull: true });
  const ready = Boolean(queryEditor && variableEditor && headerEditor && responseEditor);
  useEffect(() => onChange(ready), [onChange, ready]);
  useEffect(() => {
    // Tab leaves an editor, as it leaves every other control; Ctrl-] and Ctrl-[ indent.
    for (const editor of [queryEditor, variableEditor, headerEditor]) editor?.addKeyMap({ Tab: false, "Shift-Tab": false });
  }, [queryEditor, variableEditor, headerEditor]);
  useEffect(() => {
    if (!ready) return;
    const frame = requestAnimationFrame(() => queryEditor?.focus()); // what is inert takes no focus
    return () => cancelAnimationFrame(frame);
  }, [ready, queryEditor]);
  return <></>;
}

interface Begin {
  viewer: Viewer;
  sites: { access: string }[];
}

// useViewer asks who the server takes this person for; `notice` says why there is nothing to see.
function useViewer(settings: Settings, session: Session): { viewer?: Viewer; notice?: string } {
  const [result, setResult] = useState<{ viewer?: Viewer; notice?: string }>({});
  useEffect(() => {
    let wanted = true;
    const query = "query Viewer { viewer { username roles areas } sites { access } }";
    void ask<Begin>(settings.endpoint, session, { query }).then(({ data, errors }) => {
      if (!wanted) return;
      if (data?.viewer) setResult({ viewer: data.viewer, ...noticeOf(data) });
      else setResult({ notice: `Vitrine does not accept this sign-in: ${errors?.[0]?.message ?? "it gave no reason"}` });
    });
    return () => {
      wanted = false;
    };
  }, [settings, session]);
  return result;
}

function noticeOf({ viewer, sites }: Begin): { notice?: string } {
  if (sites.some((s) => s.access === "OPEN")) return {};
  if (sites.length > 0 && sites.every((s) => s.access === "UNAVAILABLE")) return { notice: "Tableau cannot be reached at the moment." };
  return {
    notice: `Tableau has no user “${viewer.username}” on the sites that are offered here, so queries for content fail. Ask your Tableau administrator for a user of this name.`,
  };
}
