// Above and in place of the JSON of a response: how the run went, its lists as tables, its REST calls and its files.
import { useEditorContext } from "@graphiql/react";
import { useState } from "react";
import { adviceOn } from "./advice";
import type { ContentLink } from "./content-links";
import type { Run } from "./run";
import { tablesOf } from "./table";
import { Tables } from "./tables";
import { Waterfall } from "./waterfall";

type View = "json" | "table" | "calls" | "files";

/** Results is the footer of GraphiQL's response. The style sheet puts its bar on top, and a chosen view in place of the JSON. */
export function Results({ run }: { run: Run | undefined }) {
  const [view, setView] = useState<View>("json");
  const { responseEditor } = useEditorContext({ nonNull: true });
  if (!run) return null;
  const sent = run.calls.filter((call) => !call.shared).length;
  const tables = tablesOf(run.data, run.errors);
  const views: [View, string, number | undefined][] = [
    ["json", "JSON", undefined],
    ["table", "Table", tables.length],
    ["calls", sent === 1 ? "REST call" : "REST calls", sent],
    ["files", run.links.length === 1 ? "File" : "Files", run.links.length],
  ];
  const shown = views.find(([name, , count]) => name === view && count !== 0)?.[0] ?? "json";
  const choose = (next: View) => {
    setView(next);
    if (next === "json") requestAnimationFrame(() => responseEditor?.refresh()); // it has no size while it is hidden
  };
  return (
    <section className="v-page results" data-view={shown} aria-label="The last run">
      <div className="results-bar">
        <RunLine run={run} />
        <div className="switch" role="group" aria-label="Show the response as">
          {views.map(([name, label, count]) => (
            <button key={name} type="button" aria-pressed={shown === name} disabled={count === 0} onClick={() => choose(name)}>
              {label}
              {count !== undefined && <span className="count"> {count}</span>}
            </button>
          ))}
        </div>
        {adviceOn(run.errors).map((advice) => (
          <p key={advice} className="notice advice small" role="alert">
            {advice}
          </p>
        ))}
      </div>
      {shown === "table" && <Tables tables={tables} />}
      {shown === "calls" && <Waterfall calls={run.calls} milliseconds={run.milliseconds} />}
      {shown === "files" && <Files links={run.links} />}
    </section>
  );
}

function RunLine({ run }: { run: Run }) {
  const errors = run.errors.length;
  return (
    <p className="run-line small" role="status">
      <span className={errors === 0 ? "good" : "bad"}>{errors === 0 ? "ok" : errors === 1 ? "1 error" : `${errors} errors`}</span>
      {" · "}
      {Math.round(run.milliseconds)} ms · {sizeOf(run.bytes)}
      {run.cost !== undefined && ` · ${run.cost} points`}
    </p>
  );
}

const sizeOf = (bytes: number) => (bytes < 1000 ? `${bytes} B` : `${Math.ceil(bytes / 1000)} kB`);

function Files({ links }: { links: ContentLink[] }) {
  return (
    <div className="results-panel" role="region" aria-label="Files" tabIndex={0}>
      <ul className="files">
        {links.map((link) => (
          <li key={link.url}>
            <File link={link} />
          </li>
        ))}
      </ul>
    </div>
  );
}

// File opens a file in a tab of its own; a picture is shown here already.
function File({ link }: { link: ContentLink }) {
  const [lost, setLost] = useState(false);
  return (
    <a href={link.url} target="_blank" rel="noreferrer">
      <span className="file-preview" aria-hidden="true">
        {link.isPicture && !lost ? <img src={link.url} alt="" loading="lazy" onError={() => setLost(true)} /> : link.field}
      </span>
      <span className="file-name">
        {link.of || "file"} <span className="muted">{link.field}</span>
      </span>
    </a>
  );
}
