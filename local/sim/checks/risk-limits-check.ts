/**
 * Station: every order in the turn of its decision -> invariants 12 and 26: no limit in force is exceeded, in-flight
 * orders included, and each order cites the limits in force.
 *
 * Counts and sums are kept here, of what was decided and what the venues have ended; worths are those of the
 * venues' own books. Exits are left out where the gate has no limit for them.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import type { Instrument } from "../../../hotpath/core/instrument.ts";
import type { PlaceOrder } from "../../../hotpath/core/trade/commands.ts";
import type { Rates } from "./truth-rates.ts";

/** The engine's books are some milliseconds older than the truth. */
const WORTH_SLACK = 1.05;
const PPM = 1_000_000;
const WINDOWS = [
  ["ordersPerSecondMax", US_PER_S],
  ["ordersPerMinuteMax", 60 * US_PER_S],
  ["ordersPerDayMax", 86_400 * US_PER_S],
] as const;

/** One order that may still be executed. */
type Open = { readonly venue: VenueId; readonly instrument: number; readonly worth: number };

export type Decided = {
  readonly order: PlaceOrder;
  readonly venue: VenueId;
  readonly rules: Instrument;
  /** The engine's own time. */
  readonly nowUs: number;
};

export class RiskLimitsCheck {
  readonly #onViolation: (invariant: number, sentence: string) => void;
  readonly #rates: Rates;
  readonly #versions = new Map<number, RiskLimits>();
  readonly #open = new Map<string, Open>();
  readonly #counts = new Map<string, { index: number; count: number }>();
  #version = 0;
  /** A version on its way in: the turn that takes it may decide by it before it is over. */
  #coming: { readonly limits: RiskLimits; readonly version: number } | undefined;

  constructor(rates: Rates, onViolation: (invariant: number, sentence: string) => void) {
    this.#rates = rates;
    this.#onViolation = onViolation;
  }

  /**
   * A life begins by these: those of its plan, or a later version that its state had. Whatever the dead one had
   * decided and not sent can be told by nobody.
   */
  onLife(limits: RiskLimits, version: number, planned = version): void {
    const given = this.#versions.get(version);
    if (version !== planned && JSON.stringify(given) !== JSON.stringify(limits)) {
      this.#onViolation(26, `a life begins by limits ${version}, which nobody has given like that`);
    }
    this.#open.clear();
    this.#counts.clear();
    this.onChanged(limits, version);
  }

  /** A version that must be taken up is given to the engine now. */
  onChanging(limits: RiskLimits, version: number): void {
    this.#coming = { limits, version };
  }

  /** It has been given. */
  onChanged(limits: RiskLimits, version: number): void {
    this.#coming = undefined;
    this.#versions.set(version, limits);
    this.#version = version;
  }

  /** Some version that is not above the one in force, to be given again; undefined while there was none. */
  versionBefore(
    choose: (count: number) => number,
  ): { version: number; limits: RiskLimits } | undefined {
    const all = [...this.#versions].filter(([version]) => version <= this.#version);
    const [version, limits] = all[choose(Math.max(1, all.length))] ?? [];
    return version === undefined || limits === undefined ? undefined : { version, limits };
  }

  /** The order is over, by the venue or by proof that it never was. */
  onOver(clientId: string): void {
    this.#open.delete(clientId);
  }

  onDecided(decided: Decided): void {
    const { order, venue } = decided;
    const coming = this.#coming;
    if (coming?.version === order.limitsVersion) this.onChanged(coming.limits, coming.version);
    const limits = this.#versions.get(this.#version);
    if (order.isTest || limits === undefined) return;
    if (order.limitsVersion !== this.#version) {
      const sentence = `${order.clientId} cites limits ${order.limitsVersion}, in force are ${this.#version}`;
      this.#onViolation(26, sentence);
    }
    const worth = this.#worthOf(decided);
    if (order.purpose !== "exit") this.#judge(decided, limits, worth);
    this.#open.set(order.clientId, { venue, instrument: order.instrument, worth });
    for (const [name, lengthUs] of WINDOWS) this.#count(venue, name, decided.nowUs / lengthUs);
  }

  #judge(decided: Decided, limits: RiskLimits, worth: number): void {
    const { order, venue, nowUs } = decided;
    const mine = [...this.#open.values()].filter((each) => each.venue === venue);
    const here = mine.filter(({ instrument }) => instrument === order.instrument);
    const openWorth = mine.reduce((sum, each) => sum + each.worth, worth);
    const moved = order.purpose === "open" ? 1 : 1 + limits.periodCollarPpm / PPM;
    const amounts: [string, number, number][] = [
      ["orderNotionalMax", worth, Number(limits.orderNotionalMax) * moved * WORTH_SLACK],
      ["openNotionalMax", openWorth, Number(limits.openNotionalMax) * WORTH_SLACK],
      ["openOrdersMax", mine.length + 1, limits.openOrdersMax],
      ["openOrdersPerInstrumentMax", here.length + 1, limits.openOrdersPerInstrumentMax],
    ];
    if (order.purpose === "open") {
      amounts.push(["legNotionalMax", worth, Number(limits.legNotionalMax) * WORTH_SLACK]);
    }
    for (const [name, lengthUs] of WINDOWS) {
      amounts.push([name, this.#countAt(venue, name, nowUs / lengthUs) + 1, limits[name]]);
    }
    for (const [name, value, most] of amounts) {
      if (value > most) this.#onViolation(12, `${order.clientId}: ${name} is ${value} > ${most}`);
    }
  }

  /** At its worst price, in the reference asset of its venue; 0 where no book of the venue says. */
  #worthOf({ order, venue, rules }: Decided): number {
    const price = (order.priceTicks * rules.tickUnits) / 10 ** rules.priceDecimals;
    const bid = order.side === "sell" ? this.#rates.bidOf(venue, rules.symbol) : 0;
    const quantity = (order.lots * rules.lotUnits) / 10 ** rules.quantityDecimals;
    const rate = this.#rates.rateOf(venue, rules.quoteAsset);
    return Math.max(price, bid) * quantity * rate;
  }

  #countAt(venue: VenueId, name: string, at: number): number {
    const window = this.#counts.get(`${venue} ${name}`);
    return window?.index === Math.floor(at) ? window.count : 0;
  }

  #count(venue: VenueId, name: string, at: number): void {
    const count = this.#countAt(venue, name, at) + 1;
    this.#counts.set(`${venue} ${name}`, { index: Math.floor(at), count });
  }
}
