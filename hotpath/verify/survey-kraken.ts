/**
 * Station: recorded messages of Kraken's WebSocket v2 -> what they are about.
 *
 * The number of decimals is taken as it is printed, trailing zeros included, because the checksums of the
 * recording are over that many digits. The depth is the acknowledgement's, or the first snapshot's.
 */
import { NumberText, parseExactText } from "../core/decode/exact-json.ts";
import type { SymbolSurvey } from "./symbol-survey.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Depths a side that Kraken offers; a snapshot of nine levels was subscribed to with ten. */
const DEPTHS = [10, 25, 100, 500, 1000] as const;

/** Notes what one message says of its symbols; how many updates of books it was. */
export function seeKrakenMessage(text: string, of: (symbol: string) => SymbolSurvey): number {
  const message = parseExactText(text);
  if (message === undefined) return 0;
  const { channel, type, data, result } = message;
  seeAcknowledgement(fieldsOf(result), of);
  if (channel !== "book" || !Array.isArray(data)) return 0;
  let updates = 0;
  for (const entry of data as readonly unknown[]) {
    const book = fieldsOf(entry);
    if (book === undefined || typeof book.symbol !== "string") continue;
    const survey = of(book.symbol);
    const levels = seeSide(survey, book.bids) + seeSide(survey, book.asks);
    if (type === "snapshot") {
      survey.snapshots++;
      survey.depth ||= DEPTHS.find((depth) => depth * 2 >= levels) ?? 1000;
    } else {
      survey.deltas++;
      updates++;
    }
  }
  return updates;
}

function seeAcknowledgement(
  result: Fields | undefined,
  of: (symbol: string) => SymbolSurvey,
): void {
  if (result?.channel !== "book" || typeof result.symbol !== "string") return;
  if (result.depth instanceof NumberText) of(result.symbol).depth = Number(result.depth.text);
}

function seeSide(survey: SymbolSurvey, levels: unknown): number {
  if (!Array.isArray(levels)) return 0;
  for (const level of levels as readonly unknown[]) {
    const { price, qty } = fieldsOf(level) ?? {};
    survey.priceDecimals = Math.max(survey.priceDecimals, printedDecimals(price));
    survey.quantityDecimals = Math.max(survey.quantityDecimals, printedDecimals(qty));
  }
  return levels.length;
}

/** Places after the point, zeros included. */
function printedDecimals(value: unknown): number {
  if (!(value instanceof NumberText)) return 0;
  return /^\d+\.(\d+)$/.exec(value.text)?.[1]?.length ?? 0;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null ? (value as Fields) : undefined;
}
