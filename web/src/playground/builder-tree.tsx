// The tree of the query builder: the fields of a type, each with a check box, and the fields below those that are open.
import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type InlineFragmentNode,
} from "graphql";
import { useId, useState } from "react";
import type { Owner, Step } from "./build";
import { useBuilding } from "./builder-context";
import { Arguments } from "./builder-arguments";

interface FieldsProps {
  type: GraphQLCompositeType;
  /** The part of the query whose fields these are; undefined if the query lacks it. */
  owner: Owner | undefined;
  path: readonly Step[];
  around: readonly Owner[];
}

/** Fields are the rows of a type, one for each selection of a field, or one without a check. */
export function Fields({ type, owner, path, around }: FieldsProps) {
  const { filter, schema } = useBuilding();
  const selections = owner?.selectionSet?.selections ?? [];
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const rows = fields.flatMap((field): { field: typeof field; node: FieldNode | undefined }[] => {
    const nodes = selections.filter((s): s is FieldNode => s.kind === Kind.FIELD && s.name.value === field.name);
    if (nodes.length === 0 && filter && !field.name.toLowerCase().includes(filter)) return [];
    return nodes.length > 0 ? nodes.map((node) => ({ field, node })) : [{ field, node: undefined }];
  });
  const spreads = selections.filter((s) => s.kind === Kind.FRAGMENT_SPREAD);
  return (
    <ul className="fields">
      {rows.map(({ field, node }) => (
        <FieldRow key={`${field.name} ${node?.alias?.value ?? ""}`} parent={type.name} field={field} node={node} path={path} around={around} />
      ))}
      {isAbstractType(type) &&
        schema.getPossibleTypes(type).map((possible) => {
          const node = selections.find((s): s is InlineFragmentNode => s.kind === Kind.INLINE_FRAGMENT && s.typeCondition?.name.value === possible.name);
          return <TypeRow key={possible.name} type={possible} node={node} path={path} around={around} />;
        })}
      {spreads.map((spread) => (
        <li key={spread.name.value} className="muted small">
          … {spread.name.value} (a fragment of the query)
        </li>
      ))}
      {rows.length === 0 && !isAbstractType(type) && <li className="muted small">No field has “{filter}” in its name.</li>}
    </ul>
  );
}

interface FieldRowProps {
  parent: string;
  field: GraphQLField<unknown, unknown>;
  node: FieldNode | undefined;
  path: readonly Step[];
  around: readonly Owner[];
}

function FieldRow({ parent, field, node, path, around }: FieldRowProps) {
  const { add, remove, describe } = useBuilding();
  const [opened, setOpened] = useState<boolean>();
  const id = useId();
  const type = getNamedType(field.type);
  const steps = [...path, { field, node }];
  const isOpen = opened ?? (node !== undefined && steps.length <= 3);
  const about = () => describe({ member: `${parent}.${field.name}`, type: String(field.type), text: field.deprecationReason ? `Deprecated: ${field.deprecationReason}` : (field.description ?? "") });
  const check = () => {
    if (node) remove(around, node);
    else {
      add(steps);
      if (!isLeafType(type)) setOpened(true);
    }
  };
  return (
    <li onMouseEnter={about} onFocus={about}>
      <span className="row">
        {isCompositeType(type) ? <Disclosure name={field.name} isOpen={isOpen} toggle={() => setOpened(!isOpen)} /> : <span className="no-disclosure" />}
        <input id={id} type="checkbox" checked={node !== undefined} onChange={check} />
        <label htmlFor={id}>
          {node?.alias && <span className="muted">{node.alias.value}: </span>}
          {field.name}
        </label>
      </span>
      {node && field.args.length > 0 && <Arguments field={field} node={node} />}
      {isCompositeType(type) && isOpen && <Fields type={type} owner={node} path={steps} around={node ? [...around, node] : around} />}
    </li>
  );
}

interface TypeRowProps {
  type: GraphQLCompositeType;
  node: InlineFragmentNode | undefined;
  path: readonly Step[];
  around: readonly Owner[];
}

function TypeRow({ type, node, path, around }: TypeRowProps) {
  const { add, remove } = useBuilding();
  const [opened, setOpened] = useState<boolean>();
  const id = useId();
  const steps = [...path, { on: type.name, node }];
  const isOpen = opened ?? node !== undefined;
  return (
    <li>
      <span className="row">
        <Disclosure name={type.name} isOpen={isOpen} toggle={() => setOpened(!isOpen)} />
        <input id={id} type="checkbox" checked={node !== undefined} onChange={() => (node ? remove(around, node) : add(steps))} />
        <label htmlFor={id}>… on {type.name}</label>
      </span>
      {isOpen && <Fields type={type} owner={node} path={steps} around={node ? [...around, node] : around} />}
    </li>
  );
}

function Disclosure({ name, isOpen, toggle }: { name: string; isOpen: boolean; toggle: () => void }) {
  return (
    <button type="button" className="disclosure" aria-expanded={isOpen} aria-label={`Fields of ${name}`} onClick={toggle}>
      <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
        <path d="M9 6l6 6-6 6" />
      </svg>
    </button>
  );
}
