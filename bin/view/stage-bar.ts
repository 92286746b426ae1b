/**
 * Station: the six stages of a resync -> one bar, drawn to scale.
 *
 * Each stage that took part of a cell gets its share by rounding the running sum, so that the bar is
 * as long as the whole and no error adds up from stage to stage.
 */
import { RESYNC_STAGES, type StageDurations } from "../../contracts/resync.ts";
import type { Line, Span } from "./spans.ts";

const GLYPH = "━";
/** A resync too short for one cell still leaves a mark. */
const CELLS_MIN = 1;

/** The bar of `stagesUs`, where `fullUs` would take `width` cells; spaces fill the rest. */
export function stageBar(stagesUs: StageDurations, fullUs: number, width: number): Line {
  const cellsPerUs = fullUs > 0 ? width / fullUs : 0;
  const spans: Span[] = [];
  let sumUs = 0;
  let drawn = 0;
  for (const stage of RESYNC_STAGES) {
    sumUs += Math.max(0, stagesUs[stage]);
    const upTo = Math.min(width, Math.round(sumUs * cellsPerUs));
    if (upTo > drawn) spans.push([GLYPH.repeat(upTo - drawn), stage]);
    drawn = Math.max(drawn, upTo);
  }
  if (drawn < CELLS_MIN && sumUs > 0) {
    spans.push([GLYPH.repeat(CELLS_MIN), longestStage(stagesUs)]);
    drawn = CELLS_MIN;
  }
  return [...spans, [" ".repeat(Math.max(0, width - drawn)), "plain"]];
}

function longestStage(stagesUs: StageDurations): (typeof RESYNC_STAGES)[number] {
  return RESYNC_STAGES.reduce((longest, stage) =>
    stagesUs[stage] > stagesUs[longest] ? stage : longest,
  );
}

/** The key to the bar's colors, in the order of the stages. */
export function stageLegend(): Line {
  return RESYNC_STAGES.flatMap((stage): Span[] => [
    [GLYPH, stage],
    [` ${stage}  `, "dim"],
  ]);
}
