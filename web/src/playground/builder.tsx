// The query builder: a tree of fields with check boxes, beside the editor. A check box changes the text, and what is typed into the
// editor changes the tree.
import { useEditorContext, useSchemaStore, type GraphiQLPlugin } from "@graphiql/react";
import { Kind, type FieldNode, type InlineFragmentNode, type OperationDefinitionNode } from "graphql";
import { useEffect, useMemo, useState } from "react";
import { addField, read, removeField, setArgument, type Owner, type Step } from "./build";
import { BuilderContext, type Building, type Described } from "./builder-context";
import { Fields } from "./builder-tree";
import { useDocs } from "./docs";

// How long the editor is quiet before the tree follows it.
const quiet = 200;

type QueryEditor = NonNullable<NonNullable<ReturnType<typeof useEditorContext>>["queryEditor"]>;

// useText is the text of the editor, and a function that changes it.
function useText(editor: QueryEditor | null): [text: string, change: (text: string) => void] {
  const [text, setText] = useState(() => editor?.getValue() ?? "");
  useEffect(() => {
    if (!editor) return;
    let timer = 0;
    const follow = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => setText(editor.getValue()), quiet);
    };
    editor.on("change", follow);
    follow();
    return () => {
      clearTimeout(timer);
      editor.off("change", follow);
    };
  }, [editor]);
  const change = (next: string) => {
    if (!editor) return;
    replaceChanged(editor, next);
    setText(next);
  };
  return [text, change];
}

// replaceChanged replaces what differs and no more, so that the rest keeps its marks, and one step back undoes it.
function replaceChanged(editor: QueryEditor, next: string): void {
  const now = editor.getValue();
  const most = Math.min(now.length, next.length);
  let start = 0;
  while (start < most && now[start] === next[start]) start++;
  let end = 0;
  while (end < most - start && now[now.length - 1 - end] === next[next.length - 1 - end]) end++;
  editor.replaceRange(next.slice(start, next.length - end), editor.posFromIndex(start), editor.posFromIndex(now.length - end));
}

function Builder() {
  const { queryEditor } = useEditorContext({ nonNull: true });
  const { schema } = useSchemaStore();
  const [text, change] = useText(queryEditor);
  const [chosen, choose] = useState(0);
  const [filter, setFilter] = useState("");
  const [described, describe] = useState<Described>();
  const document = useMemo(() => read(text), [text]);
  const operations = "definitions" in document ? document.definitions.filter((d) => d.kind === Kind.OPERATION_DEFINITION) : [];
  const operation = operations[chosen] ?? operations[0];
  const type = schema?.getQueryType();
  if (!schema || !type) return <p className="v-page muted">The schema is on its way …</p>;
  const building: Building = { schema, filter: filter.trim().toLowerCase(), describe, ...changes(text, operation, change) };
  return (
    <section className="v-page builder" aria-label="Query builder">
      <h2>Query builder</h2>
      <div className="builder-tools">
        <input className="field" type="search" placeholder="Find a field" aria-label="Find a field" value={filter} onChange={(event) => setFilter(event.target.value)} />
        {operations.length > 1 && <Operations operations={operations} chosen={operation} choose={choose} />}
      </div>
      {"problem" in document && (
        <p className="notice small" role="status">
          The tree waits until the query has no mistake: {document.problem}
        </p>
      )}
      <fieldset disabled={"problem" in document}>
        <legend className="visually-hidden">Fields of the query</legend>
        <BuilderContext value={building}>
          <Fields type={type} owner={operation} path={[]} around={operation ? [operation] : []} />
        </BuilderContext>
      </fieldset>
      <About described={described} />
    </section>
  );
}

function changes(text: string, operation: OperationDefinitionNode | undefined, change: (text: string) => void): Pick<Building, "add" | "remove" | "set"> {
  return {
    add: (path: readonly Step[]) => change(addField(text, operation, path)),
    remove: (around: readonly Owner[], node: FieldNode | InlineFragmentNode) => change(removeField(text, around, node)),
    set: (field: FieldNode, name: string, literal: string | undefined) => change(setArgument(text, field, name, literal)),
  };
}

interface OperationsProps {
  operations: OperationDefinitionNode[];
  chosen: OperationDefinitionNode | undefined;
  choose: (index: number) => void;
}

function Operations({ operations, chosen, choose }: OperationsProps) {
  return (
    <select className="field" aria-label="Query" value={chosen ? operations.indexOf(chosen) : 0} onChange={(event) => choose(Number(event.target.value))}>
      {operations.map((operation, i) => (
        <option key={i} value={i}>
          {operation.name?.value ?? `Query ${i + 1}`}
        </option>
      ))}
    </select>
  );
}

function About({ described }: { described: Described | undefined }) {
  const show = useDocs();
  return (
    <div className="about small">
      {described ? (
        <>
          <p>
            <code>{described.member}</code>: <code>{described.type}</code>
          </p>
          <p>{described.text}</p>
          <button type="button" className="link" onClick={() => show(described.member)}>
            Documentation of {described.member}
          </button>
        </>
      ) : (
        <p className="muted">Check fields to build a query. The description of the field in focus is here.</p>
      )}
    </div>
  );
}

/** The plugin that shows the query builder. */
export const builderPlugin: GraphiQLPlugin = {
  title: "Query builder",
  icon: () => (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M4 4h5v5H4zM4 15h5v5H4zM13 6.500h7M13 17.500h7M5.500 6.500l1 1 1.500-2" />
    </svg>
  ),
  content: Builder,
};
