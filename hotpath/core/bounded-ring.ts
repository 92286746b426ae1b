/**
 * Station: control events and commands on their way. A ring of fixed capacity.
 *
 * Neither may ever be dropped, so a full ring is our own broken state: `push` asserts. Depth and
 * high-water mark say how near that was.
 */
import { assert } from "../../contracts/assert.ts";

export class BoundedRing<T> {
  readonly capacity: number;
  readonly #name: string;
  readonly #slots: (T | undefined)[];
  #head = 0;
  #tail = 0;
  highWater = 0;

  constructor(name: string, capacity: number) {
    assert((capacity & (capacity - 1)) === 0, "capacity is a power of two");
    this.#name = name;
    this.capacity = capacity;
    this.#slots = new Array<T | undefined>(capacity).fill(undefined);
  }

  get depth(): number {
    return this.#head - this.#tail;
  }

  push(item: T): void {
    assert(this.depth < this.capacity, `${this.#name} holds fewer than ${this.capacity}`);
    this.#slots[this.#head & (this.capacity - 1)] = item;
    this.#head++;
    if (this.depth > this.highWater) this.highWater = this.depth;
  }

  /** The oldest, taken out; undefined when there is none. */
  shift(): T | undefined {
    if (this.#head === this.#tail) return undefined;
    const at = this.#tail & (this.capacity - 1);
    const item = this.#slots[at];
    this.#slots[at] = undefined;
    this.#tail++;
    return item;
  }
}
