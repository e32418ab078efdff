// What GraphiQL may remember, and for whom.
import { forgetHistory, History } from "./history";

/** The part of the web's Storage that GraphiQL uses. */
export interface Memory {
  readonly length: number;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  clear(): void;
}

// Kept for this tab, so that going to the sign-in page and back does not lose one's work. The history is kept for the person.
// Everything else, among it headers and the tabs (which hold headers), is forgotten with the page.
const kept = new Set(["graphiql:query", "graphiql:variables", "graphiql:theme"]);

// Whose query the tab has.
const owner = "vitrine-playground-person";

const lists = new Map([
  ["graphiql:queries", "queries"],
  ["graphiql:favorites", "favorites"],
] as const);
const listOf = (key: string) => lists.get(key as "graphiql:queries");

/** mapStorage is a storage that lasts as long as the page. */
export function mapStorage(): Memory {
  const memory = new Map<string, string>();
  return {
    get length() {
      return memory.size;
    },
    getItem: (key) => memory.get(key) ?? null,
    setItem: (key, value) => void memory.set(key, value),
    removeItem: (key) => void memory.delete(key),
    clear: () => memory.clear(),
  };
}

/** forget removes all that this page keeps of a person. */
export function forget(tab: Memory, local: Memory): void {
  for (const key of [...kept, owner]) tab.removeItem(key);
  forgetHistory(local);
}

/**
 * openStorage is a storage for one person: it hands the query, its variables and the theme to `tab` and the history to `local`,
 * and holds the rest in memory. What another person left is removed first.
 */
export function openStorage(tab: Memory, local: Memory, person: string): Memory {
  const before = tab.getItem(owner);
  if (before !== null && before !== person) for (const key of kept) tab.removeItem(key);
  tab.setItem(owner, person);
  const history = new History(local, person);
  const memory = mapStorage();
  const placeOf = (key: string) => (kept.has(key) ? tab : memory);
  return {
    get length() {
      return memory.length + [...kept].filter((key) => tab.getItem(key) !== null).length;
    },
    getItem(key) {
      const list = listOf(key);
      return list ? history.get(list) : placeOf(key).getItem(key);
    },
    setItem(key, value) {
      const list = listOf(key);
      if (list) history.set(list, value);
      else placeOf(key).setItem(key, value);
    },
    removeItem(key) {
      const list = listOf(key);
      if (list) history.set(list, "");
      else placeOf(key).removeItem(key);
    },
    clear() {
      for (const key of kept) tab.removeItem(key);
      for (const list of lists.values()) history.set(list, "");
      memory.clear();
    },
  };
}
