// The frame around GraphiQL: the bar, the notice below it, and the panel for users who are not signed in.
import { Mark } from "../design/mark";
import type { Settings } from "../settings";
import type { State } from "../signin/session";

/** Who the server takes the signed-in person for. */
export interface Viewer {
  username: string;
  roles: string[];
  areas: string[];
}

/** The bar: the name of the page, who is signed in and with which roles, and the way out. */
export function Header({ name, viewer, gallery, signOut }: { name: string; viewer: Viewer | undefined; gallery: string; signOut: () => void }) {
  return (
    <header className="v-page bar">
      <Mark />
      <h1>
        Vitrine <span className="page-name">Playground</span>
      </h1>
      <div className="who">
        {gallery && <a href={gallery}>Gallery</a>}
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
        <button type="button" className="button" onClick={signOut}>
          Sign out
        </button>
      </div>
    </header>
  );
}

/** A notice across the page, with at most one thing to do about it. */
export function Banner({ text, action, onAction }: { text: string; action?: string; onAction?: () => void }) {
  return (
    <div className="v-page notice across" role="alert">
      <p>{text}</p>
      {action && (
        <button type="button" className="button primary" onClick={onAction}>
          {action}
        </button>
      )}
    </div>
  );
}

const doing = { starting: "Starting …", signingIn: "Signing in …", leaving: "Going to the sign-in page …", signingOut: "Signing out …" };

/** The panel before signing in: what this is, what went wrong, and one button. */
export function Welcome({ settings, state, signIn }: { settings: Settings; state: State; signIn: () => void }) {
  const elsewhere = window.location.origin !== settings.publicURL;
  const busy = state.phase === "busy";
  const problem = state.phase === "signedOut" ? state.problem : undefined;
  return (
    <main className="v-page welcome">
      <section className="panel" aria-labelledby="welcome-title">
        <Mark />
        <h1 id="welcome-title">Vitrine Playground</h1>
        <p>
          Try out queries against Tableau here. You see what you may see in Tableau, and nothing can be changed: Vitrine
          only reads.
        </p>
        {problem && (
          <p className="notice problem" role="alert">
            {problem}
          </p>
        )}
        {elsewhere ? <Elsewhere address={settings.publicURL + settings.path} /> : <SignInButton busy={busy} signIn={signIn} />}
        <p className="status" role="status">
          {busy ? doing[state.doing] : ""}
        </p>
        <p className="fine-print">
          You sign in at <span className="host">{new URL(settings.signIn.issuer).host}</span>. Your access is kept in the memory of
          this page only. <a href={settings.licenses}>Licenses</a>
        </p>
      </section>
    </main>
  );
}

function SignInButton({ busy, signIn }: { busy: boolean; signIn: () => void }) {
  return (
    <button type="button" className="button primary" onClick={signIn} disabled={busy}>
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
