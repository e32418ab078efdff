// Arguments of a field in the query builder, and the members of input objects.
import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
  Kind,
  print,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type ValueNode,
} from "graphql";
import { useId, useState, type ReactNode } from "react";
import { firstLiteral, isLiteral, withMember } from "./build";
import { useBuilding } from "./builder-context";

/** Arguments are those that a field has in the query, and a menu of the others. */
export function Arguments({ field, node }: { field: GraphQLField<unknown, unknown>; node: FieldNode }) {
  const { set } = useBuilding();
  return (
    <Members
      of={field.name}
      word="argument"
      members={field.args}
      valueOf={(name) => node.arguments?.find((a) => a.name.value === name)?.value}
      isRequired={(member) => isRequiredArgument(member)}
      set={(name, literal) => set(node, name, literal)}
    />
  );
}

type Member = GraphQLArgument | GraphQLInputField;

interface MembersProps {
  of: string;
  word: string;
  members: readonly Member[];
  valueOf: (name: string) => ValueNode | undefined;
  isRequired: (member: Member) => boolean;
  set: (name: string, literal: string | undefined) => void;
}

function Members({ of, word, members, valueOf, isRequired, set }: MembersProps) {
  const others = members.filter((member) => !valueOf(member.name));
  return (
    <ul className="arguments">
      {members.map((member) => {
        const value = valueOf(member.name);
        if (!value) return null;
        const change = (literal: string | undefined) => set(member.name, literal);
        return (
          <li key={member.name}>
            <Value name={member.name} type={member.type} value={value} change={change}>
              {!isRequired(member) && (
                <button type="button" className="remove" aria-label={`Remove ${member.name} of ${of}`} onClick={() => change(undefined)}>
                  ×
                </button>
              )}
            </Value>
          </li>
        );
      })}
      {others.length > 0 && (
        <li>
          <select
            className="add"
            aria-label={word === "argument" ? `Add an argument of ${of}` : `Add a member of ${of}`}
            value=""
            onChange={(event) => {
              const member = members.find((m) => m.name === event.target.value);
              if (member) set(member.name, firstLiteral(member.type));
            }}
          >
            <option value="">+ {word}</option>
            {others.map((member) => (
              <option key={member.name} value={member.name}>
                {member.name}
              </option>
            ))}
          </select>
        </li>
      )}
    </ul>
  );
}

interface ValueProps {
  name: string;
  type: GraphQLInputType;
  value: ValueNode;
  change: (literal: string) => void;
  children: ReactNode;
}

// Value is the control for a value: a group for an input object, a menu for an enum, else a line of text.
function Value({ name, type, value, change, children }: ValueProps) {
  const id = useId();
  const inner = getNullableType(type);
  const named = getNamedType(type);
  if (isInputObjectType(named) && value.kind === Kind.OBJECT) {
    const members = named.getFields();
    return (
      <div role="group" aria-label={name}>
        <span className="row">
          <span className="argument-name">{name}</span>
          {children}
        </span>
        <Members
          of={name}
          word="member"
          members={Object.values(members)}
          valueOf={(member) => value.fields.find((f) => f.name.value === member)?.value}
          isRequired={(member) => isRequiredInputField(member)}
          set={(member, literal) => change(named.isOneOf && literal !== undefined ? withMember(undefined, member, literal) : withMember(value, member, literal))}
        />
      </div>
    );
  }
  const choices = isListType(inner) ? undefined : isEnumType(named) ? named.getValues().map((v) => v.name) : named.name === "Boolean" ? ["true", "false"] : undefined;
  const isText = value.kind === Kind.STRING && !isListType(inner);
  return (
    <>
      <label className="argument-name" htmlFor={id}>
        {name}
      </label>
      {choices && value.kind !== Kind.VARIABLE ? (
        <select id={id} value={print(value)} onChange={(event) => change(event.target.value)}>
          {[...new Set([print(value), ...choices])].map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <Line key={isText ? "text" : "literal"} id={id} text={isText ? value.value : print(value)} isText={isText} change={change} />
      )}
      {children}
    </>
  );
}

interface LineProps {
  id: string;
  text: string;
  isText: boolean;
  change: (literal: string) => void;
}

// Line takes a text without quotes, or a literal of GraphQL. A literal that is not complete is not put into the query. A text that
// is the name of a variable, such as $site, is one.
function Line({ id, text, isText, change }: LineProps) {
  const [draft, setDraft] = useState<string>();
  const typed = (next: string) => {
    const literal = isText && !/^\$\w+$/.test(next) ? JSON.stringify(next) : next;
    const isComplete = isLiteral(literal);
    setDraft(isComplete ? undefined : next);
    if (isComplete) change(literal);
  };
  return (
    <input
      id={id}
      type="text"
      value={draft ?? text}
      {...(draft !== undefined && { "aria-invalid": true })}
      onChange={(event) => typed(event.target.value)}
      onBlur={() => setDraft(undefined)}
    />
  );
}
