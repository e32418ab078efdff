// The page: a panel to sign in, then the gallery of the person who did.
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Provider } from "urql";
import { Router } from "wouter";
import { ask, type Question } from "../api/graphql";
import { ShapeDocument, SiteNamesDocument, StartDocument, type StartQuery } from "../gql/graphql";
import { Mark } from "../design/mark";
import type { Settings } from "../settings";
import type { Session, State } from "../signin/session";
import { bodyOf, newClient } from "./client";
import { useText } from "./i18n/language";
import { Layout } from "./layout";
import { ProblemNotice, problemOf, type Problem } from "./problems";
import { RoleProvider, type SiteChoice } from "./role";
import { Shape, type Introspection } from "./shape";
import type { Client } from "@urql/core";

export function App({ settings, session }: { settings: Settings; session: Session }) {
  const state = useSyncExternalStore(session.subscribe, session.state);
  if (state.phase !== "signedIn") return <Welcome settings={settings} state={state} signIn={() => void session.signIn()} />;
  // The key makes everything below new for another person.
  return <SignedIn key={state.subject} settings={settings} session={session} name={state.name} ended={state.ended} />;
}

function Welcome({ settings, state, signIn }: { settings: Settings; state: State; signIn: () => void }) {
  const text = useText();
  const elsewhere = window.location.origin !== settings.publicURL;
  const address = settings.publicURL + settings.path;
  return (
    <main className="v-page welcome">
      <section className="panel" aria-labelledby="welcome-title">
        <Mark />
        <h1 id="welcome-title">{text.brand}</h1>
        <p>{text.intro}</p>
        {state.phase === "signedOut" && state.problem && (
          <p className="notice problem" role="alert">
            {state.problem}
          </p>
        )}
        {elsewhere ? (
          <p>
            {text.elsewhere} <a href={address}>{address}</a>
          </p>
        ) : (
          <button type="button" className="button primary" onClick={signIn} disabled={state.phase === "busy"}>
            {text.signIn}
          </button>
        )}
        <p className="status" role="status">
          {state.phase === "busy" ? text.doing[state.doing] : ""}
        </p>
        <p className="fine-print">
          {text.signInAt(new URL(settings.signIn.issuer).host)} {text.tokenNote} <a href={settings.licenses}>{text.licenses}</a>
        </p>
      </section>
    </main>
  );
}

interface Begin {
  viewer: StartQuery["viewer"];
  sites: SiteChoice[];
  shape: Shape | undefined;
}

function SignedIn({ settings, session, name, ended }: { settings: Settings; session: Session; name: string; ended: boolean }) {
  const client = useMemo(() => newClient(settings, session), [settings, session]);
  const { begin, problem, again } = useBegin(client, settings, session);
  const role = useMemo(() => {
    const uncached = <Data,>(question: Question) => ask<Data>(settings.endpoint, session, question);
    return begin && { ...begin, embedOrigin: settings.embedOrigin, namesDocuments: settings.namesDocuments, uncached };
  }, [begin, settings, session]);
  if (problem) {
    return (
      <main className="v-page welcome">
        <div className="panel">
          <ProblemNotice problem={problem} again={again} />
          <p>
            <SignOut session={session} />
          </p>
        </div>
      </main>
    );
  }
  if (!role) return <Waiting />;
  return (
    <Provider value={client}>
      <RoleProvider role={role}>
        <Router base={settings.path}>
          <Layout settings={settings} session={session} name={name} ended={ended} />
        </Router>
      </RoleProvider>
    </Provider>
  );
}

function SignOut({ session }: { session: Session }) {
  const text = useText();
  return (
    <button type="button" className="button" onClick={() => void session.signOut()}>
      {text.signOut}
    </button>
  );
}

function Waiting() {
  const text = useText();
  return (
    <main className="v-page welcome" aria-busy="true">
      <p className="muted" role="status">
        {text.loading}
      </p>
    </main>
  );
}

// useBegin asks what every page needs: who this is, which sites there are, and what the schema has. All of it at once.
function useBegin(client: Client, settings: Settings, session: Session) {
  const [begin, setBegin] = useState<Begin>();
  const [problem, setProblem] = useState<Problem>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let wanted = true;
    void loadBegin(client, settings, session).then(
      (loaded) => wanted && setBegin(loaded),
      (reason: unknown) => wanted && setProblem(problemOf(reason)),
    );
    return () => {
      wanted = false;
    };
  }, [client, settings, session, attempt]);
  const again = () => {
    setProblem(undefined);
    setAttempt(attempt + 1);
  };
  return { begin, problem, again };
}

async function loadBegin(client: Client, settings: Settings, session: Session): Promise<Begin> {
  const [start, names, shape] = await Promise.all([
    client.query(StartDocument, {}).toPromise(),
    client.query(SiteNamesDocument, {}).toPromise(),
    ask<Introspection>(settings.endpoint, session, bodyOf(settings, ShapeDocument)),
  ]);
  if (!start.data) throw start.error ?? new Error("no answer");
  const nameOf = new Map(names.data?.sites.map((s) => [s.id, s.name]));
  return {
    viewer: start.data.viewer,
    sites: start.data.sites.map((site) => ({ ...site, name: nameOf.get(site.id) ?? site.contentUrl })),
    shape: shape.data?.__schema ? new Shape(shape.data) : undefined,
  };
}
