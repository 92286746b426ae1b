/**
 * Station: outcomes of calls -> whether the next one may be made at all.
 *
 * closed -> (failures in a row) -> open -> (time) -> halfOpen -> (good probes) -> closed
 *                                   ^---------- a bad probe ----------'
 *
 * One for each class of endpoint, so that failing reads do not hold up orders. Cancels have none: whatever
 * the venue's state, taking an order back is always worth the attempt. Time is given, never read.
 */

export type BreakerState = "closed" | "open" | "halfOpen";

export type BreakerOptions = {
  readonly failuresMax: number;
  readonly openUs: number;
  /** So many good answers in a row close it again; no more calls than that are under way meanwhile. */
  readonly probes: number;
};

/** Five failures, a minute, three probes. */
export const BREAKER_OPTIONS: BreakerOptions = {
  failuresMax: 5,
  openUs: 60_000_000,
  probes: 3,
};

export class Breaker {
  readonly #options: BreakerOptions;
  #state: BreakerState = "closed";
  #failures = 0;
  #openedUs = 0;
  #probing = 0;
  #goodProbes = 0;

  constructor(options: BreakerOptions = BREAKER_OPTIONS) {
    this.#options = options;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether a call may begin now; one that may must be followed by `onGood` or `onBad`. */
  mayCall(nowUs: number): boolean {
    if (this.#state === "closed") return true;
    if (this.#state === "open") {
      if (nowUs - this.#openedUs < this.#options.openUs) return false;
      this.#state = "halfOpen";
      this.#probing = 0;
      this.#goodProbes = 0;
    }
    if (this.#probing + this.#goodProbes >= this.#options.probes) return false;
    this.#probing++;
    return true;
  }

  onGood(): void {
    this.#failures = 0;
    if (this.#state !== "halfOpen") return;
    this.#probing = Math.max(0, this.#probing - 1);
    this.#goodProbes++;
    if (this.#goodProbes >= this.#options.probes) this.#state = "closed";
  }

  onBad(nowUs: number): void {
    this.#failures++;
    if (this.#state === "open") return;
    if (this.#state === "closed" && this.#failures < this.#options.failuresMax) return;
    this.#state = "open";
    this.#openedUs = nowUs;
    this.#failures = 0;
  }
}
