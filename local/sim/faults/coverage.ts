/**
 * Station: faults and reactions as they happen -> which classes fired, which pairs met, what was seen.
 *
 * Two classes have met when both fired within five simulated seconds of one history. A class that never
 * fired, or a reaction that was never seen, is what a campaign must not keep silent about.
 */
import type { Micros } from "../../../contracts/time.ts";
import { FAULT_CLASS_IDS } from "./fault-classes.ts";

const MEET_US: Micros = 5_000_000;

/** Reactions that every campaign must have seen at least once. */
export const PROBES = [
  "bookVoided",
  "bookResynced",
  "sessionReplaced",
  "staleEpochDiscarded",
  "orderUnknown",
  "unknownResolvedFound",
  "unknownProvenAbsent",
  "orderRejected",
  "orderPartlyFilled",
  "orderCanceled",
  "cycleFilled",
  "cycleFailed",
  "gateDenied",
  "killedByItself",
  "killedByOperator",
  "killReleased",
  "accountBlocked",
  "recoveredWithState",
  "intentAdopted",
  "tailCut",
  "haltedByDisk",
  "foreignOrderSeen",
  "modeTightened",
  "toldToWait",
] as const;
export type Probe = (typeof PROBES)[number];

export class Coverage {
  readonly fired = new Map<string, number>();
  readonly probes = new Map<Probe, number>();
  readonly pairs = new Set<string>();
  readonly #lastUs = new Map<string, Micros>();

  /** A fault of class `id` has struck. */
  fire(id: string, nowUs: Micros): void {
    this.fired.set(id, (this.fired.get(id) ?? 0) + 1);
    for (const [other, atUs] of this.#lastUs) {
      if (other === id || nowUs - atUs > MEET_US) continue;
      this.pairs.add(id < other ? `${id}+${other}` : `${other}+${id}`);
    }
    this.#lastUs.set(id, nowUs);
  }

  see(probe: Probe): void {
    this.probes.set(probe, (this.probes.get(probe) ?? 0) + 1);
  }
}

/** How many pairs there are to meet. */
export const PAIR_COUNT = (FAULT_CLASS_IDS.length * (FAULT_CLASS_IDS.length - 1)) / 2;
