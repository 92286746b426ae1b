/**
 * Station: everything that can come into the trading part of the core. A closed union beside the control
 * events of the market; journaled as JSON, never dropped.
 *
 * Prices and quantities are ticks and lots already (the venue's room knows the steps); amounts of assets
 * are decimal text exactly as the venue wrote them. `source` tells how fresh a statement can be.
 */
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import type { Mode } from "../../../contracts/status.ts";
import type { KillScope, ShutdownPolicy, Side } from "../../../contracts/trade.ts";
import type { InstrumentStatus, OrderFilters } from "../instrument.ts";

/** Whence a statement about an order comes: the answer to its request, the private stream, a query. */
export type ReportSource = "answer" | "stream" | "query";

/** What the venue says about the state of an order, in our words. */
export type VenueOrderState =
  | "received"
  | "open"
  | "partiallyFilled"
  | "filled"
  | "canceled"
  | "expired"
  | "rejected";

/** One order as the venue tells it. */
export type OrderView = {
  /** "" when the venue does not say (a foreign order may have none). */
  readonly clientId: string;
  readonly orderId: string;
  /** Index in the world; -1 for an instrument that we do not follow. */
  readonly instrument: number;
  /** Undefined where a sparse message leaves it out. */
  readonly side: Side | undefined;
  readonly state: VenueOrderState;
  /** -1 where the message does not say. */
  readonly lots: number;
  readonly filledLots: number;
  readonly priceTicks: number;
  /** The venue's reason for an ending; "" for none. */
  readonly reason: string;
  readonly exchangeUs: number;
};

/** One trade of one order. */
export type FillView = {
  readonly clientId: string;
  readonly orderId: string;
  readonly instrument: number;
  /** Unique at the venue for this instrument and side of the trade; the key by which it counts once. */
  readonly tradeId: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  /** Amount of quote that moved, decimal text; left out where the venue does not tell: ticks x lots. */
  readonly quote?: string;
  /** Decimal text; "" where the venue's message has none and it must be worked out from the rate. */
  readonly fee: string;
  readonly feeAsset: string;
  readonly isMaker: boolean;
  readonly exchangeUs: number;
};

export type BalanceView = {
  readonly asset: string;
  /** Free and held, decimal text; "" where the message does not say. `total` where only that is known. */
  readonly free: string;
  readonly held: string;
  readonly total: string;
};

/**
 * What a refusal means. `rejected`: certainly not executed, do not repeat. `throttled`: certainly not
 * executed, the venue wants silence. `clock`: outside its window. `credentials`: nothing will work any
 * more. `duplicate`: an earlier one with this id exists. `noSuchOrder`: it knows none. `halted`: the
 * instrument does not trade now. `unknown`: it may have been executed.
 */
export type RefusalClass =
  | "rejected"
  | "throttled"
  | "clock"
  | "credentials"
  | "duplicate"
  | "noSuchOrder"
  | "halted"
  | "unknown";

export type Refusal = {
  readonly class: RefusalClass;
  /** As the venue writes it; "timeout", "closed" where it wrote nothing. */
  readonly code: string;
  readonly text: string;
  /** Whether the catalogue of the venue lists it; if not it is `unknown`, and alarms. */
  readonly isListed: boolean;
};

/** Part of every event of an account: of which connection, and when it reached us. */
type OfAccount = { readonly venue: number; readonly epoch: number; readonly recvUs: number };

export type AccountEvent =
  /** Connected, logged on and subscribed. */
  | (OfAccount & { readonly type: "accountReady" })
  | (OfAccount & { readonly type: "accountClosed"; readonly reason: string })
  /** The private stream gave a sign of life; at most once a second. */
  | (OfAccount & { readonly type: "accountHeard" })
  /** The stream itself says that messages were lost: everything must be read again. */
  | (OfAccount & { readonly type: "accountGap"; readonly reason: string })
  /** Positive evidence that not one byte of this order has left. */
  | (OfAccount & {
      readonly type: "orderNotSent";
      readonly clientId: string;
      readonly reason: string;
    })
  | (OfAccount & {
      readonly type: "orderAccepted";
      readonly clientId: string;
      readonly orderId: string;
    })
  | (OfAccount & {
      readonly type: "orderRefused";
      readonly clientId: string;
      readonly refusal: Refusal;
    })
  | (OfAccount & {
      readonly type: "orderReported";
      readonly source: ReportSource;
      readonly order: OrderView;
    })
  | (OfAccount & {
      readonly type: "orderFilled";
      readonly source: ReportSource;
      readonly fill: FillView;
    })
  /** Paper: the venue's order test found nothing wrong (or did: then `orderRefused`). */
  | (OfAccount & { readonly type: "orderTested"; readonly clientId: string })
  /** Answers to `cancelOrder`. An accepted cancel proves nothing yet about fills on their way. */
  | (OfAccount & { readonly type: "cancelAccepted"; readonly clientId: string })
  | (OfAccount & {
      readonly type: "cancelRefused";
      readonly clientId: string;
      readonly refusal: Refusal;
    })
  /** Answer to `queryOrder`. `notFound` is evidence only if it is fresh enough and repeated. */
  | (OfAccount & {
      readonly type: "orderQueried";
      readonly requestId: number;
      readonly clientId: string;
      readonly outcome: "found" | "notFound" | "failed";
      readonly order: OrderView | undefined;
      readonly fills: readonly FillView[];
      readonly reason: string;
    })
  /** Answer to `readAccount`; `failed` has empty lists and a reason. */
  | (OfAccount & {
      readonly type: "accountRead";
      readonly requestId: number;
      readonly outcome: "read" | "failed";
      readonly balances: readonly BalanceView[];
      readonly openOrders: readonly OrderView[];
      readonly fills: readonly FillView[];
      readonly reason: string;
    })
  | (OfAccount & {
      readonly type: "balanceReported";
      readonly balances: readonly BalanceView[];
      /** "trade", "transfer" ... as far as the venue tells; transfers are external moves. */
      readonly cause: "trade" | "transfer" | "unknown";
      /** Signed decimal text of an external move where the venue tells only that; "" otherwise. */
      readonly delta: string;
      readonly exchangeUs: number;
    })
  | (OfAccount & { readonly type: "feesRead"; readonly fees: readonly FeeView[] })
  | (OfAccount & { readonly type: "feesFailed"; readonly reason: string })
  /** What the venue says of a rate that we count ourselves (name as in the venue's `rates`). */
  | (OfAccount & {
      readonly type: "usageReported";
      readonly rate: string;
      /** -1 for the account as a whole. */
      readonly instrument: number;
      readonly used: number;
    })
  /** 429 or 418: nothing but silence until then. */
  | (OfAccount & {
      readonly type: "venueSilenced";
      readonly untilUs: number;
      readonly isBan: boolean;
    })
  /** An answer that belongs to no account of ours, or contradicts itself. */
  | (OfAccount & { readonly type: "accountContradicted"; readonly reason: string });

/** Fees of one instrument in parts per billion of the notional (10 bp = 1,000,000). */
export type FeeView = {
  readonly instrument: number;
  readonly makerPpb: number;
  readonly takerPpb: number;
  /** Charged in the quote asset, in what is received, or in a third asset named here. */
  readonly paidIn: "quote" | "received" | "third";
  readonly feeAsset: string;
};

export type TradeEvent =
  | AccountEvent
  | OperatorEvent
  | LeaseEvent
  | {
      readonly type: "instrumentRefreshed";
      readonly instrument: number;
      readonly status: InstrumentStatus;
      readonly filters: OrderFilters;
      /** When the venue was asked. */
      readonly rulesUs: number;
    };

/** What the keeper of the lease tells. Times are the loop's. */
export type LeaseEvent =
  | {
      readonly type: "leaseHeld";
      readonly untilUs: number;
      /** When an account may be opened; 0 where no other engine was before us. */
      readonly openFromUs: number;
    }
  | { readonly type: "leaseLost"; readonly reason: string };

/** What a person asks, or the control plane for a person. */
export type OperatorEvent =
  | {
      readonly type: "killRequested";
      readonly scope: KillScope;
      readonly target: string;
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly type: "killReleased";
      readonly scope: KillScope;
      readonly target: string;
      readonly by: string;
      readonly reason: string;
    }
  | {
      readonly type: "limitsChanged";
      readonly version: number;
      readonly limits: RiskLimits;
      readonly by: string;
      readonly reason: string;
    }
  | { readonly type: "drainRequested"; readonly policy: ShutdownPolicy; readonly by: string }
  /** The loosest mode that is allowed from here on, at all venues. */
  | {
      readonly type: "modeRequested";
      readonly mode: Mode;
      readonly by: string;
      readonly reason: string;
    }
  /** Every order of ours at one venue, or ("") at all. */
  | {
      readonly type: "cancelAllRequested";
      readonly venue: string;
      readonly by: string;
      readonly reason: string;
    }
  /** Gets out of every cycle under way and begins none, until the mode is loosened again. */
  | { readonly type: "flattenRequested"; readonly by: string; readonly reason: string };
