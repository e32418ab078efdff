// The content links of an answer: what they are, and whether they are pictures.
import { Kind, parse, type DocumentNode, type SelectionSetNode } from "graphql";
import type { Path } from "./table";

export interface ContentLink {
  url: string;
  /** The field that returned it: image, pdf, thumbnail. */
  field: string;
  /** What it belongs to, as people call it; may be empty. */
  of: string;
  isPicture: boolean;
}

const pictures = new Set(["image", "thumbnail"]);

/** linksOf finds the content links of this server in an answer, each once and up to `most`. */
export function linksOf(data: unknown, origin: string, fields: ReadonlyMap<string, string>, most = 60): ContentLink[] {
  const links = new Map<string, ContentLink>();
  const walk = (value: unknown, path: Path, of: string): void => {
    if (links.size >= most) return;
    if (Array.isArray(value)) value.forEach((item, i) => walk(item, [...path, i], of));
    else if (typeof value === "object" && value !== null) {
      const members = value as Record<string, unknown>;
      const { name } = members;
      for (const [key, member] of Object.entries(members)) walk(member, [...path, key], typeof name === "string" ? name : of);
    } else if (typeof value === "string" && value.startsWith(`${origin}/content/`) && !links.has(value)) {
      const keys = path.filter((step) => typeof step === "string").slice(0, -1);
      const field = fields.get(keys.join(".")) ?? keys.at(-1) ?? "file";
      links.set(value, { url: value, field, of, isPicture: pictures.has(field) });
    }
  };
  walk(data, [], "");
  return [...links.values()];
}

/** fieldsOf maps the places of an answer, as response keys with dots, to the names of their fields: aliases hide them. */
export function fieldsOf(query: string): Map<string, string> {
  const fields = new Map<string, string>();
  const { definitions } = parsed(query);
  const walk = (set: SelectionSetNode | undefined, place: readonly string[], depth: number): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        const inner = [...place, selection.alias?.value ?? selection.name.value];
        fields.set(inner.join("."), selection.name.value);
        walk(selection.selectionSet, inner, depth);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, place, depth);
      } else if (depth < 10) {
        const fragment = definitions.find((d) => d.kind === Kind.FRAGMENT_DEFINITION && d.name.value === selection.name.value);
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION) walk(fragment.selectionSet, place, depth + 1);
      }
    }
  };
  for (const definition of definitions) if (definition.kind === Kind.OPERATION_DEFINITION) walk(definition.selectionSet, [], 0);
  return fields;
}

function parsed(query: string): Pick<DocumentNode, "definitions"> {
  try {
    return parse(query, { noLocation: true });
  } catch {
    return { definitions: [] };
  }
}
