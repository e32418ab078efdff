// A quick chart: one measure by one dimension, as bars. It is a list, so a screen reader reads what the bars show.
import { useState } from "react";
import { useFormat, useText } from "../i18n/language";
import type { Column } from "./data";

const most = 12;

export interface Bar {
  label: string;
  value: number;
}

/** barsOf adds up a measure for each value of a dimension, largest first. Without a measure it counts rows. */
export function barsOf(dimension: Column, measure: Column | undefined): Bar[] {
  const sums = new Map<string, number>();
  dimension.values.forEach((label, row) => {
    const value = measure ? (measure.numbers?.[row] ?? 0) : 1;
    sums.set(label, (sums.get(label) ?? 0) + value);
  });
  return [...sums].map(([label, value]) => ({ label, value })).sort((a, b) => b.value - a.value);
}

export function Chart({ columns }: { columns: Column[] }) {
  const text = useText();
  const format = useFormat();
  const dimensions = columns.filter((c) => !c.isNumeric);
  const measures = columns.filter((c) => c.isNumeric);
  const [chosen, setChosen] = useState<{ dimension?: number; measure?: number }>({});
  const dimension = dimensions.find((c) => c.index === chosen.dimension) ?? dimensions[0];
  const measure = chosen.measure === -1 ? undefined : (measures.find((c) => c.index === chosen.measure) ?? measures[0]);
  const all = dimension ? barsOf(dimension, measure) : [];
  const bars = all.slice(0, most);
  if (!dimension || bars.length < 2) return null;
  const largest = Math.max(...bars.map((b) => Math.abs(b.value)), Number.MIN_VALUE);
  const unit = measure?.unit ?? "";
  return (
    <figure className="chart">
      <figcaption>
        {text.bars(measure?.name ?? text.rowCount, dimension.name)}
        {all.length > bars.length && `: ${text.largest(format.number(bars.length))}`}
      </figcaption>
      <div className="chart-choices">
        <label>
          {text.measure}{" "}
          <select className="field" value={measure?.index ?? -1} onChange={(e) => setChosen({ ...chosen, measure: Number(e.target.value) })}>
            {measures.map((c) => (
              <option key={c.index} value={c.index}>
                {c.name}
              </option>
            ))}
            <option value={-1}>{text.rowCount}</option>
          </select>
        </label>
        <label>
          {text.dimension}{" "}
          <select className="field" value={dimension.index} onChange={(e) => setChosen({ ...chosen, dimension: Number(e.target.value) })}>
            {dimensions.map((c) => (
              <option key={c.index} value={c.index}>
                {c.name}
              </option>
            ))}
          </select>
        </label>
      </div>
      <ol className="bars">
        {bars.map(({ label, value }) => (
          <li key={label}>
            <span className="bar-label">{label || "–"}</span>
            <span className="bar-track">
              <span className={value < 0 ? "bar-fill negative" : "bar-fill"} style={{ width: `${(Math.abs(value) / largest) * 100}%` }} />
            </span>
            <span className="bar-value">
              {unit === "%" ? `${format.number(value)} %` : `${unit}${format.number(value)}`}
            </span>
          </li>
        ))}
      </ol>
    </figure>
  );
}
