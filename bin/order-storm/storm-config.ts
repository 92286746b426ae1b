/**
 * Station: the venues of a storm -> the engine's configuration for it.
 *
 * The protocols run ten times as fast as in life, on both sides, and limits that would end a storm early
 * stand at their ceilings; what the engine halts by itself for, it still halts for.
 */
import type { VenueId } from "../../contracts/ids.ts";
import { AMOUNT_CEILINGS, NUMBER_BOUNDS } from "../../contracts/risk-limits.ts";
import { type Config, parseConfig } from "../../contracts/schema/config.ts";

/** Venue time and the engine's constants of unknown outcomes are divided by this. */
export const STORM_SPEED = 10;

const MIB = 1024 * 1024;
const SNAPSHOT_LEVELS = 100;

/** The configuration of a storm over `venues`, or the first fault of it. */
export function stormConfig(journal: string, venues: readonly VenueId[]): Config | string {
  const parsed = parseConfig({
    instance: "order-storm",
    journal: { directory: journal, sync: "off", segmentBytes: 64 * MIB, retainHours: 24 },
    admin: { port: 0 },
    venues: Object.fromEntries(
      venues.map((id) => [
        id,
        {
          environment: "simulated",
          snapshotLevels: SNAPSHOT_LEVELS,
          streams: { trades: false },
          trading: accountOf(id),
        },
      ]),
    ),
    trading: {
      thresholdBps: 1,
      safetyBufferBps: 0,
      slots: 16,
      cooldownMs: 20,
      fillTimeoutMs: 300,
      // Not divided: the venues' limits of requests a minute are as in life.
      reconcileIntervalS: 10,
      timeDivisor: STORM_SPEED,
      limits: LIMITS,
    },
  });
  return parsed.ok ? parsed.config : parsed.issues.map(({ path }) => path.join(".")).join(", ");
}

/** About a thousand of the reference asset each; a triangle may begin with every one of them. */
const START_AMOUNTS = { BTC: "0.01", ETH: "0.3", BNB: "1.5", SOL: "6", XRP: "400" } as const;

function accountOf(id: VenueId): object {
  const referenceAsset = id === "kraken" ? "USD" : "USDT";
  const startAmounts = { [referenceAsset]: "1000", ...START_AMOUNTS };
  return { mode: "simulated", startAmounts, referenceAsset };
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
  consecutiveLossesMax: NUMBER_BOUNDS.consecutiveLossesMax.max,
  cyclesPerHourMax: NUMBER_BOUNDS.cyclesPerHourMax.max,
  cyclesPerDayMax: NUMBER_BOUNDS.cyclesPerDayMax.max,
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
