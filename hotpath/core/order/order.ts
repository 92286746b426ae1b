/**
 * Station: one order of ours, from the turn it was decided until all of its trades are known.
 *
 * Plain data; `orders.ts` owns it and changes it. An order is *settled* once it is at an end and the trades
 * we know add up to what the venue says was filled: until then its amounts may still grow.
 */
import { assert } from "../../../contracts/assert.ts";
import type { OrderPurpose, OrderState, Side } from "../../../contracts/trade.ts";
import type { PlaceOrder, TimeInForce } from "../trade/commands.ts";
import { isLive } from "./transitions.ts";

/** One trade of one order of the account, as it was counted. */
export type Fill = {
  readonly tradeId: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  /** Amount of quote that it moved: as the venue tells it, because venues round, else ticks x lots. */
  readonly quote: bigint;
  /** Positive is paid. */
  fee: bigint;
  feeAsset: string;
  /** From our rate, because the venue's message had no readable fee; mended when one comes. */
  isFeeWorkedOut: boolean;
  readonly isMaker: boolean;
  readonly exchangeUs: number;
  readonly recvUs: number;
};

/** What has been asked about an order and when the next question is due. Times 0 mean none. */
export type Inquiry = {
  /** When the venue is asked next; 0 for never. */
  dueUs: number;
  /** When the latest question was asked, and its number; 0 once it is answered. */
  askedUs: number;
  requestId: number;
  /** Questions since something was last heard; the backoff grows with it. */
  askedCount: number;
  /** Answers "no such order" that count as evidence, and when the first and last of them was asked. */
  notFoundCount: number;
  notFoundFirstUs: number;
  notFoundLastUs: number;
};

export type Order = {
  readonly venue: number;
  readonly instrument: number;
  readonly clientId: string;
  readonly fence: number;
  readonly command: number;
  readonly side: Side;
  readonly timeInForce: TimeInForce;
  readonly priceTicks: number;
  readonly lots: number;
  readonly purpose: OrderPurpose;
  readonly cycle: number;
  readonly leg: number;
  readonly windowUs: number;
  readonly isTest: boolean;
  /** Found at the venue or in the intent log: no cycle of this run waits for it. */
  readonly isAdopted: boolean;
  /** The venue's; "" while it is not known. */
  orderId: string;
  state: OrderState;
  /** Why it is in this state, in the venue's words or ours. */
  cause: string;
  readonly fills: Fill[];
  /** Lots of the fills above, and of the synthetic one. */
  filledLots: number;
  /** Amount of quote of the fills above, without the synthetic one. */
  quoteFilled: bigint;
  /** What the venue says is filled but has shown no trade of: counted at the limit price until it has. */
  syntheticLots: number;
  syntheticFee: bigint;
  syntheticFeeAsset: string;
  /** The most that the venue has said to be filled; -1 while it has said nothing. */
  reportedLots: number;
  /** Signed amounts that the ledger holds for its fills, without fees. */
  baseMoved: bigint;
  quoteMoved: bigint;
  /** What the ledger keeps back for it. */
  reserved: bigint;
  /** When it was given to the edge, by our clock. */
  readonly sentUs: number;
  ackUs: number;
  firstFillUs: number;
  lastFillUs: number;
  endUs: number;
  /** When the venue last said anything of it. */
  heardUs: number;
  /** When we asked for its cancellation; 0 for never. */
  cancelUs: number;
  readonly inquiry: Inquiry;
};

export function makeInquiry(): Inquiry {
  return {
    dueUs: 0,
    askedUs: 0,
    requestId: 0,
    askedCount: 0,
    notFoundCount: 0,
    notFoundFirstUs: 0,
    notFoundLastUs: 0,
  };
}

/** An order in the turn in which it is decided. */
export function orderOf(command: PlaceOrder, nowUs: number, isAdopted: boolean): Order {
  assert(Number.isSafeInteger(command.lots) && command.lots > 0, "an order has lots");
  assert(Number.isSafeInteger(command.priceTicks), "an order has a price in ticks");
  assert(command.priceTicks > 0, "a price is above zero");
  return {
    venue: command.venue,
    instrument: command.instrument,
    clientId: command.clientId,
    fence: command.fence,
    command: command.command,
    side: command.side,
    timeInForce: command.timeInForce,
    priceTicks: command.priceTicks,
    lots: command.lots,
    purpose: command.purpose,
    cycle: command.cycle,
    leg: command.leg,
    windowUs: command.windowUs,
    isTest: command.isTest,
    isAdopted,
    orderId: "",
    state: "sent",
    cause: "",
    fills: [],
    filledLots: 0,
    quoteFilled: 0n,
    syntheticLots: 0,
    syntheticFee: 0n,
    syntheticFeeAsset: "",
    reportedLots: -1,
    baseMoved: 0n,
    quoteMoved: 0n,
    reserved: 0n,
    sentUs: nowUs,
    ackUs: 0,
    firstFillUs: 0,
    lastFillUs: 0,
    endUs: 0,
    heardUs: 0,
    cancelUs: 0,
    inquiry: makeInquiry(),
  };
}

/** Lots of the trades that are known, without what is only said. */
export function tradedLots(order: Order): number {
  return order.filledLots - order.syntheticLots;
}

/** Lots that the venue says are filled and whose trades are not known yet. */
export function missingLots(order: Order): number {
  return Math.max(0, order.reportedLots - tradedLots(order));
}

/** Lots that may still be filled without our knowing. Worst case: of a live order all that is left. */
export function exposedLots(order: Order): number {
  const most = isLive(order.state) ? Math.max(order.lots, order.reportedLots) : order.reportedLots;
  return Math.max(0, most - order.filledLots);
}

/** Whether it is at an end. */
export function isTerminal(order: Order): boolean {
  return !isLive(order.state);
}

/** Whether nothing more is expected of it. Amounts of a settled order change only by an anomaly. */
export function isSettled(order: Order): boolean {
  return isTerminal(order) && missingLots(order) === 0;
}
