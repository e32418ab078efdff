// Search over everything that the person may see, as one types.
import { Link, useSearchParams } from "wouter";
import { SearchDocument, type ContentType, type SearchQuery } from "../../gql/graphql";
import { useFormat, useText } from "../i18n/language";
import { facts } from "../parts/cards";
import { Icon, type IconName } from "../parts/icons";
import { PageTitle } from "../parts/title";
import { projectPath, viewPath, workbookPath } from "../paths";
import { ProblemNotice } from "../problems";
import { useAsk } from "../role";

const offered = ["WORKBOOK", "VIEW", "PROJECT", "DATA_SOURCE", "FLOW"] as const satisfies ContentType[];
const step = 20;

export function SearchPage({ site }: { site: string }) {
  const text = useText();
  const [search, setSearch] = useSearchParams();
  const terms = search.get("q") ?? "";
  const kind = offered.find((k) => k === search.get("kind"));
  const choose = (next: (typeof offered)[number] | undefined) => {
    setSearch({ ...(terms && { q: terms }), ...(next && { kind: next }) }, { replace: true });
  };
  return (
    <>
      <PageTitle title={text.search} />
      <div className="chips" role="group" aria-label={text.search}>
        {[undefined, ...offered].map((k) => (
          <button key={k ?? "any"} type="button" className="chip" aria-pressed={k === kind} onClick={() => choose(k)}>
            {k ? text.kinds[k] : text.anyKind}
          </button>
        ))}
      </div>
      {terms ? <Hits key={kind ?? ""} site={site} terms={terms} kind={kind} /> : <p className="muted">{text.searchStart}</p>}
    </>
  );
}

function Hits({ site, terms, kind }: { site: string; terms: string; kind: (typeof offered)[number] | undefined }) {
  const text = useText();
  const format = useFormat();
  const [search, setSearch] = useSearchParams();
  const first = Math.min(2000, Math.max(step, Number(search.get("n")) || step));
  const { data, problem, loading, again } = useAsk(SearchDocument, { site, terms, first, filter: kind ? { type: { eq: kind } } : null });
  const found = data?.site?.search;
  if (problem && !found) return <ProblemNotice problem={problem} again={again} />;
  return (
    <>
      <p className="muted count" role="status">
        {found ? (found.totalCount > 0 ? text.hits(found.totalCount, format.number(found.totalCount)) : text.searchNone(terms)) : text.loading}
      </p>
      <ol className="rows hits" aria-busy={loading}>
        {found?.nodes.map((hit, i) => <Hit key={hit.target?.id ?? i} site={site} hit={hit} />)}
        {!found && Array.from({ length: 6 }, (_, i) => <li key={i} className="row-card skeleton hit-skeleton" />)}
      </ol>
      {found && found.nodes.length < found.totalCount && first < 2000 && (
        <p className="more">
          <button
            type="button"
            className="button"
            onClick={() =>
              setSearch(
                (now) => {
                  now.set("n", String(first + step));
                  return now;
                },
                { replace: true },
              )
            }
          >
            {text.showMore}
          </button>
        </p>
      )}
    </>
  );
}

type HitOf = NonNullable<NonNullable<SearchQuery["site"]>["search"]>["nodes"][number];

function Hit({ site, hit }: { site: string; hit: HitOf }) {
  const text = useText();
  const format = useFormat();
  const to = addressOf(site, hit);
  const icon: Partial<Record<ContentType, IconName>> = { WORKBOOK: "grid", VIEW: "chart", PROJECT: "folder" }; // others have no page here
  return (
    <li className="row-card">
      <Icon name={icon[hit.type] ?? "data"} />
      <div>
        {to ? <Link href={to}>{hit.title}</Link> : hit.title}
        <p className="muted small">
          {facts(text.kind[hit.type], hit.containerName && text.in(hit.containerName), hit.ownerName && text.by(hit.ownerName), hit.updatedAt && format.ago(hit.updatedAt))}
        </p>
      </div>
    </li>
  );
}

function addressOf(site: string, { target }: HitOf): string | undefined {
  switch (target?.__typename) {
    case "Workbook":
      return workbookPath(site, target.contentUrl);
    case "View":
      return viewPath(site, target.path);
    case "Project":
      return projectPath(site, target.luid);
    default:
      return undefined;
  }
}
