// What GraphiQL may remember.

/** The part of the web's Storage that GraphiQL uses. */
export interface Memory {
  readonly length: number;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
  clear(): void;
}

// Kept for this tab, so that going to the sign-in page and back does not lose one's work. Everything else, among it
// headers, the history and the tabs (which hold headers), is forgotten with the page.
const kept = new Set(["graphiql:query", "graphiql:variables", "graphiql:theme"]);

/** keepQueryOnly is a storage that hands the query, its variables and the theme to `tab` and holds the rest in memory. */
export function keepQueryOnly(tab: Memory): Memory {
  const memory = new Map<string, string>();
  return {
    get length() {
      return memory.size + [...kept].filter((key) => tab.getItem(key) !== null).length;
    },
    getItem: (key) => (kept.has(key) ? tab.getItem(key) : (memory.get(key) ?? null)),
    setItem(key, value) {
      if (kept.has(key)) tab.setItem(key, value);
      else memory.set(key, value);
    },
    removeItem(key) {
      if (kept.has(key)) tab.removeItem(key);
      else memory.delete(key);
    },
    clear() {
      for (const key of kept) tab.removeItem(key);
      memory.clear();
    },
  };
}
