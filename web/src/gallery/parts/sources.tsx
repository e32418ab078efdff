// Where the data of a workbook comes from: databases, tables, flows and published data sources, in the order in which data passes.
import type { ReactNode } from "react";
import { WorkbookSourcesDocument, type WorkbookSourcesQuery } from "../../gql/graphql";
import { useFormat, useText } from "../i18n/language";
import { ProblemNotice } from "../problems";
import { useAsk, useHas } from "../role";
import { facts } from "./cards";
import { Icon, type IconName } from "./icons";

type Lineage = Extract<NonNullable<WorkbookSourcesQuery["node"]>, { upstreamDataSources?: unknown }>;

/** useHasSources answers whether there is anything of the lineage of a workbook that this person may ask for. */
export function useHasSources(): boolean {
  const has = useHas();
  return ["upstreamDataSources", "upstreamFlows", "upstreamTables", "upstreamDatabases"].some((field) => has("Workbook", field));
}

export function Sources({ id }: { id: string }) {
  const text = useText();
  const { data, problem, again } = useAsk(WorkbookSourcesDocument, { id });
  const lineage = data?.node && "upstreamDataSources" in data.node ? data.node : undefined;
  if (problem && !lineage) return <ProblemNotice problem={problem} again={again} />;
  if (!lineage) return <div className="skeleton table-skeleton" role="status" aria-label={text.loading} />;
  return (
    <>
      <p className="muted">{text.sourcesHelp}</p>
      {problem && <ProblemNotice problem={problem} again={again} />}
      <Stages lineage={lineage} />
    </>
  );
}

function Stages({ lineage }: { lineage: Lineage }) {
  const text = useText();
  const format = useFormat();
  const { upstreamDatabases: databases, upstreamTables: tables, upstreamFlows: flows, upstreamDataSources: sources } = lineage;
  const certified = (on: boolean | null | undefined) => on && text.certified;
  const stages: [IconName, string, Item[] | null | undefined][] = [
    ["data", text.databases, databases?.map((d) => ({ ...d, about: facts(d.connectionType, d.hostName) }))],
    ["grid", text.tables, tables?.map((t) => ({ ...t, about: facts(t.schema) }))],
    ["filter", text.kinds.FLOW, flows?.map((f) => ({ ...f, about: "" }))],
    [
      "chart",
      text.kinds.DATA_SOURCE,
      sources?.map((s) => ({
        ...s,
        about: facts(
          certified(s.isCertified),
          s.owner && text.by(s.owner.fullName ?? s.owner.name ?? ""),
          s.hasExtracts ? text.extract : s.hasExtracts === false && text.liveConnection,
          s.updatedAt && text.updatedAgo(format.ago(s.updatedAt)),
        ),
      })),
    ],
  ];
  // A stage that the role lacks, or Tableau did not return, is left out; an empty one is said.
  return (
    <ol className="lineage">
      {stages.map(([icon, title, items]) => items && <Stage key={title} icon={icon} title={title} items={items} />)}
    </ol>
  );
}

interface Item {
  id: string;
  name: string;
  about: ReactNode;
}

function Stage({ icon, title, items }: { icon: IconName; title: string; items: Item[] }) {
  const text = useText();
  return (
    <li>
      <h2>
        <Icon name={icon} />
        {title}
      </h2>
      {items.length === 0 && <p className="muted small">{text.none}</p>}
      <ul className="rows">
        {items.map(({ id, name, about }) => (
          <li key={id} className="row-card">
            <div>
              {name}
              {about && <p className="muted small">{about}</p>}
            </div>
          </li>
        ))}
      </ul>
    </li>
  );
}
