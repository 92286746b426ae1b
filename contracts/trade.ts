/**
 * The words of trading that rooms without common memory share: what is journaled, shown and asked about.
 *
 * Amounts of money are decimal text wherever they leave the core, because JSON numbers are doubles; inside
 * the core they are integers (`hotpath/core/money/`).
 */

/** What an account at a venue is allowed to do. Live is armed by hand, never the default. */
export const TRADING_MODES = ["off", "paper", "simulated", "live"] as const;
export type TradingMode = (typeof TRADING_MODES)[number];

export type Side = "buy" | "sell";

/**
 * What an order is for: to begin something, to finish what has begun (the next leg of a cycle), to get
 * out, or to take an order back.
 */
export type OrderPurpose = "open" | "finish" | "exit" | "cancel";

/**
 * The life of one order. `unknown` is a state like any other: the worst is assumed of it until the venue
 * has given evidence. The last six are terminal and absorb everything that comes later.
 */
export const ORDER_STATES = [
  "sent",
  "open",
  "unknown",
  "filled",
  "canceled",
  "expired",
  "rejected",
  /** Nothing left the process: the connection refused the write. */
  "notSent",
  /** The window closed, and the venue twice knew nothing of it. */
  "notAccepted",
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** The three endings of a cycle, as the report line spells them. */
export type CycleEnding = "FILLED" | "FAILED" | "ABORTED";

/** What a kill stops. `target` of the kill is a venue, a strategy or an instrument; "" for all. */
export const KILL_SCOPES = ["all", "venue", "strategy", "instrument"] as const;
export type KillScope = (typeof KILL_SCOPES)[number];

/** How an engine stops: leave what is open to its successor, sell what it holds, or only cancel. */
export const SHUTDOWN_POLICIES = ["handOver", "flatten", "cancelOnly"] as const;
export type ShutdownPolicy = (typeof SHUTDOWN_POLICIES)[number];

/** Prefix of every client order id of ours; an order without it is foreign. */
export const CLIENT_ID_PREFIX = "rk";
