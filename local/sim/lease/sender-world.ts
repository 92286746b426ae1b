/**
 * Station: times of the lease -> the smallest world in which the production core sends an order: one venue,
 * one instrument, one book that is live, and limits wide enough that the lease and the clock alone decide.
 */

import { assert } from "../../../contracts/assert.ts";
import { LEASE_TIMES, type LeaseTimes, leaseMarginUs } from "../../../contracts/lease.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { standardConfig } from "../../../hotpath/config.ts";
import { type Instrument, instrumentOf } from "../../../hotpath/core/instrument.ts";
import type { CoreLimits, VenueRules } from "../../../hotpath/core/limits.ts";
import { INQUIRY_RULES } from "../../../hotpath/core/order/unknown.ts";
import type { TradingPlan } from "../../../hotpath/core/trade/plan.ts";
import { makeWorld, type World } from "../../../hotpath/core/world.ts";
import { coreLimitsOf } from "../../../hotpath/limits-of.ts";
import { riskLimitsOf } from "../../../hotpath/trading-plan.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";

const US_PER_DAY = 86_400 * US_PER_S;
const VENUE_ID = "binance-spot";
const BID_TICKS = 9_999_900;
export const ASK_TICKS = 10_000_100;
const DEEP_LOTS = 10_000_000;
const RULES: VenueRules = {
  depthLimit: 1000,
  depthWeight: 50,
  shallower: [],
  clockWeight: 1,
  weightLimit: 1_000_000,
  weightWindowUs: 60 * US_PER_S,
  dialsMax: 1000,
  dialWindowUs: 300 * US_PER_S,
};

/** What every life of every seed is made from; read once, because a configuration takes a millisecond. */
export type SenderStock = {
  readonly limits: CoreLimits;
  readonly risk: TradingPlan["limits"];
};

export function senderStock(): SenderStock {
  const config = standardConfig();
  return {
    limits: coreLimitsOf(config),
    risk: {
      ...riskLimitsOf(config.trading.limits),
      openOrdersPerInstrumentMax: 50,
      openOrdersMax: 500,
      openNotionalMax: "1000000",
      grossExposureMax: "2000000",
      positionNotionalMax: "1000000",
      ordersPerSecondMax: 1000,
      ordersPerMinuteMax: 30_000,
      ordersPerDayMax: 20_000_000,
      cyclesPerHourMax: 1_000_000,
      cyclesPerDayMax: 10_000_000,
      unknownOrdersMax: 100,
      rejectsInARowMax: 1000,
      rejectShareOf50Max: 50,
      cancelRatioMax: 1000,
      duplicateWindowUs: 0,
      quarantineUs: 0,
      rampUs: 0,
      jumpSigmas: 0,
      rulesAgeUsMax: US_PER_DAY,
    },
  };
}

export type SenderTerms = {
  readonly fence: number;
  readonly times: LeaseTimes;
  /** Beyond this the venue's clock is too far off ours for any order. */
  readonly clockOffsetUsMax: Micros;
  readonly nowUs: Micros;
};

export function senderPlan(stock: SenderStock, terms: SenderTerms): TradingPlan {
  const { fence, times, clockOffsetUsMax } = terms;
  return {
    lease: { marginUs: leaseMarginUs(times), stallUs: times.stallUs },
    fence,
    venues: [
      {
        venue: 0,
        mode: "simulated",
        startAmounts: { USDT: "1000" },
        referenceAsset: "USDT",
        paperBalances: {},
        rates: [],
        feeRounding: { decimals: 8, rounding: "floor" },
        hasDeadMan: false,
        dialsToOpen: 1,
        hasOrderTest: true,
        cancelAll: "instrument",
        windowUs: times.windowUs,
        backEndUs: times.backEndUs,
      },
    ],
    limits: { ...stock.risk, clockOffsetUsMax },
    limitsVersion: 0,
    edgePpmMin: 700,
    slots: 4,
    isolation: { instrument: true, primaryQuote: false },
    cooldownUs: 500 * US_PER_MS,
    fillTimeoutUs: 2 * US_PER_S,
    awaitBalanceUs: 0,
    singleLegPolicy: "reverse",
    exitTriesMax: 3,
    exitCollarPpm: 10_000,
    shutdownPolicy: "flatten",
    clockErrorUs: LEASE_TIMES.clockErrorUs,
    reconcileIntervalUs: 30 * US_PER_S,
    accountSilenceUs: 60 * US_PER_S,
    backoffInitialUs: 100 * US_PER_MS,
    backoffCapUs: 10 * US_PER_S,
    inquiry: INQUIRY_RULES,
    timeDivisor: 1,
    restored: "",
  };
}

/** A world whose one book is live and whose one stream is heard. */
export function senderWorld(stock: SenderStock, { nowUs, clockOffsetUsMax }: SenderTerms): World {
  const world = makeWorld({
    limits: { ...stock.limits, clockOffsetUs: clockOffsetUsMax, bufferedDeltasMax: 4 },
    instruments: [instrumentAt(nowUs)],
    venues: [{ id: VENUE_ID, rules: RULES, continuity: VENUES[VENUE_ID].continuity }],
    sessions: [{ venue: 0, shard: 0, books: [0] }],
  });
  const [session] = world.sessions;
  const [slot] = world.slots;
  assert(session !== undefined && slot !== undefined, "a world of one book has one stream");
  world.nowUs = nowUs;
  session.state = "live";
  session.epoch = 1;
  session.frames = 1;
  session.openedUs = nowUs;
  session.confirmedUs = nowUs;
  session.lastRecvUs = nowUs;
  slot.book.startBuffering();
  slot.book.load(
    {
      seq: 100,
      exchangeUs: nowUs,
      ticks: Float64Array.of(BID_TICKS, ASK_TICKS),
      lots: Float64Array.of(DEEP_LOTS, DEEP_LOTS),
      bidCount: 1,
      askCount: 1,
    },
    1000,
  );
  slot.phase = "idle";
  slot.lastDeltaUs = nowUs;
  slot.book.goLive(1);
  return world;
}

function instrumentAt(rulesUs: Micros): Instrument {
  const made = instrumentOf(
    {
      id: `${VENUE_ID}:BTCUSDT`,
      venue: VENUE_ID,
      symbol: "BTCUSDT",
      tickSize: "0.01",
      lotSize: "0.00001",
      baseAsset: "BTC",
      quoteAsset: "USDT",
      filters: {
        priceMin: "",
        priceMax: "",
        quantityMin: "0.00001",
        quantityMax: "",
        notionalMin: "5",
      },
      rulesUs,
    },
    0,
  );
  assert(made !== undefined, "its steps are decimals");
  return made;
}
