/**
 * Station: chance -> what befalls tables, venue, network and hosts, while anything may fail; then nothing more.
 *
 * Each seed switches a random part of the kinds on (a swarm), and most of them are aimed at whoever holds the
 * lease, because nobody else can do harm.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import type { Random } from "../../venues/market/random.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Container, Thread } from "./container.ts";
import type { LeaseCounts } from "./lease-faults.ts";
import { type LeaseTables, NO_TROUBLE } from "./lease-tables.ts";
import { NO_DELAYS, type OrderDoor } from "./order-door.ts";
import type { Trace } from "./trace.ts";

const HARMS = [
  "pause",
  "suspend",
  "crash",
  "replace",
  "crashAll",
  "leave",
  "down",
  "cut",
  "trouble",
  "delays",
  "backEnd",
  "delete",
  "restore",
  "calendar",
] as const;
type Harm = (typeof HARMS)[number];

const BETWEEN_US = 9 * US_PER_S;
const ENABLED_SHARE = 0.5;
const AT_HOLDER_SHARE = 0.75;
const PAUSES_TTL_MAX = 10;
const THREADS: readonly (readonly Thread[])[] = [
  ["supervisor", "hot"],
  ["supervisor", "hot"],
  ["hot"],
  ["supervisor"],
];

export type HarmParts = {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly tables: LeaseTables;
  readonly door: OrderDoor;
  readonly containers: readonly Container[];
  readonly counts: LeaseCounts;
  readonly trace: Trace;
  readonly ttlUs: Micros;
  /** Nothing begins after this. */
  readonly untilUs: Micros;
};

export class Harms {
  pauses = 0;
  readonly #parts: HarmParts;
  readonly #enabled: readonly Harm[];

  constructor(parts: HarmParts) {
    this.#parts = parts;
    const { random } = parts;
    const drawn = HARMS.filter(() => random.next() < ENABLED_SHARE);
    this.#enabled = drawn.length > 0 ? drawn : HARMS;
  }

  start(): void {
    const { kernel, random, untilUs } = this.#parts;
    const nextUs = kernel.nowUs + Math.round(random.exponential(BETWEEN_US));
    if (nextUs >= untilUs) return;
    kernel.at(nextUs, kernel.world, () => {
      this.#befall();
      this.start();
    });
  }

  /** From here on nothing goes wrong any more. */
  calm(): void {
    const { tables, door, containers } = this.#parts;
    tables.rates = NO_TROUBLE;
    tables.downUntilUs = 0;
    door.rates = NO_DELAYS;
    for (const container of containers) container.cutUntilUs = 0;
  }

  #befall(): void {
    const { random, kernel, trace } = this.#parts;
    const at = random.integer(this.#enabled.length);
    const harm = this.#enabled[at] as Harm;
    const target = this.#target();
    trace.note(harm, kernel.nowUs);
    switch (harm) {
      case "pause":
      case "suspend":
      case "crash":
      case "replace":
      case "crashAll":
      case "leave":
      case "cut":
      case "calendar":
        this.#harmHost(harm, target);
        return;
      case "down":
      case "trouble":
      case "delete":
      case "restore":
        this.#harmTables(harm);
        return;
      case "delays":
      case "backEnd":
        this.#harmDoor(harm);
        return;
    }
  }

  #target(): Container {
    const { containers, random } = this.#parts;
    const holder = containers.find(({ holder: runId }) => runId !== undefined);
    if (holder !== undefined && random.next() < AT_HOLDER_SHARE) return holder;
    return containers[random.integer(containers.length)] as Container;
  }

  #harmHost(harm: Harm, target: Container): void {
    const { random, kernel, containers, counts, ttlUs } = this.#parts;
    const { injected } = counts;
    const isHolder = target.holder !== undefined;
    const downUs = this.#upTo(30 * US_PER_S);
    switch (harm) {
      case "pause":
        this.pauses++;
        injected.P24++;
        if (isHolder) injected.C08++;
        target.pause(THREADS[random.integer(THREADS.length)] as readonly Thread[], this.#pauseUs());
        return;
      case "suspend":
        this.pauses++;
        injected.P23++;
        target.suspend(this.#pauseUs());
        return;
      case "crash":
        injected.P01++;
        target.crash(false, downUs);
        return;
      case "replace":
        injected.P30++;
        target.crash(true, downUs);
        return;
      case "crashAll":
        injected.C10++;
        for (const container of containers) container.crash(false, ttlUs / 10);
        return;
      case "leave":
        target.leave();
        return;
      case "cut":
        injected.C06++;
        target.cutUntilUs = kernel.nowUs + this.#upTo(3 * ttlUs);
        return;
      default:
        injected.P22++;
        target.setCalendar(Math.round(random.between(-3600, 3600)) * US_PER_S);
        return;
    }
  }

  #harmTables(harm: Harm): void {
    const { kernel, random, tables, counts, ttlUs } = this.#parts;
    switch (harm) {
      case "down":
        counts.injected.C06++;
        tables.downUntilUs = kernel.nowUs + this.#upTo(6 * ttlUs);
        return;
      case "delete":
        counts.injected.C12++;
        tables.remove();
        return;
      case "restore":
        counts.injected.C12++;
        tables.restore(1 + random.integer(tables.versions));
        return;
      default: {
        const rate = (most: number): number => (random.next() < 0.5 ? 0 : random.next() * most);
        tables.rates = {
          throttle: rate(0.5),
          lost: rate(0.4),
          slow: rate(0.4),
          doubled: rate(0.3),
        };
        this.#after(this.#upTo(6 * ttlUs), () => {
          tables.rates = NO_TROUBLE;
        });
      }
    }
  }

  #harmDoor(harm: Harm): void {
    const { random, door, ttlUs } = this.#parts;
    const backEnd = random.next() * 0.3;
    door.rates =
      harm === "backEnd"
        ? { ...door.rates, backEnd }
        : { ...door.rates, slow: random.next() * 0.4, lost: random.next() * 0.2 };
    this.#after(this.#upTo(6 * ttlUs), () => {
      door.rates = NO_DELAYS;
    });
  }

  /**
   * From an instant to ten times the lease; the short ones, around the margins, are the many. None outlasts
   * the trouble: what waits for the end of a pause cannot be called earlier.
   */
  #pauseUs(): Micros {
    const { random, ttlUs, kernel, untilUs } = this.#parts;
    const drawnUs = 50 * US_PER_MS + PAUSES_TTL_MAX * ttlUs * random.next() ** 2;
    return Math.round(Math.min(drawnUs, untilUs - kernel.nowUs));
  }

  #upTo(us: Micros): Micros {
    return Math.round(us * this.#parts.random.next());
  }

  #after(us: Micros, run: () => void): void {
    const { kernel } = this.#parts;
    kernel.at(kernel.nowUs + us, kernel.world, run);
  }
}
