/**
 * Station: resync records -> the summary and the last ones, each with its six stages to scale.
 *
 * Time-to-correct-resync is the primary metric of the engine, so it has the most room of all.
 */
import type { ResyncRecord } from "../../contracts/resync.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import { spanText } from "./numbers.ts";
import { cell, type Line, type Span } from "./spans.ts";
import { stageBar, stageLegend } from "./stage-bar.ts";
import { WIDE_COLUMNS } from "./view-input.ts";

/** The summary, the legend and one resync: less would hide the metric. */
export const RESYNC_LINES_MIN = 3;

const US_PER_MS = 1_000;
/** Columns before the bar: number, instrument, cause, total. */
const BAR_FROM = 61;

/** At most `room` lines about the resyncs, the newest first. */
export function resyncLines(status: EngineStatus, width: number, room: number): Line[] {
  const { resyncs } = status;
  const extra = width >= WIDE_COLUMNS ? 24 : 0;
  const barWidth = Math.max(8, width - BAR_FROM - extra - 1);
  const shown = [...resyncs.recent]
    .sort((a, b) => b.resyncId - a.resyncId)
    .slice(0, Math.max(0, room - 2));
  const fullUs = Math.max(0, ...shown.map((each) => each.totalUs));
  return [
    summaryLine(status),
    ...shown.map((each) => recordLine(each, fullUs, barWidth, extra)),
    ...endLines(status, shown.length, legendLine(fullUs, width)),
  ];
}

/** The legend where there are bars; a plain word where there was nothing to draw. */
function endLines(status: EngineStatus, shownCount: number, legend: Line): Line[] {
  if (shownCount > 0) return [legend];
  if (status.resyncs.recent.length > 0) return [];
  return [[["  no book has had to be made true again", "dim"]]];
}

function summaryLine(status: EngineStatus): Line {
  const { count, ms } = status.resyncs;
  const line: Span[] = [
    [cell("resyncs", 14), "strong"],
    [cell(String(count), 15), "plain"],
  ];
  if (count === 0) return line;
  for (const [name, value] of [
    ["p50", ms.p50],
    ["p99", ms.p99],
    ["max", ms.max],
  ] as const) {
    line.push([`${name} `, "dim"], [cell(spanText(value * US_PER_MS), 11), "plain"]);
  }
  return line;
}

function recordLine(record: ResyncRecord, fullUs: number, barWidth: number, extra: number): Line {
  return [
    [`  ${cell(`#${record.resyncId}`, 7)}`, "dim"],
    [cell(record.instrument, 24 + extra / 2), "plain"],
    [cell(record.cause, 18 + extra / 2), record.cause === "start" ? "dim" : "plain"],
    [cell(spanText(record.totalUs), 8, "right"), "plain"],
    ["  ", "plain"],
    ...stageBar(record.stagesUs, fullUs, barWidth),
  ];
}

function legendLine(fullUs: number, width: number): Line {
  const full = width < WIDE_COLUMNS ? "" : `full bar ${spanText(fullUs)}`;
  return [["  ", "plain"], ...stageLegend(), [full, "dim"]];
}
