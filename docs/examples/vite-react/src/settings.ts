/** The address of Vitrine: VITE_VITRINE in the environment of the build, or that of `vitrine demo`. */
export const vitrine: string = import.meta.env.VITE_VITRINE ?? "http://127.0.0.1:8080";

/** Your client at the OpenID provider, and what it asks for. */
export const clientId = "portal";
export const scope = "openid profile";
