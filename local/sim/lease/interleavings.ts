/**
 * Station: two machines of the lease and one item -> every order in which so many steps can happen.
 *
 * A step is the smallest thing that can be told apart: one machine looks, its request lands, its answer comes,
 * it gives up waiting, a write that was given up lands all the same, a holder gives back, or everybody sleeps.
 * One is the holder at the beginning and the other has just seen that. A machine is what it was told and when;
 * so two orders that told each machine the same are one state, and are looked at once.
 */
import { assert } from "../../../contracts/assert.ts";
import { LEASE_TIMES, type LeaseItem } from "../../../contracts/lease.ts";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import { LeaseMachine, type LeaseWish } from "../../../hotpath/core/lease/lease-machine.ts";

const NAMES = ["a", "b"] as const;
type Name = (typeof NAMES)[number];
type Verb = "look" | "land" | "landLate" | "hear" | "giveUp" | "giveBack";
type Step = { readonly who: Name | "all"; readonly verb: Verb | "sleep" };

/** Less than a lease, so that two of them are a whole wait of a successor that looks in between. */
const SLEEP_US = 6 * US_PER_S + US_PER_S / 2;
/** Requests of a holder may reach the venue for so long after its right has ended. */
const AFTER_US = LEASE_TIMES.windowUs + 2 * LEASE_TIMES.clockErrorUs;

export type MachineFactory = (name: Name, nowUs: Micros) => LeaseMachine;

export type Interleavings = {
  readonly steps: number;
  /** States that differ, and steps between them. */
  states: number;
  transitions: number;
  /** States in which the second machine has come to hold the lease. */
  takeovers: number;
  readonly violations: string[];
};

/** One machine with what is under way between it and the item. */
class Side {
  readonly name: Name;
  readonly machine: LeaseMachine;
  /** What it was told, and when: all that it is made of. */
  history = "";
  wish: LeaseWish | undefined;
  /** What it has asked for last. */
  asked: LeaseWish["kind"] | undefined;
  answer: (() => void) | undefined;
  late: Extract<LeaseWish, { kind: "put" }> | undefined;
  /** The end of its latest right, and the fence of it. */
  endUs: Micros = 0;
  fence = 0;

  constructor(name: Name, machine: LeaseMachine) {
    this.name = name;
    this.machine = machine;
  }
}

class Pair {
  nowUs: Micros = US_PER_S;
  item: LeaseItem | undefined;
  fault = "";
  readonly sides: Readonly<Record<Name, Side>>;

  constructor(make: MachineFactory) {
    this.item = itemOf("", 0);
    this.sides = {
      a: new Side("a", make("a", this.nowUs)),
      b: new Side("b", make("b", this.nowUs)),
    };
    for (const step of BEGINNING) this.take(step);
    assert(this.sides.a.machine.phase === "held", "the first one holds the lease at the beginning");
  }

  get possible(): Step[] {
    const steps: Step[] = [{ who: "all", verb: "sleep" }];
    for (const who of NAMES) {
      const { machine, wish, answer, late } = this.sides[who];
      const add = (verb: Verb, isPossible: boolean): void => {
        if (isPossible) steps.push({ who, verb });
      };
      const isIdle = wish === undefined && answer === undefined;
      add("look", isIdle && machine.dueUs() < Number.POSITIVE_INFINITY);
      add("land", wish !== undefined);
      add("hear", answer !== undefined);
      add("giveUp", !isIdle);
      add("landLate", late !== undefined);
      add("giveBack", isIdle && machine.phase === "held" && this.nowUs >= machine.openFromUs);
    }
    return steps;
  }

  take({ who, verb }: Step): void {
    if (who === "all") {
      this.nowUs += SLEEP_US;
      return;
    }
    const side = this.sides[who];
    if (verb === "look") this.#look(side);
    else if (verb === "land") this.#land(side);
    else if (verb === "landLate") this.#landLate(side);
    else if (verb === "hear") this.#hear(side);
    else if (verb === "giveUp") this.#giveUp(side);
    else this.#giveBack(side);
    this.#judge(side, NAMES.find((name) => name !== who) as Name);
  }

  /** Everything that what comes may depend on. */
  get key(): string {
    const sides = NAMES.map((name) => {
      const { history, wish, answer, late } = this.sides[name];
      return `${history}|${wish === undefined}${answer === undefined}${textOf(late?.item)}`;
    });
    return `${this.nowUs}|${textOf(this.item)}|${sides.join("|")}`;
  }

  #look(side: Side): void {
    this.nowUs = Math.max(this.nowUs, side.machine.dueUs());
    side.wish = side.machine.next(this.nowUs);
    side.asked = side.wish?.kind;
    side.history += `l${this.nowUs};`;
  }

  #land(side: Side): void {
    const { machine, wish } = side;
    assert(wish !== undefined, "a request that lands was made");
    side.wish = undefined;
    if (wish.kind === "read") {
      const { item } = this;
      side.answer = () => machine.onRead(item, this.nowUs);
      side.history += `r${textOf(item)}`;
      return;
    }
    const isTaken = this.#write(wish);
    side.answer = () => (isTaken ? machine.onWritten(this.nowUs) : machine.onRefused(this.nowUs));
    side.history += `w${isTaken}`;
  }

  #landLate(side: Side): void {
    if (side.late !== undefined) this.#write(side.late);
    side.late = undefined;
  }

  #hear(side: Side): void {
    side.answer?.();
    side.answer = undefined;
    side.history += `h${this.nowUs};`;
  }

  /** A write that is given up on its way there lands some day, or never. */
  #giveUp(side: Side): void {
    const { machine, wish, asked } = side;
    if (wish?.kind === "put") side.late = wish;
    if (asked === "put") machine.onUnknown(this.nowUs);
    else machine.onReadFailed(this.nowUs);
    side.wish = undefined;
    side.answer = undefined;
    side.history += `g${this.nowUs};`;
  }

  #giveBack(side: Side): void {
    side.machine.giveBack(this.nowUs);
    side.history += `b${this.nowUs};`;
    // Whoever gives back has sent its last, and knows the end of it.
    side.endUs = this.nowUs - AFTER_US;
  }

  #write({ item, after }: Extract<LeaseWish, { kind: "put" }>): boolean {
    if (textOf(this.item) !== textOf(after)) return false;
    this.item = item;
    return true;
  }

  /** Two rights never touch, and the later one has the higher fence. */
  #judge(side: Side, otherName: Name): void {
    const { machine } = side;
    const other = this.sides[otherName];
    if (machine.phase !== "held") return;
    const isNew = machine.fence !== side.fence;
    const hasGivenBack = side.history.includes("b");
    if (!hasGivenBack) side.endUs = machine.validUntilUs;
    side.fence = machine.fence;
    if (!isNew || other.fence === 0) return;
    if (machine.fence <= other.fence) {
      this.fault = `${side.name} took fence ${machine.fence} after ${other.fence}`;
    } else if (other.endUs + AFTER_US > this.nowUs) {
      this.fault = `${side.name} holds from ${this.nowUs}, ${otherName} until ${other.endUs}`;
    }
  }
}

const BEGINNING: readonly Step[] = [
  { who: "a", verb: "look" },
  { who: "a", verb: "land" },
  { who: "a", verb: "hear" },
  { who: "a", verb: "look" },
  { who: "a", verb: "land" },
  { who: "a", verb: "hear" },
  { who: "b", verb: "look" },
  { who: "b", verb: "land" },
  { who: "b", verb: "hear" },
];

/** The production machine, as both sides run it. */
export function leaseMachine(name: Name, nowUs: Micros): LeaseMachine {
  const identity = { account: "main", engine: "e", holder: name, imageDigest: "", schemaHash: "" };
  return new LeaseMachine({ identity, times: LEASE_TIMES, fenceFloor: 0, nowUs });
}

/** Walks every order of `steps` steps, breadth first. */
export function checkInterleavings(
  steps: number,
  make: MachineFactory = leaseMachine,
): Interleavings {
  const found: Interleavings = { steps, states: 0, transitions: 0, takeovers: 0, violations: [] };
  const seen = new Set<number>();
  let paths = [""];
  const visit = (path: string): boolean => {
    found.transitions++;
    const pair = pairAfter(path, make);
    const hash = hashOf(pair.key);
    if (seen.has(hash)) return false;
    seen.add(hash);
    found.states++;
    if (pair.sides.b.machine.phase === "held") found.takeovers++;
    if (pair.fault !== "") found.violations.push(`${pair.fault}: ${sentenceOf(path)}`);
    return pair.fault === "" && path.length < steps;
  };
  while (paths.length > 0) {
    const next: string[] = [];
    for (const path of paths) {
      for (const step of pairAfter(path, make).possible) {
        const longer = path + letterOf(step);
        if (visit(longer)) next.push(longer);
      }
    }
    paths = next;
  }
  return found;
}

function pairAfter(path: string, make: MachineFactory): Pair {
  const pair = new Pair(make);
  for (const letter of path) pair.take(stepOf(letter));
  return pair;
}

/** Every step, so that a path of them is a short text: millions of paths are kept. */
const STEPS: readonly Step[] = [
  { who: "all", verb: "sleep" },
  ...NAMES.flatMap((who) =>
    (["look", "land", "landLate", "hear", "giveUp", "giveBack"] as const).map((verb) => {
      return { who, verb };
    }),
  ),
];
const FIRST_LETTER = "a".charCodeAt(0);

function letterOf({ who, verb }: Step): string {
  const at = STEPS.findIndex((each) => each.who === who && each.verb === verb);
  return String.fromCharCode(FIRST_LETTER + at);
}

function stepOf(letter: string): Step {
  const step = STEPS[letter.charCodeAt(0) - FIRST_LETTER];
  assert(step !== undefined, "a path is made of letters of steps");
  return step;
}

function sentenceOf(path: string): string {
  return [...path].map((letter) => `${stepOf(letter).who}.${stepOf(letter).verb}`).join(" ");
}

/** Two halves of a double's 53 bits: among ten million states two fall together once in two hundred runs. */
function hashOf(key: string): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let at = 0; at < key.length; at++) {
    const code = key.charCodeAt(at);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x5bd1e995) ^ (high >>> 13);
  }
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

function textOf(item: LeaseItem | undefined): string {
  return item === undefined ? "none" : `${item.holder}/${item.fence}/${item.renewals}`;
}

function itemOf(holder: string, fence: number): LeaseItem {
  const names = { account: "main", engine: "e", imageDigest: "", schemaHash: "" };
  return { schemaVersion: 1, ...names, holder, fence, renewals: 0 };
}
