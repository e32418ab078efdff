// The tools above the editor: examples, the price, a link, code; and the line that says what a run was.
import * as Menu from "@radix-ui/react-dropdown-menu";
import { useEditorContext } from "@graphiql/react";
import { useState } from "react";
import { ask } from "../api/graphql";
import type { Settings } from "../settings";
import type { Session } from "../signin/session";
import { examples } from "./examples";
import { asCurl, asFetch, asTypedDocument, shareLink, type Shared } from "./share";

/** What is known about a run after its answer came. */
export interface Run {
  milliseconds: number;
  bytes: number;
  errors: number;
  calls: Record<string, number>;
  files: string[];
}

interface ToolbarProps {
  settings: Settings;
  session: Session;
  areas: readonly string[];
}

export function Toolbar({ settings, session, areas }: ToolbarProps) {
  const { queryEditor, variableEditor } = useEditorContext({ nonNull: true });
  const [said, setSaid] = useState("");
  const now = (): Shared => ({ query: queryEditor?.getValue() ?? "", variables: variableEditor?.getValue() ?? "" });
  const endpoint = settings.publicURL + settings.endpoint;
  const copy = (what: string, text: string) => {
    navigator.clipboard.writeText(text).then(
      () => setSaid(`${what} copied`),
      () => setSaid("The browser does not allow copying here"),
    );
  };
  const price = async () => {
    const { query } = now();
    const cost = await ask(settings.endpoint, session, { query, extensions: { vitrine: { dryRun: true } } });
    const points = (cost.extensions as { vitrine?: { cost?: number } } | undefined)?.vitrine?.cost;
    setSaid(points === undefined ? (cost.errors?.[0]?.message ?? "This query has no price") : `Price: ${points} points`);
  };
  const codes = { curl: () => asCurl(endpoint, now()), fetch: () => asFetch(endpoint, now()), "typed document": () => asTypedDocument(now()) };
  return (
    <div className="v-page tools" role="toolbar" aria-label="Query tools">
      <Choices label="Examples">
        {examples
          .filter((e) => e.area === "ALWAYS" || areas.includes(e.area))
          .map((e) => (
            <Menu.Item
              key={e.name}
              onSelect={() => {
                queryEditor?.setValue(e.query);
                setSaid("");
              }}
            >
              {e.name}
            </Menu.Item>
          ))}
      </Choices>
      <button type="button" className="button" onClick={() => void price()}>
        Price
      </button>
      <button type="button" className="button" onClick={() => copy("Link", shareLink(settings.publicURL + settings.path, now()))}>
        Share
      </button>
      <Choices label="Copy as">
        {Object.entries(codes).map(([name, code]) => (
          <Menu.Item key={name} onSelect={() => copy(name, code())}>
            {name}
          </Menu.Item>
        ))}
      </Choices>
      <span className="muted small" role="status">
        {said}
      </span>
    </div>
  );
}

function Choices({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="button">{label} ▾</Menu.Trigger>
      <Menu.Portal>
        <Menu.Content className="menu v-layer" align="start" sideOffset={6}>
          {children}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

/** RunLine says how long a run took and what it asked Tableau, and shows the files that it returned. */
export function RunLine({ run }: { run: Run | undefined }) {
  if (!run) return null;
  const calls = Object.entries(run.calls);
  const total = calls.reduce((sum, [, n]) => sum + n, 0);
  return (
    <footer className="v-page run-line small" aria-label="The last run">
      <span>
        {run.errors === 0 ? "ok" : run.errors === 1 ? "1 error" : `${run.errors} errors`} · {Math.round(run.milliseconds)} ms · {Math.ceil(run.bytes / 1000)} kB
      </span>
      <details>
        <summary>{total === 1 ? "1 REST call" : `${total} REST calls`}</summary>
        <ul>
          {calls.map(([template, n]) => (
            <li key={template}>
              {n} × <code>{template}</code>
            </li>
          ))}
        </ul>
      </details>
      {run.files.length > 0 && (
        <ul className="files" aria-label="Content links">
          {run.files.map((url, i) => (
            <li key={url}>
              <File url={url} number={i + 1} />
            </li>
          ))}
        </ul>
      )}
    </footer>
  );
}

// File is a link to content, with its picture if it is one.
function File({ url, number }: { url: string; number: number }) {
  const [isPicture, setIsPicture] = useState(true);
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {isPicture && <img src={url} alt="" height="48" loading="lazy" onError={() => setIsPicture(false)} />}
      file {number}
    </a>
  );
}
