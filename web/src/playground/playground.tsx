import { useEditorContext } from "@graphiql/react";
import { GraphiQL } from "graphiql";
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { Question } from "../api/graphql";
import type { Settings } from "../settings";
import type { Session } from "../signin/session";
import { builderPlugin } from "./builder";
import { typeInLink, useLinkedType } from "./docs";
import type { Example } from "./examples";
import { firstQuery } from "./first-query";
import { Banner, Header, Welcome } from "./frame";
import { mostEntries } from "./history";
import { useResponseLinks } from "./response-links";
import { Results } from "./results";
import { runQuery, type Run } from "./run";
import { readShared } from "./share";
import { PageContext, startPlugin } from "./start";
import { forget, openStorage } from "./storage";
import { Toolbar } from "./toolbar";
import { useViewer } from "./viewer";

/** The page: a panel to sign in, then GraphiQL under a bar that says who one is. */
export function Playground({ settings, session }: { settings: Settings; session: Session }) {
  const state = useSyncExternalStore(session.subscribe, session.state);
  if (state.phase !== "signedIn") return <Welcome settings={settings} state={state} signIn={() => void session.signIn()} />;
  return <Workbench key={state.subject} settings={settings} session={session} name={state.name} subject={state.subject} ended={state.ended} />;
}

interface WorkbenchProps {
  settings: Settings;
  session: Session;
  name: string;
  subject: string;
  ended: boolean;
}

const plugins = [startPlugin, builderPlugin];

function Workbench({ settings, session, name, subject, ended }: WorkbenchProps) {
  const [opened] = useState(() => openPage(settings, subject));
  const [run, setRun] = useState<Run>();
  const fetcher = useMemo(
    () => (question: Question, options?: { headers?: Record<string, string> }) => runQuery(settings, session, question, options?.headers, setRun) as Promise<never>,
    [settings, session],
  );
  const { viewer, sites, notice } = useViewer(settings, session);
  const [ready, setReady] = useState(false);
  const [said, say] = useState("");
  const [example, setExample] = useState<Example>();
  const areas = viewer?.areas;
  const page = useMemo(() => ({ areas: areas ?? [], load: setExample }), [areas]);
  const loaded = useCallback(() => setExample(undefined), []);
  const signOut = () => {
    forget(window.sessionStorage, window.localStorage);
    void session.signOut();
  };
  return (
    <PageContext value={page}>
      <Header name={name} viewer={viewer} gallery={settings.pages.gallery} signOut={signOut} />
      {ended && <Banner text="Your sign-in has run out. Your query is kept." action="Sign in again" onAction={() => void session.signIn()} />}
      {!ended && notice && <Banner text={notice} />}
      <main className="workbench" inert={!ready} aria-busy={!ready}>
        <GraphiQL
          fetcher={fetcher}
          storage={opened.storage}
          defaultQuery={firstQuery}
          maxHistoryLength={mostEntries}
          plugins={plugins}
          schemaDescription
          shouldPersistHeaders={false}
          showPersistHeadersSettings={false}
        >
          <GraphiQL.Logo>
            <WhenReady onChange={setReady} example={example} loaded={loaded} />
            <LinkedType member={opened.member} say={say} />
            <Toolbar settings={settings} session={session} sites={sites} said={said} say={say} />
          </GraphiQL.Logo>
          <GraphiQL.Footer>
            <Results run={run} />
          </GraphiQL.Footer>
        </GraphiQL>
      </main>
    </PageContext>
  );
}

// openPage is the storage of this person, with the query of a shared link in it, and the type that a link names.
function openPage({ path }: Settings, person: string) {
  const storage = openStorage(window.sessionStorage, window.localStorage, person);
  const { hash } = window.location;
  const shared = readShared(hash);
  if (shared) {
    storage.setItem("graphiql:query", shared.query);
    storage.setItem("graphiql:variables", shared.variables);
  }
  if (hash) window.history.replaceState(null, "", path);
  return { storage, member: typeInLink(hash) };
}

function LinkedType({ member, say }: { member: string | undefined; say: (text: string) => void }) {
  useLinkedType(member, (missing) => say(`${missing} is not in the schema of your roles`));
  useResponseLinks();
  return <></>;
}

interface WhenReadyProps {
  onChange: (ready: boolean) => void;
  example: Example | undefined;
  loaded: () => void;
}

// WhenReady reports when GraphiQL's four editors are loaded. They load after its buttons are shown. Until then a click on
// "Execute query" is dropped silently, or the stored variables are left out.
function WhenReady({ onChange, example, loaded }: WhenReadyProps) {
  const { queryEditor, variableEditor, headerEditor, responseEditor } = useEditorContext({ nonNull: true });
  const ready = Boolean(queryEditor && variableEditor && headerEditor && responseEditor);
  useEffect(() => onChange(ready), [onChange, ready]);
  useEffect(() => {
    // Tab leaves an editor, as it leaves every other control; Ctrl-] and Ctrl-[ indent.
    for (const editor of [queryEditor, variableEditor, headerEditor]) editor?.addKeyMap({ Tab: false, "Shift-Tab": false });
    const named = { Query: queryEditor, Variables: variableEditor, Headers: headerEditor, Response: responseEditor };
    for (const [name, editor] of Object.entries(named)) editor?.getInputField().setAttribute("aria-label", name);
  }, [queryEditor, variableEditor, headerEditor, responseEditor]);
  useEffect(() => {
    if (!ready) return;
    const frame = requestAnimationFrame(() => queryEditor?.focus()); // what is inert takes no focus
    return () => cancelAnimationFrame(frame);
  }, [ready, queryEditor]);
  useEffect(() => {
    if (!example || !ready) return;
    queryEditor?.setValue(example.query);
    variableEditor?.setValue(example.variables);
    loaded();
  }, [example, ready, queryEditor, variableEditor, loaded]);
  return <></>;
}
