// A grid of workbooks that grows by pages.
import type { ReactNode } from "react";
import type { WorkbookCardFragment } from "../../gql/graphql";
import { useFormat, useText } from "../i18n/language";
import { WorkbookCard } from "./cards";

export interface WorkbookPageOf {
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
  nodes: (WorkbookCardFragment | null)[];
}

/** WorkbookCards are the cards of one page of workbooks. */
export function WorkbookCards({ site, nodes }: { site: string; nodes: WorkbookPageOf["nodes"] }) {
  return nodes.map((workbook) => workbook && <WorkbookCard key={workbook.id} site={site} workbook={workbook} />);
}

export function Count({ total }: { total: number }) {
  const text = useText();
  const format = useFormat();
  return (
    <p className="muted count" role="status">
      {text.workbooks(total, format.number(total))}
    </p>
  );
}

/** More asks for the next page. */
export function More({ page, onMore }: { page: WorkbookPageOf | undefined; onMore: (cursor: string) => void }): ReactNode {
  const text = useText();
  const cursor = page?.pageInfo.endCursor;
  if (!page?.pageInfo.hasNextPage || !cursor) return null;
  return (
    <p className="more">
      <button type="button" className="button" onClick={() => onMore(cursor)}>
        {text.showMore}
      </button>
    </p>
  );
}
