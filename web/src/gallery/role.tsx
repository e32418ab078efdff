// Who the person is here, which sites and which part of the schema there are, and how pages ask for data.
import { createContext, useContext, useMemo, type ReactNode } from "react";
import type { AnyVariables, CombinedError, TypedDocumentNode } from "@urql/core";
import { useClient, useQuery } from "urql";
import type { Answer, Question } from "../api/graphql";
import type { StartQuery } from "../gql/graphql";
import { bodyOf } from "./client";
import { problemOf, type Problem } from "./problems";
import { prune, type Shape } from "./shape";

export type SiteChoice = StartQuery["sites"][number] & { name: string };

interface Role {
  viewer: StartQuery["viewer"];
  sites: SiteChoice[];
  /** undefined where the roles of the person allow no introspection: then nothing is taken out. */
  shape: Shape | undefined;
  /** Origin of Tableau for live views; empty where there are none. */
  embedOrigin: string;
  /** True if documents are named: then the server takes out of them what the roles of the person lack. */
  namesDocuments: boolean;
  /** Asks past the cache, for what may be kept nowhere. */
  uncached: <Data>(question: Question) => Promise<Answer<Data>>;
}

const Context = createContext<Role | undefined>(undefined);

export function RoleProvider({ role, children }: { role: Role; children: ReactNode }) {
  return <Context value={role}>{children}</Context>;
}

export function useRole(): Role {
  const role = useContext(Context);
  if (!role) throw new Error("outside of RoleProvider");
  return role;
}

/** useHas answers whether this person may ask for a field. */
export function useHas(): (type: string, field: string) => boolean {
  const { shape } = useRole();
  return (type, field) => shape?.has(type, field) ?? true;
}

interface Asked<Data> {
  data: Data | undefined;
  problem: Problem | undefined;
  /** The error with all its paths, where a page looks at parts. */
  error: CombinedError | undefined;
  loading: boolean;
  /** True if the roles of the person have nothing of what was asked for. */
  absent: boolean;
  again: () => void;
}

/** useAsk asks for a document, without what the schema of this person lacks. */
export function useAsk<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { pause = false } = {},
): Asked<Data> {
  const { shape } = useRole();
  const query = useMemo(() => (shape ? prune(document, shape) : document), [document, shape]);
  const [result, again] = useQuery({ query: query ?? document, variables: variables as never, pause: pause || query === undefined });
  return {
    data: result.data,
    problem: problemOf(result.error),
    error: result.error,
    loading: result.fetching,
    absent: query === undefined,
    again: () => again({ requestPolicy: "network-only" }),
  };
}

/** useAskOnce is askOnce for this person: for what is wanted at a click. */
export function useAskOnce() {
  const client = useClient();
  const { shape } = useRole();
  return async <Data, Variables extends AnyVariables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> => {
    const query = (shape ? prune(document, shape) : document) ?? document;
    const { data, error } = await client.query(query, variables, { requestPolicy: "network-only" }).toPromise();
    if (error) throw error;
    if (data === undefined) throw new Error("There was no answer.");
    return data;
  };
}

/** useAskUncached asks for what may be kept nowhere, such as a token: the answer goes to the caller alone. */
export function useAskUncached() {
  const { uncached, namesDocuments } = useRole();
  return <Data, Variables extends AnyVariables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Answer<Data>> =>
    uncached<Data>({ ...bodyOf({ namesDocuments }, document), variables });
}
