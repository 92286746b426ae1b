/**
 * Station: core, all risk state of the engine behind one door: the gate, what feeds it, and what it asks
 * for by itself. The trading part of the core calls it in the turn in which something happens.
 *
 * Kills that controls ask for take effect here at once; whoever owns the journal and the orders takes them
 * (`takeNewKills`), records them and cancels what is open.
 */
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import type { KillScope } from "../../../contracts/trade.ts";
import { checkFilters } from "../filters.ts";
import type { Instrument } from "../instrument.ts";
import type { OrderChange } from "../order/change.ts";
import { exposedLots, isTerminal, type Order } from "../order/order.ts";
import type { PlaceOrder } from "../trade/commands.ts";
import type { AccountEvent } from "../trade/events.ts";
import { killAfterAnomaly, killAfterInvariant, killsDue } from "./automatic.ts";
import { RiskGate } from "./gate.ts";
import type { Kill, KillRequest, Kills, Release } from "./kill.ts";
import { type LimitsTaken, limitsInForce, unitsOf } from "./limits.ts";
import { observeAnswer } from "./observe.ts";
import type { RatedCommand, RateRule } from "./rate-rule.ts";
import {
  exportVenueRisk,
  importVenueRisk,
  makeVenueRisk,
  type VenueRisk,
  type VenueRiskState,
} from "./venue-risk.ts";
import type { Denial, OrderContext, RiskView } from "./view.ts";

/** What of a plan concerns risk. */
export type RiskPlan = {
  readonly venues: readonly {
    readonly venue: number;
    readonly startAmounts: Readonly<Record<string, string>>;
    readonly referenceAsset: string;
    readonly rates: readonly RateRule[];
  }[];
  readonly limits: RiskLimits;
  readonly limitsVersion: number;
};

/** What of a world does. */
export type RiskSetting = {
  readonly instruments: readonly Instrument[];
  readonly slots: readonly { readonly venue: number }[];
  readonly venues: readonly { readonly id: string }[];
};

export type RiskState = {
  readonly version: 1;
  readonly limitsVersion: number;
  readonly limits: RiskLimits;
  readonly kills: readonly Kill[];
  /** By the name of the venue. */
  readonly venues: Readonly<Record<string, VenueRiskState>>;
};

/** How often exposure and equity are valued anew. */
const VALUE_INTERVAL_US = US_PER_S;
/** Results that wait for a live book to be valued; more than a day of them never do. */
const WAITING_MAX = 10_000;

/** Positions that are read again with each valuation; fills tell their own at once. */
const POSITIONS_PER_VALUATION = 32;

type Result = { readonly venue: number; readonly asset: string; readonly amount: bigint };

export class Risk {
  readonly gate: RiskGate;
  readonly #view: RiskView;
  readonly #venues: ReadonlyMap<number, VenueRisk>;
  readonly #names: readonly string[];
  readonly #newKills: Kill[] = [];
  /** The assets of each venue, and whose turn it is to be read again. */
  readonly #assets = new Map<number, { readonly names: readonly string[]; next: number }>();
  #waiting: Result[] = [];
  #nextValueUs = 0;

  constructor(plan: RiskPlan, setting: RiskSetting, view: RiskView) {
    this.#view = view;
    this.#names = setting.venues.map(({ id }) => id);
    const venues = new Map<number, VenueRisk>();
    for (const each of plan.venues) {
      const instruments = setting.instruments.filter(
        ({ index }) => setting.slots[index]?.venue === each.venue,
      );
      const made = makeVenueRisk({
        instruments,
        homeAssets: Object.keys(each.startAmounts),
        referenceAsset: each.referenceAsset,
        touchSum: (instrument) => view.touchSumTicks(instrument),
        rates: each.rates,
      });
      venues.set(each.venue, made);
      const names = instruments.flatMap(({ baseAsset, quoteAsset }) => [baseAsset, quoteAsset]);
      this.#assets.set(each.venue, { names: [...new Set(names)], next: 0 });
    }
    this.#venues = venues;
    this.gate = new RiskGate({
      view,
      venues,
      instrumentCount: setting.instruments.length,
      limits: limitsInForce(plan.limits, plan.limitsVersion),
    });
  }

  get limits(): RiskLimits {
    return this.gate.limits.limits;
  }

  get limitsVersion(): number {
    return this.gate.limits.version;
  }

  get kills(): Kills {
    return this.gate.kills;
  }

  /** Risk state of a venue that trades; asserts that it does. */
  venue(venue: number): VenueRisk {
    return this.gate.venue(venue);
  }

  /** The last step before an order leaves; undefined lets it pass. */
  check(order: PlaceOrder, context: OrderContext, nowUs: number): Denial | undefined {
    const denial = this.gate.check(order, context, nowUs);
    // Sizing should have known the filters; that it did not is a fault of ours, and counted.
    if (denial?.control === "PT23") this.venue(order.venue).portfolio.onSizingFault(nowUs);
    return denial;
  }

  /** The order that was just let pass leaves. */
  onSent(order: PlaceOrder, context: OrderContext, nowUs: number): void {
    this.gate.countSent(order, context, nowUs);
  }

  /** Both in one step. */
  admit(order: PlaceOrder, context: OrderContext, nowUs: number): Denial | undefined {
    const denial = this.check(order, context, nowUs);
    if (denial === undefined) this.onSent(order, context, nowUs);
    return denial;
  }

  /** What the limits keep free of an asset. */
  reserveOf(asset: string): bigint {
    return this.gate.limits.reserve.get(asset) ?? 0n;
  }

  /** An order that lives on from before a restart: it may still fill. */
  adopt(order: Order): void {
    const { exposure } = this.venue(order.venue);
    const rules = exposure.instrument(order.instrument);
    if (rules === undefined || isTerminal(order) || exposure.has(order.clientId)) return;
    // Books are not live at a start; what cannot be valued is valued as soon as they are.
    exposure.add(order, undefined, exposedLots(order));
    exposure.setUnknown(order.clientId, order.state === "unknown");
  }

  /** Whether a command that is no order may not leave now. */
  mayNotSpend(venue: number, command: RatedCommand, instrument: number, nowUs: number): boolean {
    const { rates, breakers } = this.venue(venue);
    if (!rates.maySpend(command, instrument, nowUs)) return true;
    // Cancels are sent through an open breaker too: not to try is the only way to be sure to fail.
    const isRead = command === "readAccount" || command === "readFees";
    return isRead && !breakers.reads.mayPass(nowUs);
  }

  /** A command that is no order leaves; orders are counted by `onSent`. */
  onSpent(venue: number, command: RatedCommand, instrument: number, nowUs: number): void {
    const { rates, counters, breakers } = this.venue(venue);
    rates.spend(command, instrument, nowUs);
    if (command === "cancelOrder" || command === "cancelAll") {
      counters.countCancel(nowUs);
      breakers.cancels.onSent(nowUs);
    } else {
      breakers.reads.onSent(nowUs);
    }
  }

  onUsage(venue: number, rate: string, instrument: number, used: number, nowUs: number): void {
    this.venue(venue).rates.onUsage(rate, instrument, used, nowUs);
  }

  onSilenced(venue: number, untilUs: number, isBan: boolean, nowUs: number): void {
    this.venue(venue).rates.onSilenced(untilUs, isBan);
    if (isBan) this.onAnomaly(venue, "banned", `silence until ${untilUs}`, nowUs);
  }

  /** An event of an account, and what it did to orders. */
  onOrderEvent(event: AccountEvent, change: OrderChange, nowUs: number): void {
    const venue = this.venue(event.venue);
    observeAnswer(venue, event, change, nowUs);
    const { order } = change;
    if (order !== undefined) {
      this.#follow(venue, order);
      if (change.newFills.length > 0) this.#onFilled(venue, order);
    }
    for (const { name, text } of change.anomalies) this.onAnomaly(event.venue, name, text, nowUs);
    if (event.type === "orderRefused" && event.refusal.class === "credentials") {
      this.onAnomaly(event.venue, "credentials", event.refusal.code, nowUs);
    }
    this.#killDue(event.venue, venue, nowUs);
  }

  /** The same without an event: after a reading, or when an order was waited for too long. */
  follow(order: Order): void {
    const venue = this.venue(order.venue);
    this.#follow(venue, order);
    this.#onFilled(venue, order);
  }

  /** An order at its end still counts while the venue has said more fills than it has shown. */
  #follow({ exposure }: VenueRisk, order: Order): void {
    const lots = exposedLots(order);
    exposure.setRemaining(order.clientId, lots);
    exposure.setUnknown(order.clientId, order.state === "unknown");
    if (isTerminal(order) && lots === 0) exposure.end(order.clientId);
  }

  #onFilled(venue: VenueRisk, order: Order): void {
    const rules = venue.exposure.instrument(order.instrument);
    if (rules === undefined) return;
    this.#readHeld(order.venue, venue, rules.baseAsset);
    this.#readHeld(order.venue, venue, rules.quoteAsset);
  }

  #readHeld(index: number, venue: VenueRisk, asset: string): void {
    const position = this.#view.position(index, asset);
    if (position !== undefined) venue.exposure.setHeld(asset, position);
  }

  /** What came otherwise than by fills (a restart, a deposit) is found in turn, a few assets at a time. */
  #readPositions(index: number, venue: VenueRisk): void {
    const turn = this.#assets.get(index);
    if (turn === undefined) return;
    const count = Math.min(turn.names.length, POSITIONS_PER_VALUATION);
    for (let i = 0; i < count; i++) {
      this.#readHeld(index, venue, turn.names[turn.next] ?? "");
      turn.next = (turn.next + 1) % turn.names.length;
    }
  }

  /** Something happened that should not have: some of it stops the venue. */
  onAnomaly(venue: number, name: string, text: string, nowUs: number): void {
    const request = killAfterAnomaly(name, this.#names[venue] ?? "", text);
    if (request !== undefined) this.kill(request, nowUs);
  }

  /** Our own state is not what the code promised. */
  onInvariantBroken(text: string, nowUs: number): void {
    this.kill(killAfterInvariant(text), nowUs);
  }

  /** A cycle has ended with this amount more (or less) of an asset, everything marked to the books. */
  onCycleEnded(venue: number, asset: string, amount: bigint, nowUs: number): void {
    this.#waiting.push({ venue, asset, amount });
    if (this.#waiting.length > WAITING_MAX) this.onInvariantBroken("results pile up", nowUs);
    this.#valueResults(nowUs);
  }

  #valueResults(nowUs: number): void {
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ venue, asset, amount }) => {
      const state = this.venue(venue);
      const result = state.valuation.value(asset, amount);
      if (result === undefined) return true;
      state.counters.countResult(result, nowUs);
      this.#killDue(venue, state, nowUs);
      return false;
    });
  }

  onInstrument(instrument: Instrument): void {
    for (const { exposure } of this.#venues.values()) {
      if (exposure.instrument(instrument.index) !== undefined) exposure.refresh(instrument);
    }
  }

  /** A live book has a new touch. */
  onTouch(instrument: number, bidTicks: number, askTicks: number, nowUs: number): void {
    this.gate.references.observe(instrument, bidTicks, askTicks, nowUs);
  }

  /** What time alone brings: values, levels of care, kills. Cheap enough for every control event. */
  onTimer(nowUs: number): void {
    if (nowUs < this.#nextValueUs) return;
    this.#nextValueUs = nowUs + VALUE_INTERVAL_US;
    this.#valueResults(nowUs);
    for (const [index, venue] of this.#venues) {
      this.#readPositions(index, venue);
      venue.exposure.revalue();
      const equity = this.#equityOf(index, venue);
      venue.portfolio.observeEquity(equity, nowUs);
      const { lossesInARow, rejectsOf50 } = venue.counters;
      venue.portfolio.update(lossesInARow, rejectsOf50, nowUs);
      this.#killDue(index, venue, nowUs);
    }
  }

  /** When `onTimer` has something to do. */
  dueUs(nowUs: number): number {
    return Math.max(nowUs, this.#nextValueUs);
  }

  /** Worth of all assets that trading has touched, in whole reference units; NaN while one has none. */
  #equityOf(index: number, venue: VenueRisk): number {
    let equity = 0;
    for (const { asset } of venue.exposure.assets()) {
      const total = this.#view.total(index, asset);
      if (total === undefined) return Number.NaN;
      if (total !== 0n) equity += unitsOf(total) * venue.valuation.rate(asset);
    }
    return equity;
  }

  /** Whether so small an order would not be taken: what is left of an asset then is dust. */
  isBelowMinimum(
    instrument: Instrument,
    side: Order["side"],
    plan: { readonly lots: number; readonly limitTicks: number },
  ): boolean {
    const shape = { side, priceTicks: plan.limitTicks, lots: plan.lots };
    const sum = this.#view.touchSumTicks(instrument.index);
    const fault = checkFilters(instrument, shape, Math.floor(sum > 0 ? sum / 2 : plan.limitTicks));
    return fault === "quantityMin" || fault === "notionalMin";
  }

  /** Whether only a person's release would let an exit pass. */
  mayNotExit(venue: number, instrument: Instrument, strategy = ""): boolean {
    const name = this.#names[venue] ?? "";
    return this.kills.blocking(name, strategy, instrument.id, "exit") !== undefined;
  }

  /** Takes up limits of whatever origin; what is wrong with them is said, and nothing changes then. */
  takeLimits(limits: RiskLimits, version: number): LimitsTaken {
    return this.gate.takeLimits(limits, version);
  }

  /** Stops a scope at once; true when it was not stopped before. */
  kill(request: KillRequest, nowUs: number): boolean {
    const isNew = this.kills.apply(request, nowUs);
    if (isNew) this.#newKills.push({ ...request, sinceUs: nowUs });
    return isNew;
  }

  /** A person lets a scope go on; the rows that led to the kill begin anew. */
  release(scope: KillScope, target: string, by: string): Release {
    const released = this.kills.release(scope, target, by);
    if (released !== "released") return released;
    for (const [index, venue] of this.#venues) {
      if (scope === "instrument" || (scope === "venue" && target !== this.#names[index])) continue;
      venue.counters.forgive();
      venue.portfolio.forgive();
      venue.rates.isBanned = false;
    }
    return released;
  }

  /** Kills since the last call, each once, for the journal and for the orders that are open. */
  takeNewKills(): readonly Kill[] {
    return this.#newKills.splice(0);
  }

  #killDue(index: number, venue: VenueRisk, nowUs: number): void {
    const due = killsDue(this.#names[index] ?? "", venue, this.gate.limits, nowUs);
    for (const request of due) this.kill(request, nowUs);
  }

  exportState(): RiskState {
    const venues: Record<string, VenueRiskState> = {};
    for (const [index, venue] of this.#venues) {
      venues[this.#names[index] ?? ""] = exportVenueRisk(venue);
    }
    return {
      version: 1,
      limitsVersion: this.limitsVersion,
      limits: this.limits,
      kills: this.kills.list(),
      venues,
    };
  }

  /**
   * Takes up what `exportState` gave, before anything else happens; false when it is damaged, and then
   * nothing may be opened. A venue that did not trade before begins with nothing. Limits of a later
   * version than the plan's stay in force: they were changed while the last run was under way.
   */
  importState(state: unknown): boolean {
    if (typeof state !== "object" || state === null) return false;
    const { version, limits, limitsVersion, kills, venues } = state as Readonly<
      Record<string, unknown>
    >;
    if (version !== 1 || typeof venues !== "object" || venues === null) return false;
    if (typeof limitsVersion !== "number") return false;
    if (limitsVersion > this.limitsVersion) {
      if (!this.gate.takeLimits(limits as RiskLimits, limitsVersion).ok) return false;
    }
    if (!this.kills.importState(kills)) return false;
    for (const [index, venue] of this.#venues) {
      const name = this.#names[index] ?? "";
      if (!Object.hasOwn(venues, name)) continue;
      if (!importVenueRisk(venue, (venues as Record<string, unknown>)[name])) return false;
    }
    return true;
  }
}
