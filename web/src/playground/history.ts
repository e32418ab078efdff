// The history of queries, kept in localStorage for one person: the one who signed in last. It holds no headers, and no values
// that look like secrets. It ends when that person signs out, or somebody else signs in.
import type { Memory } from "./storage";

/** One query of the history, as GraphiQL writes it. */
export interface Entry {
  query?: string;
  variables?: string;
  headers?: string;
  operationName?: string;
  label?: string;
  favorite?: boolean;
}

type List = "queries" | "favorites";
type Kept = { person: string } & Record<List, Entry[]>;

const place = "vitrine-playground-history";

/** How many entries each list has, and how long both may be as JSON. */
export const mostEntries = 50;
const mostLength = 300_000;

const secretName = /pass(word|phrase)|secret|token|credential|api_?key|private_?key|authorization|cookie/i;
// A JSON Web Token, a bearer token, a private key, or a content link, which is a right for some minutes.
const secretText = /eyJ[\w-]{5,}\.[\w-]+\.|bearer\s+\S|-----BEGIN|\/content\//i;
const secretLiteral = new RegExp(`(${secretName.source})\\w*\\s*:\\s*"`, "i");

/** forgetHistory removes the history from this browser. */
export function forgetHistory(local: Memory): void {
  local.removeItem(place);
}

/** History is the history of one person. What another person left is removed when it is made. */
export class History {
  readonly #local: Memory;
  readonly #person: string;

  constructor(local: Memory, person: string) {
    this.#local = local;
    this.#person = person;
    if (this.#read().person !== person) forgetHistory(local);
  }

  /** get returns a list in the form that GraphiQL reads. */
  get(list: List): string | null {
    const entries = this.#read()[list];
    return entries.length > 0 ? JSON.stringify({ [list]: entries }) : null;
  }

  /** set takes a list in the form that GraphiQL writes. The oldest entries go where it is too long. */
  set(list: List, text: string): void {
    const kept = { ...this.#read(), [list]: entriesOf(list, text).flatMap(withoutSecrets).slice(-mostEntries) };
    while (JSON.stringify(kept).length > mostLength) (kept.queries.length > 0 ? kept.queries : kept.favorites).shift();
    try {
      this.#local.setItem(place, JSON.stringify(kept));
    } catch {
      // The browser keeps nothing, or nothing more: the history lasts as long as the page.
    }
  }

  #read(): Kept {
    const none: Kept = { person: this.#person, queries: [], favorites: [] };
    try {
      const kept = JSON.parse(this.#local.getItem(place) ?? "null") as Partial<Kept> | null;
      if (!kept) return none;
      return { person: String(kept.person), queries: kept.queries ?? [], favorites: kept.favorites ?? [] };
    } catch {
      return none;
    }
  }
}

function entriesOf(list: List, text: string): Entry[] {
  try {
    return (JSON.parse(text) as Partial<Record<List, Entry[]>>)[list] ?? [];
  } catch {
    return [];
  }
}

// withoutSecrets is the entry as it may be kept, or nothing for a query that has a secret in its text.
function withoutSecrets({ query = "", variables, operationName, label, favorite }: Entry): Entry[] {
  if (secretText.test(query) || secretLiteral.test(query)) return [];
  return [{ query, ...(variables && { variables: publicVariables(variables) }), ...(operationName && { operationName }), ...(label && { label }), ...(favorite && { favorite }) }];
}

/** publicVariables is a JSON object without the members that look like secrets; empty if the text is not JSON. */
export function publicVariables(text: string): string {
  let found = false;
  const check = (name: string, value: unknown): unknown => {
    if ((name && secretName.test(name)) || (typeof value === "string" && secretText.test(value))) {
      found = true;
      return undefined;
    }
    return value;
  };
  try {
    const parsed: unknown = JSON.parse(text, check);
    return found ? JSON.stringify(parsed, null, 2) : text;
  } catch {
    return "";
  }
}
