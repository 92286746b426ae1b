/**
 * Station: configuration + what the venues can do -> the plan that the trading part of the core is made of.
 *
 * What people write in basis points, milliseconds and shares becomes the integers that the core counts in.
 * Nothing is decided here, and nothing is armed: a mode of live comes this far only past the flag.
 */
import type { RiskLimits } from "../contracts/risk-limits.ts";
import type { Config } from "../contracts/schema/config.ts";
import type { RiskLimitsConfig } from "../contracts/schema/config-risk-limits.ts";
import type { TradingConfig, VenueTradingConfig } from "../contracts/schema/config-trading.ts";
import { US_PER_MS, US_PER_S } from "../contracts/time.ts";
import { INQUIRY_RULES, type InquiryRules } from "./core/order/unknown.ts";
import type { TradingPlan, VenueTrading } from "./core/trade/plan.ts";
import type { Execution } from "./venues/execution.ts";

const PPM = 1_000_000;
const PPM_PER_BP = 100;
const US_PER_MINUTE = 60 * US_PER_S;

/** What of a venue's execute room a plan needs; no desk, no keys. */
export type TradingVenue = {
  /** Position in the world's venues. */
  readonly index: number;
  readonly config: VenueTradingConfig;
  readonly execution: Pick<Execution, "features" | "rates" | "feeRounding">;
};

export type TradingPlanOptions = {
  readonly config: Pick<Config, "trading" | "limits">;
  /** Those that have an execute room; whose mode is off are left out. */
  readonly venues: readonly TradingVenue[];
  readonly fence: number;
  readonly limitsVersion: number;
  /** What the last run left; "" for nothing. */
  readonly restored: string;
};

/** The plan of a run, or undefined where no account trades. */
export function tradingPlanOf(options: TradingPlanOptions): TradingPlan | undefined {
  const { config, fence, limitsVersion, restored } = options;
  const { trading, limits } = config;
  const venues = options.venues.flatMap((venue) => venueTradingOf(venue, trading) ?? []);
  if (venues.length === 0) return undefined;
  return {
    fence,
    venues,
    limits: riskLimitsOf(trading.limits),
    limitsVersion,
    edgePpmMin: ppmOfBps(trading.thresholdBps + trading.safetyBufferBps),
    slots: trading.slots,
    isolation: trading.isolation,
    cooldownUs: trading.cooldownMs * US_PER_MS,
    fillTimeoutUs: trading.fillTimeoutMs * US_PER_MS,
    awaitBalanceUs: trading.awaitBalanceMs * US_PER_MS,
    singleLegPolicy: trading.singleLegPolicy,
    exitTriesMax: trading.exitTriesMax,
    exitCollarPpm: ppmOfBps(trading.exitCollarBps),
    shutdownPolicy: trading.shutdownPolicy,
    clockErrorUs: trading.clockErrorMs * US_PER_MS,
    reconcileIntervalUs: trading.reconcileIntervalS * US_PER_S,
    accountSilenceUs: trading.accountSilenceMs * US_PER_MS,
    backoffInitialUs: limits.backoffInitialMs * US_PER_MS,
    backoffCapUs: limits.backoffCapMs * US_PER_MS,
    inquiry: inquiryRulesOf(trading, venues),
    timeDivisor: trading.timeDivisor,
    tellsFills: true,
    restored,
  };
}

function venueTradingOf(venue: TradingVenue, trading: TradingConfig): VenueTrading | undefined {
  const { index, config, execution } = venue;
  const { features, rates, feeRounding } = execution;
  if (config.mode === "off") return undefined;
  const windowUs = trading.requestWindowMs * US_PER_MS;
  return {
    venue: index,
    mode: config.mode,
    startAmounts: config.startAmounts,
    referenceAsset: config.referenceAsset,
    paperBalances: config.mode === "paper" ? config.paperBalances : {},
    rates,
    feeRounding,
    dialsToOpen: features.dialsToOpen,
    hasDeadMan: features.deadManSwitch,
    hasOrderTest: features.orderTest,
    cancelAll: features.cancelAll,
    windowUs: Math.min(Math.max(windowUs, features.windowUsMin), features.windowUsMax),
    backEndUs: Math.max(trading.unknown.backEndMs * US_PER_MS, features.backEndUs),
  };
}

function inquiryRulesOf(
  { unknown, clockErrorMs }: TradingConfig,
  venues: readonly VenueTrading[],
): InquiryRules {
  return {
    ...INQUIRY_RULES,
    clockErrorUs: clockErrorMs * US_PER_MS,
    // One protocol for all accounts: it waits for the slowest back end among them.
    backEndUs: Math.max(...venues.map(({ backEndUs }) => backEndUs)),
    sourceLagUs: unknown.sourceLagMs * US_PER_MS,
    agreeGapUs: unknown.agreeGapMs * US_PER_MS,
    backoffUs: unknown.queryBackoffMs * US_PER_MS,
    backoffUsMax: unknown.queryBackoffMsMax * US_PER_MS,
    quietUs: unknown.quietMs * US_PER_MS,
  };
}

/** The limits of the file in the units of the gate. */
export function riskLimitsOf(limits: RiskLimitsConfig): RiskLimits {
  return {
    orderNotionalMax: limits.orderNotionalMax,
    orderDepthSharePpm: ppmOfShare(limits.orderDepthShare),
    openOrdersPerInstrumentMax: limits.openOrdersPerInstrumentMax,
    openOrdersMax: limits.openOrdersMax,
    openNotionalMax: limits.openNotionalMax,
    positionNotionalMax: limits.positionNotionalMax,
    grossExposureMax: limits.grossExposureMax,
    legNotionalMax: limits.legNotionalMax,
    legTimeUsMax: limits.legTimeMsMax * US_PER_MS,
    reserve: limits.reserve,
    allowlist: limits.allowlist,
    dailyLossMax: limits.dailyLossMax,
    drawdownMax: limits.drawdownMax,
    consecutiveLossesMax: limits.consecutiveLossesMax,
    cyclesPerHourMax: limits.cyclesPerHourMax,
    cyclesPerDayMax: limits.cyclesPerDayMax,
    ...rateLimitsOf(limits),
    ...marketLimitsOf(limits),
  };
}

type RateLimits = Pick<
  RiskLimits,
  | "ordersPerSecondMax"
  | "ordersPerMinuteMax"
  | "ordersPerDayMax"
  | "cancelRatioMax"
  | "duplicateWindowUs"
  | "unknownOrdersMax"
  | "rejectsInARowMax"
  | "rejectShareOf50Max"
>;

function rateLimitsOf(limits: RiskLimitsConfig): RateLimits {
  return {
    ordersPerSecondMax: limits.ordersPerSecondMax,
    ordersPerMinuteMax: limits.ordersPerMinuteMax,
    ordersPerDayMax: limits.ordersPerDayMax,
    cancelRatioMax: limits.cancelRatioMax,
    duplicateWindowUs: limits.duplicateWindowMs * US_PER_MS,
    unknownOrdersMax: limits.unknownOrdersMax,
    rejectsInARowMax: limits.rejectsInARowMax,
    rejectShareOf50Max: limits.rejectsOf50Max,
  };
}

type MarketLimits = Pick<
  RiskLimits,
  | "collarPpm"
  | "periodCollarPpm"
  | "bookAgeUsMax"
  | "exchangeAgeUsMax"
  | "queueDelayUsMax"
  | "jumpPpm"
  | "jumpSigmas"
  | "spreadPpm"
  | "edgePpmMax"
  | "volatilityFactor"
  | "rulesAgeUsMax"
  | "clockOffsetUsMax"
  | "quarantineUs"
  | "rampUs"
  | "rampSizePpm"
>;

function marketLimitsOf(limits: RiskLimitsConfig): MarketLimits {
  return {
    collarPpm: ppmOfBps(limits.collarBps),
    periodCollarPpm: ppmOfBps(limits.periodCollarBps),
    bookAgeUsMax: limits.bookAgeMsMax * US_PER_MS,
    exchangeAgeUsMax: limits.exchangeAgeMsMax * US_PER_MS,
    queueDelayUsMax: limits.queueDelayMsMax * US_PER_MS,
    jumpPpm: ppmOfBps(limits.jumpBps),
    jumpSigmas: limits.jumpSigmas,
    spreadPpm: ppmOfBps(limits.spreadBps),
    edgePpmMax: ppmOfBps(limits.edgeBpsMax),
    volatilityFactor: limits.volatilityFactor,
    rulesAgeUsMax: limits.rulesAgeMinutesMax * US_PER_MINUTE,
    clockOffsetUsMax: limits.clockOffsetMsMax * US_PER_MS,
    quarantineUs: limits.quarantineS * US_PER_S,
    rampUs: limits.rampMinutes * US_PER_MINUTE,
    rampSizePpm: ppmOfShare(limits.rampSizeShare),
  };
}

function ppmOfBps(bps: number): number {
  return Math.round(bps * PPM_PER_BP);
}

function ppmOfShare(share: number): number {
  return Math.round(share * PPM);
}
