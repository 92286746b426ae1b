/**
 * Station: options, a clock and what carries each venue -> the simulated venues and all that acts on them.
 *
 * The part that `start.ts` and the deterministic simulator build alike: markets, desks, exchanges, faults
 * and triangles. It opens nothing and owns no time: whoever built it calls `tick`.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { Micros } from "../../contracts/time.ts";
import { US_PER_S } from "../../contracts/time.ts";
import { type Dialect, SPOT_DIALECT, USDM_DIALECT } from "./binance/dialect.ts";
import { REJECT_CODES } from "./binance/trading/errors.ts";
import { SimulatedVenue } from "./binance/venue.ts";
import { Delays } from "./delays.ts";
import { FaultDesk } from "./fault-desk.ts";
import type { ForeignBookRequest } from "./fault-plan.ts";
import type { VenuesStats } from "./handle.ts";
import { KRAKEN_REJECT_CODES } from "./kraken/trading/errors.ts";
import { KrakenVenue } from "./kraken/venue.ts";
import { REJECT_CODES as KUCOIN_REJECT_CODES } from "./kucoin/trading/codes.ts";
import { SimulatedKucoin } from "./kucoin/venue.ts";
import { FairValues } from "./market/fair-values.ts";
import {
  assetValues,
  krakenListings,
  kucoinListings,
  spotListings,
  usdmListings,
} from "./market/listings.ts";
import { Market, type SeqRule } from "./market/market.ts";
import { Random } from "./market/random.ts";
import { type Comparison, compareWithTruth } from "./market/truth.ts";
import type { VenuesOptions } from "./options.ts";
import { venueStats } from "./stats.ts";
import { type TradingRun, tradingRunOf } from "./trading-run.ts";
import { makeTradingSide } from "./trading-sides.ts";
import type { VenueTransport } from "./transport.ts";
import type { DrawBytes, KeyChange, VenueModel } from "./venue-model.ts";

/** What the venues stand on. */
export type VenuesGround = {
  readonly options: VenuesOptions;
  readonly clock: () => Micros;
  /** The venues there are, with what carries each. */
  readonly transports: ReadonlyMap<VenueId, VenueTransport>;
  /** Where the bytes of a venue's keys and tokens come from. */
  readonly drawBytesOf: (venue: VenueId) => DrawBytes;
};

/** Venues that live as long as somebody calls `tick`. */
export type BuiltVenues = {
  /** In the order of the transports. */
  readonly models: readonly VenueModel[];
  readonly desk: FaultDesk;
  readonly trading: TradingRun;
  readonly delays: Delays;
  /** Lets every venue live until now. */
  readonly tick: (nowUs: Micros) => void;
  /** A book that somebody holds against the truth; undefined for an instrument that is not there. */
  readonly compare: (book: ForeignBookRequest) => Comparison | undefined;
  readonly changeKeys: (venue: VenueId, change: KeyChange) => boolean;
  readonly stats: () => VenuesStats;
  /** Ends planned and random faults, and takes every venue down for good. */
  readonly stop: () => void;
};

type World = VenuesGround & {
  readonly delays: Delays;
  readonly fairValues: FairValues;
  readonly diffIntervalUs: Micros;
};

type Maker = (world: World, transport: VenueTransport) => VenueModel;

const MAKERS: Readonly<Record<VenueId, Maker>> = {
  "binance-spot": (world, transport) => makeBinance(world, SPOT_DIALECT, transport),
  "binance-usdm": (world, transport) => makeBinance(world, USDM_DIALECT, transport),
  kucoin: makeKucoin,
  kraken: makeKraken,
};

const LISTINGS = {
  "binance-spot": spotListings,
  "binance-usdm": usdmListings,
  kucoin: kucoinListings,
  kraken: krakenListings,
} as const;

const COUNT_OPTIONS = {
  "binance-spot": "spotInstruments",
  "binance-usdm": "usdmInstruments",
  kucoin: "kucoinInstruments",
  kraken: "krakenInstruments",
} as const;

function makeMarket(world: World, name: VenueId, seqRule: SeqRule = "perInstrument"): Market {
  const { options, fairValues } = world;
  const { seed, profile, stepsPerDiff, levelsPerSide } = options;
  const count = options[COUNT_OPTIONS[name]];
  const listings = LISTINGS[name](count, levelsPerSide);
  return new Market(fairValues, { name, seed, seqRule, listings, profile, stepsPerDiff });
}

/** What every feed needs of the world. */
function feedOptions({ options, clock, diffIntervalUs }: World, name: VenueId) {
  const { seed, stepsPerDiff } = options;
  const random = new Random(seed, `${name} faults of frames`);
  return { diffIntervalUs, stepsPerDiff, nowUs: clock(), random };
}

function makeBinance(world: World, dialect: Dialect, transport: VenueTransport): SimulatedVenue {
  const { options, clock, delays } = world;
  const { venue: name, seqRule } = dialect;
  const isSpot = dialect.family === "spot";
  const market = makeMarket(world, name, seqRule);
  return new SimulatedVenue({
    dialect,
    market,
    clock,
    delays,
    transport,
    feed: feedOptions(world, name),
    rules: {
      pingMs: options.pingMs === 0 ? dialect.pingMs : options.pingMs,
      pongTimeoutMs: options.pongTimeoutMs === 0 ? dialect.pongTimeoutMs : options.pongTimeoutMs,
      sessionLifeMs: options.sessionLifeMs,
      shutdownLeadMs: options.shutdownLeadMs,
    },
    weightPerMinuteMax: isSpot ? options.spotWeightPerMinute : options.usdmWeightPerMinute,
    dialsMax: options.dialsMax,
    drawBytes: world.drawBytesOf(name),
    trading: isSpot ? spotTradingOf(market, options) : null,
  });
}

function spotTradingOf(market: Market, options: VenuesOptions) {
  const side = makeTradingSide("binance-spot", market, { ...options, rejectCodes: REJECT_CODES });
  return { side, ordersInTenSecondsMax: options.spotOrdersPerTenSeconds };
}

function makeKucoin(world: World, transport: VenueTransport): SimulatedKucoin {
  const { options, clock, delays } = world;
  const { seed, pingMs, pongTimeoutMs, sessionLifeMs } = options;
  const market = makeMarket(world, "kucoin");
  return new SimulatedKucoin({
    market,
    clock,
    delays,
    transport,
    feed: feedOptions(world, "kucoin"),
    random: new Random(seed, "kucoin tickets"),
    pingMs,
    pongTimeoutMs,
    sessionLifeMs,
    drawBytes: world.drawBytesOf("kucoin"),
    side: makeTradingSide("kucoin", market, { ...options, rejectCodes: KUCOIN_REJECT_CODES }),
  });
}

function makeKraken(world: World, transport: VenueTransport): KrakenVenue {
  const { options, clock, delays } = world;
  const market = makeMarket(world, "kraken");
  return new KrakenVenue({
    market,
    clock,
    delays,
    transport,
    feed: feedOptions(world, "kraken"),
    sessionLifeMs: options.sessionLifeMs,
    dialsMax: options.dialsMax,
    drawBytes: world.drawBytesOf("kraken"),
    trading: makeTradingSide("kraken", market, { ...options, rejectCodes: KRAKEN_REJECT_CODES }),
  });
}

/** The deltas of all instruments of all venues together come at the configured rate. */
function diffIntervalUsOf({ options, transports }: VenuesGround): Micros {
  let count = 0;
  for (const name of transports.keys()) count += options[COUNT_OPTIONS[name]];
  return Math.round((Math.max(1, count) * US_PER_S) / options.diffsPerSecond);
}

/** Builds the venues that have a transport; nothing is open yet, and no fault is planned. */
export function buildVenues(ground: VenuesGround): BuiltVenues {
  const { options, clock, transports } = ground;
  const { seed } = options;
  const startedUs = clock();
  const delays = new Delays(options.delays, new Random(seed, "injected delays"));
  const fairValues = new FairValues(assetValues(), { seed, nowUs: startedUs });
  const world = { ...ground, delays, fairValues, diffIntervalUs: diffIntervalUsOf(ground) };
  const models = [...transports].map(([name, transport]) => MAKERS[name](world, transport));
  const desk = new FaultDesk(models, clock, new Random(seed, "faults"));
  const trading = tradingRunOf(models, { options, clock });
  return {
    models,
    desk,
    trading,
    delays,
    tick: (nowUs) => {
      for (const model of models) model.tick(nowUs);
      trading.tick(nowUs);
    },
    compare: (book) => {
      const model = models.find(({ id }) => id === book.venue);
      const index = model?.market.indexOf(book.symbol);
      if (model === undefined || index === undefined) return undefined;
      // A sequence that nobody was told is none of the market's, and is answered as unknown.
      const seq = model.truthSeq === undefined ? book.seq : (model.truthSeq(index, book.seq) ?? -1);
      return compareWithTruth(model.market.instrumentAt(index), { ...book, seq });
    },
    changeKeys: (venue, change) => {
      const model = models.find(({ id }) => id === venue);
      if (model?.trading === undefined || model.changeKeys === undefined) return false;
      model.changeKeys(change);
      return true;
    },
    stats: () => statsOf(models, desk, clock() - startedUs, clock()),
    stop: () => {
      desk.stop();
      trading.stop();
      // Going down once more than it comes back, a venue stays down whatever restart is under way.
      for (const model of models) model.goDown();
    },
  };
}

function statsOf(
  models: readonly VenueModel[],
  desk: FaultDesk,
  uptimeUs: Micros,
  nowUs: Micros,
): VenuesStats {
  const diffsMade = models.reduce((sum, model) => sum + model.feed.diffsMade, 0);
  return {
    uptimeUs,
    diffsPerSecond: Math.round((diffsMade * US_PER_S) / Math.max(1, uptimeUs)),
    faultCount: desk.records.length,
    skippedFaultCount: desk.skippedCount,
    venues: Object.fromEntries(models.map((model) => [model.id, venueStats(model, nowUs)])),
  };
}
