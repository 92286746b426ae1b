/**
 * Station: one venue, how intents are synced and how long segments are -> the engine's configuration of a story.
 *
 * One small account that trades with one asset, with the protocol of unknown outcomes ten times as fast as
 * in life. Limits stand where a story of few orders never meets them: the risk gate is not under test here.
 */
import { AMOUNT_CEILINGS, NUMBER_BOUNDS } from "../../../contracts/risk-limits.ts";
import { type Config, parseConfig } from "../../../contracts/schema/config.ts";
import type { TradingVenue } from "../../venues/trading-sides.ts";

/** Constants of the protocol and times at the venue are divided by this. */
export const STORY_SPEED = 10;
/** Where everything of the engine's stands on its virtual disk. */
export const STORY_ROOT = "/data/journal";

const MIB = 1024 * 1024;
const KIB = 1024;

export const INTENT_SYNCS = ["none", "fdatasync"] as const;
export type IntentSync = (typeof INTENT_SYNCS)[number];

/** What the accounts of a venue begin and end their cycles with. */
export function startAssetOf(venue: TradingVenue): "USD" | "USDT" {
  return venue === "kraken" ? "USD" : "USDT";
}

/** Checked once: the same few are asked for by every life of a campaign. */
const parsedBefore = new Map<string, Config>();

/** `segmentBytes` may be far less than a configuration file allows, so that a short story has rotations. */
export function storyConfig(
  venue: TradingVenue,
  intentSync: IntentSync,
  segmentBytes: number,
): Config {
  const name = `${venue} ${intentSync}`;
  const config = parsedBefore.get(name) ?? checkedConfig(venue, intentSync);
  parsedBefore.set(name, config);
  return { ...config, journal: { ...config.journal, segmentBytes } };
}

function checkedConfig(venue: TradingVenue, intentSync: IntentSync): Config {
  const asset = startAssetOf(venue);
  const parsed = parseConfig({
    instance: "crash-points",
    journal: { directory: STORY_ROOT, sync: "group", segmentBytes: 64 * MIB, reserveFreeBytes: 0 },
    venues: {
      [venue]: {
        environment: "simulated",
        // More than a side has: the leap of an offer must not leave what the snapshot has shown.
        snapshotLevels: 100,
        streams: { trades: false },
        trading: { mode: "simulated", startAmounts: { [asset]: "5000" }, referenceAsset: asset },
      },
    },
    limits: { marketRingSlots: 1024, controlRingSlots: 1024, recorderRingBytes: 512 * KIB },
    trading: {
      thresholdBps: 1,
      safetyBufferBps: 0,
      slots: 1,
      cooldownMs: 200,
      fillTimeoutMs: 300,
      reconcileIntervalS: 10,
      timeDivisor: STORY_SPEED,
      intentSync,
      limits: LIMITS,
    },
  });
  if (!parsed.ok) throw new Error(parsed.issues.map(({ path }) => path.join(".")).join(", "));
  return parsed.config;
}

const LIMITS = {
  orderNotionalMax: String(AMOUNT_CEILINGS.orderNotionalMax),
  openNotionalMax: String(AMOUNT_CEILINGS.openNotionalMax),
  positionNotionalMax: String(AMOUNT_CEILINGS.positionNotionalMax),
  grossExposureMax: String(AMOUNT_CEILINGS.grossExposureMax),
  legNotionalMax: String(AMOUNT_CEILINGS.legNotionalMax),
  dailyLossMax: String(AMOUNT_CEILINGS.dailyLossMax),
  drawdownMax: String(AMOUNT_CEILINGS.drawdownMax),
  orderDepthShare: 1,
  openOrdersPerInstrumentMax: NUMBER_BOUNDS.openOrdersPerInstrumentMax.max,
  openOrdersMax: NUMBER_BOUNDS.openOrdersMax.max,
  // The story's market leaps, and is to be believed.
  jumpSigmas: 0,
  volatilityFactor: 1000,
  periodCollarBps: 1000,
  consecutiveLossesMax: NUMBER_BOUNDS.consecutiveLossesMax.max,
  ordersPerSecondMax: NUMBER_BOUNDS.ordersPerSecondMax.max,
  ordersPerMinuteMax: NUMBER_BOUNDS.ordersPerMinuteMax.max,
  ordersPerDayMax: NUMBER_BOUNDS.ordersPerDayMax.max,
  cancelRatioMax: NUMBER_BOUNDS.cancelRatioMax.max,
  duplicateWindowMs: 0,
  unknownOrdersMax: NUMBER_BOUNDS.unknownOrdersMax.max,
  rejectsInARowMax: NUMBER_BOUNDS.rejectsInARowMax.max,
  rejectsOf50Max: NUMBER_BOUNDS.rejectShareOf50Max.max,
  quarantineS: 0,
  rampMinutes: 0,
};
