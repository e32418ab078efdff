// What the server passes to a page, as JSON in <meta name="vitrine-settings">: the policy allows no inline script.

/** Settings of one page. internal/web writes them. */
export interface Settings {
  /** Origin under which the provider knows this page, such as "https://bi.example.com". */
  publicURL: string;
  /** Path of the GraphQL endpoint on this origin. */
  endpoint: string;
  /** Path of this page; its sign-in returns to path + "/callback". */
  path: string;
  /** Address of the list of licenses of the bundled packages. */
  licenses: string;
  signIn: SignInSettings;
  /** Origin of Tableau for live views; empty where there are none. */
  embedOrigin: string;
  /** True if documents are named by their hashes instead of being sent. */
  namesDocuments: boolean;
  /** Paths of the pages of this server; empty for one that is not enabled. */
  pages: { gallery: string; playground: string };
}

/** How this page signs in at the OpenID provider. */
export interface SignInSettings {
  issuer: string;
  clientID: string;
  scopes: string[];
  /** Parameters for the authorization request beyond those of the standard, such as an audience. */
  authorizeParams: Record<string, string>;
}

/** readSettings reads the settings of the page it runs in. */
export function readSettings(page: Document): Settings {
  const meta = page.querySelector<HTMLMetaElement>('meta[name="vitrine-settings"]');
  if (!meta) throw new Error("This page lacks its settings; it has to be opened from a Vitrine server.");
  return JSON.parse(meta.content) as Settings;
}
