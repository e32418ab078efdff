// Puts a site into a query: into the argument of each `site` field, or into the variable that the argument names.
import { Kind, parse, type FieldNode, type ValueNode } from "graphql";

export interface Texts {
  query: string;
  variables: string;
}

/** withSite is a query and its variables for another site; undefined if the query has no `site` field, or cannot be parsed. */
export function withSite({ query, variables }: Texts, contentUrl: string): Texts | undefined {
  const fields = siteFields(query);
  if (fields.length === 0) return undefined;
  let text = query;
  let values = variables;
  for (const field of [...fields].reverse()) {
    const argument = field.arguments?.find((a) => a.name.value === "contentUrl");
    if (argument?.value.kind === Kind.VARIABLE) values = withValue(values, argument.value.name.value, contentUrl);
    else if (argument) text = replaced(text, argument.value, JSON.stringify(contentUrl));
    else text = inserted(text, field, `contentUrl: ${JSON.stringify(contentUrl)}`);
  }
  return { query: text, variables: values };
}

/** siteOf is the content URL of the first `site` field; undefined if it has none. */
export function siteOf({ query, variables }: Texts): string | undefined {
  const value = siteFields(query)[0]?.arguments?.find((a) => a.name.value === "contentUrl")?.value;
  if (value?.kind === Kind.STRING) return value.value;
  if (value?.kind !== Kind.VARIABLE) return undefined;
  const set = objectOf(variables)?.[value.name.value];
  return typeof set === "string" ? set : undefined;
}

function siteFields(query: string): FieldNode[] {
  try {
    return parse(query).definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? definition.selectionSet.selections.filter((s) => s.kind === Kind.FIELD && s.name.value === "site")
        : [],
    ) as FieldNode[];
  } catch {
    return [];
  }
}

function replaced(text: string, value: ValueNode, by: string): string {
  return value.loc ? text.slice(0, value.loc.start) + by + text.slice(value.loc.end) : text;
}

function inserted(text: string, field: FieldNode, argument: string): string {
  const [first] = field.arguments ?? [];
  if (first?.loc) return `${text.slice(0, first.loc.start)}${argument}, ${text.slice(first.loc.start)}`;
  const end = field.name.loc?.end ?? 0;
  return `${text.slice(0, end)}(${argument})${text.slice(end)}`;
}

function objectOf(variables: string): Record<string, unknown> | undefined {
  if (!variables.trim()) return {};
  try {
    const value: unknown = JSON.parse(variables);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function withValue(variables: string, name: string, value: string): string {
  const values = objectOf(variables);
  return values ? JSON.stringify({ ...values, [name]: value }, null, 2) : variables;
}
