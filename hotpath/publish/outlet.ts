/**
 * Station: what no journal holds -> one way out. Bounded: what does not fit is given up, oldest first, and
 * counted.
 */
import type { Delivery, TurnResult } from "./lane.ts";

/** About an hour of positions and minutes of a large engine. */
const WAITING_MAX = 2_000;
const AT_ONCE_MAX = 200;

export class Outlet<Item> {
  readonly #deliver: (items: readonly Item[]) => Delivery | undefined;
  #waiting: Item[] = [];
  #under: Delivery | undefined;
  droppedCount = 0;

  constructor(deliver: (items: readonly Item[]) => Delivery | undefined) {
    this.#deliver = deliver;
  }

  add(items: readonly Item[]): void {
    this.#waiting.push(...items);
    const over = this.#waiting.length - WAITING_MAX;
    if (over <= 0) return;
    this.#waiting.splice(0, over);
    this.droppedCount += over;
  }

  /** Sends some of what is waiting; "idle" when nothing is. */
  async turn(): Promise<TurnResult> {
    this.#under ??= this.#deliver(this.#waiting.splice(0, AT_ONCE_MAX));
    if (this.#under === undefined) return "idle";
    const reason = await this.#under();
    if (reason !== "") return { blocked: reason };
    this.#under = undefined;
    return "worked";
  }
}
