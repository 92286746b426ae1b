/**
 * Station: what the facts of later records need to know of earlier ones: orders under way and lately ended,
 * and the names of cycles. Plain data, bounded, written beside the place up to which facts were published.
 */

import type { Micros } from "../../contracts/time.ts";

export type KnownOrder = {
  readonly clientId: string;
  readonly instrument: string;
  readonly placedUs: Micros;
  readonly cycle: number;
  /** 0 for an order of an earlier run. */
  readonly limitsVersion: number;
  /** 0 while it is open. */
  readonly endUs: Micros;
};

export type KnownCycle = {
  readonly cycle: number;
  readonly corr: string;
  /** "" until the opportunity that it came of is told. */
  readonly triangle: string;
  readonly hasEnded: boolean;
};

export type FactMemory = {
  /** Of the last record that was taken. */
  readonly seq: number;
  readonly atUs: Micros;
  readonly limitsVersion: number;
  /** Whether the end of the run has been told. */
  readonly isEnded: boolean;
  readonly orders: readonly KnownOrder[];
  readonly cycles: readonly KnownCycle[];
};

export const NO_MEMORY: FactMemory = {
  seq: 0,
  atUs: 0,
  limitsVersion: 0,
  isEnded: false,
  orders: [],
  cycles: [],
};

/** Ended orders that a resync under way may have touched, and ended cycles with late fills. */
const ENDED_ORDERS_MAX = 256;
const ENDED_CYCLES_MAX = 64;

/** Orders by name, in the order in which they came. */
export class OrderMemory {
  readonly #open = new Map<string, KnownOrder>();
  readonly #ended: KnownOrder[] = [];

  constructor(orders: readonly KnownOrder[]) {
    for (const order of orders) this.add(order);
  }

  add(order: KnownOrder): void {
    if (order.endUs === 0) this.#open.set(order.clientId, order);
    else this.#keepEnded(order);
  }

  get(clientId: string): KnownOrder | undefined {
    return this.#open.get(clientId) ?? this.#ended.find((each) => each.clientId === clientId);
  }

  end(clientId: string, endUs: Micros): void {
    const order = this.#open.get(clientId);
    if (order === undefined) return;
    this.#open.delete(clientId);
    this.#keepEnded({ ...order, endUs });
  }

  /** Names of those that were open on an instrument at any time between two times. */
  openBetween(instrument: string, fromUs: Micros, toUs: Micros): string[] {
    return this.all()
      .filter((order) => order.instrument === instrument && order.placedUs <= toUs)
      .filter(({ endUs }) => endUs === 0 || endUs >= fromUs)
      .map(({ clientId }) => clientId);
  }

  all(): KnownOrder[] {
    return [...this.#ended, ...this.#open.values()];
  }

  #keepEnded(order: KnownOrder): void {
    this.#ended.push(order);
    if (this.#ended.length > ENDED_ORDERS_MAX) this.#ended.shift();
  }
}

/** Cycles by number; 0 is none. */
export class CycleMemory {
  readonly #cycles = new Map<number, KnownCycle>();
  #endedCount = 0;

  constructor(cycles: readonly KnownCycle[]) {
    for (const cycle of cycles) this.#add(cycle);
  }

  /** Notes the first order of a cycle; later ones change nothing. */
  begin(cycle: number, corr: string, triangle = ""): void {
    if (cycle === 0 || this.#cycles.has(cycle)) return;
    this.#add({ cycle, corr, triangle, hasEnded: false });
  }

  /** The newest cycle is the one whose opportunity is told right after its first order. */
  nameNewest(triangle: string): void {
    const newest = [...this.#cycles.values()].at(-1);
    if (newest !== undefined) this.nameOne(newest.cycle, triangle);
  }

  /** Names a cycle that has no name yet. */
  nameOne(cycle: number, triangle: string): void {
    const known = this.#cycles.get(cycle);
    if (known?.triangle === "") this.#cycles.set(cycle, { ...known, triangle });
  }

  end(cycle: number): void {
    const known = this.#cycles.get(cycle);
    if (known === undefined || known.hasEnded) return;
    this.#cycles.set(cycle, { ...known, hasEnded: true });
    this.#endedCount++;
    this.#forgetOldest();
  }

  name(cycle: number): { readonly corr: string; readonly triangle: string } {
    const { corr = "", triangle = "" } = this.#cycles.get(cycle) ?? {};
    return { corr, triangle };
  }

  all(): KnownCycle[] {
    return [...this.#cycles.values()];
  }

  #add(cycle: KnownCycle): void {
    this.#cycles.set(cycle.cycle, cycle);
    if (cycle.hasEnded) this.#endedCount++;
  }

  #forgetOldest(): void {
    if (this.#endedCount <= ENDED_CYCLES_MAX) return;
    for (const { cycle, hasEnded } of this.#cycles.values()) {
      if (!hasEnded) continue;
      this.#cycles.delete(cycle);
      this.#endedCount--;
      return;
    }
  }
}
