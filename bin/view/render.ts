/**
 * Station: EngineStatus -> the lines of the terminal view.
 *
 * Pure: the same status and size give the same lines, so it is tested on fixed statuses and drawn
 * into the README by a script. When the terminal is too low for everything, good news gives way
 * first: healthy sessions are folded, then the list of resyncs gets shorter, never the warnings.
 */
import { footLines } from "./foot.ts";
import { headLines } from "./head.ts";
import { RESYNC_LINES_MIN, resyncLines } from "./resyncs.ts";
import { fitLine, type Line } from "./spans.ts";
import { venueLines } from "./venues.ts";
import { COLUMNS_MIN, ROWS_MIN, type ViewInput } from "./view-input.ts";

/** The view in at most `width` columns and `height` rows. */
export function renderView(input: ViewInput, width: number, height: number): Line[] {
  const columns = Math.max(COLUMNS_MIN, width);
  const rows = Math.max(ROWS_MIN, height);
  const head = headLines(input, columns);
  const foot = footLines(input, columns);
  const room = rows - head.length - foot.length;
  const venues = venueLines(input, columns, room - RESYNC_LINES_MIN);
  const resyncs = resyncLines(input.status, columns, room - venues.length);
  const body = [...venues, ...resyncs];
  const filler: Line[] = Array.from({ length: Math.max(0, room - body.length) }, () => []);
  const lines = [...head, ...body, ...filler, ...foot];
  return lines.slice(0, height).map((line) => fitLine(line, width));
}
