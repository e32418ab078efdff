// The frame around GraphiQL: the bar, the notice below it, and the panel for users who are not signed in.
import type { Settings } from "../settings";
import type { State } from "../signin/session";

/** Who the server takes the signed-in person for. */
export interface Viewer {
  username: string;
  roles: string[];
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" />
      <path className="glass" d="M7 24V10.5L10.5 7h11L25 10.5V24M5.5 25h21" />
      <path className="bars" d="M12 20.5v-4M16 20.5V12M20 20.5v-6" />
    </svg>
  );
}

/** The bar: the name of the page, who is signed in and with which roles, and the way out. */
export function Header({ name, viewer, signOut }: { name: string; viewer: Viewer | undefined; signOut: () => void }) {
  return (
    <header className="bar">
      <Mark />
      <h1>
        Vitrine <span className="page-name">Playground</span>
      </h1>
      <div className="who">
        {viewer && (
          <ul className="roles" aria-label="Your roles">
            {viewer.roles.map((role) => (
              <li key={role}>{role}</li>
            ))}
          </ul>
        )}
        <span className="person" title={viewer && `Tableau user name: ${viewer.username}`}>
          {name}
        </span>
        <button type="button" className="quiet" onClick={signOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}

/** A notice across the page, with at most one thing to do about it. */
export function Banner({ text, action, onAction }: { text: string; action?: string; onAction?: () => void }) {
  return (
    <div className="banner" role="alert">
      <p>{text}</p>
      {action && (
        <button type="button" onClick={onAction}>
          {action}
        </button>
      )}
    </div>
  );
}

/** The panel before signing in: what this is, what went wrong, and one button. */
export function Welcome({ settings, state, signIn }: { settings: Settings; state: State; signIn: () => void }) {
  const elsewhere = window.location.origin !== settings.publicURL;
  const busy = state.phase === "busy";
  const problem = state.phase === "signedOut" ? state.problem : undefined;
  return (
    <main className="welcome">
      <section className="panel" aria-labelledby="welcome-title">
        <Mark />
        <h1 id="welcome-title">Vitrine Playground</h1>
        <p>
          Try out queries against Tableau here. You see what you may see in Tableau, and nothing can be changed: Vitrine
          only reads.
        </p>
        {problem && (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
        {elsewhere ? <Elsewhere address={settings.publicURL + settings.path} /> : <SignInButton busy={busy} signIn={signIn} />}
        <p className="status" role="status">
          {busy ? `${state.doing} …` : ""}
        </p>
        <p className="fine-print">
          You sign in at <span className="host">{new URL(settings.signIn.issuer).host}</span>. Your access stays in this page
          only: it ends when you close or reload it. <a href={settings.licenses}>Licenses</a>
        </p>
      </section>
    </main>
  );
}

function SignInButton({ busy, signIn }: { busy: boolean; signIn: () => void }) {
  return (
    <button type="button" className="primary" onClick={signIn} disabled={busy}>
      Sign in
    </button>
  );
}

// The provider sends people back to one address only; a sign-in begun at another could never be finished.
function Elsewhere({ address }: { address: string }) {
  return (
    <p>
      Signing in works at this server's own address: <a href={address}>{address}</a>
    </p>
  );
}
