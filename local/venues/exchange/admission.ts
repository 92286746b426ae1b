/**
 * Station: a request -> what it will hold, or why it is refused.
 *
 * Every check between the engine's door and the book, in a fixed order: who, what, when, the state of
 * the instrument, the filters, the client id, the counts, the money. It changes nothing, so the same
 * checks serve a test order.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Market } from "../market/market.ts";
import type { Matching } from "./matching.ts";
import type { OrderLog } from "./order-log.ts";
import type { OrderRequest, RejectReason } from "./orders.ts";
import {
  checkPrice,
  checkStatus,
  type SizedRequest,
  sizeRequest,
  type TradingRules,
} from "./rules.ts";
import type { Settlement } from "./settlement.ts";

/** What an admitted order is and what it must hold. */
export type Admission = {
  readonly index: number;
  readonly sized: SizedRequest;
  readonly need: { readonly asset: string; readonly amount: bigint };
};

/** What the checks look at. */
export type AdmissionDesk = {
  readonly market: Market;
  readonly log: OrderLog;
  readonly settlement: Settlement;
  readonly rules: readonly TradingRules[];
  readonly matchings: readonly Matching[];
};

type Instrument = { readonly index: number; readonly rules: TradingRules; readonly book: Matching };

/** Checks a request in every respect. */
export function admit(
  desk: AdmissionDesk,
  request: OrderRequest,
  nowUs: Micros,
): Admission | RejectReason {
  if (!desk.settlement.ledger.has(request.accountId)) return "unknownAccount";
  const index = desk.market.indexOf(request.symbol);
  if (index === undefined) return "unknownInstrument";
  if (nowUs > request.notAfterUs) return "windowClosed";
  const rules = desk.rules[index];
  const book = desk.matchings[index];
  assert(rules !== undefined, `instrument ${index} has rules`);
  assert(book !== undefined, `instrument ${index} has a book`);
  const at = { index, rules, book };
  const sized = checkFilters(desk, request, at);
  if (typeof sized === "string") return sized;
  const { accountId, clientOrderId } = request;
  if (desk.log.isOpenClientId(accountId, clientOrderId)) return "duplicateClientId";
  const openCount = desk.log.open(accountId, request.symbol).length;
  if (openCount >= rules.openOrdersMax) return "tooManyOrders";
  return reserve(desk, request, { ...at, sized });
}

function checkFilters(
  desk: AdmissionDesk,
  request: OrderRequest,
  at: Instrument,
): SizedRequest | RejectReason {
  const refused = checkStatus(at.rules.status, request.isPostOnly);
  if (refused !== null) return refused;
  const { rules: instrument, book } = desk.market.instrumentAt(at.index);
  const sizing = sizeRequest(request, instrument, at.rules);
  if (sizing.kind === "bad") return sizing.reason;
  const { sized } = sizing;
  // A side may have been taken whole; then the other one is all there is to go by.
  const { bestBidTicks: bid, bestAskTicks: ask } = book;
  const referenceTicks = bid === 0 || ask === 0 ? bid + ask : (bid + ask) / 2;
  const broken = checkPrice(sized, instrument, { rules: at.rules, referenceTicks });
  if (broken !== null) return broken;
  const canRest = request.type === "limit" && request.timeInForce === "GTC";
  // Beyond the window of the true book no level can be kept; no honest order is that far away.
  if (canRest && !at.book.isNear(request.side, sized.limitTicks)) return "percentPrice";
  if (request.isPostOnly && at.book.bestTicks(request.side, sized.limitTicks) > 0) {
    return "wouldTake";
  }
  return sized;
}

function reserve(
  desk: AdmissionDesk,
  request: OrderRequest,
  at: Instrument & { sized: SizedRequest },
): Admission | RejectReason {
  const { rules: instrument } = desk.market.instrumentAt(at.index);
  const size = { ticks: at.sized.limitTicks, lots: at.sized.lots };
  const admission =
    request.type === "limit"
      ? {
          index: at.index,
          sized: at.sized,
          need: desk.settlement.holdFor(request, instrument, size),
        }
      : reserveMarket(desk, request, at);
  if (typeof admission === "string") return admission;
  const { asset, amount } = admission.need;
  const free = desk.settlement.ledger.free(request.accountId, asset);
  return free < amount ? "insufficientBalance" : admission;
}

/** A market order is sized and priced by the book as it stands; it is matched in the same instant. */
function reserveMarket(
  desk: AdmissionDesk,
  request: OrderRequest,
  at: Instrument & { sized: SizedRequest },
): Admission | RejectReason {
  const { rules: instrument } = desk.market.instrumentAt(at.index);
  const { settlement } = desk;
  const { side, accountId } = request;
  const isByFunds = at.sized.fundsAtto > 0n;
  const reach = at.book.walk(side, {
    limitTicks: 0,
    lotsMax: isByFunds ? Number.MAX_SAFE_INTEGER : at.sized.lots,
    fundsAtto: isByFunds ? at.sized.fundsAtto : null,
    withoutAccountId: request.selfTradeRule === "none" ? null : accountId,
  });
  const lots = isByFunds ? reach.lots - (reach.lots % at.rules.lotStep) : at.sized.lots;
  if (lots < at.rules.lotsMin) return "lotSize";
  const need =
    side === "buy"
      ? {
          asset: instrument.quote,
          amount: settlement.withFee(accountId, instrument.symbol, reach.costAtto),
        }
      : settlement.holdFor(request, instrument, { ticks: 0, lots });
  return { index: at.index, sized: { ...at.sized, lots }, need };
}
