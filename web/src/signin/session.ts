// The sign-in of a page: authorization code with PKCE at the OpenID provider. Tokens live in the memory of this page
// and nowhere else, so a reload signs out; the provider's own session makes signing in again one click.
import { InMemoryWebStorage, UserManager, WebStorageStateStore, type User } from "oidc-client-ts";
import type { TokenSource } from "../api/graphql";
import type { Settings } from "../settings";
import { explain, UnknownSignIn } from "./words";

/** The state of a sign-in. `problem` is a sentence for the person. */
export type State =
  | { phase: "busy"; doing: string }
  | { phase: "signedOut"; problem?: string }
  | { phase: "signedIn"; name: string; subject: string; ended: boolean };

// What waits in sessionStorage while the person is at the provider: state, nonce and PKCE verifier, no token.
const waiting = "vitrine.signin.";

/** Session signs a person in and out and holds the token. Components watch it through subscribe and state. */
export class Session implements TokenSource {
  readonly #settings: Settings;
  readonly #manager: UserManager;
  readonly #watchers = new Set<() => void>();
  #state: State = { phase: "busy", doing: "Starting" };
  #user: User | undefined;
  #leaving = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#manager = new UserManager({
      authority: settings.signIn.issuer,
      client_id: settings.signIn.clientID,
      scope: settings.signIn.scopes.join(" "),
      extraQueryParams: settings.signIn.authorizeParams,
      redirect_uri: `${settings.publicURL}${settings.path}/callback`,
      post_logout_redirect_uri: `${settings.publicURL}${settings.path}`,
      response_type: "code",
      userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      stateStore: new WebStorageStateStore({ store: window.sessionStorage, prefix: waiting }),
      // Renewal goes by refresh token, where the provider gives one; no hidden frames.
      automaticSilentRenew: true,
      monitorSession: false,
      loadUserInfo: false,
      requestTimeoutInSeconds: 20,
    });
    this.#manager.events.addUserLoaded((user) => this.#took(user));
    this.#manager.events.addAccessTokenExpired(() => this.#end());
  }

  /** subscribe calls watcher after each change, until the returned function is called. */
  subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  state = (): State => this.#state;

  accessToken(): string | undefined {
    return this.#user?.expired ? undefined : this.#user?.access_token;
  }

  async renew(): Promise<boolean> {
    if (this.#user?.refresh_token) {
      try {
        if (await this.#manager.signinSilent()) return true;
      } catch {
        // Whatever the reason, the person has to sign in again; #end says so.
      }
    }
    this.#end();
    return false;
  }

  /** start is called once, with the address the page was opened at: it finishes a sign-in that returns to the callback. */
  async start(address: URL): Promise<void> {
    const back = address.pathname === `${this.#settings.path}/callback`;
    // The code must not stay in the address bar or the history.
    if (back || address.search) window.history.replaceState(null, "", this.#settings.path);
    if (!back) {
      this.#forgetWaiting();
      this.#become({ phase: "signedOut" });
      return;
    }
    this.#become({ phase: "busy", doing: "Signing in" });
    try {
      if (!this.#isWaitingFor(address.searchParams.get("state"))) throw new UnknownSignIn();
      await this.#manager.signinRedirectCallback(address.href); // its event calls #took
    } catch (problem) {
      this.#fail(problem);
    } finally {
      this.#forgetWaiting();
    }
  }

  /** signIn leaves the page for the provider's. */
  async signIn(): Promise<void> {
    this.#become({ phase: "busy", doing: "Going to the sign-in page" });
    try {
      await this.#manager.signinRedirect();
    } catch (problem) {
      this.#fail(problem);
    }
  }

  /**
   * signOut forgets the tokens, then ends the provider's session as well, where the provider has a way to. The ID token is
   * not sent along as a hint, because a token does not belong in an address.
   */
  async signOut(): Promise<void> {
    this.#leaving = true;
    this.#become({ phase: "busy", doing: "Signing out" });
    try {
      await this.#manager.revokeTokens(["refresh_token"]);
    } catch {
      // Not every provider revokes; the page forgets the token in any case.
    }
    this.#user = undefined;
    await this.#manager.removeUser();
    try {
      if (await this.#manager.metadataService.getEndSessionEndpoint()) {
        await this.#manager.signoutRedirect({ extraQueryParams: {} });
      } else {
        this.#become({ phase: "signedOut" });
      }
    } catch (problem) {
      this.#fail(problem);
    }
  }

  #took(user: User): void {
    if (this.#leaving) return; // the library reports the user once more after revoking
    this.#user = user;
    const { name, preferred_username, email, sub } = user.profile;
    this.#become({ phase: "signedIn", name: name ?? preferred_username ?? email ?? sub, subject: sub, ended: false });
  }

  #end(): void {
    this.#user = undefined;
    if (this.#state.phase === "signedIn") this.#become({ ...this.#state, ended: true });
  }

  #fail(problem: unknown): void {
    this.#user = undefined;
    this.#become({ phase: "signedOut", problem: explain(problem, this.#settings.signIn.issuer) });
  }

  #isWaitingFor(state: string | null): boolean {
    return state !== null && window.sessionStorage.getItem(waiting + state) !== null;
  }

  #forgetWaiting(): void {
    for (const key of Object.keys(window.sessionStorage)) {
      if (key.startsWith(waiting)) window.sessionStorage.removeItem(key);
    }
  }

  #become(state: State): void {
    this.#state = state;
    for (const watcher of this.#watchers) watcher();
  }
}
