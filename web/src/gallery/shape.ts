// What the schema of this person's roles has. A role may lack fields, arguments and whole types, and a Tableau may be too old for
// some. The gallery asks once, and takes out of its documents what is not there.
import { Kind, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type SelectionNode, type SelectionSetNode } from "@0no-co/graphql.web";

interface TypeRef {
  name: string | null;
  ofType?: TypeRef | null;
}

/** The answer to the document Shape. */
export interface Introspection {
  __schema: {
    queryType: { name: string };
    types: { name: string; fields: { name: string; args: { name: string }[]; type: TypeRef }[] | null }[];
  };
  tableau?: { supports: { coordinate: string; isSupported: boolean }[] } | null;
}

/** Shape answers which members there are. */
export class Shape {
  readonly #fields = new Map<string, Map<string, { type: string; args: Set<string> }>>();
  readonly #unsupported = new Set<string>();

  constructor(answer: Introspection) {
    for (const type of answer.__schema.types) {
      const fields = (type.fields ?? []).map((f) => [f.name, { type: nameOf(f.type), args: new Set(f.args.map((a) => a.name)) }] as const);
      this.#fields.set(type.name, new Map(fields));
    }
    for (const s of answer.tableau?.supports ?? []) if (!s.isSupported) this.#unsupported.add(s.coordinate);
  }

  /** has reports whether a query may use a field. */
  has(type: string, field: string): boolean {
    return field === "__typename" || ((this.#fields.get(type)?.has(field) ?? false) && !this.#unsupported.has(`${type}.${field}`));
  }

  hasType(type: string): boolean {
    return this.#fields.has(type);
  }

  hasArgument(type: string, field: string, argument: string): boolean {
    const known = this.#fields.get(type)?.get(field)?.args.has(argument) ?? false;
    return known && !this.#unsupported.has(`${type}.${field}(${argument}:)`);
  }

  typeOf(type: string, field: string): string {
    return this.#fields.get(type)?.get(field)?.type ?? "";
  }
}

function nameOf(ref: TypeRef): string {
  return ref.name ?? (ref.ofType ? nameOf(ref.ofType) : "");
}

/** prune is document without what the shape lacks, or undefined if nothing is left to ask for. A complete document stays as it is. */
export function prune<D extends DocumentNode>(document: D, shape: Shape): D | undefined {
  const pruner = new Pruner(document, shape);
  const operation = document.definitions.find((d) => d.kind === Kind.OPERATION_DEFINITION);
  const selectionSet = operation && pruner.selections(operation.selectionSet, "Query");
  if (!selectionSet) return undefined;
  if (!pruner.changed) return document;
  const fragments = pruner.fragments();
  const used = new Set<string>();
  variablesIn([selectionSet, ...fragments.map((f) => f.selectionSet)], used);
  const variableDefinitions = operation.variableDefinitions?.filter((v) => used.has(v.variable.name.value));
  return { ...document, definitions: [{ ...operation, selectionSet, variableDefinitions }, ...fragments] };
}

class Pruner {
  changed = false;
  readonly #shape: Shape;
  readonly #definitions: Map<string, FragmentDefinitionNode>;
  readonly #done = new Map<string, FragmentDefinitionNode | undefined>();

  constructor(document: DocumentNode, shape: Shape) {
    this.#shape = shape;
    const fragments = document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION);
    this.#definitions = new Map(fragments.map((f) => [f.name.value, f]));
  }

  /** fragments are those that are still in use. */
  fragments(): FragmentDefinitionNode[] {
    return [...this.#done.values()].filter((f) => f !== undefined);
  }

  selections(set: SelectionSetNode, type: string): SelectionSetNode | undefined {
    const selections = set.selections.map((s) => this.#selection(s, type)).filter((s) => s !== undefined);
    if (selections.length < set.selections.length) this.changed = true;
    return selections.length > 0 ? { ...set, selections } : undefined;
  }

  #selection(selection: SelectionNode, type: string): SelectionNode | undefined {
    switch (selection.kind) {
      case Kind.FIELD:
        return this.#field(selection, type);
      case Kind.INLINE_FRAGMENT: {
        const on = selection.typeCondition?.name.value ?? type;
        const selectionSet = this.#shape.hasType(on) ? this.selections(selection.selectionSet, on) : undefined;
        return selectionSet && { ...selection, selectionSet };
      }
      default:
        return this.#fragment(selection.name.value) && selection;
    }
  }

  #field(field: FieldNode, type: string): FieldNode | undefined {
    const name = field.name.value;
    if (!this.#shape.has(type, name)) return undefined;
    const all = field.arguments ?? [];
    const args = all.filter((a) => this.#shape.hasArgument(type, name, a.name.value));
    if (args.length < all.length) this.changed = true;
    if (!field.selectionSet) return { ...field, arguments: args };
    const selectionSet = this.selections(field.selectionSet, this.#shape.typeOf(type, name));
    return selectionSet && { ...field, arguments: args, selectionSet };
  }

  #fragment(name: string): FragmentDefinitionNode | undefined {
    if (this.#done.has(name)) return this.#done.get(name);
    const fragment = this.#definitions.get(name);
    const on = fragment?.typeCondition.name.value ?? "";
    const selectionSet = fragment && this.#shape.hasType(on) ? this.selections(fragment.selectionSet, on) : undefined;
    const pruned = fragment && selectionSet && { ...fragment, selectionSet };
    this.#done.set(name, pruned);
    return pruned;
  }
}

// variablesIn collects the names of the variables that are used in nodes.
function variablesIn(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const n of node) variablesIn(n, names);
  } else if (node !== null && typeof node === "object") {
    if ("kind" in node && node.kind === Kind.VARIABLE) names.add((node as unknown as { name: { value: string } }).name.value);
    else for (const n of Object.values(node)) variablesIn(n, names);
  }
}
