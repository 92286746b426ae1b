/**
 * Station: a seed -> a history of two or three containers that want one account, and its verdict.
 *
 * First anything may fail, then nothing does any more, and one of them has to trade. The same seed gives the
 * same history: its fingerprint is part of the verdict.
 */
import { LEASE_TIMES } from "../../../contracts/lease.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { Random } from "../../venues/market/random.ts";
import { Kernel } from "../kernel/kernel.ts";
import { settlePromises } from "../kernel/run-kernel.ts";
import { VirtualGlobals } from "../kernel/virtual-globals.ts";
import { Container } from "./container.ts";
import { Harms } from "./harms.ts";
import { type LeaseCounts, noCounts } from "./lease-faults.ts";
import { LeaseJudge } from "./lease-judge.ts";
import { LeaseTables } from "./lease-tables.ts";
import { OrderDoor } from "./order-door.ts";
import { type SenderStock, senderStock } from "./sender-world.ts";
import { Trace } from "./trace.ts";

export type SplitBrainVerdict = {
  readonly seed: number;
  readonly traceHash: string;
  readonly steps: number;
  readonly simulatedUs: Micros;
  readonly takeovers: number;
  readonly pauses: number;
  readonly signed: number;
  readonly accepted: number;
  readonly counts: LeaseCounts;
  readonly violations: readonly string[];
};

const TROUBLE_US: readonly [number, number] = [120 * US_PER_S, 300 * US_PER_S];
/** Longer than a start, a whole wait for a silent holder, its back end, and what was still on its way. */
const CALM_US = 75 * US_PER_S;
/** Orders are wanted several times a second; so long before the end at least one was accepted. */
const TRADING_US = 5 * US_PER_S;
const SKEW_US_MAX = US_PER_S;
/** The standard of the gate (PT30), and one that lets every clock of this room trade. */
const OFFSET_US: readonly [number, number] = [250 * US_PER_MS, 1_100 * US_PER_MS];
const FAR_SKEW_US = 900 * US_PER_S;
const THIRD_SHARE = 0.2;
const FAR_SHARE = 0.05;

/** Runs one seed. Nothing else may run in this thread meanwhile: time and chance are the simulator's. */
export async function runSplitBrain({
  seed,
  stock = senderStock(),
}: {
  readonly seed: number;
  readonly stock?: SenderStock;
}): Promise<SplitBrainVerdict> {
  const kernel = new Kernel();
  const globals = new VirtualGlobals(kernel, new Random(seed, "math"));
  globals.install();
  try {
    const scene = new Scene(kernel, seed, stock);
    return await scene.run();
  } finally {
    globals.restore();
  }
}

class Scene {
  readonly #kernel: Kernel;
  readonly #seed: number;
  readonly #trace = new Trace();
  readonly #counts = noCounts();
  readonly #judge: LeaseJudge;
  readonly #harms: Harms;
  readonly #containers: readonly Container[];
  readonly #troubleUntilUs: Micros;
  readonly #gateUs: Micros;

  constructor(kernel: Kernel, seed: number, stock: SenderStock) {
    this.#kernel = kernel;
    this.#seed = seed;
    const counts = this.#counts;
    const times = LEASE_TIMES;
    const random = new Random(seed, "scene");
    const judge = new LeaseJudge(kernel, times, this.#trace);
    this.#judge = judge;
    const tables = new LeaseTables({
      kernel,
      random: new Random(seed, "tables"),
      counts,
      onWritten: (written) => judge.onWritten(written),
    });
    const { backEndUs, ttlUs } = times;
    const door = new OrderDoor({
      kernel,
      random: new Random(seed, "door"),
      counts,
      judge,
      backEndUs,
    });
    this.#gateUs = OFFSET_US[random.integer(2)] as Micros;
    const names = random.next() < THIRD_SHARE ? ["a", "b", "c"] : ["a", "b"];
    this.#containers = names.map((name) => {
      const parts = { name, kernel, tables, door, judge, counts, stock, times };
      const own = { ...parts, random: new Random(seed, name), clockOffsetUsMax: this.#gateUs };
      return new Container(own, this.#skewOf(random));
    });
    this.#troubleUntilUs = kernel.nowUs + Math.round(random.between(...TROUBLE_US));
    this.#harms = new Harms({
      kernel,
      random: new Random(seed, "harms"),
      tables,
      door,
      containers: this.#containers,
      counts,
      trace: this.#trace,
      ttlUs,
      untilUs: this.#troubleUntilUs,
    });
  }

  #skewOf(random: Random): Micros {
    const { injected } = this.#counts;
    if (random.next() < FAR_SHARE) {
      injected.C38++;
      return Math.round(random.between(-FAR_SKEW_US, FAR_SKEW_US));
    }
    injected.C11++;
    return Math.round(random.between(-SKEW_US_MAX, SKEW_US_MAX));
  }

  async run(): Promise<SplitBrainVerdict> {
    const kernel = this.#kernel;
    const startUs = kernel.nowUs;
    this.#counts.injected.C10++;
    for (const container of this.#containers) container.start();
    this.#harms.start();
    await this.#runUntil(this.#troubleUntilUs);
    this.#harms.calm();
    this.#mendClocks();
    const endUs = this.#troubleUntilUs + CALM_US;
    await this.#runUntil(endUs);
    const holders = this.#containers.flatMap(({ holder }) => holder ?? []);
    const isCongested = this.#containers.some((each) => each.isCongested);
    this.#judge.onEnd(holders, endUs - TRADING_US, isCongested);
    this.#trace.note("end", kernel.steps);
    const { accepted, signed, takeovers, violations } = this.#judge;
    return {
      seed: this.#seed,
      traceHash: this.#trace.hex,
      steps: kernel.steps,
      simulatedUs: kernel.nowUs - startUs,
      takeovers,
      pauses: this.#harms.pauses,
      signed,
      accepted,
      counts: this.#counts,
      violations,
    };
  }

  /** Whose clock is too far off for the gate holds the lease and cannot trade: an operator mends that. */
  #mendClocks(): void {
    for (const container of this.#containers) {
      if (Math.abs(container.skewUs) <= this.#gateUs / 2) continue;
      container.skewUs = 0;
      container.crash(false, US_PER_S);
    }
  }

  /** Production promises wait for tables and timers of the supervisor; they get their turn after its steps. */
  async #runUntil(untilUs: Micros): Promise<void> {
    const kernel = this.#kernel;
    while (kernel.nextUs <= untilUs) {
      kernel.step();
      if (kernel.last.name.endsWith("supervisor")) await settlePromises(kernel);
    }
    kernel.nowUs = Math.max(kernel.nowUs, untilUs);
  }
}
