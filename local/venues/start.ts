/**
 * Station: options -> the simulated venues and their control port, running.
 *
 * The composition root of this room, for the process in `main.ts` and for tests alike. One timer drives
 * everything; time comes from one anchored clock. Importing this file does nothing.
 */
import { readFile } from "node:fs/promises";
import { US_PER_S } from "../../contracts/time.ts";
import { type Dialect, SPOT_DIALECT, USDM_DIALECT } from "./binance/dialect.ts";
import { REJECT_CODES } from "./binance/trading/errors.ts";
import { SimulatedVenue } from "./binance/venue.ts";
import { anchoredClock, type Clock } from "./clock.ts";
import { onControlRequest } from "./control.ts";
import { Delays } from "./delays.ts";
import { FaultDesk } from "./fault-desk.ts";
import { type FaultPlan, parseFaultPlan } from "./fault-plan.ts";
import type { VenuesHandle, VenuesStats } from "./handle.ts";
import { KRAKEN_REJECT_CODES } from "./kraken/trading/errors.ts";
import { KrakenVenue } from "./kraken/venue.ts";
import { REJECT_CODES as KUCOIN_REJECT_CODES } from "./kucoin/trading/codes.ts";
import { SimulatedKucoin } from "./kucoin/venue.ts";
import { Listener } from "./listener.ts";
import { FairValues } from "./market/fair-values.ts";
import {
  assetValues,
  krakenListings,
  kucoinListings,
  spotListings,
  usdmListings,
} from "./market/listings.ts";
import { Market } from "./market/market.ts";
import { Random } from "./market/random.ts";
import { compareWithTruth } from "./market/truth.ts";
import { DEFAULT_OPTIONS, type VenuesOptions } from "./options.ts";
import { venueStats } from "./stats.ts";
import { startTrading } from "./trading-run.ts";
import { makeTradingSide } from "./trading-sides.ts";
import type { VenueModel } from "./venue-model.ts";

export type { VenuesHandle } from "./handle.ts";

/** A fault plan that cannot be read; the message names the file and the field. */
export class FaultPlanError extends Error {}

async function loadPlan(options: VenuesOptions): Promise<FaultPlan> {
  const { faultPlanFile, faultsPerMinute, faultKinds } = options;
  const kinds = [...faultKinds];
  if (faultPlanFile === "") return { faults: [], trading: [], faultsPerMinute, kinds };
  let text: string;
  try {
    text = await readFile(faultPlanFile, "utf8");
  } catch {
    throw new FaultPlanError(`--fault-plan: cannot read ${faultPlanFile}`);
  }
  const parsed = parseFaultPlan(text);
  if (parsed.kind === "bad") {
    throw new FaultPlanError(`--fault-plan: ${faultPlanFile}: ${parsed.field}: ${parsed.reason}`);
  }
  const plan = parsed.value;
  // The flag adds chance to a plan that has none of its own.
  const rate = plan.faultsPerMinute > 0 ? plan.faultsPerMinute : faultsPerMinute;
  return { ...plan, faultsPerMinute: rate, kinds: plan.kinds ?? kinds };
}

type World = { readonly options: VenuesOptions; readonly clock: Clock; readonly delays: Delays };

function buildVenue(world: World, dialect: Dialect, fairValues: FairValues): SimulatedVenue {
  const { options, clock, delays } = world;
  const { seed, profile, stepsPerDiff, levelsPerSide, portBase, dialsMax } = options;
  const isSpot = dialect.family === "spot";
  const listings = isSpot
    ? spotListings(options.spotInstruments, levelsPerSide)
    : usdmListings(options.usdmInstruments, levelsPerSide);
  const { venue: name, seqRule } = dialect;
  const market = new Market(fairValues, {
    name,
    seed,
    seqRule,
    listings,
    profile,
    stepsPerDiff,
  });
  const diffIntervalUs = diffIntervalUsOf(options);
  const random = new Random(seed, `${name} faults of frames`);
  const portOffset = isSpot ? 0 : 2;
  return new SimulatedVenue({
    dialect,
    market,
    clock,
    delays,
    feed: { diffIntervalUs, stepsPerDiff, nowUs: clock(), random },
    rules: {
      pingMs: options.pingMs === 0 ? dialect.pingMs : options.pingMs,
      pongTimeoutMs: options.pongTimeoutMs === 0 ? dialect.pongTimeoutMs : options.pongTimeoutMs,
      sessionLifeMs: options.sessionLifeMs,
      shutdownLeadMs: options.shutdownLeadMs,
    },
    weightPerMinuteMax: isSpot ? options.spotWeightPerMinute : options.usdmWeightPerMinute,
    dialsMax,
    restPort: portBase === 0 ? 0 : portBase + portOffset,
    wsPort: portBase === 0 ? 0 : portBase + portOffset + 1,
    trading: isSpot ? spotTradingOf(market, options) : null,
  });
}

function spotTradingOf(market: Market, options: VenuesOptions) {
  const side = makeTradingSide("binance-spot", market, { ...options, rejectCodes: REJECT_CODES });
  return { side, ordersInTenSecondsMax: options.spotOrdersPerTenSeconds };
}

/** The deltas of all instruments of all venues together come at the configured rate. */
function diffIntervalUsOf(options: VenuesOptions): number {
  const { spotInstruments, usdmInstruments, kucoinInstruments, krakenInstruments } = options;
  const count = spotInstruments + usdmInstruments + kucoinInstruments + krakenInstruments;
  return Math.round((Math.max(1, count) * US_PER_S) / options.diffsPerSecond);
}

/** Ports behind the control port, which came first. */
const KUCOIN_PORT_OFFSET = 5;
const KRAKEN_PORT_OFFSET = 7;

function buildKucoin(world: World, fairValues: FairValues): SimulatedKucoin {
  const { options, clock, delays } = world;
  const { seed, profile, stepsPerDiff, portBase, pingMs, pongTimeoutMs, sessionLifeMs } = options;
  const market = new Market(fairValues, {
    name: "kucoin",
    seed,
    seqRule: "perInstrument",
    listings: kucoinListings(options.kucoinInstruments, options.levelsPerSide),
    profile,
    stepsPerDiff,
  });
  const restPort = portBase === 0 ? 0 : portBase + KUCOIN_PORT_OFFSET;
  const random = new Random(seed, "kucoin faults of frames");
  const diffIntervalUs = diffIntervalUsOf(options);
  return new SimulatedKucoin({
    market,
    clock,
    delays,
    feed: { diffIntervalUs, stepsPerDiff, nowUs: clock(), random },
    random: new Random(seed, "kucoin tickets"),
    pingMs,
    pongTimeoutMs,
    sessionLifeMs,
    restPort,
    side: makeTradingSide("kucoin", market, { ...options, rejectCodes: KUCOIN_REJECT_CODES }),
    wsPort: restPort === 0 ? 0 : restPort + 1,
  });
}

function buildKraken(world: World, fairValues: FairValues): KrakenVenue {
  const { options, clock, delays } = world;
  const { seed, profile, stepsPerDiff, portBase, sessionLifeMs, dialsMax } = options;
  const market = new Market(fairValues, {
    name: "kraken",
    seed,
    seqRule: "perInstrument",
    listings: krakenListings(options.krakenInstruments, options.levelsPerSide),
    profile,
    stepsPerDiff,
  });
  const restPort = portBase === 0 ? 0 : portBase + KRAKEN_PORT_OFFSET;
  const random = new Random(seed, "kraken faults of frames");
  const diffIntervalUs = diffIntervalUsOf(options);
  return new KrakenVenue({
    market,
    clock,
    delays,
    feed: { diffIntervalUs, stepsPerDiff, nowUs: clock(), random },
    sessionLifeMs,
    dialsMax,
    restPort,
    wsPort: restPort === 0 ? 0 : restPort + 1,
    trading: makeTradingSide("kraken", market, { ...options, rejectCodes: KRAKEN_REJECT_CODES }),
  });
}

/** Wakes every `tickMs` until told to stop; a late wake is not made up for here. */
function startLoop(tickMs: number, tick: () => void): () => void {
  let timer = setTimeout(function wake() {
    tick();
    timer = setTimeout(wake, tickMs);
  }, tickMs);
  return () => clearTimeout(timer);
}

function buildStats(
  world: World & { startedUs: number },
  venues: readonly VenueModel[],
  desk: FaultDesk,
): VenuesStats {
  const nowUs = world.clock();
  const uptimeUs = nowUs - world.startedUs;
  const diffsMade = venues.reduce((sum, venue) => sum + venue.feed.diffsMade, 0);
  return {
    uptimeUs,
    diffsPerSecond: Math.round((diffsMade * US_PER_S) / Math.max(1, uptimeUs)),
    faultCount: desk.records.length,
    skippedFaultCount: desk.skippedCount,
    venues: Object.fromEntries(venues.map((venue) => [venue.id, venueStats(venue, nowUs)])),
  };
}

type Openable = { open(): Promise<void>; close(): Promise<void> };

/** Opens every listener, or none: a taken port must not leave half a world behind. */
async function openAll(parts: readonly Openable[]): Promise<void> {
  const results = await Promise.allSettled(parts.map((part) => part.open()));
  const failed = results.find((result) => result.status === "rejected");
  if (failed === undefined) return;
  await Promise.all(parts.map((part) => part.close()));
  throw failed.reason;
}

/** Starts the venues; options left out have their defaults. Rejects on a bad plan or a taken port. */
export async function startVenues(partial: Partial<VenuesOptions> = {}): Promise<VenuesHandle> {
  const options = { ...DEFAULT_OPTIONS, ...partial };
  const plan = await loadPlan(options);
  const clock = anchoredClock();
  const { seed } = options;
  const delays = new Delays(options.delays, new Random(seed, "injected delays"));
  const world = { options, clock, delays, startedUs: clock() };
  const fairValues = new FairValues(assetValues(), { seed, nowUs: clock() });
  const spot = buildVenue(world, SPOT_DIALECT, fairValues);
  const usdm = buildVenue(world, USDM_DIALECT, fairValues);
  const kucoin = buildKucoin(world, fairValues);
  const kraken = buildKraken(world, fairValues);
  const venues: readonly VenueModel[] = [spot, usdm, kucoin, kraken];
  const desk = new FaultDesk(venues, clock, new Random(seed, "faults"));
  const control = new Listener(
    (request, response) => {
      onControlRequest(handle, request, response).catch(() => response.destroy());
    },
    options.portBase === 0 ? 0 : options.portBase + 4,
  );
  await openAll([...venues, control]);
  const trading = startTrading(venues, world, plan.trading);
  const stopLoop = startLoop(options.tickMs, () => {
    const nowUs = clock();
    for (const venue of venues) venue.tick(nowUs);
    trading.tick(nowUs);
  });
  desk.startPlan(plan);
  const { promise: stopped, resolve: resolveStopped } = Promise.withResolvers<void>();
  let isStopping = false;
  const stop = async (): Promise<void> => {
    if (!isStopping) {
      isStopping = true;
      stopLoop();
      desk.stop();
      trading.stop();
      await Promise.all([...venues, control].map((part) => part.close()));
      resolveStopped();
    }
    await stopped;
  };
  const handle: VenuesHandle = {
    endpoints: {
      "binance-spot": spot.endpoints,
      "binance-usdm": usdm.endpoints,
      kucoin: kucoin.endpoints,
      kraken: kraken.endpoints,
      control: `http://127.0.0.1:${control.port}`,
    },
    inject: (fault) => desk.inject(fault),
    faults: () => desk.records,
    compare: (book) => {
      const venue = venues.find((one) => one.id === book.venue);
      const index = venue?.market.indexOf(book.symbol);
      if (venue === undefined || index === undefined) return undefined;
      // A sequence that nobody was told is none of the market's, and is answered as unknown.
      const seq = venue.truthSeq === undefined ? book.seq : (venue.truthSeq(index, book.seq) ?? -1);
      return compareWithTruth(venue.market.instrumentAt(index), { ...book, seq });
    },
    delays: () => delays.ranges,
    setDelays: (ranges) => {
      delays.ranges = ranges;
    },
    trading: trading.desk,
    changeKeys: (venueId, change) => {
      const venue = venues.find(({ id }) => id === venueId);
      if (venue?.trading === undefined || venue.changeKeys === undefined) return false;
      venue.changeKeys(change);
      return true;
    },
    stats: () => buildStats(world, venues, desk),
    stop,
    stopped,
  };
  return handle;
}
