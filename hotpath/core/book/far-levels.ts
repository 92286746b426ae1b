/**
 * Station: book, the levels too far from the touch to stand in the window.
 *
 * An open-addressing hash table in typed arrays: deep levels change often enough on busy venues that a
 * Map would box a double for each of them (24 bytes a message, measured), and this allocates only when
 * it grows.
 */

const CAPACITY_MIN = 256;
/** Above three quarters full, probe chains grow faster than the memory is worth. */
const LOAD_MAX = 0.75;

export class FarLevels {
  /** Keys with a quantity. */
  size = 0;
  /** Occupied cells, removed keys included: they keep probe chains whole until the next rebuild. */
  #used = 0;
  #keys = new Float64Array(0);
  #lots = new Float64Array(0);
  #mask = 0;

  /** Quantity under `key`, or 0. */
  get(key: number): number {
    if (this.size === 0) return 0;
    return this.#lots[this.#cellOf(key)] as number;
  }

  /** Sets `key` to `lots`; 0 removes. Returns the change in the number of levels: -1, 0 or 1. */
  set(key: number, lots: number): -1 | 0 | 1 {
    if (lots <= 0 && this.size === 0) return 0;
    if (this.#used >= this.#keys.length * LOAD_MAX) this.#rebuild();
    const cell = this.#cellOf(key);
    if (Number.isNaN(this.#keys[cell])) {
      if (lots <= 0) return 0;
      this.#keys[cell] = key;
      this.#used++;
    }
    const before = this.#lots[cell] as number;
    this.#lots[cell] = lots;
    if (before > 0 === lots > 0) return 0;
    const change = lots > 0 ? 1 : -1;
    this.size += change;
    return change;
  }

  clear(): void {
    if (this.#used === 0) return;
    this.#keys.fill(Number.NaN);
    this.#lots.fill(0);
    this.#used = 0;
    this.size = 0;
  }

  /** Highest key with a quantity; the table must not be empty. */
  highest(): number {
    let best = Number.NEGATIVE_INFINITY;
    for (let cell = 0; cell < this.#keys.length; cell++) {
      const key = this.#keys[cell] as number;
      if ((this.#lots[cell] as number) > 0 && key > best) best = key;
    }
    return best;
  }

  /** Lowest key with a quantity; the table must not be empty. */
  lowest(): number {
    let worst = Number.POSITIVE_INFINITY;
    for (let cell = 0; cell < this.#keys.length; cell++) {
      const key = this.#keys[cell] as number;
      if ((this.#lots[cell] as number) > 0 && key < worst) worst = key;
    }
    return worst;
  }

  /**
   * Copies the highest keys and their lots to index `from .. max` of the arrays, highest first; returns the
   * index after the last. Allocates nothing: a pass over the table, each key put in its place.
   */
  copyHighest(keys: Float64Array, lots: Float64Array, from: number, max: number): number {
    let end = from;
    for (let cell = 0; cell < this.#keys.length; cell++) {
      const key = this.#keys[cell] as number;
      const quantity = this.#lots[cell] as number;
      if (quantity <= 0 || (end === max && !(key > (keys[end - 1] as number)))) continue;
      let at = end < max ? end++ : end - 1;
      for (; at > from && (keys[at - 1] as number) < key; at--) {
        keys[at] = keys[at - 1] as number;
        lots[at] = lots[at - 1] as number;
      }
      keys[at] = key;
      lots[at] = quantity;
    }
    return end;
  }

  /** Hands over and removes every level with `from <= key < to`. */
  drainInto(from: number, to: number, take: (key: number, lots: number) => void): void {
    for (let cell = 0; cell < this.#keys.length; cell++) {
      const lots = this.#lots[cell] as number;
      const key = this.#keys[cell] as number;
      if (lots <= 0 || key < from || key >= to) continue;
      take(key, lots);
      this.#lots[cell] = 0;
      this.size--;
    }
  }

  /** Keys with a quantity, highest first. Allocates. */
  keysDescending(): Float64Array {
    const keys = new Float64Array(this.size);
    let count = 0;
    for (let cell = 0; cell < this.#keys.length; cell++) {
      if ((this.#lots[cell] as number) > 0) keys[count++] = this.#keys[cell] as number;
    }
    return keys.sort().reverse();
  }

  /** The cell of `key`, or the empty cell where it would go. */
  #cellOf(key: number): number {
    // Knuth's multiplicative hash; the low 32 bits of the key carry all the variety of ticks.
    let cell = (Math.imul(key | 0, 0x9e3779b1) >>> 7) & this.#mask;
    for (;;) {
      const held = this.#keys[cell] as number;
      if (held === key || Number.isNaN(held)) return cell;
      cell = (cell + 1) & this.#mask;
    }
  }

  /** Makes room: doubles when truly full, and drops removed keys either way. */
  #rebuild(): void {
    const keys = this.#keys;
    const lots = this.#lots;
    let capacity = Math.max(CAPACITY_MIN, keys.length);
    if (this.size >= capacity * LOAD_MAX * 0.5) capacity *= 2;
    this.#keys = new Float64Array(capacity).fill(Number.NaN);
    this.#lots = new Float64Array(capacity);
    this.#mask = capacity - 1;
    this.#used = this.size;
    for (let i = 0; i < keys.length; i++) {
      if ((lots[i] as number) <= 0) continue;
      const cell = this.#cellOf(keys[i] as number);
      this.#keys[cell] = keys[i] as number;
      this.#lots[cell] = lots[i] as number;
    }
  }
}
