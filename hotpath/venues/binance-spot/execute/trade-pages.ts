/**
 * Station: `myTrades` of one symbol, page by page -> fills.
 *
 * Of one order, or since a time. A page that holds anything else than what was asked for spoils the whole:
 * a fill that is booked on the wrong order would be worse than none.
 */
import type { Instrument } from "../../../core/instrument.ts";
import type { FillView } from "../../../core/trade/events.ts";
import type { Param } from "./frames.ts";
import { idOf, listOf } from "./json.ts";
import { askRead, digitsOf, type ReadContext, type Tell } from "./read-questions.ts";
import { fillOfTrade } from "./reports.ts";

const US_PER_MS = 1000;
const TRADES_MAX = 1000;
const PAGES_MAX = 20;

export type TradesWanted = { readonly orderId: string } | { readonly sinceUs: number };

/** Trades of one instrument, page by page until one is not full. */
export function readTrades(
  context: ReadContext,
  instrument: Instrument,
  wanted: TradesWanted,
  tell: Tell<readonly FillView[]>,
): void {
  const fills: FillView[] = [];
  const isOfOrder = "orderId" in wanted;
  const first: Param = isOfOrder
    ? ["orderId", digitsOf(wanted.orderId)]
    : ["startTime", Math.floor(wanted.sinceUs / US_PER_MS)];
  const onFailed = (reason: string): void => tell({ kind: "failed", reason });
  const askPage = (from: readonly Param[], page: number): void => {
    const symbol: Param = ["symbol", instrument.symbol];
    const params: readonly Param[] = [["limit", TRADES_MAX], ...from, symbol];
    const onResult = (result: unknown, recvUs: number): void => {
      const rows = pageOfTrades(context, instrument, wanted, result);
      if (typeof rows === "string") {
        onFailed(`myTrades: ${rows}`);
        return;
      }
      fills.push(...rows);
      const last = rows.at(-1);
      if (last === undefined || rows.length < TRADES_MAX) {
        tell({ kind: "read", value: fills, recvUs });
      } else if (page === PAGES_MAX) onFailed(`myTrades: more than ${PAGES_MAX} pages`);
      else {
        const next: Param = ["fromId", BigInt(last.tradeId) + 1n];
        // An order's pages stay the order's; a time beside an id is not taken.
        askPage(isOfOrder ? [next, first] : [next], page + 1);
      }
    };
    askRead(context, "myTrades", params, onResult, onFailed);
  };
  askPage([first], 1);
}

/** The fills of one page, or why it is none. */
function pageOfTrades(
  context: ReadContext,
  instrument: Instrument,
  wanted: TradesWanted,
  result: unknown,
): readonly FillView[] | string {
  const rows = listOf(result);
  if (rows === undefined) return "no list";
  const fills: FillView[] = [];
  for (const row of rows) {
    const orderId = idOf(row.orderId);
    if (row.symbol !== instrument.symbol) return "trades of another symbol";
    if ("orderId" in wanted && orderId !== wanted.orderId) return "trades of another order";
    const clientId = context.memory.clientIdOf(orderId);
    const reading = fillOfTrade(row, { clientId, orderId, instrument });
    if (reading.view === undefined) return reading.fault;
    fills.push(reading.view);
  }
  return fills;
}
