// Changes a query by its fields and arguments. Changes are made in the text, so that comments and layout stay.
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isInterfaceType,
  isRequiredArgument,
  isRequiredInputField,
  Kind,
  parse,
  parseValue,
  print,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from "graphql";

/** What has a selection set of its own. */
export type Owner = OperationDefinitionNode | FieldNode | InlineFragmentNode;

type AnyField = GraphQLField<unknown, unknown>;

/** One step from an operation down to a field: the field, or the type of an inline fragment; and its node, where the query has it. */
export interface Step {
  field?: AnyField;
  on?: string;
  node?: FieldNode | InlineFragmentNode | undefined;
}

/** read parses a text. A text without a definition is an empty document, and one with a mistake is the mistake. */
export function read(text: string): DocumentNode | { problem: string } {
  if (text.replace(/#.*/g, "").trim() === "") return { kind: Kind.DOCUMENT, definitions: [] };
  try {
    return parse(text);
  } catch (mistake) {
    return { problem: mistake instanceof Error ? mistake.message : String(mistake) };
  }
}

const spanOf = (node: ASTNode): [start: number, end: number] => [node.loc?.start ?? 0, node.loc?.end ?? 0];

/** addField returns the text with the last of the steps in it. Steps before it that the query lacks are added with it. */
export function addField(text: string, operation: OperationDefinitionNode | undefined, steps: readonly Step[]): string {
  const missing = steps.findIndex((step) => !step.node);
  if (missing < 0) return text;
  const code = codeOf(steps.slice(missing));
  if (!operation) return `${text}${text && !text.endsWith("\n") ? "\n" : ""}query MyQuery {\n${indented(code, "  ")}\n}\n`;
  const owner: Owner = missing > 0 ? (steps[missing - 1]?.node as Owner) : operation;
  return owner.selectionSet ? addedTo(text, owner.selectionSet, code) : withSelection(text, owner, code);
}

function addedTo(text: string, set: SelectionSetNode, code: string): string {
  const last = set.selections.at(-1);
  const [start, end] = spanOf(set);
  const after = last ? spanOf(last)[1] : start + 1;
  if (!text.slice(start, end).includes("\n")) return `${text.slice(0, after)} ${code.replace(/\s+/g, " ")}${text.slice(after)}`;
  const newline = text.indexOf("\n", after);
  const at = newline >= 0 && newline < end ? newline : after; // behind a comment on the same line
  return `${text.slice(0, at)}\n${indented(code, `${indentAt(text, start)}  `)}${text.slice(at)}`;
}

function withSelection(text: string, owner: Owner, code: string): string {
  const [start, end] = spanOf(owner);
  const indent = indentAt(text, start);
  return `${text.slice(0, end)} {\n${indented(code, `${indent}  `)}\n${indent}}${text.slice(end)}`;
}

const indentAt = (text: string, at: number) => /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", at - 1) + 1))?.[0] ?? "";
const indented = (code: string, indent: string) => code.replace(/^/gm, indent);

/** removeField returns the text without a node. What is around it and would be empty goes as well. */
export function removeField(text: string, around: readonly Owner[], node: FieldNode | InlineFragmentNode): string {
  let gone: ASTNode = node;
  for (const owner of [...around].reverse()) {
    if ((owner.selectionSet?.selections.length ?? 0) > 1) break;
    gone = owner;
  }
  let [start, end] = spanOf(gone);
  const line = text.lastIndexOf("\n", start - 1) + 1;
  const rest = /^[ \t,]*/.exec(text.slice(end))?.[0].length ?? 0;
  const next = text[end + rest];
  if (text.slice(line, start).trim() === "" && (next === "\n" || next === undefined)) [start, end] = [line, Math.min(end + rest + 1, text.length)];
  else start -= /[ \t,]*$/.exec(text.slice(0, start))?.[0].length ?? 0;
  return text.slice(0, start) + text.slice(end);
}

/** setArgument returns the text with another literal as an argument of a field, or without the argument. */
export function setArgument(text: string, field: FieldNode, name: string, literal: string | undefined): string {
  const given = field.arguments ?? [];
  const old = given.find((a) => a.name.value === name);
  if (old && literal !== undefined) {
    const [start, end] = spanOf(old.value);
    return text.slice(0, start) + literal + text.slice(end);
  }
  const parts = given.filter((a) => a !== old).map((a) => text.slice(...spanOf(a)));
  if (literal !== undefined) parts.push(`${name}: ${literal}`);
  const start = spanOf(field.name)[1];
  const last = given.at(-1);
  const end = last ? text.indexOf(")", spanOf(last)[1]) + 1 : start;
  return text.slice(0, start) + (parts.length > 0 ? `(${parts.join(", ")})` : "") + text.slice(end);
}

/** withMember is an input object as a literal, with another member or without one. */
export function withMember(value: ValueNode | undefined, name: string, literal: string | undefined): string {
  const fields = value?.kind === Kind.OBJECT ? value.fields : [];
  const parts = fields.map((f) => (f.name.value === name ? (literal === undefined ? "" : `${name}: ${literal}`) : `${f.name.value}: ${print(f.value)}`));
  if (literal !== undefined && !fields.some((f) => f.name.value === name)) parts.push(`${name}: ${literal}`);
  return `{${parts.filter(Boolean).join(", ")}}`;
}

/** isLiteral says whether a text is one value of GraphQL. */
export function isLiteral(text: string): boolean {
  try {
    parseValue(text);
    return true;
  } catch {
    return false;
  }
}

// codeOf is the code of nested fields. The last has the fields that are most useful at first.
function codeOf(steps: readonly Step[]): string {
  const [step, ...inner] = steps;
  if (!step) return "";
  const type = step.field && getNamedType(step.field.type);
  const name = step.field ? step.field.name + required(step.field) : `... on ${step.on}`;
  const code = inner.length > 0 ? codeOf(inner) : type ? defaultFields(type, 0) : "__typename";
  return code ? `${name} {\n${indented(code, "  ")}\n}` : name;
}

// Fields that say what an object is, the best first.
const identifying = ["name", "fullName", "title", "label", "username", "caption", "url", "text", "rows", "id", "luid", "capability"];

// defaultFields is the selection that a field begins with; empty for a leaf.
function defaultFields(type: GraphQLNamedType, depth: number): string {
  if (isLeafType(type)) return "";
  if (!isObjectType(type) && !isInterfaceType(type)) return "__typename";
  const fields = type.getFields();
  const nodes = fields["nodes"];
  if (nodes && depth < 3) {
    const inner = defaultFields(getNamedType(nodes.type), depth + 1);
    return inner ? `nodes {\n${indented(inner, "  ")}\n}` : "nodes";
  }
  const simple = (f: AnyField) => isLeafType(getNamedType(f.type)) && !f.args.some(isRequiredArgument);
  const best = identifying.map((name) => fields[name]).find((f) => f && simple(f)) ?? Object.values(fields).find(simple);
  return best?.name ?? "__typename";
}

function required(field: AnyField): string {
  const needed = field.args.filter(isRequiredArgument);
  return needed.length > 0 ? `(${needed.map((a) => `${a.name}: ${firstLiteral(a.type)}`).join(", ")})` : "";
}

/** firstLiteral is the value that an argument begins with. */
export function firstLiteral(type: GraphQLInputType, depth = 0): string {
  const inner = getNullableType(type);
  if (isListType(inner)) return isInputObjectType(getNamedType(inner)) && depth < 3 ? firstLiteral(inner.ofType, depth) : "[]";
  if (isEnumType(inner)) return inner.getValues()[0]?.name ?? "null";
  if (isInputObjectType(inner)) {
    const all = Object.values(inner.getFields());
    const members = inner.isOneOf ? all.slice(0, 1) : all.filter(isRequiredInputField);
    return `{${depth < 3 ? members.map((m) => `${m.name}: ${firstLiteral(m.type, depth + 1)}`).join(", ") : ""}}`;
  }
  return { Int: "10", Float: "1", Long: "1", Boolean: "true" }[getNamedType(inner).name] ?? '""';
}
