/**
 * Station: three ladders -> roughly the size at which the cycle earns most.
 *
 * With sizes that may be any number, what a cycle earns is a line with bends: one wherever a leg has
 * emptied a level. The best size is at a bend, and the bends are walked in order until the next unit would
 * lose. Doubles all of it: where the best is becomes exact afterwards, in whole lots.
 *
 * A buy in the middle of a cycle has to hold the price of its worst level for all of its quantity, out of
 * what the leg before has brought. Entering a level therefore costs a stretch of input that buys nothing
 * more: the line is flat there, a better bend may follow, and the walk goes on.
 */
import { assert } from "../../../contracts/assert.ts";
import type { LegDepth } from "./depth.ts";

const LEGS = 3;

export class Sweep {
  /** What was found: quantities of the legs at the best bend, in lots, not whole. */
  readonly best = new Float64Array(LEGS);
  /** Quantities below these are not taken for the best. */
  readonly least = new Float64Array(LEGS);
  /** What is earned there beyond the hurdle, in units of the first asset; 0 when nothing is. */
  earned = 0;
  /** Whether anything is earned at the touch, at whatever size. */
  isWorthwhile = false;
  /** Final units for each initial one at the touch. */
  touchRate = 0;
  #sum = 0;
  readonly #level = new Int32Array(LEGS);
  /** Lots left on the current level, and units that must come in before it is entered. */
  readonly #left = new Float64Array(LEGS);
  readonly #flat = new Float64Array(LEGS);
  readonly #lots = new Float64Array(LEGS);
  /** Units that have come in. */
  readonly #inflow = new Float64Array(LEGS);

  /**
   * Walks three ladders. `hurdle` is what a unit paid must bring back at least (1 and the least edge, and
   * fees taken elsewhere); `kept` is the share of the final units that no fee elsewhere takes.
   */
  run(depths: readonly [LegDepth, LegDepth, LegDepth], hurdle: number, kept: number): void {
    const [a, b, c] = depths;
    this.earned = 0;
    this.isWorthwhile = false;
    this.best.fill(0);
    this.#inflow.fill(0);
    this.#lots.fill(0);
    for (let leg = 0; leg < LEGS; leg++) this.#enter(leg, 0, depths[leg] as LegDepth);
    this.touchRate = touchRateOf(a, b, c);
    this.#sum = 0;
    while (this.#advance(depths, hurdle, kept));
  }

  /** Goes on to the next bend; false when the next unit would lose, or nothing is left. */
  #advance(depths: readonly [LegDepth, LegDepth, LegDepth], hurdle: number, kept: number): boolean {
    const [a, b, c] = depths;
    const takes0 = a.takes[this.#level[0] as number] as number;
    const gives0 = a.gives[this.#level[0] as number] as number;
    const per1 = gives0 / (b.takes[this.#level[1] as number] as number);
    const gives1 = per1 * (b.gives[this.#level[1] as number] as number);
    const per2 = gives1 / (c.takes[this.#level[2] as number] as number);
    const gives2 = per2 * (c.gives[this.#level[2] as number] as number) * kept;
    if (gives2 <= takes0 * hurdle) return false;
    const isFlat1 = (this.#flat[1] as number) > 0;
    const isFlat2 = isFlat1 || (this.#flat[2] as number) > 0;
    const leg = this.#nextBend(gives0, gives1, per1, per2);
    const step = this.#stepOf(leg, gives0, gives1, per1, per2);
    const isFlat = (this.#flat[leg] as number) > 0;
    this.#move(step, gives0, isFlat1 ? 0 : per1, gives1, isFlat2 ? 0 : per2);
    this.#sum += step * ((isFlat2 ? 0 : gives2) - takes0 * hurdle);
    this.#note(this.#sum);
    if (isFlat) this.#flat[leg] = 0;
    else this.#left[leg] = 0;
    this.isWorthwhile = true;
    return isFlat || this.#leave(leg, depths[leg] as LegDepth);
  }

  /** The leg whose level (or flat stretch) is used up first. */
  #nextBend(gives0: number, gives1: number, per1: number, per2: number): number {
    let leg = 0;
    let least = this.#left[0] as number;
    for (let other = 1; other < LEGS; other++) {
      const step = this.#stepOf(other, gives0, gives1, per1, per2);
      if (step < least) {
        least = step;
        leg = other;
      }
    }
    return leg;
  }

  /** Lots of leg 0 until the bend of `leg`. */
  #stepOf(leg: number, gives0: number, gives1: number, per1: number, per2: number): number {
    if (leg === 0) return this.#left[0] as number;
    const flat = this.#flat[leg] as number;
    if (leg === 1) return flat > 0 ? flat / gives0 : (this.#left[1] as number) / per1;
    if ((this.#flat[1] as number) > 0) return Number.POSITIVE_INFINITY;
    return flat > 0 ? flat / gives1 : (this.#left[2] as number) / per2;
  }

  /** All three legs go `step` lots of leg 0 further. */
  #move(step: number, gives0: number, per1: number, gives1: number, per2: number): void {
    const in1 = step * gives0;
    const in2 = per1 > 0 ? step * gives1 : 0;
    this.#left[0] = (this.#left[0] as number) - step;
    this.#lots[0] = (this.#lots[0] as number) + step;
    this.#inflow[1] = (this.#inflow[1] as number) + in1;
    this.#inflow[2] = (this.#inflow[2] as number) + in2;
    if (per1 > 0) this.#fill(1, step * per1);
    else this.#flat[1] = (this.#flat[1] as number) - in1;
    if (per2 > 0) this.#fill(2, step * per2);
    else this.#flat[2] = (this.#flat[2] as number) - in2;
  }

  #fill(leg: number, lots: number): void {
    this.#left[leg] = (this.#left[leg] as number) - lots;
    this.#lots[leg] = (this.#lots[leg] as number) + lots;
  }

  #note(sum: number): void {
    if (sum <= this.earned) return;
    const lots = this.#lots;
    for (let leg = 0; leg < LEGS; leg++) {
      if ((lots[leg] as number) < (this.least[leg] as number)) return;
    }
    this.earned = sum;
    this.best.set(lots);
  }

  /** The level of `leg` is used up: enters its next one, or false when there is none. */
  #leave(leg: number, depth: LegDepth): boolean {
    const next = (this.#level[leg] as number) + 1;
    if (next >= depth.count) return false;
    this.#enter(leg, next, depth);
    return true;
  }

  #enter(leg: number, level: number, depth: LegDepth): void {
    assert(level < depth.count, "a level that is entered exists");
    this.#level[leg] = level;
    this.#left[leg] = depth.lots[level] as number;
    this.#flat[leg] = 0;
    if (level === 0 || leg === 0) return;
    const takes = depth.takes[level] as number;
    // A sell takes the same for each lot, whatever its level: there is nothing more to hold.
    if (takes === depth.takes[level - 1]) return;
    const held = (depth.lotsTo[level - 1] as number) * takes;
    this.#flat[leg] = Math.max(0, held - (this.#inflow[leg] as number));
  }
}

function touchRateOf(a: LegDepth, b: LegDepth, c: LegDepth): number {
  const rate = (depth: LegDepth): number => (depth.gives[0] as number) / (depth.takes[0] as number);
  return rate(a) * rate(b) * rate(c);
}
