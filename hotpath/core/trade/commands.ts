/**
 * Station: everything the trading part of the core can ask of the edge. A closed union, journaled as JSON,
 * so that a replay can compare it byte for byte: it holds no secret, no signature and no double of money.
 *
 * A `placeOrder` is written at most once. Whatever happens to it afterwards is found out by asking.
 */
import type {
  CycleEnding,
  KillScope,
  OrderPurpose,
  OrderState,
  Side,
} from "../../../contracts/trade.ts";

/** A book that an order was decided upon, as it was then. */
export type BookStamp = {
  readonly instrument: number;
  readonly epoch: number;
  readonly seq: number;
  /** Since the stream of the book was last heard. */
  readonly ageUs: number;
};

/** How an order behaves at the venue. All carry a price: the worst that is accepted. */
export type TimeInForce = "ioc" | "gtc" | "fok";

export type PlaceOrder = {
  readonly type: "placeOrder";
  readonly venue: number;
  readonly instrument: number;
  /** Counted from 1 under one fence; with the fence it names the order for ever. */
  readonly command: number;
  readonly fence: number;
  readonly clientId: string;
  readonly side: Side;
  readonly timeInForce: TimeInForce;
  readonly priceTicks: number;
  readonly lots: number;
  readonly purpose: OrderPurpose;
  /** The cycle and its leg (0-2, from 3 for what unwinds it); cycle 0 when it belongs to none. */
  readonly cycle: number;
  readonly leg: number;
  /** The venue's time by our measure when this was decided; what is signed. */
  readonly stampUs: number;
  /** The venue must refuse it when it comes later than this after the stamp. */
  readonly windowUs: number;
  readonly limitsVersion: number;
  readonly books: readonly BookStamp[];
  /** Paper: it goes to the venue's order-test endpoint and must never reach the matcher. */
  readonly isTest: boolean;
};

/** Names one order of ours. `orderId` is the venue's, "" while it is not known. */
export type OrderName = {
  readonly venue: number;
  readonly instrument: number;
  readonly clientId: string;
  readonly orderId: string;
};

/** What the edge carries out at a venue's account. */
export type AccountCommand =
  | PlaceOrder
  | (OrderName & { readonly type: "cancelOrder"; readonly stampUs: number })
  /** Everything that carries our prefix, of one instrument or (-1) of the account. */
  | { readonly type: "cancelAll"; readonly venue: number; readonly instrument: number }
  /** The order itself and its trades; answered by `orderQueried`. */
  | (OrderName & { readonly type: "queryOrder"; readonly requestId: number })
  /** Balances, open orders, and trades since a time; answered by `accountRead`. */
  | {
      readonly type: "readAccount";
      readonly venue: number;
      readonly requestId: number;
      readonly tradesSinceUs: number;
    }
  | { readonly type: "readFees"; readonly venue: number }
  /** Arms the venue's dead-man switch where it has one; 0 disarms. */
  | { readonly type: "armDeadMan"; readonly venue: number; readonly timeoutUs: number }
  | {
      readonly type: "openAccount";
      readonly venue: number;
      readonly epoch: number;
      readonly timeoutUs: number;
    }
  | {
      readonly type: "closeAccount";
      readonly venue: number;
      readonly epoch: number;
      readonly reason: string;
    };

/** What trading has to tell; each is journaled and becomes a log line or a record. */
export type TradeRecord =
  | { readonly type: "recordOpportunity"; readonly opportunity: OpportunityRecord }
  | { readonly type: "recordDenial"; readonly denial: DenialRecord }
  | { readonly type: "recordOrder"; readonly order: OrderRecord }
  /** Only where the plan says `tellsFills`: journals that are older have none. */
  | { readonly type: "recordFill"; readonly fill: FillRecord }
  | { readonly type: "recordCycle"; readonly cycle: CycleRecord }
  | { readonly type: "recordAlarm"; readonly alarm: AlarmRecord }
  | {
      readonly type: "recordKill";
      readonly scope: KillScope;
      readonly target: string;
      readonly isKilled: boolean;
      readonly by: string;
      readonly reason: string;
    };

export type TradeCommand = AccountCommand | TradeRecord;

/** An opportunity that was seen, and what was made of it. `books` are those of its legs, in order. */
export type OpportunityRecord = {
  readonly opportunity: number;
  readonly venue: number;
  /** Such as "USDT>BTC>ETH". */
  readonly triangle: string;
  readonly predictedBps: string;
  readonly startAmount: string;
  readonly decision: "fired" | "denied" | "suppressed" | "tooSmall" | "implausible";
  readonly reason: string;
  readonly books: readonly BookStamp[];
};

/** A hard block. `control` is its number in the list of controls, such as "PT17". */
export type DenialRecord = {
  readonly venue: number;
  readonly instrument: number;
  readonly cycle: number;
  readonly leg: number;
  readonly control: string;
  readonly reason: string;
  readonly limitsVersion: number;
};

/** One order at its end. */
export type OrderRecord = {
  readonly venue: number;
  readonly instrument: number;
  readonly clientId: string;
  readonly orderId: string;
  readonly cycle: number;
  readonly leg: number;
  readonly side: Side;
  readonly state: OrderState;
  readonly cause: string;
  readonly priceTicks: number;
  readonly lots: number;
  readonly filledLots: number;
};

/** One trade of one order of ours, told when the ledger has counted it: once, whoever reported it. */
export type FillRecord = {
  readonly venue: number;
  readonly instrument: number;
  readonly clientId: string;
  readonly orderId: string;
  readonly tradeId: string;
  readonly side: Side;
  readonly priceTicks: number;
  readonly lots: number;
  /** Decimal text: quote that moved, fee that was paid (worked out where the venue had not told it). */
  readonly quote: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly isMaker: boolean;
  readonly cycle: number;
  readonly leg: number;
  readonly exchangeUs: number;
  readonly recvUs: number;
};

export type AlarmRecord = {
  readonly severity: 1 | 2 | 3;
  /** A stable name such as "fillWithoutOrder". */
  readonly kind: string;
  readonly venue: number;
  readonly instrument: number;
  readonly text: string;
};

/** Times of one leg, all relative to the cycle's signal. They add up: see `CycleRecord.totalUs`. */
export type LegTimings = {
  readonly firedUs: number;
  readonly ackUs: number;
  readonly fillUs: number;
  readonly endUs: number;
};

export type LegRecord = {
  readonly leg: number;
  readonly instrument: number;
  readonly side: Side;
  readonly clientId: string;
  readonly lots: number;
  readonly filledLots: number;
  /** Decimal text: what went in, what came out, of which assets. */
  readonly input: string;
  readonly inputAsset: string;
  readonly output: string;
  readonly outputAsset: string;
  readonly averagePrice: string;
  /** Asset -> decimal text. */
  readonly fees: Readonly<Record<string, string>>;
  readonly state: OrderState;
  readonly timings: LegTimings;
};

/** A cycle at its end: the twin in JSON of the report line. Basis points and amounts are decimal text. */
export type CycleRecord = {
  readonly cycle: number;
  /** Derived: the fence and the number of the cycle's first command. */
  readonly corr: string;
  readonly venue: number;
  readonly mode: string;
  readonly ending: CycleEnding;
  readonly reason: string;
  readonly triangle: readonly string[];
  readonly predictedBps: string;
  readonly effectiveBps: string;
  readonly startAmount: string;
  readonly profit: string;
  readonly profitAsset: string;
  /** What is left of the assets between, valued in the start asset; in neither profit nor effectiveBps. */
  readonly residualValue: string;
  /** Newest exchange time of the books it was decided upon. */
  readonly bookTsUs: number;
  readonly signalUs: number;
  readonly totalUs: number;
  readonly legs: readonly LegRecord[];
  /** Top of the three books at the signal: "ask/bid". */
  readonly books: readonly string[];
  /** What is left of the legs between: asset -> decimal text. */
  readonly residual: Readonly<Record<string, string>>;
  /** Basis points of what was spent: gross (the touch at the signal) less all the others is effective. */
  readonly attribution: Readonly<
    Record<"gross" | "spread" | "depth" | "fees" | "rounding" | "latency", string>
  >;
};
