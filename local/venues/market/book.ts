/**
 * Station: one change of one level -> the true book.
 *
 * The venue's own book, in integer ticks and lots. Each side is a circular window over the ticks, so a
 * change costs one array write however many levels there are, and the book may wander without being
 * moved. It never decides what changes; it never lets two prices share a cell (see `covers`).
 */
import { assert } from "../../../contracts/assert.ts";

export const SIDES = ["bid", "ask"] as const;
export type Side = (typeof SIDES)[number];

/** One price and the quantity resting there: `[ticks, lots]`. */
export type Level = readonly [ticks: number, lots: number];

/** The price levels of one instrument, exactly as the venue holds them. */
export class Book {
  readonly windowTicks: number;
  readonly #mask: number;
  readonly #bidLots: Float64Array;
  readonly #askLots: Float64Array;
  #bidCount = 0;
  #askCount = 0;
  #bestBidTicks = 0;
  #bestAskTicks = 0;

  constructor(windowTicks: number) {
    assert(windowTicks >= 1024, `a window holds a market, was ${windowTicks}`);
    assert((windowTicks & (windowTicks - 1)) === 0, `a window is a power of two: ${windowTicks}`);
    this.windowTicks = windowTicks;
    this.#mask = windowTicks - 1;
    this.#bidLots = new Float64Array(windowTicks);
    this.#askLots = new Float64Array(windowTicks);
  }

  /** The highest bid in ticks, 0 when there is none. */
  get bestBidTicks(): number {
    return this.#bestBidTicks;
  }

  /** The lowest ask in ticks, 0 when there is none. */
  get bestAskTicks(): number {
    return this.#bestAskTicks;
  }

  /** How many levels rest on a side. */
  levelCount(side: Side): number {
    return side === "bid" ? this.#bidCount : this.#askCount;
  }

  /** Lots resting at a price; 0 means no level. The price must be one the window covers. */
  lotsAt(side: Side, ticks: number): number {
    const lots = side === "bid" ? this.#bidLots : this.#askLots;
    return lots[ticks & this.#mask] ?? 0;
  }

  /** Whether a price may be written without sharing a cell with a level on its own side. */
  covers(side: Side, ticks: number): boolean {
    if (ticks < 1) return false;
    const best = side === "bid" ? this.#bestBidTicks : this.#bestAskTicks;
    // Half a window to either side of the best price: whatever rests lies within one window.
    return best === 0 || Math.abs(best - ticks) < this.windowTicks / 2;
  }

  /** Sets a level to an absolute quantity, 0 removes it; returns the lots that rested there. */
  set(side: Side, ticks: number, lots: number): number {
    assert(this.covers(side, ticks), "a level lies inside the window of its side");
    return side === "bid" ? this.#setBid(ticks, lots) : this.#setAsk(ticks, lots);
  }

  #setBid(ticks: number, lots: number): number {
    const cell = ticks & this.#mask;
    const before = this.#bidLots[cell] ?? 0;
    this.#bidLots[cell] = lots;
    if (before === 0 && lots > 0) this.#bidCount += 1;
    if (before > 0 && lots === 0) this.#bidCount -= 1;
    if (lots > 0 && ticks > this.#bestBidTicks) this.#bestBidTicks = ticks;
    if (lots === 0 && ticks === this.#bestBidTicks) this.#bestBidTicks = this.#seek("bid", ticks);
    return before;
  }

  #setAsk(ticks: number, lots: number): number {
    const cell = ticks & this.#mask;
    const before = this.#askLots[cell] ?? 0;
    this.#askLots[cell] = lots;
    if (before === 0 && lots > 0) this.#askCount += 1;
    if (before > 0 && lots === 0) this.#askCount -= 1;
    const best = this.#bestAskTicks;
    if (lots > 0 && (best === 0 || ticks < best)) this.#bestAskTicks = ticks;
    if (lots === 0 && ticks === best) this.#bestAskTicks = this.#seek("ask", ticks);
    return before;
  }

  /** The next level behind a removed best price, 0 when the side is empty. */
  #seek(side: Side, fromTicks: number): number {
    if (this.levelCount(side) === 0) return 0;
    const lots = side === "bid" ? this.#bidLots : this.#askLots;
    const step = side === "bid" ? -1 : 1;
    let ticks = fromTicks + step;
    while ((lots[ticks & this.#mask] ?? 0) === 0) ticks += step;
    return ticks;
  }

  /** The best `limit` levels of a side, best first. */
  levels(side: Side, limit: number): Level[] {
    const found: Level[] = [];
    this.eachLevel(side, (ticks, lots) => found.push([ticks, lots]), limit);
    return found;
  }

  /** Shows the best `limit` levels of a side (all when absent), best first. */
  eachLevel(side: Side, show: (ticks: number, lots: number) => void, limit = Infinity): void {
    const wanted = Math.min(limit, this.levelCount(side));
    const lots = side === "bid" ? this.#bidLots : this.#askLots;
    const step = side === "bid" ? -1 : 1;
    let ticks = side === "bid" ? this.#bestBidTicks : this.#bestAskTicks;
    for (let shown = 0; shown < wanted; ticks += step) {
      const resting = lots[ticks & this.#mask] ?? 0;
      if (resting === 0) continue;
      show(ticks, resting);
      shown += 1;
    }
  }
}
