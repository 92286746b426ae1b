/**
 * Station: planned events -> the earliest one. A binary heap by moment, then by the moment at which it was first due
 * (what was put off keeps its order, however often it is), then by the order of planning.
 *
 * An event that was canceled stays until its turn and is then nothing: cheaper than to look for it.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Process } from "./process.ts";

export type Planned = {
  dueUs: Micros;
  /** As it was planned; before `dueUs` where it was put off. */
  readonly plannedUs: Micros;
  readonly order: number;
  readonly process: Process;
  /** Undefined once canceled. */
  run: (() => void) | undefined;
};

export class EventHeap {
  readonly #heap: Planned[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  peek(): Planned | undefined {
    return this.#heap[0];
  }

  push(dueUs: Micros, process: Process, run: () => void): Planned {
    const planned: Planned = { dueUs, plannedUs: dueUs, order: this.#order++, process, run };
    this.#add(planned);
    return planned;
  }

  /** Puts an event that was taken out back in for later: who holds it can still cancel it. */
  putOff(planned: Planned, dueUs: Micros): void {
    planned.dueUs = dueUs;
    this.#add(planned);
  }

  #add(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(planned);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Planned;
      if (!isBefore(planned, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = planned;
  }

  pop(): Planned | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const child = this.#smallerChild(at);
      const below = heap[child];
      if (below === undefined || !isBefore(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  #smallerChild(at: number): number {
    const left = 2 * at + 1;
    const one = this.#heap[left];
    const other = this.#heap[left + 1];
    return one !== undefined && other !== undefined && isBefore(other, one) ? left + 1 : left;
  }
}

function isBefore(one: Planned, other: Planned): boolean {
  if (one.dueUs !== other.dueUs) return one.dueUs < other.dueUs;
  if (one.plannedUs !== other.plannedUs) return one.plannedUs < other.plannedUs;
  return one.order < other.order;
}
