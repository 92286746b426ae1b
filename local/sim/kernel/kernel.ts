/**
 * Station: what is to happen, with its moment and its process -> happening, one thing after the other.
 *
 * The only time of the simulator. Events of one moment run in the order in which they were put in, so one
 * seed is one history. A process may be slow, stopped for a while, or dead: what was to happen to a dead one
 * never does. It draws no chance and knows nothing of what happens.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Micros } from "../../../contracts/time.ts";
import { EventHeap, type Planned } from "./event-heap.ts";
import type { Process } from "./process.ts";

export type { Process } from "./process.ts";

/** Where the histories of the simulator begin: 2026-01-01T00:00:00Z. */
export const EPOCH_US: Micros = 1_767_225_600_000_000;

export class Kernel {
  readonly #heap = new EventHeap();
  /** The true time; processes see it through their clocks. */
  nowUs: Micros = EPOCH_US;
  /** What has happened so far, in number. */
  steps = 0;
  /** Whose code runs now. */
  current: Process;
  /** Whose code ran last: what its promises lead to is its own too. */
  last: Process;
  /** Real work outside the virtual world (compression by threads), during which time stands still. */
  frozen: Promise<unknown> | undefined;
  /** How many starts of processes wait for promises; while there are any, promises get their turn after each step. */
  awaiting = 0;
  /** The world itself: never dead, never paused, its clock is right. */
  readonly world: Process = this.makeProcess("world");

  constructor() {
    this.current = this.world;
    this.last = this.world;
  }

  makeProcess(name: string, skewUs = 0): Process {
    const isAlive = true;
    return { name, skewUs, wallShiftUs: 0, isAlive, pausedUntilUs: 0, onTurnEnd: undefined };
  }

  /** Time as the running process sees it. */
  get localUs(): Micros {
    return this.nowUs + this.current.skewUs;
  }

  /** Plans `run` for the process whose code plans it. */
  after(delayUs: Micros, run: () => void): Planned {
    return this.at(this.nowUs + Math.max(0, delayUs), this.current, run);
  }

  at(dueUs: Micros, process: Process, run: () => void): Planned {
    return this.#heap.push(Math.max(dueUs, this.nowUs), process, run);
  }

  cancel(planned: Planned): void {
    planned.run = undefined;
  }

  /** When the next thing happens; infinity when nothing is planned. */
  get nextUs(): Micros {
    return this.#heap.peek()?.dueUs ?? Number.POSITIVE_INFINITY;
  }

  get planned(): number {
    return this.#heap.size;
  }

  /** Lets one thing happen; false when nothing is planned. */
  step(): boolean {
    const planned = this.#heap.pop();
    if (planned === undefined) return false;
    const { run, process, dueUs } = planned;
    if (run === undefined || !process.isAlive) return true;
    if (process.pausedUntilUs > dueUs) {
      this.#heap.putOff(planned, process.pausedUntilUs);
      return true;
    }
    assert(dueUs >= this.nowUs, "time does not go back");
    this.nowUs = dueUs;
    this.steps++;
    this.last = process;
    this.runAs(process, run);
    if (process.isAlive) process.onTurnEnd?.();
    return true;
  }

  /** Runs code as that of a process, now. */
  runAs<T>(process: Process, run: () => T): T {
    const before = this.current;
    this.current = process;
    try {
      return run();
    } finally {
      this.current = before;
    }
  }

  /** Lets time stand still until `work` is done. */
  async freeze<T>(work: Promise<T>): Promise<T> {
    this.frozen = work;
    try {
      return await work;
    } finally {
      this.frozen = undefined;
    }
  }

  /** Ends a process: nothing of it happens any more. */
  kill(process: Process): void {
    assert(process !== this.world, "the world does not die");
    process.isAlive = false;
  }
}
