import { InMemoryWebStorage, type User, UserManager, WebStorageStateStore } from "oidc-client-ts";
import { clientId, scope, vitrine } from "./settings";

let manager: UserManager;
let user: User | null = null;

/** start finds the OpenID provider and finishes a sign-in that is under way. Call it once, before anything else. */
export async function start(): Promise<User | null> {
  const response = await fetch(`${vitrine}/.well-known/oauth-protected-resource`); // RFC 9728
  const { authorization_servers } = (await response.json()) as { authorization_servers: string[] };
  manager = new UserManager({
    authority: authorization_servers[0]!,
    client_id: clientId,
    scope,
    redirect_uri: `${location.origin}/callback`,
    post_logout_redirect_uri: `${location.origin}/`,
    // Tokens stay in memory: a reload signs in again, without a password while the provider's session lasts.
    userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
  });
  if (location.pathname === "/callback") {
    const answer = location.href;
    history.replaceState(null, "", "/");
    user = await manager.signinCallback(answer).then((signedIn) => signedIn ?? null);
  }
  return user;
}

export const signIn = () => manager.signinRedirect();

export const signOut = () => manager.signoutRedirect({ id_token_hint: user?.id_token });

/** accessToken returns the token to send. It goes to sign in again when there is none, or when it has expired. */
export async function accessToken(): Promise<string> {
  if (!user || user.expired) {
    await signIn();
    throw new Error("Signing in again.");
  }
  return user.access_token;
}
