/**
 * Station: configuration -> everything the trading part of the core is made of. Plain data, part of the
 * journal's run header, so that a replay trades exactly as the run did. It holds no key.
 */

import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import type { ShutdownPolicy, TradingMode } from "../../../contracts/trade.ts";
import type { FeeRounding } from "../order/fees.ts";
import type { InquiryRules } from "../order/unknown.ts";
import type { RateRule } from "../risk/rate-rule.ts";
import type { TradeRecord } from "./commands.ts";

/** What is done with an asset that a cycle was left with because a leg did not fill. */
export type SingleLegPolicy = "reverse" | "proceed" | "hold";

/** How the account of one venue trades. Amounts are decimal text. */
export type VenueTrading = {
  /** Position in the world's venues. */
  readonly venue: number;
  readonly mode: Exclude<TradingMode, "off">;
  /** Assets that a cycle may begin with, and how much of each it may use. */
  readonly startAmounts: Readonly<Record<string, string>>;
  /** What values of this account are told in. */
  readonly referenceAsset: string;
  /** Balances of the paper account; empty in the other modes. */
  readonly paperBalances: Readonly<Record<string, string>>;
  readonly rates: readonly RateRule[];
  readonly feeRounding: FeeRounding;
  /** Connections that are dialed to open the account. */
  readonly dialsToOpen: number;
  readonly hasDeadMan: boolean;
  readonly hasOrderTest: boolean;
  readonly cancelAll: "account" | "instrument" | "none";
  readonly windowUs: number;
  readonly backEndUs: number;
};

export type TradingPlan = {
  /**
   * Times of the lease under which this run trades. Absent where a counter file alone is the fence, and in
   * journals older than leases.
   */
  readonly lease?: {
    /** With less than this left nothing is sent, and what is open is taken back. */
    readonly marginUs: number;
    /** The stall of our own process that is reckoned with. */
    readonly stallUs: number;
  };
  /** Raised at each start; part of every client order id. */
  readonly fence: number;
  readonly venues: readonly VenueTrading[];
  readonly limits: RiskLimits;
  readonly limitsVersion: number;
  /** Least net edge of a cycle that is fired, in parts per million: threshold and safety buffer. */
  readonly edgePpmMin: number;
  readonly slots: number;
  readonly isolation: {
    readonly instrument: boolean;
    readonly primaryQuote: boolean;
  };
  /** A triangle rests this long after it was fired or denied, and after its cycle has ended. */
  readonly cooldownUs: number;
  readonly fillTimeoutUs: number;
  /** Longest wait for the venue's own word on a balance before it is sold; 0 uses the computed amount. */
  readonly awaitBalanceUs: number;
  readonly singleLegPolicy: SingleLegPolicy;
  /** Orders that may be spent on getting out of one asset before it is a residual. */
  readonly exitTriesMax: number;
  readonly exitCollarPpm: number;
  readonly shutdownPolicy: ShutdownPolicy;
  readonly clockErrorUs: number;
  readonly reconcileIntervalUs: number;
  readonly accountSilenceUs: number;
  readonly backoffInitialUs: number;
  readonly backoffCapUs: number;
  /** The protocol of unknown outcomes, by the slowest back end of the venues. */
  readonly inquiry: InquiryRules;
  /** Every constant of the protocol of unknown outcomes is divided by this; 1 but in drills. */
  readonly timeDivisor: number;
  /** Whether each counted fill is told as a record; absent in journals that are older than that. */
  readonly tellsFills?: boolean;
  /** What the last runs knew and did not come to tell before they ended: told first. */
  readonly untold?: readonly TradeRecord[];
  /** What the last run left: exported orders, ledger, counters and kills; "" at the very first start. */
  readonly restored: string;
};
