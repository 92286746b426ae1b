/**
 * Station: a seed -> which classes of faults this history has, how strong, and when each of them strikes.
 *
 * Each seed switches a random subset on (swarm testing: Groce et al., ISSTA 2012); rates are drawn over more than
 * a decade, so that histories are different in kind and not only in number. What strikes at a moment is handed
 * to the world, which knows how to do it; everything is counted where it strikes.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { TradingFaultKind } from "../../venues/exchange/faults.ts";
import type { FaultKind } from "../../venues/fault-plan.ts";
import type { Random } from "../../venues/market/random.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { NetworkFault } from "../network/weather.ts";
import { type EventKind, FAULT_CLASSES, type FaultClass, sourceName } from "./fault-classes.ts";

const MINUTE_US = 60_000_000;
/** A drawn rate lies between its maximum and this part of it. */
const WEAKEST = 0.05;
/** How many of all sources a history has on, as a share; drawn between these. */
const SHARE: readonly [number, number] = [0.05, 0.45];

/** Faults that strike at moments of their own. */
export type StrikeTarget = {
  readonly market: (id: string, kind: FaultKind) => void;
  readonly event: (id: string, kind: EventKind) => void;
};

export type Swarm = {
  readonly enabled: readonly FaultClass[];
  readonly weather: Readonly<Partial<Record<NetworkFault, number>>>;
  readonly trading: Readonly<Partial<Record<TradingFaultKind, number>>>;
  readonly timed: readonly { readonly of: FaultClass; readonly perMinute: number }[];
};

/** The faults of one history; `only` names the ids or single sources that are on, for shrinking and directed seeds. */
export function drawSwarm(random: Random, only?: ReadonlySet<string>): Swarm {
  const share = random.between(SHARE[0], SHARE[1]);
  const enabled: FaultClass[] = [];
  const weather: Partial<Record<NetworkFault, number>> = {};
  const trading: Partial<Record<TradingFaultKind, number>> = {};
  const timed: { of: FaultClass; perMinute: number }[] = [];
  for (const each of FAULT_CLASSES) {
    // Drawn for all alike, so that switching one off leaves the others as they were.
    const isOn = random.next() < share;
    const strength = WEAKEST ** random.next();
    if (only === undefined ? !isOn : !only.has(each.id) && !only.has(sourceName(each))) continue;
    enabled.push(each);
    const { source } = each;
    if (source.by === "weather") weather[source.fault] = source.rateMax * strength;
    else if (source.by === "trading") trading[source.kind] = source.rateMax * strength;
    else timed.push({ of: each, perMinute: source.perMinuteMax * strength });
  }
  return { enabled, weather, trading, timed };
}

export class FaultDriver {
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #target: StrikeTarget;
  #isOver = false;

  constructor(kernel: Kernel, random: Random, target: StrikeTarget) {
    this.#kernel = kernel;
    this.#random = random;
    this.#target = target;
  }

  start({ timed }: Swarm): void {
    for (const { of, perMinute } of timed) this.#plan(of, perMinute);
  }

  /** Nothing strikes any more. */
  stop(): void {
    this.#isOver = true;
  }

  #plan(of: FaultClass, perMinute: number): void {
    const { nowUs, world } = this.#kernel;
    const waitUs: Micros = Math.round(this.#random.exponential(MINUTE_US / perMinute));
    this.#kernel.at(nowUs + waitUs, world, () => {
      if (this.#isOver) return;
      const { id, source } = of;
      if (source.by === "market") this.#target.market(id, source.kind);
      else if (source.by === "event") this.#target.event(id, source.kind);
      this.#plan(of, perMinute);
    });
  }
}
