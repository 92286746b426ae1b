/**
 * Station: a scenario and a seed -> the world outside the engine: time, network, one venue with its crowd.
 *
 * The venue is that of `local/venues`; the stage leans its market until one triangle pays, takes away what
 * the scenario's crowd would not have left, and lets the venue be as late or forgetful as the scenario says.
 * It never touches the engine.
 */
import { assert } from "../../../contracts/assert.ts";
import { type Micros, US_PER_MS } from "../../../contracts/time.ts";
import type { BackEnd } from "../../venues/exchange/back-end.ts";
import type { OrderRequest } from "../../venues/exchange/orders.ts";
import { MAIN_ACCOUNT_ID, type TradingSide } from "../../venues/exchange/trading-side.ts";
import { Random } from "../../venues/market/random.ts";
import { type Cycle, cyclesOf } from "../../venues/market/triangles.ts";
import type { TradingVenue } from "../../venues/trading-sides.ts";
import type { VenueModel } from "../../venues/venue-model.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Weather } from "../network/weather.ts";
import { MemoryVenues } from "../venues/memory-venues.ts";
import type { Effects } from "./effects.ts";
import type { Offer, Scenario } from "./scenarios.ts";
import { STORY_SPEED, startAssetOf } from "./story-config.ts";
import { WatchedNetwork } from "./watched-network.ts";

/** How often the venue lives. */
const TICK_US: Micros = 20 * US_PER_MS;
/** Three books: the smallest market with a triangle. */
const INSTRUMENT_COUNT = 3;
const DIFFS_PER_SECOND = 24;
const LEVELS = 50;
/** What the triangle pays beyond three fees; spreads and steps of the touch take a part of it. */
const EDGE_BPS = 50;
/** Steps in which the touch has walked to wherever the crowd now wants it. */
const WALK_STEPS = 120;
const BPS = 10_000;
/** How long the opportunity stands once it was taken: its other legs are to find what was seen. */
const HOLD_US: Micros = 15 * US_PER_MS;
/** Less than three fees anywhere, and beyond what a touch wanders by itself. */
const AWAY_BPS = 20;
/** A rate in parts of a hundred million has this many units in a basis point. */
const RATE_UNITS_PER_BP = 10_000;

export type StageParts = {
  readonly kernel: Kernel;
  readonly effects: Effects;
  readonly scenario: Scenario;
  readonly venue: TradingVenue;
  readonly seed: number;
  /** Every text that leaves the engine. */
  readonly onText: (text: string) => void;
};

export class Stage {
  readonly venues: MemoryVenues;
  readonly network: WatchedNetwork;
  readonly side: TradingSide;
  readonly model: VenueModel;
  readonly #parts: StageParts;
  readonly #triangle: Cycle;
  readonly #leaning: number;
  /** When the first order was accepted; 0 before. */
  acceptedUs: Micros = 0;
  #orderCount = 0;
  /** By what the crowd is wrong about the instrument that leans; 1 for nothing. */
  #factor = 1;
  #isOver = false;

  constructor(parts: StageParts) {
    const { kernel, effects, scenario, venue, seed, onText } = parts;
    this.#parts = parts;
    this.venues = new MemoryVenues({
      clock: () => kernel.nowUs,
      venues: [venue],
      options: {
        seed,
        spotInstruments: INSTRUMENT_COUNT,
        kucoinInstruments: INSTRUMENT_COUNT,
        krakenInstruments: INSTRUMENT_COUNT,
        diffsPerSecond: DIFFS_PER_SECOND,
        levelsPerSide: LEVELS,
        venueSpeed: STORY_SPEED,
        spotWeightPerMinute: 1_000_000,
        dialsMax: 1_000_000,
      },
    });
    const weather = new Weather(new Random(seed, "weather"), () => undefined);
    this.network = new WatchedNetwork({ kernel, weather, venues: this.venues }, effects, onText);
    this.model = this.venues.model(venue);
    assert(this.model.trading !== undefined, "a story is told at a venue that trades");
    this.side = this.model.trading;
    const random = new Random(seed, "story");
    const asset = startAssetOf(venue);
    const cycles = cyclesOf(this.model.market).filter(({ assets }) => assets[0] === asset);
    const triangle = cycles[random.integer(cycles.length)];
    assert(triangle !== undefined, "three books make a triangle");
    this.#triangle = triangle;
    this.#leaning = random.integer(triangle.legs.length);
    for (const kind of scenario.faults) this.side.backEnd.faults.arm(kind as never, 1);
    this.#bend(this.side.backEnd);
    this.side.backEnd.watch((event) => {
      if (event.type === "orderAccepted" && this.acceptedUs === 0) this.acceptedUs = kernel.nowUs;
    });
  }

  /** Whether an order has arrived at the venue: the opportunity was taken. */
  get isTold(): boolean {
    return this.#orderCount > 0;
  }

  /** Lets the venue live on from now. */
  start(): void {
    const { kernel } = this.#parts;
    this.venues.tick(kernel.nowUs);
    kernel.at(kernel.nowUs + TICK_US, kernel.world, () => this.start());
  }

  /** Lets one triangle pay until somebody takes it, or nobody can any more. */
  offer(): void {
    if (this.#factor !== 1 || this.#isOver) return;
    const { kernel, scenario } = this.#parts;
    const leg = this.#triangle.legs[this.#leaning];
    assert(leg !== undefined, "a triangle has three legs");
    const { taker } = this.side.exchange.settlement.fees.rates;
    const leanBps = EDGE_BPS + (3 * Number(taker)) / RATE_UNITS_PER_BP;
    this.#factor = leg.side === "buy" ? 1 - leanBps / BPS : 1 + leanBps / BPS;
    this.#lean(leg.index, this.#factor);
    if (scenario.deafMs === 0) return;
    const untilUs = kernel.nowUs + scenario.deafMs * US_PER_MS;
    this.side.backEnd.streams.kill(MAIN_ACCOUNT_ID, untilUs);
  }

  /** Ends the opportunity for good, once no order rests that the leap would leave behind the book. */
  #withdraw(): void {
    const { kernel } = this.#parts;
    this.#isOver = true;
    if (this.side.exchange.log.open(MAIN_ACCOUNT_ID, null).length > 0) {
      kernel.at(kernel.nowUs + HOLD_US, kernel.world, () => this.#withdraw());
      return;
    }
    const leg = this.#triangle.legs[this.#leaning];
    if (this.#factor !== 1 && leg !== undefined) this.#lean(leg.index, 1);
    this.#factor = 1;
  }

  /** The crowd wants another price at once, and the venue tells of it with its next frame. */
  #lean(index: number, factor: number): void {
    const { market } = this.model;
    market.lean(index, factor);
    for (let step = 0; step < WALK_STEPS; step++) market.step(index, this.#parts.kernel.nowUs);
  }

  /** The venue sees orders as the scenario has them. */
  #bend(backEnd: BackEnd): void {
    const { kernel } = this.#parts;
    const place = backEnd.place.bind(backEnd);
    backEnd.place = (request, nowUs, answer) => {
      const offer = this.#parts.scenario.offers[this.#orderCount] ?? "asIs";
      const isFirst = this.#orderCount++ === 0;
      const rests = offer === "noneRests" || offer === "halfRests";
      this.#takeAway(request, offer);
      place(rests ? { ...request, timeInForce: "GTC" } : request, nowUs, answer);
      if (rests) this.#walkAway(request);
      if (isFirst) kernel.at(kernel.nowUs + HOLD_US, kernel.world, () => this.#withdraw());
    };
  }

  /** The crowd leaves an order that rests behind, so that nobody meets it. */
  #walkAway({ symbol, side }: OrderRequest): void {
    const index = this.model.market.indexOf(symbol);
    if (index === undefined) return;
    const isLeaning = index === this.#triangle.legs[this.#leaning]?.index;
    const away = side === "buy" ? 1 + AWAY_BPS / BPS : 1 - AWAY_BPS / BPS;
    this.#lean(index, isLeaning ? this.#factor * away : away);
  }

  /** The crowd was faster: what the order would have taken is gone, or half of it. */
  #takeAway(request: OrderRequest, offer: Offer): void {
    if (offer === "asIs") return;
    const { market } = this.model;
    const index = market.indexOf(request.symbol);
    if (index === undefined) return;
    const instrument = market.instrumentAt(index);
    const { priceDigits, lotDigits } = instrument.rules;
    const limitTicks = Math.round(Number(request.price) * 10 ** priceDigits);
    const lots = Math.round(Number(request.quantity) * 10 ** lotDigits);
    const taken = request.side === "buy" ? "ask" : "bid";
    let leftLots =
      offer === "half" || offer === "halfRests" ? Math.max(1, Math.floor(lots / 2)) : 0;
    for (const [ticks] of instrument.book.levels(taken, LEVELS)) {
      if (taken === "ask" ? ticks > limitTicks : ticks < limitTicks) break;
      const keptLots = Math.min(leftLots, instrument.crowdLotsAt(taken, ticks));
      instrument.change(taken, ticks, keptLots);
      leftLots -= keptLots;
    }
  }
}
