/**
 * Station: a request -> ticks and lots within the venue's rules, or the rule it breaks.
 *
 * The filters of one instrument as the venue enforces them, in the venue's own order of checking. They
 * are data and may change while the market runs. It looks at no balance and changes nothing.
 */
import type { InstrumentRules } from "../market/instrument.ts";
import { attoOf, notionalAtto, parseAtto, wholeUnits } from "./atto.ts";
import type { OrderRequest, RejectReason } from "./orders.ts";

export type InstrumentStatus = "trading" | "halt" | "break" | "cancelOnly" | "postOnly";

/** What an order for one instrument must obey. Lots and ticks are those of the market model. */
export type TradingRules = {
  lotsMin: number;
  lotsMax: number;
  marketLotsMax: number;
  /** Quantities are multiples of this many lots. */
  lotStep: number;
  notionalMinAtto: bigint;
  notionalMaxAtto: bigint;
  /** A price may be this many times the reference, in hundredths, by the side of the order. */
  percentUp: number;
  percentDown: number;
  openOrdersMax: number;
  status: InstrumentStatus;
};

/** Largest order and largest market order, in usual levels; the same as `exchangeInfo` tells. */
const LOTS_MAX_FACTOR = 100_000;
const MARKET_LOTS_MAX_FACTOR = 1_000;

/** Rules of the usual size, as Binance spot shows them (filters.md, 2026-11-20). */
export function usualRules(instrument: InstrumentRules): TradingRules {
  const isDollar = instrument.quote.startsWith("USD");
  return {
    lotsMin: 1,
    lotsMax: instrument.medianLots * LOTS_MAX_FACTOR,
    marketLotsMax: instrument.medianLots * MARKET_LOTS_MAX_FACTOR,
    lotStep: 1,
    notionalMinAtto: isDollar ? attoOf(5, 0) : attoOf(1, 4),
    notionalMaxAtto: attoOf(9_000_000, 0),
    percentUp: 500,
    percentDown: 20,
    openOrdersMax: 200,
    status: "trading",
  };
}

/** A request whose numbers were read; `lots` is 0 for an order by funds. */
export type SizedRequest = {
  readonly limitTicks: number;
  readonly lots: number;
  readonly fundsAtto: bigint;
};

export type Sizing =
  | { readonly kind: "ok"; readonly sized: SizedRequest }
  | { readonly kind: "bad"; readonly reason: RejectReason };

function bad(reason: RejectReason): Sizing {
  return { kind: "bad", reason };
}

/** The amounts of a request, or undefined when they are unreadable or do not fit its type. */
function readAmounts(
  request: OrderRequest,
): { price: bigint; quantity: bigint; funds: bigint } | undefined {
  const [price, quantity, funds] = [request.price, request.quantity, request.funds].map((text) =>
    parseAtto(text === "" ? "0" : text),
  );
  if (price === undefined || quantity === undefined || funds === undefined) return undefined;
  const isLimit = request.type === "limit";
  const hasOneSize = quantity > 0n !== funds > 0n;
  const isWhole = hasOneSize && isLimit === price > 0n && !(isLimit && funds > 0n);
  return isWhole ? { price, quantity, funds } : undefined;
}

/** Reads the numbers of a request and checks those filters that need no book. */
export function sizeRequest(
  request: OrderRequest,
  instrument: InstrumentRules,
  rules: TradingRules,
): Sizing {
  const amounts = readAmounts(request);
  if (amounts === undefined) return bad("malformed");
  const limitTicks = wholeUnits(amounts.price, attoOf(1, instrument.priceDigits));
  if (limitTicks === undefined) return bad("priceFilter");
  const lots = wholeUnits(amounts.quantity, attoOf(1, instrument.lotDigits));
  if (lots === undefined || lots % rules.lotStep !== 0) return bad("lotSize");
  const sized = { limitTicks, lots, fundsAtto: amounts.funds };
  if (amounts.funds > 0n) return { kind: "ok", sized };
  if (lots < rules.lotsMin || lots > rules.lotsMax) return bad("lotSize");
  if (limitTicks === 0 && lots > rules.marketLotsMax) return bad("marketLotSize");
  return { kind: "ok", sized };
}

/** Checks the filters that look at the market; `referenceTicks` is its middle. */
export function checkPrice(
  sized: SizedRequest,
  instrument: InstrumentRules,
  market: { readonly rules: TradingRules; readonly referenceTicks: number },
): RejectReason | null {
  const { rules, referenceTicks } = market;
  const { limitTicks, lots, fundsAtto } = sized;
  if (limitTicks > 0) {
    const isHigh = limitTicks * 100 > referenceTicks * rules.percentUp;
    if (isHigh || limitTicks * 100 < referenceTicks * rules.percentDown) return "percentPrice";
  }
  const ticks = limitTicks > 0 ? limitTicks : Math.max(1, Math.round(referenceTicks));
  const notional = fundsAtto > 0n ? fundsAtto : notionalAtto({ ticks, lots }, instrument);
  if (notional < rules.notionalMinAtto) return "minNotional";
  // Market orders are not held to the largest notional (`applyMaxToMarket` is false).
  return limitTicks > 0 && notional > rules.notionalMaxAtto ? "maxNotional" : null;
}

/** Whether the state of the instrument lets an order in. */
export function checkStatus(status: InstrumentStatus, isPostOnly: boolean): RejectReason | null {
  switch (status) {
    case "trading":
      return null;
    case "postOnly":
      return isPostOnly ? null : "postOnlyMode";
    case "cancelOnly":
      return "cancelOnly";
    case "halt":
    case "break":
      return "halted";
  }
}
