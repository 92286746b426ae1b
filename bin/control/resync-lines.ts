/**
 * Station: resyncs -> one bar each, in its six stages, as wide as the terminal allows.
 *
 * The longest resync of the page is the whole width, so bars compare. Each stage has a letter of its own: a
 * drawing that needs no color says the same on paper.
 */
import { RESYNC_STAGES, type ResyncStage } from "../../contracts/resync.ts";
import type { Json } from "./api.ts";
import { msText, printable, timeText } from "./table.ts";

const LETTERS: Readonly<Record<ResyncStage, string>> = {
  detect: "d",
  dial: "D",
  subscribe: "s",
  snapshot: "#",
  rebuild: "r",
  validate: "v",
};

const BAR_MIN = 20;
/** Time, instrument, cause, epoch, milliseconds and the gaps between. */
const NAME_WIDTH = 24;
const CAUSE_WIDTH = 18;
const LEAD = "HH:MM:SS.mmm".length + NAME_WIDTH + CAUSE_WIDTH + 6 + 9 + 5;

/** Lines for `rows` of the API's resyncs. */
export function resyncLines(rows: readonly Json[], width: number): string[] {
  if (rows.length === 0) return ["nothing"];
  const barWidth = Math.max(BAR_MIN, width - LEAD);
  const longestUs = Math.max(1, ...rows.map(totalOf));
  let day = "";
  return [
    `each bar: ${RESYNC_STAGES.map((stage) => `${LETTERS[stage]} ${stage}`).join("  ")}; all of it: ${msText(longestUs)} ms`,
    ...rows.flatMap((row) => {
      const time = timeText(row.atUs);
      const heading = time.slice(0, 10) === day ? [] : [time.slice(0, 10)];
      day = time.slice(0, 10);
      return [...heading, lineOf(row, time.slice(11), barWidth, longestUs)];
    }),
  ];
}

function lineOf(row: Json, time: string, barWidth: number, longestUs: number): string {
  const touched = Array.isArray(row.ordersTouched) ? row.ordersTouched.length : 0;
  return [
    time,
    fitted(String(row.instrument ?? ""), NAME_WIDTH),
    fitted(String(row.cause ?? ""), CAUSE_WIDTH),
    `e${String(row.epoch ?? "")}`.padEnd(5),
    `${msText(row.totalUs)}ms`.padStart(9),
    barOf(row, barWidth, longestUs) + (touched === 0 ? "" : ` ${touched} orders touched`),
  ].join(" ");
}

/** The stages one after another; what was not needed takes no room, what was takes at least one letter. */
function barOf(row: Json, barWidth: number, longestUs: number): string {
  const stages = (row.stagesUs ?? {}) as Readonly<Record<string, unknown>>;
  return RESYNC_STAGES.map((stage) => {
    const us = stages[stage];
    if (typeof us !== "number" || us <= 0) return "";
    return LETTERS[stage].repeat(Math.max(1, Math.round((us / longestUs) * barWidth)));
  }).join("");
}

function totalOf({ totalUs }: Json): number {
  return typeof totalUs === "number" ? totalUs : 0;
}

function fitted(text: string, width: number): string {
  const clean = printable(text);
  return clean.length <= width ? clean.padEnd(width) : `${clean.slice(0, width - 1)}…`;
}
