import type { TypedDocumentString } from "./gql/graphql";
import { accessToken, signIn } from "./session";
import { vitrine } from "./settings";

interface Answer<Data> {
  data?: Data | null;
  errors?: { message: string; path?: (string | number)[]; extensions?: { code: string; requestId?: string } }[];
}

/** query sends a document of graphql(`…`) and returns its data. Fields that failed are null; see "Null and errors" in the guide. */
export async function query<Data, Variables>(document: TypedDocumentString<Data, Variables>, variables: Variables): Promise<Data> {
  const response = await fetch(`${vitrine}/graphql`, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${await accessToken()}`,
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json",
    },
    body: JSON.stringify({ query: document.toString(), variables }),
  });
  if (response.status === 401) await signIn(); // the token has expired, or was revoked
  const { data, errors } = (await response.json()) as Answer<Data>;
  if (!data) throw new Error(errors?.[0]?.message ?? `Vitrine answered ${response.status}`);
  return data;
}
