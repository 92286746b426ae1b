/**
 * Station: chance -> what becomes of what is on its way: how long it takes, and which faults hit it.
 *
 * The rates are those of one seed and may be set to nothing, which is how a calm begins. Every hit is
 * counted under its class (RELIABILITY section 2).
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Random } from "../../venues/market/random.ts";

/** Faults of transports that are drawn for each message, request or dial. */
export const NETWORK_FAULTS = [
  "T01",
  "T02",
  "T03",
  "T04",
  "T10",
  "T12",
  "T13",
  "T14",
  "T15",
  "T17",
  "T26",
  "T27",
] as const;
export type NetworkFault = (typeof NETWORK_FAULTS)[number];
export type NetworkRates = Readonly<Partial<Record<NetworkFault, number>>>;

const LATENCY_US: readonly [number, number] = [200, 1500];
const SPIKE_US: readonly [number, number] = [50_000, 30_000_000];

export class Weather {
  readonly #random: Random;
  readonly #onHit: (fault: NetworkFault) => void;
  #rates: NetworkRates = {};
  /** Whether nothing goes wrong at all; asked for each frame. */
  isFair = true;

  constructor(random: Random, onHit: (fault: NetworkFault) => void) {
    this.#random = random;
    this.#onHit = onHit;
  }

  /** Chances of each fault from now on. */
  set rates(rates: NetworkRates) {
    this.#rates = rates;
    this.isFair = Object.values(rates).every((rate) => rate === 0);
  }

  hits(fault: NetworkFault): boolean {
    const rate = this.#rates[fault] ?? 0;
    if (rate === 0 || this.#random.next() >= rate) return false;
    this.#onHit(fault);
    return true;
  }

  /** One way. */
  latencyUs(): Micros {
    const span = !this.isFair && this.hits("T02") ? SPIKE_US : LATENCY_US;
    return Math.round(this.#random.between(span[0], span[1]));
  }

  /** A number in [0, count), for the details of a fault. */
  draw(count: number): number {
    return this.#random.integer(count);
  }
}
