/**
 * Station: order -> gate -> wire. The last synchronous step before an order leaves; hard blocks only.
 *
 * It judges on worst cases, fails closed on whatever is missing, and has no override: a person changes the
 * limits, with a version, and the next order is judged by those. The pass path allocates nothing but the
 * few integers that exact sums need.
 */
import { assert } from "../../../contracts/assert.ts";
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import { type Instrument, NO_FILTERS } from "../instrument.ts";
import type { PlaceOrder } from "../trade/commands.ts";
import { CONTROLS, type Control, controlsFor } from "./controls.ts";
import { LastOrders } from "./duplicates.ts";
import { Kills } from "./kill.ts";
import { type LimitsInForce, type LimitsTaken, takeLimits } from "./limits.ts";
import { emptyReferenceReading, References } from "./reference.ts";
import { exactWorthOf, type Scene, worthOf } from "./scene.ts";
import type { VenueRisk } from "./venue-risk.ts";
import {
  type Denial,
  emptyAccountReading,
  emptyBookReading,
  emptyInstrumentReading,
  type OrderContext,
  type PlacePurpose,
  type RiskView,
} from "./view.ts";

export type GateOptions = {
  readonly view: RiskView;
  /** By the venue's position in the world; none for a venue that does not trade. */
  readonly venues: ReadonlyMap<number, VenueRisk>;
  /** Rows of the world's arrays. */
  readonly instrumentCount: number;
  readonly limits: LimitsInForce;
  /** All of them, but in tests that show what each is for. */
  readonly controls?: readonly Control[];
};

export class RiskGate {
  readonly kills = new Kills();
  readonly references: References;
  readonly #venues: ReadonlyMap<number, VenueRisk>;
  readonly #controls: Readonly<Record<PlacePurpose, readonly Control[]>>;
  readonly #lastOrders: LastOrders;
  readonly #scene: Scene;
  #limits: LimitsInForce;

  constructor(options: GateOptions) {
    const { venues, limits, instrumentCount, view, controls = CONTROLS } = options;
    this.#venues = venues;
    this.#limits = limits;
    this.references = new References(instrumentCount);
    this.#lastOrders = new LastOrders(instrumentCount);
    this.#controls = {
      open: controlsFor(controls, "open"),
      finish: controlsFor(controls, "finish"),
      exit: controlsFor(controls, "exit"),
    };
    const first = venues.values().next().value;
    assert(first !== undefined, "a gate has a venue to guard");
    this.#scene = emptyScene({
      view,
      limits,
      kills: this.kills,
      lastOrders: this.#lastOrders,
      references: this.references,
      venue: first,
    });
  }

  get limits(): LimitsInForce {
    return this.#limits;
  }

  /** Risk state of a venue; asserts that the venue trades. */
  venue(index: number): VenueRisk {
    const venue = this.#venues.get(index);
    assert(venue !== undefined, "the venue trades");
    return venue;
  }

  /** Takes up another version of the limits, whatever its type claims, or says what is wrong with it. */
  takeLimits(limits: RiskLimits, version: number): LimitsTaken {
    const taken = takeLimits(limits, version, this.#limits.version);
    if (taken.ok) this.#limits = taken.value;
    return taken;
  }

  /**
   * Judges an order; undefined lets it pass. It changes nothing, so whatever passes and is sent must be
   * counted (`countSent`) before the next one is judged.
   */
  check(order: PlaceOrder, context: OrderContext, nowUs: number): Denial | undefined {
    assert(order.purpose !== "cancel", "an order that is placed is no cancel");
    const venue = this.#venues.get(order.venue);
    const rules = venue?.exposure.instrument(order.instrument);
    if (venue === undefined || rules === undefined) {
      return this.#denial("PT20", `instrument ${order.instrument} of venue ${order.venue} is none`);
    }
    const scene = this.#set(order, order.purpose, context, venue, rules, nowUs);
    for (const control of this.#controls[order.purpose]) {
      const reason = control.check(scene);
      if (reason !== "") return this.#denial(control.id, reason);
    }
    return undefined;
  }

  /** Judges an order and counts it as sent if nothing blocks it. */
  admit(order: PlaceOrder, context: OrderContext, nowUs: number): Denial | undefined {
    const denial = this.check(order, context, nowUs);
    if (denial === undefined) this.countSent(order, context, nowUs);
    return denial;
  }

  /**
   * Counts the order that `check` has just let pass, in the same turn: all sent orders count at once,
   * whatever becomes of them. Asserts that it is that very order.
   */
  countSent(order: PlaceOrder, context: OrderContext, nowUs: number): void {
    assert(this.#scene.order === order, "what is counted was judged last");
    const { counters, exposure, rates, orders } = this.venue(order.venue);
    exposure.add(order, exactWorthOf(this.#scene));
    counters.countOrder(order.fence, order.command, nowUs);
    if (order.purpose === "open") counters.countCycle(context.opportunity, nowUs);
    rates.spend(order.isTest ? "testOrder" : "placeOrder", order.instrument, nowUs);
    orders.onSent(nowUs);
    const { instrument, side, priceTicks, lots } = order;
    this.#lastOrders.note(instrument, side, priceTicks, lots, nowUs);
  }

  #denial(control: string, reason: string): Denial {
    return { control, reason, limitsVersion: this.#limits.version };
  }

  #set(
    order: PlaceOrder,
    purpose: PlacePurpose,
    context: OrderContext,
    venue: VenueRisk,
    rules: Instrument,
    nowUs: number,
  ): Scene {
    const scene = this.#scene;
    scene.nowUs = nowUs;
    scene.order = order;
    scene.context = context;
    scene.purpose = purpose;
    scene.limits = this.#limits;
    scene.venue = venue;
    scene.rules = rules;
    scene.view.readAccount(order.venue, scene.account);
    scene.view.readInstrument(order.instrument, scene.instrument);
    scene.view.readBook(order.instrument, scene.book);
    // A private stream that was dialed anew is no new start: the ramp goes on from the first one.
    if (Number.isNaN(venue.firstReadyUs)) venue.firstReadyUs = scene.account.readySinceUs;
    this.references.observeAndRead(order.instrument, scene.book, nowUs, scene.reference);
    scene.exactWorth = undefined;
    scene.worth = worthOf(scene);
    return scene;
  }
}

const NO_ORDER: PlaceOrder = {
  type: "placeOrder",
  venue: 0,
  instrument: 0,
  command: 0,
  fence: 0,
  clientId: "",
  side: "buy",
  timeInForce: "ioc",
  priceTicks: 0,
  lots: 0,
  purpose: "open",
  cycle: 0,
  leg: 0,
  stampUs: 0,
  windowUs: 0,
  limitsVersion: 0,
  books: [],
  isTest: false,
};

const NO_CONTEXT: OrderContext = {
  opportunity: 0,
  strategy: "",
  edgePpm: Number.NaN,
  cycleSinceUs: Number.NaN,
};

/** Stands in the scene until the first order; no control ever sees it. */
const NO_RULES: Instrument = {
  id: "binance-spot:",
  venue: "binance-spot",
  symbol: "",
  index: 0,
  tickSize: "1",
  lotSize: "1",
  filters: NO_FILTERS,
  baseAsset: "",
  quoteAsset: "",
  quoteIncrement: "",
  status: "halted",
  rulesUs: 0,
  priceDecimals: 0,
  tickUnits: 1,
  quantityDecimals: 0,
  lotUnits: 1,
};

type ScenePart = "view" | "limits" | "kills" | "lastOrders" | "references" | "venue";

function emptyScene(parts: Pick<Scene, ScenePart>): Scene {
  return {
    nowUs: 0,
    order: NO_ORDER,
    context: NO_CONTEXT,
    purpose: "open",
    rules: NO_RULES,
    book: emptyBookReading(),
    otherBook: emptyBookReading(),
    instrument: emptyInstrumentReading(),
    account: emptyAccountReading(),
    reference: emptyReferenceReading(),
    otherReference: emptyReferenceReading(),
    worth: Number.NaN,
    exactWorth: undefined,
    ...parts,
  };
}
