/**
 * Station: series -> a table of numbers, which the script draws as a chart and which stays there to be read.
 *
 * Without the script the table is the chart. The first column is the time, the others are the lines.
 */
import { html } from "hono/html";
import { type Html, NOTHING } from "./markup.ts";
import { clockText, isTime, numberOf, type Row, rowOf } from "./words.ts";

export type Chart = {
  readonly name: string;
  readonly unit: string;
  /** Steps for states, lines for measurements. */
  readonly shape: "steps" | "lines";
  readonly isLogarithmic?: boolean;
  /** The least and greatest value of the axis, where it is fixed. */
  readonly bounds?: readonly [number, number];
  readonly lines: readonly string[];
  /** A time in microseconds and a value, or null, for each line. */
  readonly points: readonly (readonly [us: number, ...values: (number | null)[]])[];
};

/** A chart over its own numbers. */
export function chart({
  name,
  unit,
  shape,
  isLogarithmic = false,
  bounds,
  lines,
  points,
}: Chart): Html {
  if (points.length === 0) return html`<p class="empty">No numbers yet.</p>`;
  return html`<figure class="chart" data-chart data-shape="${shape}" data-unit="${unit}" data-log="${String(isLogarithmic)}"${
    bounds === undefined ? NOTHING : html` data-min="${bounds[0]}" data-max="${bounds[1]}"`
  } aria-label="${name}"><div class="plot"></div>
<details><summary>The numbers (${unit})</summary><table class="numbers"><caption class="hush">${name}</caption>
<thead><tr><th scope="col">Time (UTC)</th>${lines.map((line) => html`<th scope="col" class="number">${line}</th>`)}</tr></thead>
<tbody>${points.map(
    ([us, ...values]) =>
      html`<tr><td data-us="${us}">${clockText(us).slice(0, 8)}</td>${values.map(
        (value) => html`<td class="number">${value === null ? "" : String(value)}</td>`,
      )}</tr>`,
  )}</tbody></table></details></figure>`;
}

/** The least confidence of each minute, by session, as the engine's last word has it. */
export function confidenceChart(engine: Row): Html {
  const minutes = rowOf(engine.confidence);
  const ends = Array.isArray(minutes.endedUs) ? minutes.endedUs : [];
  const series = Object.entries(rowOf(minutes.sessions)).filter(
    (each): each is [string, unknown[]] => Array.isArray(each[1]),
  );
  const points = ends.flatMap((us, at) => {
    if (typeof us !== "number" || !isTime(us)) return [];
    const values = series.map(([, each]) => (typeof each[at] === "number" ? each[at] : null));
    return [[us, ...values] as const];
  });
  return chart({
    name: "Least confidence of each minute, by session",
    unit: "0 to 1",
    shape: "steps",
    bounds: [0, 1],
    lines: series.map(([session]) => session),
    points,
  });
}

/** How long events waited for the loop, minute by minute. */
export function loopChart(rows: readonly Row[]): Html {
  const fields = ["p50Us", "p99Us", "maxUs"] as const;
  return chart({
    name: "How long market events waited for the loop, minute by minute",
    unit: "µs",
    shape: "lines",
    isLogarithmic: true,
    lines: ["p50", "p99", "max"],
    points: rows
      .filter((row) => isTime(numberOf(row, "atUs")))
      .map(
        (row) =>
          [numberOf(row, "atUs"), ...fields.map((field) => numberOf(row, field) || null)] as const,
      ),
  });
}
