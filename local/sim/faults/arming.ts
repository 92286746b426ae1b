/**
 * Station: the trading faults of a history -> each of them armed once, soon after its beginning.
 *
 * Rates alone leave rare kinds silent where orders are few. What is armed strikes at the next opportunity of its kind,
 * and is counted there; without an opportunity nothing strikes and nothing is counted.
 */
import type { Micros } from "../../../contracts/time.ts";
import {
  isStateFault,
  TRADING_FAULT_KINDS,
  type TradingFaults,
} from "../../venues/exchange/faults.ts";
import type { Random } from "../../venues/market/random.ts";
import type { Swarm } from "./fault-driver.ts";

const ARMED_US: readonly [Micros, Micros] = [5_000_000, 20_000_000];

export type Arming = {
  readonly random: Random;
  /** Whether the venues run faster than in life: a ban of minutes would outlast a history. */
  readonly isFast: boolean;
  readonly after: (us: Micros, arm: () => void) => void;
};

/** Lets the trading faults of a history happen at these venues, by their rates and once by arms. */
export function switchOn(sides: readonly TradingFaults[], swarm: Swarm, arming: Arming): void {
  for (const faults of sides) {
    faults.rates = swarm.trading;
    armEach(faults, swarm, arming);
  }
}

/** From here on none happens. */
export function switchOff(sides: readonly TradingFaults[]): void {
  for (const faults of sides) {
    faults.rates = {};
    faults.disarm();
  }
}

/** Plans one of each kind that is on and waits for an opportunity. */
export function armEach(
  faults: Pick<TradingFaults, "arm">,
  { trading }: Pick<Swarm, "trading">,
  { random, isFast, after }: Arming,
): void {
  for (const kind of TRADING_FAULT_KINDS) {
    if (isStateFault(kind) || (trading[kind] ?? 0) === 0) continue;
    const us = Math.round(random.between(ARMED_US[0], ARMED_US[1]));
    if (kind !== "banned" || isFast) after(us, () => faults.arm(kind, 1));
  }
}
