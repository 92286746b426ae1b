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

/** Resyncs that one event has caused: the books of a session that was replaced. */
type Group = {
  readonly slowest: ResyncRecord;
  readonly count: number;
};

/** At most `room` lines about the resyncs, the newest first. */
export function resyncLines(status: EngineStatus, width: number, room: number): Line[] {
  const extra = width >= WIDE_COLUMNS ? 24 : 0;
  const barWidth = Math.max(8, width - BAR_FROM - extra - 1);
  const shown = groupsOf(status.resyncs.recent).slice(0, Math.max(0, room - 2));
  const fullUs = Math.max(0, ...shown.map(({ slowest }) => slowest.totalUs));
  return [
    summaryLine(status),
    ...shown.map((each) => groupLine(each, fullUs, barWidth, extra)),
    ...endLines(status, shown.length, legendLine(fullUs, width)),
  ];
}

/** `records` with neighbors of one event taken together, the newest group first. */
function groupsOf(records: readonly ResyncRecord[]): Group[] {
  const groups: Group[] = [];
  for (const record of [...records].sort((a, b) => b.resyncId - a.resyncId)) {
    const last = groups.at(-1);
    if (last === undefined || !isOneEvent(last.slowest, record)) {
      groups.push({ slowest: record, count: 1 });
      continue;
    }
    const slowest = record.totalUs > last.slowest.totalUs ? record : last.slowest;
    groups[groups.length - 1] = { slowest, count: last.count + 1 };
  }
  return groups;
}

/** Same session, same cause, and wrong at the same time. */
function isOneEvent(one: ResyncRecord, other: ResyncRecord): boolean {
  const isSameSession = one.venue === other.venue && one.shard === other.shard;
  const isSameLife = one.epoch === other.epoch && one.cause === other.cause;
  const overlaps = one.degradedUs < other.liveUs && other.degradedUs < one.liveUs;
  return isSameSession && isSameLife && overlaps;
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

/** One event; of several books the slowest is drawn, because the last one decides. */
function groupLine(group: Group, fullUs: number, barWidth: number, extra: number): Line {
  const { slowest, count } = group;
  const name = count === 1 ? slowest.instrument : `${slowest.venue}, ${count} books`;
  return [
    [`  ${cell(`#${slowest.resyncId}`, 7)}`, "dim"],
    [cell(name, 24 + extra / 2), "plain"],
    [cell(slowest.cause, 18 + extra / 2), slowest.cause === "start" ? "dim" : "plain"],
    [cell(spanText(slowest.totalUs), 8, "right"), "plain"],
    ["  ", "plain"],
    ...stageBar(slowest.stagesUs, fullUs, barWidth),
  ];
}

function legendLine(fullUs: number, width: number): Line {
  const full = width < WIDE_COLUMNS ? "" : `full bar ${spanText(fullUs)}`;
  return [["  ", "plain"], ...stageLegend(), [full, "dim"]];
}
