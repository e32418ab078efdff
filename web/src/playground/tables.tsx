// Lists of an answer as tables: one at a time, sorted by any column.
import { useState } from "react";
import { sorted, type Cell, type Row, type Table } from "./table";

// Rows that are drawn at first. Drawing all rows of a long list takes time.
const pageOfRows = 200;

/** Tables shows one of the lists of an answer; a menu chooses which. */
export function Tables({ tables }: { tables: Table[] }) {
  const [chosen, setChosen] = useState("");
  const table = tables.find((t) => t.name === chosen) ?? tables[0];
  if (!table) return null;
  return (
    <div className="results-panel" role="region" aria-label={`Table of ${table.name}`} tabIndex={0}>
      <label className="table-choice small">
        List{" "}
        <select className="field" value={table.name} onChange={(event) => setChosen(event.target.value)}>
          {tables.map((t) => (
            <option key={t.name} value={t.name}>
              {t.name} ({t.rows.length})
            </option>
          ))}
        </select>
      </label>
      <Grid key={table.name} table={table} />
    </div>
  );
}

interface Order {
  column: string;
  descending: boolean;
}

function Grid({ table }: { table: Table }) {
  const [order, setOrder] = useState<Order>();
  const [most, setMost] = useState(pageOfRows);
  const by = order ? table.columns.indexOf(order.column) : -1;
  const rows = by >= 0 ? sorted(table.rows, by, order?.descending ?? false) : table.rows;
  const sort = (column: string) => setOrder({ column, descending: order?.column === column && !order.descending });
  return (
    <>
      <table className="grid">
        <caption className="visually-hidden">{table.name}</caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <Heading key={column} column={column} order={order?.column === column ? order : undefined} sort={sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((row, i) => (
            <Line key={i} row={row} />
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <button type="button" className="button" onClick={() => setMost(most + 5 * pageOfRows)}>
          Show more of {rows.length} rows
        </button>
      )}
    </>
  );
}

function Heading({ column, order, sort }: { column: string; order: Order | undefined; sort: (column: string) => void }) {
  const direction = order ? (order.descending ? "descending" : "ascending") : undefined;
  return (
    <th scope="col" aria-sort={direction ?? "none"}>
      <button type="button" onClick={() => sort(column)}>
        {column}
        <span aria-hidden="true">{direction ? (direction === "descending" ? " ↓" : " ↑") : ""}</span>
      </button>
    </th>
  );
}

function Line({ row }: { row: Row }) {
  if (row.error !== undefined) {
    return (
      <tr>
        <td className="failed" colSpan={row.cells.length}>
          ⚠ {row.error}
        </td>
      </tr>
    );
  }
  return (
    <tr>
      {row.cells.map((cell, i) => (
        <td key={i} className={classOf(cell)}>
          <Content cell={cell} />
        </td>
      ))}
    </tr>
  );
}

function classOf({ error, value, text }: Cell): string {
  const kind = error !== undefined ? "failed" : typeof value === "number" ? "number" : "";
  return text.length > 40 || (error?.length ?? 0) > 40 ? `${kind} long` : kind;
}

function Content({ cell }: { cell: Cell }) {
  if (cell.error !== undefined) return `⚠ ${cell.error}`;
  if (cell.value === null) return <span className="muted">–</span>;
  if (/^https?:\/\//.test(cell.text)) {
    return (
      <a href={cell.text} target="_blank" rel="noreferrer">
        {shortened(cell.text)}
      </a>
    );
  }
  return cell.text;
}

const most = 36; // characters of an address

/** shortened is an address as it is shown: without scheme and query, and cut where it is long. */
export function shortened(address: string): string {
  const text = address.replace(/^https?:\/\//, "").replace(/[?#].*/, "");
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
