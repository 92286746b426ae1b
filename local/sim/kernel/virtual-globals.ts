/**
 * Station: the globals by which code asks for time and chance -> the kernel's, while a simulation runs.
 *
 * Production code keeps calling `setTimeout` and `performance.now`; here these are virtual. What has no
 * place in a simulation (a real file, a real socket, chance that no seed made) throws, so that nothing slips
 * past the virtual world unseen. All of it is put back as it was by `restore`.
 */
import crypto from "node:crypto";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";
import { performance } from "node:perf_hooks";
import { US_PER_MS } from "../../../contracts/time.ts";
import type { Random } from "../../venues/market/random.ts";
import type { Planned } from "./event-heap.ts";
import type { Kernel } from "./kernel.ts";

/** Wall time at which this process's clocks were anchored (`hotpath/io/clock.ts`). */
const ANCHOR_US = Math.round(performance.timeOrigin * US_PER_MS);
/** In the middle of a microsecond, so that no rounding of a double can reach its neighbor. */
const HALF_US = 0.5;
const NS_PER_US = 1000n;

/** What `setTimeout` gives. */
class VirtualTimer {
  planned: Planned | undefined;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** What was there before, to be put back. */
type Saved = { readonly on: object; readonly name: string; readonly value: unknown };

/** Doors to the real world that no simulated code may use. */
const TRAPS: readonly (readonly [object, string, readonly string[]])[] = [
  [
    fs,
    "the simulator's disks are virtual",
    [
      "openSync",
      "writeSync",
      "readFileSync",
      "writeFileSync",
      "appendFileSync",
      "mkdirSync",
      "readdirSync",
      "renameSync",
      "rmSync",
      "unlinkSync",
      "fsyncSync",
      "fdatasyncSync",
    ],
  ],
  [net, "the simulator's sockets are virtual", ["connect", "createConnection", "createServer"]],
  [
    crypto,
    "chance comes from the seed",
    ["randomBytes", "randomFillSync", "randomUUID", "randomInt"],
  ],
];

export class VirtualGlobals {
  readonly #kernel: Kernel;
  readonly #random: Random;
  #saved: Saved[] = [];

  constructor(kernel: Kernel, random: Random) {
    this.#kernel = kernel;
    this.#random = random;
  }

  /** Makes time and chance virtual; nothing else may run in this thread until `restore`. */
  install(): void {
    this.#installTimers();
    this.#installClocks();
    for (const [on, reason, names] of TRAPS) {
      for (const name of names) {
        this.#put(on, name, () => {
          throw new Error(`${name}: ${reason}`);
        });
      }
    }
    syncBuiltinESMExports();
  }

  restore(): void {
    for (const { on, name, value } of this.#saved.reverse()) {
      Object.defineProperty(on, name, { value, configurable: true, writable: true });
    }
    this.#saved = [];
    syncBuiltinESMExports();
  }

  #installTimers(): void {
    const kernel = this.#kernel;
    const start = (run: () => void, ms = 0): VirtualTimer => {
      const timer = new VirtualTimer();
      timer.planned = kernel.after(usOf(ms), run);
      return timer;
    };
    const repeat = (run: () => void, ms = 0): VirtualTimer => {
      const timer = new VirtualTimer();
      const again = (): void => {
        timer.planned = kernel.after(usOf(ms), again);
        run();
      };
      timer.planned = kernel.after(usOf(ms), again);
      return timer;
    };
    const stop = (timer: VirtualTimer | undefined): void => {
      if (timer?.planned !== undefined) kernel.cancel(timer.planned);
    };
    this.#put(globalThis, "setTimeout", start);
    this.#put(globalThis, "setInterval", repeat);
    const soon = (run: () => void): VirtualTimer => {
      const timer = new VirtualTimer();
      timer.planned = kernel.after(0, run);
      return timer;
    };
    this.#put(globalThis, "setImmediate", soon);
    this.#put(globalThis, "clearTimeout", stop);
    this.#put(globalThis, "clearInterval", stop);
    this.#put(globalThis, "clearImmediate", stop);
    this.#put(globalThis, "queueMicrotask", soon);
    // One for all of them: most deadlines pass unheard, and each exception would carry a trace.
    const reason = new DOMException("The operation was aborted due to timeout", "TimeoutError");
    this.#put(AbortSignal, "timeout", (ms: number) => {
      const controller = new AbortController();
      kernel.after(usOf(ms), () => controller.abort(reason));
      return controller.signal;
    });
  }

  #installClocks(): void {
    const kernel = this.#kernel;
    const random = this.#random;
    const localMs = (): number => {
      return Math.floor((kernel.localUs + kernel.current.wallShiftUs) / US_PER_MS);
    };
    this.#put(performance, "now", () => (kernel.localUs - ANCHOR_US + HALF_US) / US_PER_MS);
    this.#put(process.hrtime, "bigint", () => BigInt(kernel.localUs) * NS_PER_US);
    this.#put(Date, "now", localMs);
    this.#put(Math, "random", () => random.next());
  }

  #put(on: object, name: string, value: unknown): void {
    this.#saved.push({ on, name, value: Reflect.get(on, name) });
    Object.defineProperty(on, name, { value, configurable: true, writable: true });
  }
}

/** Timers of Node wait for whole milliseconds, at least one, and not beyond 31 bits (then one). */
function usOf(ms: number): number {
  const TIMER_MS_MAX = 2 ** 31 - 1;
  if (!(ms >= 1 && ms <= TIMER_MS_MAX)) return US_PER_MS;
  return Math.trunc(ms) * US_PER_MS;
}
