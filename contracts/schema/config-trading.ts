/**
 * How an account trades, and how the engine as a whole does: the section `trading` of each venue and the
 * section `trading` of the file. Nothing here arms anything: live trading needs a flag at the start too.
 */
import { z } from "zod";
import { isAmountAbove, ORDERED_AMOUNTS, ORDERED_NUMBERS } from "../risk-limits.ts";
import { SHUTDOWN_POLICIES, TRADING_MODES } from "../trade.ts";
import { count, ratio } from "./config-fields.ts";
import { amount, type RiskLimitsConfig, riskLimitsSchema } from "./config-risk-limits.ts";

const assetName = z
  .string()
  .regex(/^[A-Z0-9.]{1,16}$/)
  .meta({ form: "an asset as the venue spells it, such as USDT" });

/** Section `venues.VENUE.trading`. */
export const venueTradingSchema = z.strictObject({
  mode: z.enum(TRADING_MODES).default("off").meta({
    description:
      "off: market data only. paper: order tests, fills worked out from the live books. simulated: real orders to a simulated venue. live: real orders, only when armed at the start as well.",
  }),
  startAmounts: z
    .record(assetName, amount("0", "Most of the asset that one cycle may use."))
    .default({ USDT: "100" })
    .meta({
      description: "Assets that a cycle begins and ends with, and the most that one cycle may use.",
      form: 'amounts in quotes by asset, such as { USDT: "100" }',
    }),
  paperBalances: z
    .record(assetName, amount("0", "Amount of the asset in the paper account."))
    .default({ USDT: "10000" })
    .meta({
      description: "What the account of mode paper begins with.",
      form: 'amounts in quotes by asset, such as { USDT: "10000" }',
    }),
  referenceAsset: assetName.default("USDT").meta({
    description: "Asset in which the limits of this account are told and everything is valued.",
  }),
  feeAsset: assetName.optional().meta({
    description: "Third asset that the venue takes fees in, such as BNB; left out, it does not.",
  }),
});

/** Two cycles under way never run the same triangle; that is no setting. */
const isolationSchema = z.strictObject({
  instrument: z
    .boolean()
    .default(true)
    .meta({ description: "Two cycles under way never share an instrument." }),
  primaryQuote: z
    .boolean()
    .default(false)
    .meta({ description: "Two cycles under way never share their start asset." }),
});

const unknownSchema = z.strictObject({
  backEndMs: count(
    [100, 120_000],
    10_000,
    "How long a request may still be at work inside a venue after its window has closed, unless the venue says more.",
  ),
  sourceLagMs: count([0, 60_000], 5000, "How old an answer to a query about orders may be."),
  agreeGapMs: count(
    [100, 60_000],
    2000,
    "Least time between two answers 'no such order' before they prove anything.",
  ),
  queryBackoffMs: count([50, 60_000], 250, "Pause before the second query about an order."),
  queryBackoffMsMax: count([50, 600_000], 5000, "Longest pause between two queries."),
  quietMs: count(
    [100, 600_000],
    2000,
    "Silence about an order that should have ended at once, after which it is asked about.",
  ),
});

/** Section `trading`. */
export const tradingSchema = z.strictObject({
  thresholdBps: ratio([0, 200], 5, "Least net edge of a cycle, all fees and depth included."),
  safetyBufferBps: ratio([0, 200], 2, "Added to it, for what moves while the legs are sent."),
  slots: count([1, 64], 4, "Most cycles under way at once, all venues together."),
  isolation: isolationSchema.prefault({}),
  cooldownMs: count([0, 600_000], 500, "How long a triangle rests after it was fired or denied."),
  fillTimeoutMs: count(
    [50, 60_000],
    2000,
    "Wait for the end of an order before it is asked about, canceled and found out.",
  ),
  awaitBalanceMs: count(
    [0, 10_000],
    0,
    "Longest wait for the venue's own word on a balance before the next leg; 0 uses the computed amount.",
  ),
  singleLegPolicy: z.enum(["reverse", "proceed", "hold"]).default("reverse").meta({
    description:
      "What to do when a later leg does not fill: reverse sells back, proceed takes the best way to the start asset, hold keeps the asset and alarms.",
  }),
  exitTriesMax: count([0, 20], 5, "Orders that may be spent on getting out of one asset."),
  exitCollarBps: ratio([1, 1000], 100, "Furthest from the touch that such an order may reach."),
  shutdownPolicy: z.enum(SHUTDOWN_POLICIES).default("flatten").meta({
    description:
      "How a stop ends: handOver leaves what is open to the next run, flatten sells what is held, cancelOnly only cancels.",
  }),
  requestWindowMs: count(
    [100, 60_000],
    1000,
    "How long after its signature the venue may still take an order; each venue has bounds of its own.",
  ),
  clockErrorMs: count(
    [1, 5000],
    500,
    "Error of the clock that windows and unknown outcomes are reckoned with.",
  ),
  reconcileIntervalS: count([1, 3600], 30, "How often an account is compared with the venue."),
  accountSilenceMs: count(
    [1000, 600_000],
    30_000,
    "Silence of a private stream after which it is dialed anew.",
  ),
  intentSync: z.enum(["none", "fdatasync"]).default("none").meta({
    description:
      "Whether each order is forced to the disk before it is sent: none survives the death of the process, fdatasync that of the machine.",
  }),
  timeDivisor: count(
    [1, 100],
    1,
    "Divides every constant of the protocol of unknown outcomes; 1 but in drills against simulated venues.",
  ),
  unknown: unknownSchema.prefault({}),
  limits: riskLimitsSchema.prefault({}),
});

export type TradingConfig = z.output<typeof tradingSchema>;
export type VenueTradingConfig = z.output<typeof venueTradingSchema>;

type Refuse = (path: readonly string[], rule: string) => void;

/** What must hold between the trading of a venue and where the venue is. */
export function refuseVenueTrading(
  id: string,
  environment: "production" | "testnet" | "simulated" | "custom",
  trading: VenueTradingConfig,
  refuse: Refuse,
): void {
  const path = ["venues", id, "trading"];
  if (trading.mode === "off") return;
  if (Object.keys(trading.startAmounts).length === 0) {
    refuse([...path, "startAmounts"], "must name an asset when mode is not off");
  }
  const isReal = environment === "production" || environment === "testnet";
  if (trading.mode === "live" && !isReal) {
    refuse([...path, "mode"], "live needs environment production or testnet");
  }
  if (trading.mode === "simulated" && isReal) {
    refuse([...path, "mode"], "simulated needs environment simulated or custom");
  }
}

/** What must hold between the fields of the section `trading`. */
export function refuseTrading(trading: TradingConfig, isDrill: boolean, refuse: Refuse): void {
  const { limits, unknown } = trading;
  for (const [lower, upper] of [...ORDERED_NUMBERS, ...ORDERED_AMOUNTS]) {
    const [first, second] = [FIELD_OF[lower] ?? lower, FIELD_OF[upper] ?? upper];
    if (
      isAbove(limits[first as keyof RiskLimitsConfig], limits[second as keyof RiskLimitsConfig])
    ) {
      refuse(["trading", "limits", first], `must be at most trading.limits.${second}`);
    }
  }
  if (trading.exitCollarBps > limits.periodCollarBps) {
    refuse(["trading", "exitCollarBps"], "must be at most trading.limits.periodCollarBps");
  }
  if (unknown.queryBackoffMs > unknown.queryBackoffMsMax) {
    refuse(
      ["trading", "unknown", "queryBackoffMs"],
      "must be at most trading.unknown.queryBackoffMsMax",
    );
  }
  if (trading.timeDivisor > 1 && !isDrill) {
    refuse(["trading", "timeDivisor"], "must be 1 where a venue is not simulated");
  }
}

/** Fields that are written in other words than the limits they become. */
const FIELD_OF: Readonly<Record<string, string>> = {
  collarPpm: "collarBps",
  periodCollarPpm: "periodCollarBps",
};

function isAbove(first: unknown, second: unknown): boolean {
  if (typeof first === "string" && typeof second === "string") return isAmountAbove(first, second);
  return Number(first) > Number(second);
}
