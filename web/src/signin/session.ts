// The sign-in of a page: authorization code with PKCE at the OpenID provider. Tokens are in the memory of this page and
// nowhere else. After a reload the provider's own session signs in again.
import { InMemoryWebStorage, UserManager, WebStorageStateStore, type User } from "oidc-client-ts";
import type { TokenSource } from "../api/graphql";
import type { Settings } from "../settings";
import { explain, UnknownSignIn } from "./words";

/** The state of a sign-in. `problem` is a sentence for the person. */
export type State =
  | { phase: "busy"; doing: "starting" | "signingIn" | "leaving" | "signingOut" }
  | { phase: "signedOut"; problem?: string }
  | { phase: "signedIn"; name: string; subject: string; ended: boolean };

// What waits in sessionStorage while the person is at the provider: state, nonce and PKCE verifier, no token.
const waiting = "vitrine.signin.";
// Set in sessionStorage while this tab is signed in, so that a reload asks the provider without a question.
const resumable = "vitrine-resume";

/** Session signs a person in and out and holds the token. Components watch it through subscribe and state. */
export class Session implements TokenSource {
  readonly #settings: Settings;
  readonly #manager: UserManager;
  readonly #watchers = new Set<() => void>();
  #state: State = { phase: "busy", doing: "starting" };
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

  /**
   * start is called once, with the address that the page was opened at. It finishes a sign-in that returns to the callback. A tab
   * that was signed in before a reload asks the provider again, without a question to the person.
   */
  async start(address: URL): Promise<void> {
    if (address.pathname !== `${this.#settings.path}/callback`) {
      this.#forgetWaiting();
      const again = window.sessionStorage.getItem(resumable) !== null && window.location.origin === this.#settings.publicURL;
      window.sessionStorage.removeItem(resumable);
      if (again) await this.signIn({ silently: true });
      else this.#become({ phase: "signedOut" });
      return;
    }
    // The code must not stay in the address bar or the history.
    window.history.replaceState(null, "", this.#settings.path);
    this.#become({ phase: "busy", doing: "signingIn" });
    try {
      const kept = this.#whatWaitsFor(address.searchParams.get("state"));
      window.history.replaceState(null, "", kept.place);
      await this.#finish(address, kept.silently);
    } catch (problem) {
      this.#fail(problem);
    } finally {
      this.#forgetWaiting();
    }
  }

  /** signIn leaves the page for the provider's, and comes back to where the person is now. */
  async signIn({ silently = false } = {}): Promise<void> {
    this.#become({ phase: "busy", doing: "leaving" });
    const { pathname, search, hash } = window.location;
    const state = { place: `${pathname}${search}${hash}`, silently };
    try {
      // In place of this entry of the history, or the way back would lead to the provider once more.
      await this.#manager.signinRedirect({ state, redirectMethod: "replace", ...(silently && { prompt: "none" }) });
    } catch (problem) {
      this.#fail(problem);
    }
  }

  /** signOut forgets the tokens, then ends the provider's session as well, where the provider has a way to. */
  async signOut(): Promise<void> {
    this.#leaving = true;
    this.#become({ phase: "busy", doing: "signingOut" });
    window.sessionStorage.removeItem(resumable);
    const hint = this.#user?.id_token;
    try {
      await this.#manager.revokeTokens(["refresh_token"]);
    } catch {
      // Not every provider revokes; the page forgets the token in any case.
    }
    this.#user = undefined;
    await this.#manager.removeUser();
    window.history.replaceState(null, "", this.#settings.path);
    try {
      const endpoint = await this.#manager.metadataService.getEndSessionEndpoint();
      if (!endpoint) {
        this.#leaving = false;
        this.#become({ phase: "signedOut" });
      } else if (hint && new URL(endpoint).origin === new URL(this.#settings.signIn.issuer).origin) {
        this.#endProviderSession(endpoint, hint);
      } else {
        await this.#manager.signoutRedirect({ extraQueryParams: {} });
      }
    } catch (problem) {
      this.#leaving = false;
      this.#fail(problem);
    }
  }

  // With the ID token the provider need not ask. It goes in the body of a form, because a token does not belong in an address.
  #endProviderSession(endpoint: string, hint: string): void {
    const form = document.createElement("form");
    form.method = "post";
    form.action = endpoint;
    const fields = {
      id_token_hint: hint,
      client_id: this.#settings.signIn.clientID,
      post_logout_redirect_uri: `${this.#settings.publicURL}${this.#settings.path}`,
    };
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
    form.remove();
  }

  async #finish(address: URL, silently: boolean): Promise<void> {
    try {
      await this.#manager.signinRedirectCallback(address.href); // its event calls #took
    } catch (problem) {
      if (!silently) throw problem;
      this.#become({ phase: "signedOut" }); // the provider's session is over: no problem, but a question
    }
  }

  #took(user: User): void {
    if (this.#leaving) return; // the library reports the user once more after revoking
    this.#user = user;
    window.sessionStorage.setItem(resumable, "1");
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

  // whatWaitsFor gives what signIn kept for a state of the provider's answer; a place outside this page is not gone to.
  #whatWaitsFor(state: string | null): { place: string; silently: boolean } {
    const text = state === null ? null : window.sessionStorage.getItem(waiting + state);
    if (text === null) throw new UnknownSignIn();
    const { data } = JSON.parse(text) as { data?: { place?: string; silently?: boolean } };
    const place = data?.place ?? "";
    const path = this.#settings.path;
    return { place: place === path || (place.startsWith(path) && /^[/?#]/.test(place.slice(path.length))) ? place : path, silently: data?.silently ?? false };
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
