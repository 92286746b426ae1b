/**
 * Station: none; the words of the simulated exchange.
 *
 * What a wire asks the exchange and what it hears back, in no venue's dialect: each wire translates.
 * Every order and trade that leaves the exchange is a frozen copy of that moment. Types only.
 */
import type { Micros } from "../../../contracts/time.ts";

export type OrderSide = "buy" | "sell";
export type TimeInForce = "GTC" | "IOC" | "FOK";
export type SelfTradeRule = "none" | "expireMaker" | "expireTaker" | "expireBoth";

/** A request as it stands at the engine's door; decimal texts are read and checked there. */
export type OrderRequest = {
  readonly accountId: string;
  /** "" lets the exchange give one. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: "limit" | "market";
  readonly timeInForce: TimeInForce;
  readonly isPostOnly: boolean;
  /** Decimal text; "" for market orders. */
  readonly price: string;
  /** Base quantity as decimal text; "" when `funds` is given. */
  readonly quantity: string;
  /** Quote to spend (buy) or to receive (sell) by a market order, as decimal text; "" otherwise. */
  readonly funds: string;
  readonly selfTradeRule: SelfTradeRule;
  /** The engine refuses what reaches it later; Infinity when the request has no window. */
  readonly notAfterUs: Micros;
};

/** Why an order was refused. Nothing of a refused order exists at the venue. */
export const REJECT_REASONS = [
  "unknownAccount",
  "unknownInstrument",
  "malformed",
  "priceFilter",
  "lotSize",
  "marketLotSize",
  "minNotional",
  "maxNotional",
  "percentPrice",
  "insufficientBalance",
  "duplicateClientId",
  "wouldTake",
  "windowClosed",
  "halted",
  "cancelOnly",
  "postOnlyMode",
  "tooManyOrders",
] as const;
export type RejectReason = (typeof REJECT_REASONS)[number];

/** Why an order is no longer open. */
export type EndCause =
  | "filled"
  | "canceledByOwner"
  | "canceledByDeadMan"
  | "iocRemainder"
  | "fokUnfilled"
  | "noLiquidity"
  | "selfTrade"
  | "venue"
  | "vanished";

export type OrderStatus = "open" | "filled" | "canceled" | "expired";

/** One order as it stood at `changedUs`. */
export type Order = {
  readonly orderId: number;
  readonly accountId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly type: "limit" | "market";
  readonly timeInForce: TimeInForce;
  readonly isPostOnly: boolean;
  readonly selfTradeRule: SelfTradeRule;
  /** 0 for market orders. */
  readonly limitTicks: number;
  /** Lots asked for; for an order by funds, the lots it got. */
  readonly lots: number;
  /** 0 unless the order was by funds. */
  readonly fundsAtto: bigint;
  readonly filledLots: number;
  readonly filledQuoteAtto: bigint;
  readonly status: OrderStatus;
  readonly endCause: EndCause | null;
  readonly placedUs: Micros;
  readonly changedUs: Micros;
  readonly tradeCount: number;
};

/** One execution against an order. `tradeId` is the tape's, unique in its instrument. */
export type OwnTrade = {
  readonly tradeId: number;
  readonly orderId: number;
  readonly accountId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly ticks: number;
  readonly lots: number;
  /** What changed hands, rounded as the venue rounds. */
  readonly quoteAtto: bigint;
  readonly feeAsset: string;
  readonly feeAtto: bigint;
  readonly isMaker: boolean;
  readonly tradeUs: Micros;
};

export type Balance = {
  readonly asset: string;
  readonly freeAtto: bigint;
  readonly heldAtto: bigint;
};

/** What an account hears. `executionId` grows by one with every event of the exchange. */
export type ExchangeEvent =
  | {
      readonly type: "orderAccepted";
      readonly executionId: number;
      readonly accountId: string;
      readonly order: Order;
      readonly eventUs: Micros;
    }
  | {
      readonly type: "orderFilled";
      readonly executionId: number;
      readonly accountId: string;
      readonly order: Order;
      readonly trade: OwnTrade;
      readonly eventUs: Micros;
    }
  | {
      readonly type: "orderEnded";
      readonly executionId: number;
      readonly accountId: string;
      readonly order: Order;
      /** The id of the cancel request where the venue gives it one, else "". */
      readonly cancelId: string;
      readonly eventUs: Micros;
    }
  | {
      readonly type: "balancesChanged";
      readonly executionId: number;
      readonly accountId: string;
      readonly balances: readonly Balance[];
      /** What moved them; "external" is a deposit or a withdrawal by `deltaAtto`. */
      readonly cause: "order" | "trade" | "external";
      readonly deltaAtto: bigint;
      /** The order behind it, null for external moves. */
      readonly order: Order | null;
      readonly eventUs: Micros;
    };

export type PlaceResult =
  | { readonly kind: "accepted"; readonly order: Order; readonly trades: readonly OwnTrade[] }
  | { readonly kind: "rejected"; readonly reason: RejectReason };

/** An order by one of its two names; when both are given they must agree. */
export type OrderKey = {
  readonly symbol?: string;
  readonly orderId?: number;
  readonly clientOrderId?: string;
};

export type CancelResult =
  | { readonly kind: "canceled"; readonly order: Order }
  | { readonly kind: "refused"; readonly reason: "unknownOrder" | "notOpen" | "halted" };
