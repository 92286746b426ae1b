/**
 * Station: resyncs -> drawings: a bar of one resync's six stages, and lanes of many over time.
 *
 * Most resyncs are far too short to be seen on an hour's axis. So each stands in its lane as a column at its
 * time, as tall as it was long (logarithmic), divided into its stages from the bottom up; one that is
 * long enough to have a width has it. The order of the stages says the same as their colors.
 */
import { html } from "hono/html";
import { RESYNC_STAGES, type ResyncStage } from "../../../contracts/resync.ts";
import type { Micros } from "../../../contracts/time.ts";
import { resyncHref } from "./list-plans.ts";
import type { Html } from "./markup.ts";
import type { View } from "./view.ts";
import { clockText, durationText, numberOf, type Row, rowOf, textOf, wordsOf } from "./words.ts";

/** Names and meanings of the stages, with their colors, in their order. */
export const STAGE_MEANINGS: Readonly<Record<ResyncStage, string>> = {
  detect: "until the loss was noticed",
  dial: "a new connection",
  subscribe: "until the venue confirmed the streams",
  snapshot: "until a snapshot arrived",
  rebuild: "snapshot and deltas put together",
  validate: "until the book was believed again",
};

export function stageLegend(): Html {
  return html`<ul class="legend" aria-label="Stages of a resync, in their order">${RESYNC_STAGES.map(
    (stage) =>
      html`<li><svg width="12" height="12" aria-hidden="true"><rect class="stage-${stage}" width="12" height="12" rx="2"></rect></svg> ${stage}</li>`,
  )}</ul>`;
}

export type StagePart = {
  readonly stage: ResyncStage;
  readonly fromUs: Micros;
  readonly us: Micros;
};

/** The stages of a resync as spans from its beginning; those that were not needed are left out. */
export function stageParts(row: Row): readonly StagePart[] {
  const stages = rowOf(row.stagesUs);
  let fromUs = 0;
  const parts: StagePart[] = [];
  for (const stage of RESYNC_STAGES) {
    const us = Math.max(0, numberOf(stages, stage));
    if (us > 0) parts.push({ stage, fromUs, us });
    fromUs += us;
  }
  return parts;
}

/** One sentence that says all of a resync. */
export function resyncText(row: Row): string {
  const parts = stageParts(row).map(({ stage, us }) => `${stage} ${durationText(us)}`);
  const cause = wordsOf(textOf(row, "cause"));
  const took = durationText(numberOf(row, "totalUs"));
  return `${textOf(row, "instrument")}, ${clockText(numberOf(row, "degradedUs"))}: ${cause}, ${took} (${parts.join(", ")})`;
}

/** One resync as a bar as wide as there is room, divided into its stages. */
export function stageBar(row: Row): Html {
  const totalUs = Math.max(1, numberOf(row, "totalUs"));
  return html`<svg class="stage-bar" width="100%" height="28" role="img" aria-label="${resyncText(row)}">${stageParts(
    row,
  ).map(
    ({ stage, fromUs, us }) =>
      html`<rect class="stage-${stage}" x="${percent(fromUs / totalUs)}" width="${percent(us / totalUs)}" height="28"><title>${stage} ${durationText(us)}</title></rect>`,
  )}</svg>`;
}

function percent(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(3)}%`;
}

const LANE_HEIGHT = 30;
const COLUMN_HEIGHT_MIN = 6;
const COLUMN_WIDTH = 6;
/** A share of the axis from which on a resync is as wide as it was long. */
const WIDE_SHARE = 0.008;
/** 1 ms is the smallest column, and each factor of ten adds as much. */
const HEIGHT_PER_DECADE = 5;

/** How tall a column is, in pixels. */
export function columnHeight(totalUs: Micros): number {
  const decades = Math.log10(Math.max(1_000, totalUs) / 1_000);
  return Math.min(LANE_HEIGHT - 2, COLUMN_HEIGHT_MIN + decades * HEIGHT_PER_DECADE);
}

export type Axis = { readonly fromUs: Micros; readonly toUs: Micros };

/** One lane for each instrument, the most resynced first; columns can be reached by keyboard. */
export function resyncLanes(view: View, rows: readonly Row[], axis: Axis): Html {
  const lanes = new Map<string, Row[]>();
  for (const row of rows) {
    const name = textOf(row, "instrument");
    lanes.set(name, [...(lanes.get(name) ?? []), row]);
  }
  const sorted = [...lanes].sort(([, first], [, second]) => second.length - first.length);
  return html`<div class="lanes">${sorted.map(
    ([
      name,
      each,
    ]) => html`<div class="lane"><div class="lane-name">${name} <span class="faint">${each.length}</span></div>
<svg class="lane-axis" width="100%" height="${LANE_HEIGHT}" role="group" aria-label="Resyncs of ${name}">
<line class="ground" x1="0" x2="100%" y1="${LANE_HEIGHT - 0.5}" y2="${LANE_HEIGHT - 0.5}"></line>${each.map((row) => column(view, row, axis))}</svg></div>`,
  )}${axisRow(axis)}</div>
<p class="detail" id="lane-detail" aria-live="polite">Point at a column, or move with Tab and the arrow keys, to read it.</p>`;
}

function column(view: View, row: Row, { fromUs, toUs }: Axis): Html {
  const spanUs = toUs - fromUs;
  const totalUs = Math.max(1, numberOf(row, "totalUs"));
  const height = columnHeight(totalUs);
  const startShare = (numberOf(row, "degradedUs") - fromUs) / spanUs;
  const share = totalUs / spanUs;
  const width = share > WIDE_SHARE ? percent(share) : String(COLUMN_WIDTH);
  const x = percent(Math.min(startShare, 0.993));
  let top = LANE_HEIGHT;
  const rects = stageParts(row).map(({ stage, us }) => {
    const part = (us / totalUs) * height;
    top -= part;
    return html`<rect class="stage-${stage}" x="${x}" y="${top.toFixed(2)}" width="${width}" height="${part.toFixed(2)}"></rect>`;
  });
  const text = resyncText(row);
  return html`<a href="${resyncHref(view, row)}" aria-label="${text}" data-text="${text}"><rect class="hit" x="${x}" y="0" width="${width}" height="${LANE_HEIGHT}"></rect>${rects}</a>`;
}

const TICKS = 4;

function axisRow({ fromUs, toUs }: Axis): Html {
  const times = Array.from(
    { length: TICKS + 1 },
    (_, at) => fromUs + ((toUs - fromUs) * at) / TICKS,
  );
  return html`<div class="lane"><div class="lane-name"></div><ol class="axis" aria-hidden="true">${times.map(
    (us) => html`<li>${clockText(Math.round(us)).slice(0, 5)}</li>`,
  )}</ol></div>`;
}
