// The data of a view: a quick chart, and all rows in a table that draws only those in sight.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useRef, useState } from "react";
import { ViewRowsDocument, type ViewOptions, type ViewRowsQuery } from "../../gql/graphql";
import { useFormat, useText } from "../i18n/language";
import { ProblemNotice } from "../problems";
import { useAsk, useAskOnce } from "../role";
import { Chart } from "./chart";

type Answered = NonNullable<Extract<NonNullable<ViewRowsQuery["node"]>, { data?: unknown }>["data"]>;
/** A column with its texts, in the order of the rows. */
export type Column = Answered["columns"][number] & { values: string[] };
type Page = Omit<Answered, "rows" | "columns"> & { columns: Column[] };

const pages = new WeakMap<Answered, Page>();

/** pageOf is the page of rows in an answer, by columns; the same page for the same answer. */
export function pageOf(answer: ViewRowsQuery | undefined): Page | undefined {
  const data = answer?.node && "data" in answer.node ? answer.node.data : undefined;
  if (!data) return undefined;
  const known = pages.get(data);
  if (known) return known;
  const page = { ...data, columns: data.columns.map((c) => ({ ...c, values: data.rows.map((row) => row[c.index] ?? "") })) };
  pages.set(data, page);
  return page;
}

/** joined are the columns of several pages as those of one. */
export function joined(all: readonly Page[]): Column[] {
  const first = all[0];
  if (!first || all.length === 1) return first?.columns ?? [];
  return first.columns.map((column, i) => ({
    ...column,
    values: all.flatMap((p) => p.columns[i]?.values ?? []),
    numbers: column.numbers && all.flatMap((p) => p.columns[i]?.numbers ?? []),
  }));
}

export function Data({ id, options }: { id: string; options: ViewOptions | null }) {
  const text = useText();
  const format = useFormat();
  const askOnce = useAskOnce();
  const { data, problem, again } = useAsk(ViewRowsDocument, { id, options, after: null });
  const first = pageOf(data);
  const [more, setMore] = useState<{ of: Page; pages: Page[] }>();
  if (problem && !first) return <ProblemNotice problem={problem} again={again} />;
  if (!first) return <div className="table-frame skeleton" role="status" aria-label={text.loading} />;
  if (first.totalCount === 0) return <p className="muted">{text.noRows}</p>;

  const pages = [first, ...(more?.of === first ? more.pages : [])];
  const last = pages.at(-1)!;
  const columns = joined(pages);
  const count = columns[0]?.values.length ?? 0;
  const readOn = async () => {
    const next = pageOf(await askOnce(ViewRowsDocument, { id, options, after: last.pageInfo.endCursor ?? null }));
    if (next) setMore({ of: first, pages: [...pages.slice(1), next] });
  };
  return (
    <div className="data">
      <Chart columns={columns} />
      <p className="muted count" role="status">
        {count < first.totalCount ? text.rowsOf(format.number(count), format.number(first.totalCount)) : text.rows(count, format.number(count))}
      </p>
      <Table columns={columns} count={count} total={first.totalCount} />
      {last.pageInfo.hasNextPage && (
        <p className="more">
          <button type="button" className="button" onClick={() => void readOn()}>
            {text.showMore}
          </button>
        </p>
      )}
    </div>
  );
}

function Table({ columns, count, total }: { columns: Column[]; count: number; total: number }) {
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count, getScrollElement: () => scroller.current, estimateSize: () => 34, overscan: 12 });
  const template = { gridTemplateColumns: `repeat(${columns.length}, minmax(9rem, 1fr))` };
  return (
    // A scrolling area has to be reachable by keyboard.
    <div className="table-frame" ref={scroller} tabIndex={0} role="region" aria-label={text.table}>
      <div className="table" role="table" aria-rowcount={total + 1} aria-label={text.table}>
        <div role="rowgroup" className="table-head">
          <div role="row" aria-rowindex={1} className="table-row" style={template}>
            {columns.map((c) => (
              <span role="columnheader" key={c.index} className={c.isNumeric ? "right" : ""}>
                {c.name}
                {c.unit && <span className="muted"> {c.unit}</span>}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="table-body" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => (
            <div role="row" key={index} aria-rowindex={index + 2} className="table-row" style={{ ...template, transform: `translateY(${start}px)` }}>
              {columns.map((c) => (
                <span role="cell" key={c.index} className={c.isNumeric ? "right" : ""}>
                  {c.values[index]}
                </span>
              ))}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
