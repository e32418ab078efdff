// The start page: what the schema is, its areas, and examples. It is a plugin of GraphiQL, as the documentation is.
import { createContext, useContext, useState } from "react";
import { useSchemaStore, type GraphiQLPlugin } from "@graphiql/react";
import { areas } from "./areas";
import { useDocs } from "./docs";
import { type Example, examples } from "./examples";

/** What the panels beside the editor need to know of the page. */
export interface Page {
  areas: readonly string[];
  /** Puts an example into the editor. */
  load: (example: Example) => void;
}

export const PageContext = createContext<Page>({ areas: [], load: () => undefined });

/** offered are the examples for somebody with these areas, by group. */
export function offered(open: readonly string[]): [group: string, examples: Example[]][] {
  const groups = new Map<string, Example[]>();
  for (const example of examples) {
    if (example.area === "ALWAYS" || open.includes(example.area)) groups.set(example.group, [...(groups.get(example.group) ?? []), example]);
  }
  return [...groups];
}

function Start() {
  const { schema } = useSchemaStore();
  const { areas: open, load } = useContext(PageContext);
  return (
    <section className="v-page start" aria-label="Start here">
      <h2>Start here</h2>
      <p>{schema?.description ?? "The content that you may see in Tableau, as a graph."}</p>
      <p className="muted">
        Click a query together with the <strong>Query builder</strong>, or begin with an example. <kbd>Ctrl</kbd>-<kbd>Enter</kbd> runs
        it, <kbd>Ctrl</kbd>-<kbd>Space</kbd> completes.
      </p>
      <h3>Examples for you</h3>
      {offered(open).map(([group, list]) => (
        <div key={group}>
          <h4>{group}</h4>
          <ul>
            {list.map((example) => (
              <li key={example.name}>
                <button type="button" className="link" onClick={() => load(example)}>
                  {example.name}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <h3>Areas of the schema</h3>
      <p className="muted">Your roles open {open.length === 0 ? "none of them" : "those without a lock"}. What they do not open is not in your schema.</p>
      <Areas open={open} />
    </section>
  );
}

function Areas({ open }: { open: readonly string[] }) {
  const { schema } = useSchemaStore();
  const show = useDocs();
  const [missing, setMissing] = useState("");
  const known = (member: string) => schema?.getType(member.split(".")[0] ?? "") !== undefined;
  return (
    <>
      <dl className="areas">
        {areas.map((area) => (
          <div key={area.name} className={open.includes(area.name) ? "area" : "area closed"}>
            <dt>
              <code>{area.name}</code> {!open.includes(area.name) && <span aria-label="not open to your roles">🔒</span>}
            </dt>
            <dd>
              {area.holds}
              {open.includes(area.name) && (
                <span className="members">
                  {area.members.filter(known).map((member) => (
                    <button key={member} type="button" className="link" onClick={() => setMissing(show(member) ? "" : member)}>
                      {member}
                    </button>
                  ))}
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <p role="status">{missing && `${missing} is not in the schema of your roles.`}</p>
    </>
  );
}

/** The plugin that shows the start page. */
export const startPlugin: GraphiQLPlugin = {
  title: "Start here",
  icon: () => (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d="M4 11l8-7 8 7v9h-5v-6H9v6H4z" />
    </svg>
  ),
  content: Start,
};
