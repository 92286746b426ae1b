/**
 * Station: whatever passes between one process and its world -> a number for each, and at one of them the end.
 *
 * An effect is an operation of the disk, a message that leaves, or a delivery. Just before effect e the
 * process has had exactly the effects 1 to e - 1: what lies between two effects nobody outside can see, so
 * "before e" is also "after e - 1", and numbering the ones covers both. It never decides what is lost.
 */
import type { Micros } from "../../../contracts/time.ts";

export const EFFECT_KINDS = ["disk", "dial", "message", "request", "delivery"] as const;
export type EffectKind = (typeof EFFECT_KINDS)[number];

const PRIME = 0x01000193;

/** Thrown through production code that was running when its process ended; nothing it does counts any more. */
export class ProcessEnded extends Error {
  constructor() {
    super("the process has ended");
  }
}

/** Runs code of a process; where nothing of it has caught the end of that process, the end stops here. */
export function upToEnd(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ProcessEnded)) throw error;
  }
}

export class Effects {
  /** Effects so far, of all lives together. */
  count = 0;
  readonly counts: Record<EffectKind, number> = {
    disk: 0,
    dial: 0,
    message: 0,
    request: 0,
    delivery: 0,
  };
  /** Just before the effect of this number the process ends; infinity for never. */
  endBefore = Number.POSITIVE_INFINITY;
  /** Of the kinds and moments of all effects so far: one history, one trace. */
  trace = 0;
  readonly #clock: () => Micros;
  readonly #onEnd: (kind: EffectKind) => void;

  /** `onEnd` is called in the middle of the code that was about to have the effect. */
  constructor(clock: () => Micros, onEnd: (kind: EffectKind) => void) {
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  /** Whether the process lives to have this effect. */
  begin(kind: EffectKind): boolean {
    this.count++;
    const moment = this.#clock() * EFFECT_KINDS.length + EFFECT_KINDS.indexOf(kind);
    this.trace = (Math.imul(this.trace, PRIME) ^ moment) >>> 0;
    if (this.count >= this.endBefore) {
      this.endBefore = Number.POSITIVE_INFINITY;
      this.#onEnd(kind);
      return false;
    }
    this.counts[kind]++;
    return true;
  }
}
