// Goal: whatever the store, the network and the schedulers do, two engines never hold the lease together.
// Method: seeded walks of several machines over one store: slow, lost and late answers, writes that land long
// after they were given up, pauses, restarts, an item that is deleted or restored. True time is the judge's.
import { expect, test } from "vitest";
import {
  dividedTimes,
  LEASE_TIMES,
  type LeaseItem,
  takeoverWaitUs,
} from "../../../../contracts/lease.ts";
import { LeaseMachine, type LeaseWish } from "../../../../hotpath/core/lease/lease-machine.ts";

const TIMES = dividedTimes(LEASE_TIMES, 1000);
/** Requests of a holder may reach the venue for so long after its right has ended. */
const AFTER_US = TIMES.windowUs + 2 * TIMES.clockErrorUs;

class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  below(most: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * most);
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}

type Later = { readonly atUs: number; readonly run: () => void };
type Term = {
  readonly life: number;
  readonly fence: number;
  readonly fromUs: number;
  endUs: number;
};

type OwnTerm = { term: Term | undefined; isGivenBack: boolean };

type Faults = { readonly loss: number; readonly slow: number; readonly pause: number };

class Walk {
  readonly terms: Term[] = [];
  readonly #random: Random;
  readonly #faults: Faults;
  #later: Later[] = [];
  #nowUs = 0;
  #item: LeaseItem | undefined;
  #lives = 0;

  constructor(seed: number, faults: Faults) {
    this.#random = new Random(seed);
    this.#faults = faults;
  }

  run(engines: number, untilUs: number, harm: (walk: Walk, random: Random) => void): void {
    const floors = Array.from({ length: engines }, () => 0);
    for (const engine of floors.keys()) this.#live(engine, floors);
    while (this.#nowUs < untilUs) {
      this.#nowUs += 1 + this.#random.below(60);
      const due = this.#later.filter(({ atUs }) => atUs <= this.#nowUs);
      this.#later = this.#later.filter(({ atUs }) => atUs > this.#nowUs);
      for (const { run } of due.sort((a, b) => a.atUs - b.atUs)) run();
      harm(this, this.#random);
    }
  }

  deleteItem(): void {
    this.#item = undefined;
  }

  restore(fence: number): void {
    if (this.#item !== undefined) this.#item = { ...this.#item, fence, renewals: 0, holder: "old" };
  }

  #after(us: number, run: () => void): void {
    this.#later.push({ atUs: this.#nowUs + us, run });
  }

  /** One process: looks often, unless it is paused; when it has lost it dies and another begins. */
  #live(engine: number, floors: number[]): void {
    this.#lives++;
    const life = this.#lives;
    // Its clock has a zero of its own.
    const offsetUs = this.#random.below(1_000_000_000);
    const clock = (): number => this.#nowUs + offsetUs;
    const identity = { account: "a", engine: "e", imageDigest: "", schemaHash: "" };
    const made = new LeaseMachine({
      identity: { ...identity, holder: `life-${life}` },
      times: TIMES,
      fenceFloor: floors[engine] ?? 0,
      nowUs: clock(),
    });
    const own: OwnTerm = { term: undefined, isGivenBack: false };
    const look = (): void => {
      const wish = made.next(clock());
      if (made.phase === "held") {
        this.#note(own, life, made, offsetUs);
        floors[engine] = made.fence;
      }
      if (made.phase === "lost" || made.phase === "released") {
        this.#after(TIMES.renewEveryUs, () => this.#live(engine, floors));
        return;
      }
      if (wish !== undefined) this.#carryOut(wish, made, clock);
      const isPaused = this.#random.chance(this.#faults.pause);
      this.#after(isPaused ? this.#random.below(3 * TIMES.ttlUs) : 20, look);
    };
    look();
  }

  /** What a life believes of its own right; one that gives it back has sent its last before. */
  #note(own: OwnTerm, life: number, made: LeaseMachine, offsetUs: number): void {
    if (own.term === undefined) {
      own.term = { life, fence: made.fence, fromUs: this.#nowUs, endUs: 0 };
      this.terms.push(own.term);
    }
    if (own.isGivenBack) return;
    own.term.endUs = made.validUntilUs - offsetUs;
    if (!this.#random.chance(1)) return;
    own.isGivenBack = true;
    own.term.endUs = this.#nowUs - AFTER_US;
    made.giveBack(this.#nowUs + offsetUs);
  }

  #carryOut(wish: LeaseWish, made: LeaseMachine, clock: () => number): void {
    const { loss, slow } = this.#faults;
    const wayUs = (): number =>
      this.#random.below(this.#random.chance(slow) ? 2 * TIMES.ttlUs : TIMES.renewEveryUs / 4);
    const timeoutUs = TIMES.renewEveryUs;
    let isAnswered = false;
    const answer = (say: () => void): void => {
      if (isAnswered) return;
      isAnswered = true;
      say();
    };
    this.#after(timeoutUs, () =>
      answer(() => (wish.kind === "read" ? made.onReadFailed(clock()) : made.onUnknown(clock()))),
    );
    this.#after(wayUs(), () => {
      const seen = this.#item;
      const isLost = this.#random.chance(loss);
      if (wish.kind === "read") {
        this.#after(wayUs(), () => !isLost && answer(() => made.onRead(seen, clock())));
        return;
      }
      const isTaken = JSON.stringify(seen) === JSON.stringify(wish.after);
      if (isTaken) this.#item = wish.item;
      this.#after(wayUs(), () => {
        if (isLost) return;
        answer(() => (isTaken ? made.onWritten(clock()) : made.onRefused(clock())));
      });
    });
  }
}

/** Two terms whose rights touch each other, or a fence that did not grow; "" for none. */
function faultOf(terms: readonly Term[]): string {
  const inOrder = [...terms].sort((a, b) => a.fromUs - b.fromUs);
  for (const [at, term] of inOrder.entries()) {
    const before = inOrder[at - 1];
    if (before === undefined) continue;
    if (term.fence <= before.fence) return `fence ${term.fence} after ${before.fence}`;
    if (before.endUs + AFTER_US > term.fromUs) {
      return `life ${before.life} until ${before.endUs}, life ${term.life} from ${term.fromUs}`;
    }
  }
  return "";
}

const QUIET: Faults = { loss: 5, slow: 2, pause: 1 };
const STORMY: Faults = { loss: 30, slow: 30, pause: 1 };
const SEEDS = 40;
const LENGTH_US = 400 * TIMES.ttlUs;

test.each([
  ["quiet", QUIET],
  ["stormy", STORMY],
])("in %s weather the terms of three engines never touch, and fences grow", (_, faults) => {
  let termCount = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const walk = new Walk(seed, faults);
    walk.run(3, LENGTH_US, () => undefined);
    expect(faultOf(walk.terms), `seed ${seed}`).toBe("");
    termCount += walk.terms.length;
  }
  // The lease changed hands all the time, or nothing was tried.
  expect(termCount).toBeGreaterThan(SEEDS * 10);
});

test("an item that is deleted under its holder is not taken before the holder's right has ended", () => {
  let deletions = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const walk = new Walk(seed, QUIET);
    walk.run(2, LENGTH_US, (each, random) => {
      if (random.below(2000) > 0) return;
      deletions++;
      each.deleteItem();
    });
    const touching = faultOf(walk.terms).startsWith("life");
    expect(touching, `seed ${seed}: ${faultOf(walk.terms)}`).toBe(false);
  }
  expect(deletions).toBeGreaterThan(SEEDS);
});

test("an item restored from a backup never gives an engine a fence that it had before", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const walk = new Walk(seed, QUIET);
    walk.run(1, LENGTH_US, (each, random) => void (random.below(2000) === 0 && each.restore(1)));
    expect(faultOf(walk.terms), `seed ${seed}`).toBe("");
  }
});

test("the judge sees two holders where the wait is too short", () => {
  expect(takeoverWaitUs(TIMES)).toBe(TIMES.ttlUs + AFTER_US);
  const early: Term[] = [
    { life: 1, fence: 1, fromUs: 0, endUs: 100 },
    { life: 2, fence: 2, fromUs: 100 + AFTER_US - 1, endUs: 300 },
  ];
  expect(faultOf(early)).toContain("life 1 until 100");
  expect(faultOf([{ life: 1, fence: 2, fromUs: 0, endUs: 9 }, { ...(early[1] as Term) }])).toBe(
    "fence 2 after 2",
  );
});
