import { useEditorContext } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { ask, type Question } from "../api/graphql";
import type { Settings } from "../settings";
import type { Session } from "../signin/session";
import { firstQuery } from "./first-query";
import { Banner, Header, Welcome, type Viewer } from "./frame";
import { keepQueryOnly } from "./storage";

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
  const storage = useMemo(() => keepQueryOnly(window.sessionStorage), []);
  const fetcher = useMemo(
    () => (question: Question, options?: { headers?: Record<string, string> }) =>
      ask(settings.endpoint, session, question, options?.headers) as Promise<never>,
    [settings, session],
  );
  const { viewer, refused } = useViewer(settings, session);
  const [ready, setReady] = useState(false);
  return (
    <>
      <Header name={name} viewer={viewer} signOut={() => void session.signOut()} />
      {ended && <Banner text="Your sign-in has run out. Your query is kept." action="Sign in again" onAction={() => void session.signIn()} />}
      {!ended && refused && <Banner text={refused} />}
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
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

// WhenReady reports when GraphiQL's four editors are loaded. They load after its buttons are shown. Until then a click on
// "Execute query" is dropped silently, or the stored variables are left out.
function WhenReady({ onChange }: { onChange: (ready: boolean) => void }) {
  const { queryEditor, variableEditor, headerEditor, responseEditor } = useEditorContext({ nonNull: true });
  const ready = Boolean(queryEditor && variableEditor && headerEditor && responseEditor);
  useEffect(() => onChange(ready), [onChange, ready]);
  return <></>;
}

// useViewer asks who the server takes this person for; `refused` says why it takes them for nobody.
function useViewer(settings: Settings, session: Session): { viewer?: Viewer; refused?: string } {
  const [result, setResult] = useState<{ viewer?: Viewer; refused?: string }>({});
  useEffect(() => {
    let wanted = true;
    const query = "query Viewer { viewer { username roles } }";
    void ask<{ viewer: Viewer }>(settings.endpoint, session, { query }).then(({ data, errors }) => {
      if (!wanted) return;
      if (data?.viewer) setResult({ viewer: data.viewer });
      else setResult({ refused: `Vitrine does not accept this sign-in: ${errors?.[0]?.message ?? "it gave no reason"}` });
    });
    return () => {
      wanted = false;
    };
  }, [settings, session]);
  return result;
}
