// The REST calls of a run, as a table whose last column draws them.
import { Fragment } from "react";
import type { RestCall } from "./run";

/** Waterfall shows when each call began, how long it waited and how long it took. */
export function Waterfall({ calls, milliseconds }: { calls: RestCall[]; milliseconds: number }) {
  const ends = calls.map((call) => call.startMs + call.waitMs + call.durationMs);
  const all = Math.max(1, ...ends);
  const share = (part: number) => `${(100 * part) / all}%`;
  return (
    <div className="results-panel" role="region" aria-label="REST calls" tabIndex={0}>
      <table className="grid waterfall">
        <caption className="visually-hidden">REST calls in the order in which they were asked for</caption>
        <thead>
          <tr>
            <th scope="col">Call</th>
            <th scope="col" className="number">
              Start
            </th>
            <th scope="col" className="number">
              Wait
            </th>
            <th scope="col" className="number">
              Duration
            </th>
            <th scope="col" className="drawn">
              0 to {Math.round(all)} ms
            </th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call, i) => (
            <tr key={i}>
              <th scope="row">
                <Template text={call.call} />
                <Marks call={call} />
              </th>
              <td className="number">{time(call.startMs)}</td>
              <td className="number">{time(call.waitMs)}</td>
              <td className="number">{call.shared ? "–" : time(call.durationMs)}</td>
              <td className="drawn">
                <svg aria-hidden="true" focusable="false" width="100%" height="14">
                  <rect className="wait" x={share(call.startMs)} y="5" width={share(call.waitMs)} height="4" />
                  <rect className={call.failed ? "took failed" : "took"} x={share(call.startMs + call.waitMs)} y="1" width={share(call.durationMs)} height="12" rx="2" />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small">
        Of {Math.round(milliseconds)} ms that the browser waited. Signing in to Tableau is not counted. “Shared” is a read that
        another one of this query answered: nothing was sent.
      </p>
    </div>
  );
}

// Template is a path that may break behind each slash.
function Template({ text }: { text: string }) {
  return (
    <code>
      {text.split(/(?<=\/)/).map((part, i) => (
        <Fragment key={i}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  );
}

function Marks({ call }: { call: RestCall }) {
  const marks = [call.shared && "shared", call.retried && "again", call.failed && "failed"].filter(Boolean);
  return marks.map((mark) => (
    <span key={String(mark)} className="mark-text small">
      {mark}
    </span>
  ));
}

const time = (milliseconds: number) => `${milliseconds < 10 ? Math.round(milliseconds * 10) / 10 : Math.round(milliseconds)} ms`;
