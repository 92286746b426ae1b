/**
 * Station: core, all risk state of the engine behind one door: the gate, what feeds it, and what it asks
 * for by itself. The trading part of the core calls it in the turn in which something happens.
 *
 * Kills that controls ask for take effect here at once; whoever owns the journal and the orders takes them
 * (`takeNewKills`), records them and cancels what is open.
 */
import { assert } from "../../../contracts/assert.ts";
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
import { BREAKER_RULES } from "./breaker.ts";
import { RiskGate } from "./gate.ts";
import type { Kill, KillRequest, Kills, Release } from "./kill.ts";
import { type LimitsTaken, limitsInForce } from "./limits.ts";
import { Marking, WAITING_MAX } from "./marking.ts";
import { observeAnswer } from "./observe.ts";
import type { RatedCommand } from "./rate-rule.ts";
import type { References } from "./reference.ts";
import type { RiskPlan, RiskSetting } from "./risk-plan.ts";
import { exportRisk, importRisk, type RiskState } from "./risk-state.ts";
import { makeVenueRisk, type VenueRisk } from "./venue-risk.ts";
import type { Denial, OrderContext, RiskView } from "./view.ts";

/** How often everything is marked anew. */
const MARK_INTERVAL_US = US_PER_S;

export class Risk {
  readonly gate: RiskGate;
  readonly references: References;
  readonly #view: RiskView;
  readonly #venues = new Map<number, VenueRisk>();
  readonly #markings = new Map<number, Marking>();
  /** Of the venues that trade. */
  readonly #names = new Map<number, string>();
  readonly #newKills: Kill[] = [];
  #nextMarkUs = 0;

  constructor(plan: RiskPlan, setting: RiskSetting, view: RiskView) {
    this.#view = view;
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
        breaker: { ...BREAKER_RULES, pauseUs: BREAKER_RULES.pauseUs / (plan.timeDivisor ?? 1) },
      });
      this.#venues.set(each.venue, made);
      this.#names.set(each.venue, setting.venues[each.venue]?.id ?? "");
      const assets = instruments.flatMap(({ baseAsset, quoteAsset }) => [baseAsset, quoteAsset]);
      this.#markings.set(each.venue, new Marking(each.venue, made, view, [...new Set(assets)]));
    }
    this.gate = new RiskGate({
      view,
      venues: this.#venues,
      instrumentCount: setting.instruments.length,
      limits: limitsInForce(plan.limits, plan.limitsVersion),
    });
    this.references = this.gate.references;
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

  /** The last step before an order leaves; undefined lets it pass, and then it is counted as sent. */
  admit(order: PlaceOrder, context: OrderContext, nowUs: number): Denial | undefined {
    const denial = this.gate.admit(order, context, nowUs);
    // Sizing should have known the filters; that it did not is a fault of ours, and counted.
    if (denial?.control === "PT23") this.venue(order.venue).portfolio.onSizingFault(nowUs);
    return denial;
  }

  /** What the limits keep free of an asset. */
  reserveOf(asset: string): bigint {
    return this.gate.limits.reserve.get(asset) ?? 0n;
  }

  /** An order from before a restart; one that is not of what is traded now has nothing here to add to. */
  adopt(order: Order): void {
    const venue = this.#venues.get(order.venue);
    if (venue !== undefined) this.#follow(venue, order);
  }

  /** Whether a command that is no order may not leave now. */
  mayNotSpend(venue: number, command: RatedCommand, instrument: number, nowUs: number): boolean {
    const { rates, breakers } = this.venue(venue);
    if (!rates.maySpend(command, instrument, nowUs)) return true;
    // Cancels are sent through an open breaker too: not to try is the only way to be sure to fail.
    const isRead = command === "readAccount" || command === "readFees";
    return isRead && !breakers.reads.mayPass(nowUs);
  }

  /** A command that is no order leaves; orders are counted by `admit`. */
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

  /**
   * A reading was answered after so long. It only ever leads back: a reading is many requests, and one that
   * is slow does not mean that an order would be.
   */
  onReadAnswered(venue: number, roundTripUs: number): void {
    const { congestion } = this.venue(venue);
    if (congestion.isCongested) congestion.observe(roundTripUs);
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
    const venue = this.#venues.get(order.venue);
    if (venue === undefined) return;
    this.#follow(venue, order);
    this.#onFilled(venue, order);
  }

  /**
   * An order at its end still counts while the venue has said more fills than it has shown. One that lives
   * again, or that only the venue knew, counts from here, and is valued as soon as books allow.
   */
  #follow({ exposure }: VenueRisk, order: Order): void {
    const lots = exposedLots(order);
    const isCounted = lots === 0 || exposure.has(order.clientId);
    if (!isCounted && exposure.instrument(order.instrument) !== undefined) {
      exposure.add(order, undefined, lots);
    }
    exposure.setRemaining(order.clientId, lots);
    exposure.setUnknown(order.clientId, order.state === "unknown");
    if (isTerminal(order) && lots === 0) exposure.end(order.clientId);
  }

  #onFilled(venue: VenueRisk, order: Order): void {
    const rules = venue.exposure.instrument(order.instrument);
    if (rules === undefined) return;
    this.#marking(order.venue).readHeld(rules.baseAsset);
    this.#marking(order.venue).readHeld(rules.quoteAsset);
  }

  #marking(venue: number): Marking {
    const marking = this.#markings.get(venue);
    assert(marking !== undefined, "the venue trades");
    return marking;
  }

  /** Something happened that should not have: some of it stops the venue. */
  onAnomaly(venue: number, name: string, text: string, nowUs: number): void {
    const request = killAfterAnomaly(name, this.#names.get(venue) ?? "", text);
    if (request !== undefined) this.kill(request, nowUs);
  }

  /** Our own state is not what the code promised. */
  onInvariantBroken(text: string, nowUs: number): void {
    this.kill(killAfterInvariant(text), nowUs);
  }

  /** A cycle has ended with this amount more (or less) of an asset, everything marked to the books. */
  onCycleEnded(venue: number, asset: string, amount: bigint, nowUs: number): void {
    const marking = this.#marking(venue);
    marking.addResult(asset, amount, nowUs);
    if (marking.waitingCount > WAITING_MAX) this.onInvariantBroken("results pile up", nowUs);
    this.#killDue(venue, this.venue(venue), nowUs);
  }

  onInstrument(instrument: Instrument): void {
    for (const { exposure } of this.#venues.values()) {
      if (exposure.instrument(instrument.index) !== undefined) exposure.refresh(instrument);
    }
  }

  /** A live book has a new touch, at the time that `references.clock` was set to. */
  onTouch(instrument: number, bidTicks: number, askTicks: number): void {
    this.references.observeNow(instrument, bidTicks, askTicks);
  }

  /** What time alone brings: values, levels of care, kills. Cheap enough for every control event. */
  onTimer(nowUs: number): void {
    if (nowUs < this.#nextMarkUs) return;
    this.#nextMarkUs = nowUs + MARK_INTERVAL_US;
    for (const [index, marking] of this.#markings) {
      marking.mark(nowUs);
      this.#killDue(index, this.venue(index), nowUs);
    }
  }

  /** When `onTimer` has something to do. */
  dueUs(nowUs: number): number {
    return Math.max(nowUs, this.#nextMarkUs);
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
  mayNotExit(venue: number, { id }: Instrument, strategy = ""): boolean {
    return this.kills.blocking(this.#names.get(venue) ?? "", strategy, id, "exit") !== undefined;
  }

  /** Takes up limits of whatever origin, or says what is wrong with them. */
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
      if (scope === "instrument" || (scope === "venue" && target !== this.#names.get(index)))
        continue;
      venue.counters.forgive();
      venue.portfolio.forgive();
      venue.rates.isBanned = false;
    }
    return released;
  }

  /** Kills since the last call, each once, for the journal and the open orders. */
  takeNewKills(): readonly Kill[] {
    return this.#newKills.splice(0);
  }

  #killDue(index: number, venue: VenueRisk, nowUs: number): void {
    const name = this.#names.get(index) ?? "";
    for (const request of killsDue(name, venue, this.gate.limits, nowUs)) this.kill(request, nowUs);
  }

  exportState(): RiskState {
    return exportRisk(this.gate, this.#names);
  }

  /** Takes up what `exportState` gave; false when it is damaged, and then nothing may be opened. */
  importState(state: unknown): boolean {
    return importRisk(this.gate, this.#names, state);
  }
}
