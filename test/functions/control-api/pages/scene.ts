/**
 * An hour of an engine for tests of the pages: three venues, resyncs of every cause and length, cycles that
 * filled, failed and were aborted, alerts, a kill, and a status as the heartbeat has it. No chance in it.
 */
import type { Fact, FactKind, FactPayloads } from "../../../../contracts/history.ts";
import { FACT_CLASSES } from "../../../../contracts/history.ts";
import type { InstrumentId, VenueId } from "../../../../contracts/ids.ts";
import { RESYNC_CAUSES, type StageDurations } from "../../../../contracts/resync.ts";
import type { CycleEnding } from "../../../../contracts/trade.ts";
import { ENGINE, type Memory, START_US } from "../memory-ports.ts";
import { wellHeartbeat } from "../rig.ts";

const US_PER_S = 1_000_000;
const US_PER_MINUTE = 60 * US_PER_S;

export const INSTRUMENTS = [
  "binance-spot:BTCUSDT",
  "binance-spot:ETHUSDT",
  "binance-spot:ETHBTC",
  "kraken:BTC/USD",
  "kraken:ETH/USD",
  "kucoin:BTC-USDT",
] as const satisfies readonly InstrumentId[];

let factCount = 0;

/** One fact of the scene. */
export function sceneFact<Kind extends FactKind>(
  kind: Kind,
  atUs: number,
  payload: FactPayloads[Kind],
  venue: VenueId | null = null,
): Fact {
  const id = `run-1:${++factCount}`;
  const fact: unknown = {
    event_id: id,
    event_type: `${FACT_CLASSES[kind]}.${kind}`,
    kind,
    fact_id: kind === "cycle" ? (payload as FactPayloads["cycle"]).corr : id.replace(":", "-"),
    engine: ENGINE,
    run_id: "run-1",
    venue,
    observed_at: atUs,
    ingested_at: atUs + 20_000,
    schema_version: 1,
    payload,
  };
  return fact as Fact;
}

/** A number between 0 and 1 that is the same for the same `seed`. */
function share(seed: number): number {
  const mixed = Math.imul((seed + 1) ^ 0x9e37_79b9, 0x85eb_ca6b) >>> 0;
  return (Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35) >>> 0) / 2 ** 32;
}

function venueOf(instrument: InstrumentId): VenueId {
  return instrument.split(":")[0] as VenueId;
}

/** A resync that ended `beforeUs` before the scene's end. */
export function resyncFact(
  seed: number,
  beforeUs: number,
  instrument: InstrumentId = INSTRUMENTS[seed % INSTRUMENTS.length] ?? INSTRUMENTS[0],
): Fact {
  const scale = seed % 9 === 0 ? 40 * US_PER_S : 90_000 + share(seed) * 900_000;
  const needsDial = seed % 3 === 0;
  const stagesUs: StageDurations = {
    detect: Math.round(scale * 0.2),
    dial: needsDial ? Math.round(scale * 0.25) : 0,
    subscribe: needsDial ? Math.round(scale * 0.1) : 0,
    snapshot: Math.round(scale * 0.3),
    rebuild: Math.round(scale * 0.05),
    validate: Math.round(scale * 0.1),
  };
  const totalUs = Object.values(stagesUs).reduce((sum, us) => sum + us, 0);
  const liveUs = START_US - beforeUs;
  const cause = RESYNC_CAUSES[seed % RESYNC_CAUSES.length] ?? "sequenceGap";
  return sceneFact(
    "resync",
    liveUs,
    {
      resyncId: seed + 1,
      instrument,
      shard: 0,
      cause,
      epoch: 2 + seed,
      degradedUs: liveUs - totalUs,
      liveUs,
      totalUs,
      stagesUs,
      snapshotCount: 1 + (seed % 3),
      tick: 90_000 + seed,
      ordersTouched: seed % 4 === 0 ? [`rk-3-${seed}-0`] : [],
    },
    venueOf(instrument),
  );
}

export const CYCLE_CORR = "3-1007";

function cycleFact(seed: number): Fact {
  const endings: readonly CycleEnding[] = ["FILLED", "FILLED", "FILLED", "ABORTED", "FAILED"];
  const ending = endings[seed % endings.length] ?? "FILLED";
  const signalUs = START_US - (seed + 1) * 4 * US_PER_MINUTE;
  const leg = (at: number, instrument: InstrumentId) => {
    const firedUs = signalUs + 180 + at * 4_200;
    return {
      leg: at,
      instrument,
      side: at === 2 ? ("sell" as const) : ("buy" as const),
      clientId: `rk-3-${seed}-${at}`,
      state: ending === "FAILED" && at === 2 ? ("rejected" as const) : ("filled" as const),
      quantity: "0.01650000",
      filledQuantity: ending === "FAILED" && at === 2 ? "0" : "0.01650000",
      averagePrice: at === 0 ? "60512.31" : "0.05210",
      input: "998.45",
      inputAsset: at === 0 ? "USDT" : "BTC",
      output: "0.01648350",
      outputAsset: at === 2 ? "USDT" : "BTC",
      fees: { USDT: "0.998" },
      firedUs,
      ackUs: firedUs + 1_150 + at * 90,
      fillUs: firedUs + 2_480 + at * 210,
      endUs: firedUs + 2_600 + at * 210,
    };
  };
  return sceneFact(
    "cycle",
    signalUs,
    {
      cycle: 1_007 + seed,
      corr: `3-${1_007 + seed}`,
      mode: "paper",
      ending,
      reason: ending === "FILLED" ? "" : "leg 3 was refused by the venue",
      triangle: "USDT>BTC>ETH",
      predictedBps: "4.81",
      effectiveBps: ending === "FILLED" ? "1.93" : "-3.20",
      startAmount: "998.45",
      profit: ending === "FILLED" ? "0.19270085" : "-0.31950400",
      profitAsset: "USDT",
      residualValue: "0.00210",
      residual: { BTC: "0.00000003" },
      attribution: {
        gross: "8.02",
        spread: "1.10",
        depth: "0.74",
        fees: "3.00",
        rounding: "0.05",
        latency: "1.20",
      },
      signalUs,
      totalUs: 11_420,
      legs: [
        leg(0, "binance-spot:BTCUSDT"),
        leg(1, "binance-spot:ETHBTC"),
        leg(2, "binance-spot:ETHUSDT"),
      ],
    },
    "binance-spot",
  );
}

function tradeFacts(seed: number): Fact[] {
  const atUs = START_US - (seed + 1) * 4 * US_PER_MINUTE;
  const shared = {
    instrument: "binance-spot:BTCUSDT",
    clientId: `rk-3-${seed}-0`,
    orderId: String(28_451_990_001 + seed),
    side: "buy",
    price: "60512.31",
    quantity: "0.01650000",
    cycle: 1_007 + seed,
    leg: 0,
    corr: `3-${1_007 + seed}`,
    triangle: "USDT>BTC>ETH",
  } as const;
  const order = {
    ...shared,
    state: "filled",
    cause: "",
    filledQuantity: "0.01650000",
    limitsVersion: 2,
  } as const;
  const fill = {
    ...shared,
    tradeId: String(9_007_199_254_740_993n + BigInt(seed)),
    quote: "998.45311500",
    fee: "0.99845312",
    feeAsset: "USDT",
    isMaker: false,
    mode: "paper",
    exchangeUs: atUs + 2_480,
  } as const;
  return [
    sceneFact("order", atUs + 180, order, "binance-spot"),
    sceneFact("fill", atUs + 2_500, fill, "binance-spot"),
    sceneFact(
      "opportunity",
      atUs,
      {
        opportunity: 40_000 + seed,
        triangle: "USDT>BTC>ETH",
        predictedBps: "4.81",
        startAmount: "998.45",
        decision: seed % 3 === 0 ? "fired" : "denied",
        reason: seed % 3 === 0 ? "" : "edge below the least",
      },
      "binance-spot",
    ),
    sceneFact(
      "denial",
      atUs + 90,
      {
        instrument: "binance-spot:BTCUSDT",
        cycle: 1_007 + seed,
        leg: 0,
        control: "maxOrderNotional",
        reason: "998.45 is above 900",
        limitsVersion: 2,
      },
      "binance-spot",
    ),
  ];
}

/** Fills `memory` with the hour before START_US. */
export function fillScene(memory: Memory): void {
  factCount = 0;
  const { hot } = memory;
  for (let seed = 0; seed < 46; seed += 1) {
    hot.push(resyncFact(seed, 20 * US_PER_S + seed * 75 * US_PER_S));
  }
  for (let seed = 0; seed < 12; seed += 1) hot.push(cycleFact(seed), ...tradeFacts(seed));
  for (let minute = 59; minute >= 0; minute -= 1) {
    const p50Us = 8 + Math.round(share(minute) * 6);
    hot.push(
      sceneFact("latency", START_US - minute * US_PER_MINUTE, {
        count: 90_000,
        p50Us,
        p99Us: p50Us * 9 + (minute % 13 === 0 ? 400 : 0),
        p999Us: p50Us * 30,
        maxUs: p50Us * 120,
        tickP99Us: p50Us * 2,
        tickMaxUs: p50Us * 50,
      }),
    );
  }
  hot.push(
    sceneFact("run", START_US - 58 * US_PER_MINUTE, {
      change: "started",
      fence: 3,
      version: "0.1.0",
      modes: { "binance-spot": "paper" },
      reason: "",
    }),
    sceneFact(
      "mode",
      START_US - 21 * US_PER_MINUTE,
      { from: "active", to: "exitsOnly", reason: "queueDelay" },
      "kraken",
    ),
    sceneFact(
      "mode",
      START_US - 19 * US_PER_MINUTE,
      { from: "exitsOnly", to: "active", reason: "recovered" },
      "kraken",
    ),
    sceneFact(
      "alert",
      START_US - 9 * US_PER_MINUTE,
      {
        severity: 2,
        kind: "bookWrong",
        instrument: "kraken:BTC/USD",
        text: "The checksum was wrong twice within a minute.",
      },
      "kraken",
    ),
    sceneFact(
      "alert",
      START_US - 31 * US_PER_MINUTE,
      { severity: 1, kind: "killed", instrument: "", text: "Trading was killed at kucoin." },
      "kucoin",
    ),
    sceneFact(
      "alert",
      START_US - 44 * US_PER_MINUTE,
      {
        severity: 3,
        kind: "rulesChanged",
        instrument: "kucoin:BTC-USDT",
        text: "The least size is 0.00001 now.",
      },
      "kucoin",
    ),
    sceneFact("kill", START_US - 31 * US_PER_MINUTE, {
      scope: "venue",
      target: "kucoin",
      isKilled: true,
      by: "otto",
      reason: "withdrawals are halted there",
    }),
  );
  memory.heartbeats.set(
    ENGINE,
    wellHeartbeat({
      limitsVersion: 2,
      isReady: false,
      ackedSeq: 1_204_553,
      publishedSeq: 1_204_410,
      statusJson: JSON.stringify(sceneStatus()),
    }),
  );
  memory.reports.set(`${ENGINE} 2026-11-20`, {
    day: "2026-11-20",
    engine: ENGINE,
    cycles: { filled: 412, failed: 3, aborted: 17 },
    profit: [{ mode: "paper", asset: "USDT", profit: "81.20441" }],
    resyncs: { count: 63, p50Ms: 214.2, p99Ms: 1840.1 },
    cost: { usd: "1.92" },
  });
}

function session(venue: string, confidence: number, reason: string) {
  return {
    venue,
    shard: 0,
    state: "live",
    epoch: 7,
    confidence,
    confidenceReason: reason,
    transportUs: 4_210,
    queueUs: 31,
    silenceUs: 12_400,
    awayUs: 90,
    frames: 1_820_443,
    classification: "none",
  };
}

const BOOKS_LIVE: Readonly<Record<string, number>> = { "binance-spot": 3, kraken: 1 };
const BOOKS_TOTAL: Readonly<Record<string, number>> = { "binance-spot": 3, kraken: 2, kucoin: 1 };

function venue(name: string, mode: string, confidence: number, reason: string) {
  return {
    venue: name,
    mode,
    modeReason: reason,
    booksLive: BOOKS_LIVE[name] ?? 0,
    booksTotal: BOOKS_TOTAL[name] ?? 0,
    clockOffsetUs: -1_280,
    clockErrorUs: 350,
    weightUsed: 120,
    weightLimit: 6_000,
    sessions: [session(name, confidence, reason)],
  };
}

function account(name: string, blocked: string) {
  return {
    venue: name,
    mode: "paper",
    phase: "ready",
    blocked,
    epoch: 4,
    heardUs: START_US,
    instrumentsWithFees: 3,
    balances: { USDT: ["10081.20", "0"], BTC: ["0.00000003", "0"] },
    traded: { USDT: "81.20" },
    drift: {},
    openOrders: 2,
    unknownOrders: 0,
    risk: { portfolio: "healthy", dayResult: "81.20441", lossesInARow: 0 },
  };
}

/** A status as a heartbeat has it. */
export function sceneStatus(): Readonly<Record<string, unknown>> {
  const minutes = Array.from({ length: 60 }, (_, at) => START_US - (59 - at) * US_PER_MINUTE);
  const confidenceOf = (seed: number): number[] =>
    minutes.map((_us, at) => (share(at * 7 + seed) > 0.88 ? 0.35 : 0.93 + (at % 5) / 100));
  return {
    startedUs: START_US - 58 * US_PER_MINUTE,
    venues: [
      venue("binance-spot", "active", 0.97, ""),
      venue("kraken", "exitsOnly", 0.62, "transportLatency"),
      venue("kucoin", "suspended", 0.12, "noMarketFlow"),
    ],
    books: INSTRUMENTS.map((instrument, at) => {
      return {
        instrument,
        state: at === 5 ? "void" : at === 4 ? "buffering" : "live",
        epoch: 7,
        seq: 51_204_887_013 + at,
        bid: "60512.30",
        ask: "60512.31",
        levels: 1_000,
        resyncs: 12 - at,
      };
    }),
    confidence: {
      endedUs: minutes,
      sessions: {
        "binance-spot #0": confidenceOf(1),
        "kraken #0": confidenceOf(2),
        "kucoin #0": confidenceOf(3),
      },
    },
    resyncs: {
      count: 46,
      ms: { p50: 410.2, p99: 36_020.5, max: 40_000 },
      stagesMs: {},
      recent: [],
    },
    trading: {
      fence: 3,
      limitsVersion: 2,
      accounts: [account("binance-spot", ""), account("kucoin", "killed")],
      counts: {
        opportunities: 40_012,
        filled: 412,
        failed: 3,
        aborted: 17,
        cyclesOpen: 1,
        orders: 1_296,
        fills: 1_240,
        denials: 12_044,
        denialsByControl: {},
        unknownOpen: 0,
      },
      profit: { "binance-spot:USDT": "81.20441" },
      kills: [
        {
          scope: "venue",
          target: "kucoin",
          by: "otto",
          reason: "withdrawals are halted there",
          atUs: START_US - 31 * US_PER_MINUTE,
        },
      ],
      orders: [],
      isDraining: false,
    },
  };
}
