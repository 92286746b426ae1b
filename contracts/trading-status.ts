/**
 * What the engine says of its trading on `GET /status` (field `trading`) and `GET /trading`: accounts,
 * cycles, orders, kills, and the last things that happened. Amounts are decimal text; counts are since
 * the start of the process unless a name says otherwise.
 */
import type { Micros } from "./time.ts";
import type { KillScope, OrderState, TradingMode } from "./trade.ts";

export type AccountPhase = "closed" | "opening" | "reconciling" | "ready";

export const BREAKER_STATES = ["closed", "halfOpen", "open"] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

export const PORTFOLIO_LEVELS = ["healthy", "caution", "critical", "terminal"] as const;
export type PortfolioLevel = (typeof PORTFOLIO_LEVELS)[number];

/** What the risk gate knows of one account beside its orders. Amounts are in the reference asset. */
export type RiskStatus = {
  readonly breakers: Readonly<Record<"orders" | "cancels" | "reads", BreakerState>>;
  readonly portfolio: PortfolioLevel;
  readonly portfolioReason: string;
  readonly isCongested: boolean;
  /** Mean of the last fifty answers. */
  readonly roundTripUs: Micros;
  readonly dayResult: string;
  readonly lossesInARow: number;
  /** Our count of each of the venue's limits, and the limit; of instruments the highest. */
  readonly rates: Readonly<Record<string, readonly [used: number, limit: number]>>;
};

export type AccountStatus = {
  readonly venue: string;
  readonly mode: TradingMode;
  readonly phase: AccountPhase;
  /** Why nothing may be opened here now; "" when it may. */
  readonly blocked: string;
  readonly epoch: number;
  readonly heardUs: Micros;
  readonly instrumentsWithFees: number;
  /** Non-zero balances of our own ledger: asset -> [total, reserved]. */
  readonly balances: Readonly<Record<string, readonly [string, string]>>;
  /** What trading made of each asset since the account's start, fees taken off; zeros are left out. */
  readonly traded: Readonly<Record<string, string>>;
  /** Difference to the venue's last full answer, assets that differ only. */
  readonly drift: Readonly<Record<string, string>>;
  readonly openOrders: number;
  readonly unknownOrders: number;
  readonly risk: RiskStatus;
};

export type OrderStatus = {
  readonly venue: string;
  readonly instrument: string;
  readonly clientId: string;
  readonly side: string;
  readonly state: OrderState;
  readonly lots: number;
  readonly filledLots: number;
  readonly cycle: number;
  readonly leg: number;
};

export type KillStatus = {
  readonly scope: KillScope;
  readonly target: string;
  readonly by: string;
  readonly reason: string;
  readonly atUs: Micros;
};

export type TradingCounts = {
  readonly opportunities: number;
  readonly filled: number;
  readonly failed: number;
  readonly aborted: number;
  readonly cyclesOpen: number;
  readonly orders: number;
  readonly fills: number;
  readonly denials: number;
  readonly denialsByControl: Readonly<Record<string, number>>;
  readonly unknownOpen: number;
  readonly ordersOnInvalidBook: number;
  readonly anomalies: number;
};

export type TradingStatus = {
  readonly fence: number;
  readonly limitsVersion: number;
  readonly accounts: readonly AccountStatus[];
  readonly counts: TradingCounts;
  /** Realised profit of this process: start asset of each account, "venue:asset" -> decimal text. */
  readonly profit: Readonly<Record<string, string>>;
  readonly kills: readonly KillStatus[];
  readonly orders: readonly OrderStatus[];
  readonly isDraining: boolean;
};
