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
import { tradingLines } from "./trading.ts";
import { venueLines } from "./venues.ts";
import { COLUMNS_MIN, ROWS_MIN, type ViewInput } from "./view-input.ts";

/** Of the room between head and foot, what the panel of trading may take. */
const TRADING_SHARE = 0.4;

/** The view in at most `width` columns and `height` rows. */
export function renderView(input: ViewInput, width: number, height: number): Line[] {
  const columns = Math.max(COLUMNS_MIN, width);
  const rows = Math.max(ROWS_MIN, height);
  const head = headLines(input, columns);
  const foot = footLines(input, columns);
  const room = rows - head.length - foot.length;
  const trading = tradingLines(input, Math.floor(room * TRADING_SHARE));
  const left = room - trading.length;
  const venues = venueLines(input, columns, left - RESYNC_LINES_MIN);
  const resyncs = resyncLines(input.status, columns, left - venues.length);
  const body = [...venues, ...trading, ...resyncs];
  const filler: Line[] = Array.from({ length: Math.max(0, room - body.length) }, () => []);
  const lines = [...head, ...body, ...filler, ...foot];
  return lines.slice(0, height).map((line) => fitLine(line, width));
}
