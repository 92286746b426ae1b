/**
 * Station: a seed and a profile -> the venues, the engine's configuration and the length of one history.
 *
 * What may differ between sound configurations is drawn ("buggify", FoundationDB): pace, depth, sizes of rings
 * and the setting of the disk, so that edges are reached early. The engine's own bounds on them hold.
 */

import { assert } from "../../../contracts/assert.ts";
import { VENUE_IDS, type VenueId } from "../../../contracts/ids.ts";
import { AMOUNT_CEILINGS, NUMBER_BOUNDS } from "../../../contracts/risk-limits.ts";
import { type Config, parseConfig } from "../../../contracts/schema/config.ts";
import type { Random } from "../../venues/market/random.ts";
import type { VenuesOptions } from "../../venues/options.ts";

export const PROFILES = ["nominal", "busy", "dense"] as const;
export type Profile = (typeof PROFILES)[number];

/** How much happens in a simulated second. */
type Pace = {
  /** Deltas of all books together. */
  readonly deltasPerSecond: number;
  readonly tickMs: number;
  /** Of the spot venues, each. */
  readonly instruments: number;
  /** Steps of the market between two deltas: the more, the sooner a planted triangle pays. */
  readonly stepsPerDiff: readonly number[];
  readonly trianglesPerMinute: readonly number[];
  /** How long a triangle rests after it was looked at. */
  readonly cooldownMs: readonly number[];
};

/** What busy and dense histories share. */
const FULL = {
  instruments: 6,
  stepsPerDiff: [1, 2],
  trianglesPerMinute: [6, 30, 120],
  cooldownMs: [20],
};

/**
 * Nominal is as thin as a history can be that still trades: three books a venue, and rests as in life. Busy
 * has more books, and takes an opportunity again and again while it lasts; dense is a flood of frames.
 */
const PACES: Readonly<Record<Profile, Pace>> = {
  nominal: {
    deltasPerSecond: 8,
    tickMs: 100,
    instruments: 3,
    stepsPerDiff: [2, 4],
    trianglesPerMinute: [60, 120, 240],
    cooldownMs: [50, 250],
  },
  busy: {
    deltasPerSecond: 20,
    tickMs: 50,
    ...FULL,
  },
  dense: {
    deltasPerSecond: 200,
    tickMs: 10,
    ...FULL,
  },
};

/** Where the engine's folder is on its virtual disk. */
export const JOURNAL_FOLDER = "/data/journal";

export type Settings = {
  readonly venues: readonly VenueId[];
  readonly options: Partial<VenuesOptions>;
  readonly config: Config;
  /** Both sides of the protocols of orders run this many times as fast as in life. */
  readonly speed: number;
  /** Whether what the engine has acknowledged survives the death of its host. */
  readonly isDurable: boolean;
  /** The market lives in steps of this. */
  readonly tickMs: number;
};

const MIB = 1024 * 1024;
const ORDER_VENUES = VENUE_IDS.filter((id) => id !== "binance-usdm");
const SPEEDS = [1, 10] as const;
const START_AMOUNTS = { BTC: "0.01", ETH: "0.3", BNB: "1.5", SOL: "6", XRP: "400" } as const;

function oneOf<T>(random: Random, values: readonly T[]): T {
  const value = values[random.integer(values.length)];
  assert(value !== undefined, "there is something to choose from");
  return value;
}

/** Draws what one history is played with. */
export function drawSettings(seed: number, profile: Profile, random: Random): Settings {
  const first = oneOf(random, ORDER_VENUES);
  const others = ORDER_VENUES.filter((id) => id !== first && random.next() < 0.3);
  const venues = VENUE_IDS.filter((id) => id === first || others.some((other) => other === id));
  const speed = oneOf(random, SPEEDS);
  const isDurable = random.next() < 0.5;
  const levels = oneOf(random, [30, 60, 120]);
  const pace = PACES[profile];
  return {
    venues,
    speed,
    isDurable,
    tickMs: pace.tickMs,
    options: {
      seed,
      spotInstruments: pace.instruments,
      usdmInstruments: 3,
      kucoinInstruments: pace.instruments,
      krakenInstruments: pace.instruments,
      levelsPerSide: levels,
      diffsPerSecond: pace.deltasPerSecond,
      stepsPerDiff: oneOf(random, pace.stepsPerDiff),
      venueSpeed: speed,
      trianglesPerMinute: oneOf(random, pace.trianglesPerMinute),
      sessionLifeMs: oneOf(random, [24 * 3_600_000, 120_000]),
      delays: {
        dialMs: oneOf(random, [null, [0, 300]]),
        subscribeMs: oneOf(random, [null, [0, 200]]),
        snapshotMs: oneOf(random, [null, [0, 800]]),
      },
    },
    config: makeConfig(venues, { random, speed, isDurable, pace }),
  };
}

type Drawn = {
  readonly random: Random;
  readonly speed: number;
  readonly isDurable: boolean;
  readonly pace: Pace;
};

function makeConfig(venues: readonly VenueId[], drawn: Drawn): Config {
  const { random, speed, isDurable, pace } = drawn;
  const parsed = parseConfig({
    instance: "simulation",
    journal: {
      directory: JOURNAL_FOLDER,
      sync: isDurable ? "group" : "off",
      segmentBytes: 64 * MIB,
      retainHours: 24,
      reserveFreeBytes: MIB,
    },
    admin: { port: 0 },
    // In one thread the ring of the market never fills; a large one is only memory, made anew in each life.
    limits: { recorderRingBytes: MIB, marketRingSlots: 1024 },
    venues: Object.fromEntries(
      venues.map((id) => [
        id,
        {
          environment: "simulated",
          snapshotLevels: 100,
          streams: { trades: random.next() < 0.5 },
          ...(id === "binance-usdm" ? {} : { trading: accountOf(id) }),
        },
      ]),
    ),
    trading: {
      thresholdBps: 1,
      safetyBufferBps: 0,
      slots: oneOf(random, [1, 4, 16]),
      cooldownMs: cooldownOf(random, pace),
      fillTimeoutMs: 300,
      reconcileIntervalS: oneOf(random, [10, 30]),
      timeDivisor: speed,
      intentSync: isDurable ? "fdatasync" : "none",
      limits: LIMITS,
    },
  });
  assert(parsed.ok, `the configuration is sound: ${JSON.stringify(parsed)}`);
  return parsed.config;
}

/** The asset in which the amounts of a venue's limits are given. */
export /** Where there is nothing to choose, nothing is drawn. */
function cooldownOf(random: Random, { cooldownMs }: Pace): number {
  return cooldownMs.length === 1 ? (cooldownMs[0] ?? 0) : oneOf(random, cooldownMs);
}

function referenceAssetOf(id: VenueId): "USD" | "USDT" {
  return id === "kraken" ? "USD" : "USDT";
}

function startAmountsAt(id: VenueId): Readonly<Record<string, string>> {
  return { [referenceAssetOf(id)]: "1000", ...START_AMOUNTS };
}

function accountOf(id: VenueId): object {
  const referenceAsset = referenceAssetOf(id);
  return { mode: "simulated", startAmounts: startAmountsAt(id), referenceAsset };
}

/** What cycles begin with at the accounts of a history, by asset. */
export function startAmountsOf({
  venues,
}: Pick<Settings, "venues">): Readonly<Record<string, string>> {
  return Object.assign({}, ...venues.map((id) => startAmountsAt(id)));
}

/** Limits that would end a history early stand at their ceilings; what it halts by itself for stays. */
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
  quarantineS: 0,
  rampMinutes: 0,
};
