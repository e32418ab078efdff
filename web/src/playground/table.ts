// Lists of an answer as tables.

/** A place in an answer, as errors have it. */
export type Path = readonly (string | number)[];

/** An error of an answer, with what tables need of it. */
export interface PathError {
  message: string;
  path?: Path;
}

/** One cell: its text, what it is sorted by, and the error that it has in place of a value. */
export interface Cell {
  text: string;
  value: unknown;
  error?: string;
}

export interface Row {
  cells: Cell[];
  error?: string;
}

/** A list of an answer, or the lists of one name in all items of another list. */
export interface Table {
  /** Where it is: site.workbooks, or site.workbooks › views. */
  name: string;
  columns: string[];
  rows: Row[];
}

interface Item {
  value: unknown;
  path: Path;
  parent: string; // what the item of the list around is called
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** tablesOf finds all lists of objects in the data of an answer, the longest first within each level. */
export function tablesOf(data: unknown, errors: readonly PathError[] = []): Table[] {
  const lists = new Map<string, Item[]>();
  collect(data, [], "", "", lists);
  return [...lists].map(([name, items]) => tableOf(name, items, errors)).filter((table) => table.columns.length > 0);
}

// collect walks an answer. Connections count as the lists that they hold, and the name of a list leaves out nodes and edges.
function collect(value: unknown, path: Path, name: string, parent: string, lists: Map<string, Item[]>): void {
  if (Array.isArray(value)) {
    if (!value.some((item) => isObject(item))) return;
    const items = value.map((item: unknown, i): Item => {
      const node = isObject(item) && isObject(item["node"]) && Object.keys(item).every((k) => k === "node" || k === "cursor") ? item["node"] : item;
      return { value: node, path: node === item ? [...path, i] : [...path, i, "node"], parent };
    });
    lists.set(name, [...(lists.get(name) ?? []), ...items]);
    for (const item of items) collectMembers(item.value, item.path, `${name} ›`, titleOf(item.value), lists);
  } else {
    collectMembers(value, path, name, parent, lists);
  }
}

function collectMembers(value: unknown, path: Path, name: string, parent: string, lists: Map<string, Item[]>): void {
  if (!isObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const inner = key === "nodes" || key === "edges" ? name : name.endsWith("›") ? `${name} ${key}` : name ? `${name}.${key}` : key;
    collect(member, [...path, key], inner, parent, lists);
  }
}

// titleOf is what people call an object.
function titleOf(value: unknown): string {
  if (!isObject(value)) return "";
  for (const key of ["name", "fullName", "label", "title", "username", "path", "contentUrl", "id", "luid"]) {
    const text = value[key];
    if (typeof text === "string" && text) return text;
  }
  return "";
}

function tableOf(name: string, items: Item[], errors: readonly PathError[]): Table {
  const flat = items.map((item) => flatten(item.value, item.path));
  const columns = columnsOf(flat);
  const inner = name.includes("›") && items.some((item) => item.parent);
  const rows = items.map((item, i): Row => {
    const cells = columns.map((column) => cellOf(flat[i]?.get(column), errors));
    const own = errors.find((e) => e.path && samePath(e.path, item.path));
    const of: Cell = { text: item.parent, value: item.parent };
    return { cells: inner ? [of, ...cells] : cells, ...(own && { error: own.message }) };
  });
  return { name, columns: inner ? ["of", ...columns] : columns, rows };
}

interface Place {
  value: unknown;
  path: Path;
}

// columnsOf names the columns. An object that is null in some rows is empty in the columns of its members.
function columnsOf(rows: Map<string, Place>[]): string[] {
  const all = [...new Set(rows.flatMap((cells) => [...cells.keys()]))];
  return all.filter((column) => {
    const members = all.filter((c) => c.startsWith(`${column}.`));
    if (members.length === 0) return true;
    for (const cells of rows) {
      const none = cells.get(column);
      if (none) for (const member of members) cells.set(member, none);
    }
    return false;
  });
}

// flatten is an object as columns: members of objects in it are columns of their own, lists are one.
function flatten(value: unknown, path: Path, prefix = "", into = new Map<string, Place>()): Map<string, Place> {
  if (!isObject(value)) return into;
  for (const [key, member] of Object.entries(value)) {
    const at = [...path, key];
    const list = connectionOf(member);
    if (list) into.set(prefix + key, { value: list, path: at });
    else if (isObject(member)) flatten(member, at, `${prefix}${key}.`, into);
    else into.set(prefix + key, { value: member, path: at });
  }
  return into;
}

function connectionOf(value: unknown): unknown[] | undefined {
  if (!isObject(value)) return undefined;
  const { nodes, edges } = value;
  if (Array.isArray(nodes)) return nodes as unknown[];
  return Array.isArray(edges) ? edges.map((edge: unknown) => (isObject(edge) ? edge["node"] : edge)) : undefined;
}

function cellOf(place: Place | undefined, errors: readonly PathError[]): Cell {
  if (!place) return { text: "", value: undefined };
  const error = errors.find((e) => e.path && startsWith(e.path, place.path));
  return { text: textOf(place.value), value: place.value, ...(error && { error: error.message }) };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (!Array.isArray(value)) return typeof value === "string" ? value : JSON.stringify(value);
  if (value.some(isObject)) {
    const titles = value.map(titleOf).filter(Boolean);
    const shown = titles.slice(0, 3).join(", ");
    return `${value.length}${shown && `: ${shown}${titles.length > 3 ? ", …" : ""}`}`;
  }
  return value.map(textOf).join(", ");
}

const startsWith = (path: Path, start: Path) => start.every((step, i) => path[i] === step);
const samePath = (a: Path, b: Path) => a.length === b.length && startsWith(a, b);

/** sorted orders rows by a column; missing values are last in both directions. */
export function sorted(rows: readonly Row[], column: number, descending: boolean): Row[] {
  const key = (row: Row): unknown => {
    const value = row.cells[column]?.value;
    return Array.isArray(value) ? value.length : value;
  };
  const missing = (value: unknown) => value === null || value === undefined || value === "";
  return [...rows].sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    if (missing(x) || missing(y)) return Number(missing(x)) - Number(missing(y));
    const order = typeof x === "number" && typeof y === "number" ? x - y : collator.compare(textOf(x), textOf(y));
    return descending ? -order : order;
  });
}

const collator = new Intl.Collator("en", { numeric: true });
