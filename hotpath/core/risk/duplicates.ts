/**
 * Station: orders sent -> has this very order just been sent? A few columns for each instrument.
 *
 * Only as many orders are remembered as one instrument can sensibly see in the window. Where more came,
 * the oldest of the window is not known any more, and that counts as a duplicate: what cannot be compared
 * must not pass.
 */
import type { Side } from "../../../contracts/trade.ts";

/** Orders remembered for each instrument. */
const REMEMBERED = 16;

export class LastOrders {
  readonly #sentUs: Float64Array;
  readonly #priceTicks: Float64Array;
  /** Negative for sells. */
  readonly #lots: Float64Array;
  readonly #next: Int32Array;

  constructor(instrumentCount: number) {
    this.#sentUs = new Float64Array(instrumentCount * REMEMBERED).fill(Number.NEGATIVE_INFINITY);
    this.#priceTicks = new Float64Array(instrumentCount * REMEMBERED);
    this.#lots = new Float64Array(instrumentCount * REMEMBERED);
    this.#next = new Int32Array(instrumentCount);
  }

  note(instrument: number, side: Side, priceTicks: number, lots: number, nowUs: number): void {
    const next = this.#next[instrument] as number;
    const at = instrument * REMEMBERED + next;
    this.#sentUs[at] = nowUs;
    this.#priceTicks[at] = priceTicks;
    this.#lots[at] = side === "buy" ? lots : -lots;
    this.#next[instrument] = (next + 1) % REMEMBERED;
  }

  /** Why the order counts as sent already within the window; "" when it does not. */
  fault(instrument: number, side: Side, priceTicks: number, lots: number, sinceUs: number): string {
    const first = instrument * REMEMBERED;
    const signed = side === "buy" ? lots : -lots;
    let inWindowCount = 0;
    for (let at = first; at < first + REMEMBERED; at++) {
      if (!((this.#sentUs[at] as number) > sinceUs)) continue;
      inWindowCount++;
      if (this.#priceTicks[at] === priceTicks && this.#lots[at] === signed) {
        return `the same order was sent at ${this.#sentUs[at]}`;
      }
    }
    if (inWindowCount < REMEMBERED) return "";
    return `more than ${REMEMBERED} orders in the window cannot be compared`;
  }
}
