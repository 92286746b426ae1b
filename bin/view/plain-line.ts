/**
 * Station: EngineStatus -> one line, for a pipe, a file or a log collector.
 *
 * The same facts as the view in a form that greps well: `name=value`, always in the same order.
 */
import type { TradingStatus } from "../../contracts/trading-status.ts";
import { runText } from "./numbers.ts";
import { printable } from "./spans.ts";
import type { ViewInput } from "./view-input.ts";

const US_PER_MS = 1_000;

/** One line about now. */
export function plainLine(input: ViewInput): string {
  const { status, truth } = input;
  const live = status.books.filter((book) => book.state === "live").length;
  const words = [
    runText(status.nowUs - status.startedUs),
    `books=${live}/${status.books.length}`,
    `frames=${status.counters.frames ?? 0}`,
    `resyncs=${status.resyncs.count}`,
    `resyncP99Ms=${Math.round(status.resyncs.ms.p99)}`,
  ];
  for (const venue of status.venues) {
    const confidence = Math.min(1, ...venue.sessions.map((each) => each.confidence));
    const queueUs = Math.max(0, ...venue.sessions.map((each) => each.queueUs));
    const epochs = venue.sessions.map((each) => each.epoch).join("/");
    words.push(
      `${venue.venue}=${venue.mode},epoch=${epochs},confidence=${confidence.toFixed(2)},queueMs=${(queueUs / US_PER_MS).toFixed(2)}`,
    );
  }
  if (status.trading !== null) words.push(...tradingWords(status.trading));
  if (truth !== null) words.push(`wrongBooks=${truth.wrongBooks}`, `faults=${truth.faults}`);
  if (status.halted !== "") words.push(`halted=${JSON.stringify(printable(status.halted))}`);
  return words.join(" ");
}

/** Cycles as filled/failed/aborted; what should be 0 is left out while it is. */
function tradingWords({ counts, kills, accounts }: TradingStatus): string[] {
  const { filled, failed, aborted, orders, fills, denials, unknownOpen } = counts;
  const words = [`cycles=${filled}/${failed}/${aborted}`, `orders=${orders}`, `fills=${fills}`];
  words.push(`denials=${denials}`);
  if (unknownOpen > 0) words.push(`unknown=${unknownOpen}`);
  if (kills.length > 0) words.push(`kills=${kills.length}`);
  const waiting = accounts.filter(({ phase }) => phase !== "ready");
  if (waiting.length > 0) words.push(`notReady=${waiting.map(({ venue }) => venue).join("/")}`);
  return words;
}
