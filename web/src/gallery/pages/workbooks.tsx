// All workbooks of a site, sorted, page by page.
import { useState } from "react";
import { useSearchParams } from "wouter";
import { WorkbooksDocument, type WorkbookOrderField } from "../../gql/graphql";
import { useText } from "../i18n/language";
import { CardSkeletons } from "../parts/cards";
import { PageTitle } from "../parts/title";
import { Count, More, WorkbookCards } from "../parts/workbook-grid";
import { ProblemNotice } from "../problems";
import { useAsk } from "../role";

type Sort = "UPDATED_AT" | "NAME" | "CREATED_AT" | "OWNER_NAME";
const directions: Record<Sort, "ASC" | "DESC"> = { UPDATED_AT: "DESC", NAME: "ASC", CREATED_AT: "DESC", OWNER_NAME: "ASC" };

export function WorkbooksPage({ site }: { site: string }) {
  const text = useText();
  const [search, setSearch] = useSearchParams();
  const chosen = search.get("sort") ?? "";
  const sort: Sort = chosen in directions ? (chosen as Sort) : "UPDATED_AT";
  return (
    <>
      <PageTitle title={text.allWorkbooks}>
        <label className="sort">
          {text.sortBy}{" "}
          <select className="field" value={sort} onChange={(event) => setSearch({ sort: event.target.value }, { replace: true })}>
            {Object.entries(text.sorts).map(([key, label]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </PageTitle>
      <Grid key={sort} site={site} sort={sort} />
    </>
  );
}

function Grid({ site, sort }: { site: string; sort: Sort }) {
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  return cursors.map((after, i) => (
    <Page key={after} site={site} sort={sort} after={after} isFirst={i === 0} isLast={i === cursors.length - 1} onMore={(c) => setCursors([...cursors, c])} />
  ));
}

interface PageProps {
  site: string;
  sort: WorkbookOrderField;
  after: string | null;
  isFirst: boolean;
  isLast: boolean;
  onMore: (cursor: string) => void;
}

function Page({ site, sort, after, isFirst, isLast, onMore }: PageProps) {
  const orderBy = [{ field: sort, direction: directions[sort as Sort] }];
  const { data, problem, again } = useAsk(WorkbooksDocument, { site, after, orderBy });
  const page = data?.site?.workbooks ?? undefined;
  if (problem && !page) return <ProblemNotice problem={problem} again={again} />;
  if (!page) return <CardSkeletons count={isFirst ? 12 : 6} />;
  return (
    <>
      {isFirst && <Count total={page.totalCount} />}
      <ul className="cards">
        <WorkbookCards site={site} nodes={page.nodes} />
      </ul>
      {isLast && <More page={page} onMore={onMore} />}
    </>
  );
}
