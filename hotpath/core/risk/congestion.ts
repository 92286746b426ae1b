/**
 * Station: round trips of answered requests -> whether the venue answers in time.
 *
 * While its answers take too long on average nothing is begun, because a cycle could not be finished in
 * time either. Back to normal takes a full window of which every single round trip was good; then readings
 * of the account count like orders, so that there is a way back while no order is sent.
 */
import { assert } from "../../../contracts/assert.ts";

/** Round trips in the window, and how many must be there before their mean means anything. */
export const WINDOW_COUNT = 50;
const JUDGED_FROM_COUNT = 10;

export class Congestion {
  readonly #thresholdUs: number;
  readonly #roundTripsUs = new Float64Array(WINDOW_COUNT);
  #count = 0;
  #next = 0;
  #sumUs = 0;
  #goodInARow = 0;
  isCongested = false;

  constructor(thresholdUs: number) {
    assert(thresholdUs > 0, "a threshold is above zero");
    this.#thresholdUs = thresholdUs;
  }

  get meanUs(): number {
    return this.#count === 0 ? 0 : this.#sumUs / this.#count;
  }

  /** A request was answered, or given up after so long. */
  observe(roundTripUs: number): void {
    assert(roundTripUs >= 0, "a round trip takes some time");
    this.#sumUs += roundTripUs - (this.#roundTripsUs[this.#next] as number);
    this.#roundTripsUs[this.#next] = roundTripUs;
    this.#next = (this.#next + 1) % WINDOW_COUNT;
    if (this.#count < WINDOW_COUNT) this.#count++;
    this.#goodInARow = roundTripUs < this.#thresholdUs ? this.#goodInARow + 1 : 0;
    if (this.isCongested) this.isCongested = this.#goodInARow < WINDOW_COUNT;
    else this.isCongested = this.#count >= JUDGED_FROM_COUNT && this.meanUs >= this.#thresholdUs;
  }
}
