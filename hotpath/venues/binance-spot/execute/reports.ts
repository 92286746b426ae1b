/**
 * Station: parsed answers and user data of Binance spot -> order views, fills, balances.
 *
 * Steps and sides are ours from here on; amounts of assets stay the venue's text. A message that does not
 * say what it must, or whose parts contradict each other, becomes a sentence about what is wrong with it.
 */

import { readDecimal } from "../../../core/decode/field-parse.ts";
import type { Instrument } from "../../../core/instrument.ts";
import { ATTO_DECIMALS, amountToText } from "../../../core/money/amount.ts";
import { notionalAmount } from "../../../core/money/notional.ts";
import { roundToStep } from "../../../core/money/rounding.ts";
import type {
  BalanceView,
  FillView,
  OrderView,
  VenueOrderState,
} from "../../../core/trade/events.ts";
import { decimalOf, exchangeUsOf, type Fields, idOf, listOf, textOf } from "./json.ts";

const QUOTE_DECIMALS = 8;
const DIGITS = /^\d+$/;

/** A view, or why there is none. */
export type Reading<View> =
  | { readonly view: View }
  | { readonly view: undefined; readonly fault: string };

/** The instruments of this account's venue, by the venue's spelling. */
export type SymbolIndex = ReadonlyMap<string, Instrument>;

/** Statuses of enums.md, 2026-07-21; PENDING_CANCEL is not used by the venue. */
const STATES: ReadonlyMap<string, VenueOrderState> = new Map([
  ["PENDING_NEW", "received"],
  ["NEW", "open"],
  ["PENDING_CANCEL", "open"],
  ["PARTIALLY_FILLED", "partiallyFilled"],
  ["FILLED", "filled"],
  ["CANCELED", "canceled"],
  ["REJECTED", "rejected"],
  ["EXPIRED", "expired"],
  ["EXPIRED_IN_MATCH", "expired"],
]);

const steps = new Float64Array(1);

/** Decimal text as whole ticks or lots of the instrument; undefined when it is none. */
export function stepsOf(
  value: unknown,
  instrument: Instrument,
  kind: "price" | "quantity",
): number | undefined {
  return readDecimal(value, instrument, kind === "price", steps, 0) < 0 ? undefined : steps[0];
}

/** The letters of the stream and the words of answers for one and the same order. */
type OrderFields = {
  readonly symbol: unknown;
  readonly orderId: unknown;
  readonly clientId: string;
  readonly side: unknown;
  readonly status: unknown;
  readonly quantity: unknown;
  readonly filled: unknown;
  readonly price: unknown;
  readonly timeMs: unknown;
  readonly reason: string;
};

/** One order of an answer: of a place, a cancel, or a query. */
export function orderOfAnswer(fields: Fields, symbols: SymbolIndex): Reading<OrderView> {
  // Of a cancel `clientOrderId` is the cancel's own id, and the order's stands beside it.
  const original = textOf(fields.origClientOrderId);
  return orderViewOf(
    {
      symbol: fields.symbol,
      orderId: fields.orderId,
      clientId: original === "" ? textOf(fields.clientOrderId) : original,
      side: fields.side,
      status: fields.status,
      quantity: fields.origQty,
      filled: fields.executedQty,
      price: fields.price,
      timeMs: fields.transactTime ?? fields.updateTime ?? fields.time,
      reason: textOf(fields.expiryReason),
    },
    symbols,
  );
}

/** The order of an `executionReport`. */
export function orderOfReport(event: Fields, symbols: SymbolIndex): Reading<OrderView> {
  const original = textOf(event.C);
  const refused = textOf(event.r);
  return orderViewOf(
    {
      symbol: event.s,
      orderId: event.i,
      // On a cancel `c` is the cancel's own id; `C` is set only then.
      clientId: original === "" ? textOf(event.c) : original,
      side: event.S,
      status: event.X,
      quantity: event.q,
      filled: event.z,
      price: event.p,
      timeMs: event.T,
      reason: textOf(event.eR) || (refused === "NONE" ? "" : refused),
    },
    symbols,
  );
}

function orderViewOf(fields: OrderFields, symbols: SymbolIndex): Reading<OrderView> {
  const { clientId, reason } = fields;
  const orderId = idOf(fields.orderId);
  const state = STATES.get(textOf(fields.status));
  const side = sideOf(fields.side);
  const exchangeUs = exchangeUsOf(fields.timeMs);
  const symbol = textOf(fields.symbol);
  // Ours are asked about by their digits.
  if (!DIGITS.test(orderId)) return fault(`an order of ${symbol} has no id`);
  if (state === undefined) return fault(`order ${orderId} has no known status`);
  if (side === undefined) return fault(`order ${orderId} is neither a buy nor a sell`);
  if (exchangeUs < 0) return fault(`order ${orderId} has no time`);
  const known = { clientId, orderId, side, state, reason, exchangeUs };
  const instrument = symbols.get(symbol);
  if (instrument === undefined) {
    return { view: { ...known, instrument: -1, lots: -1, filledLots: -1, priceTicks: -1 } };
  }
  const lots = stepsOf(fields.quantity, instrument, "quantity");
  const filledLots = stepsOf(fields.filled, instrument, "quantity");
  const priceTicks = stepsOf(fields.price, instrument, "price");
  if (lots === undefined || filledLots === undefined || priceTicks === undefined) {
    return fault(`order ${orderId} is off the steps of ${symbol}`);
  }
  if (filledLots > lots) return fault(`order ${orderId} is filled beyond its quantity`);
  return { view: { ...known, instrument: instrument.index, lots, filledLots, priceTicks } };
}

export type FillOf = {
  readonly clientId: string;
  readonly orderId: string;
  readonly instrument: Instrument;
};

/** The trade inside an `executionReport` whose execution type is TRADE. */
export function fillOfReport(event: Fields, of: FillOf): Reading<FillView> {
  return fillViewOf(of, {
    tradeId: event.t,
    side: event.S,
    price: event.L,
    quantity: event.l,
    quote: event.Y,
    fee: event.n,
    feeAsset: event.N,
    isMaker: event.m,
    timeMs: event.T,
  });
}

/** One of the `fills` of a FULL answer: all of them were taken, at the time of the answer. */
export function fillOfAnswer(fill: Fields, result: Fields, of: FillOf): Reading<FillView> {
  return fillViewOf(of, {
    tradeId: fill.tradeId,
    side: result.side,
    price: fill.price,
    quantity: fill.qty,
    quote: undefined,
    fee: fill.commission,
    feeAsset: fill.commissionAsset,
    isMaker: false,
    timeMs: result.transactTime,
  });
}

/** One row of `myTrades`; `clientId` where the order is known by it, otherwise "". */
export function fillOfTrade(trade: Fields, of: FillOf): Reading<FillView> {
  return fillViewOf(of, {
    tradeId: trade.id,
    side: trade.isBuyer === true ? "BUY" : trade.isBuyer === false ? "SELL" : undefined,
    price: trade.price,
    quantity: trade.qty,
    quote: trade.quoteQty,
    fee: trade.commission,
    feeAsset: trade.commissionAsset,
    isMaker: trade.isMaker,
    timeMs: trade.time,
  });
}

type FillFields = Readonly<
  Record<
    "tradeId" | "side" | "price" | "quantity" | "quote" | "fee" | "feeAsset" | "isMaker" | "timeMs",
    unknown
  >
>;

function fillViewOf(of: FillOf, fields: FillFields): Reading<FillView> {
  const { clientId, orderId, instrument } = of;
  const tradeId = idOf(fields.tradeId);
  const side = sideOf(fields.side);
  const priceTicks = stepsOf(fields.price, instrument, "price");
  const lots = stepsOf(fields.quantity, instrument, "quantity");
  const fee = decimalOf(fields.fee);
  const feeAsset = fields.feeAsset === null ? "" : textOf(fields.feeAsset);
  const exchangeUs = exchangeUsOf(fields.timeMs);
  if (!DIGITS.test(tradeId)) return fault(`a fill of ${orderId} has no id`);
  if (side === undefined || exchangeUs < 0) return fault(`fill ${tradeId} lacks its side or time`);
  if (priceTicks === undefined || lots === undefined || lots === 0) {
    return fault(`fill ${tradeId} is off the steps of ${instrument.symbol}`);
  }
  if (fee === undefined) return fault(`fill ${tradeId} has no fee`);
  return {
    view: {
      clientId,
      orderId,
      instrument: instrument.index,
      tradeId,
      side,
      priceTicks,
      lots,
      quote: decimalOf(fields.quote) ?? cutQuote(instrument, priceTicks, lots),
      fee,
      feeAsset,
      isMaker: fields.isMaker === true,
      exchangeUs,
    },
  };
}

/**
 * Amounts of quote have 8 places there (`cummulativeQuoteQty`, rest-api.md "New order", 2026-07-21); what a
 * message does not tell is cut to them as the venue cuts.
 */
function cutQuote(instrument: Instrument, priceTicks: number, lots: number): string {
  const step = 10n ** BigInt(ATTO_DECIMALS - QUOTE_DECIMALS);
  return amountToText(roundToStep(notionalAmount(instrument, priceTicks, lots), step, "floor"));
}

/** `balances` of `account.status`; `B` of `outboundAccountPosition` has the same under letters. */
export function balancesOf(value: unknown): readonly BalanceView[] | undefined {
  return balanceList(value, "asset", "free", "locked");
}

export function balancesOfEvent(value: unknown): readonly BalanceView[] | undefined {
  return balanceList(value, "a", "f", "l");
}

function balanceList(
  value: unknown,
  assetKey: string,
  freeKey: string,
  heldKey: string,
): readonly BalanceView[] | undefined {
  const rows = listOf(value);
  if (rows === undefined) return undefined;
  const balances: BalanceView[] = [];
  for (const row of rows) {
    const asset = textOf(row[assetKey]);
    const free = decimalOf(row[freeKey]);
    const held = decimalOf(row[heldKey]);
    if (asset === "" || free === undefined || held === undefined) return undefined;
    balances.push({ asset, free, held, total: "" });
  }
  return balances;
}

function sideOf(value: unknown): "buy" | "sell" | undefined {
  if (value === "BUY") return "buy";
  return value === "SELL" ? "sell" : undefined;
}

/** What is wrong with a message, in place of its view. */
export function fault(text: string): { readonly view: undefined; readonly fault: string } {
  return { view: undefined, fault: text };
}
