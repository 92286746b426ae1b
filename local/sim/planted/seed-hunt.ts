/**
 * Station: a part of the campaign and a range of seeds -> the first seed that sees something wrong.
 *
 * Runs inside a scratch copy, as a process of its own: what it imports is the copy's code, the planted bug
 * included. Each part is loaded when it hunts. One that is not listed here cannot hunt yet.
 */
import { US_PER_MS } from "../../../contracts/time.ts";
import { monotonicUs } from "../../../hotpath/io/clock.ts";
import type { FlipJournal } from "../campaign/flip-journal.ts";
import type { CrashPointCatalog } from "../crash-points/catalog.ts";
import { type FinderPart, SEEDS_MAX } from "./patch.ts";
import type { Aim } from "./promise.ts";

/** What a seed has seen; "" for nothing. */
type Hunter = (seed: number, aim: Aim) => Promise<string>;

const SIM_STEPS = 10_000;
const CONTROL_STEPS = 60;
const BITS_PER_BYTE = 8;
const CRASH_SEED = 1;
const POINTS_OF_A_SEED = 4;
/** A prime, so that all points are met before one is met again. */
const POINT_STRIDE = 7_919;

const HUNTERS: ReadonlyMap<FinderPart, Hunter> = new Map<FinderPart, Hunter>([
  ["sim", simSeed],
  ["split-brain", leaseSeed],
  ["control", controlSeed],
  ["crash-points", crashSeed],
  ["fuzz", fuzzSeed],
  ["bit-flips", flipSeed],
]);

/** Whether `part` hunts by seeds. */
export function isHunter(part: FinderPart): boolean {
  return HUNTERS.has(part);
}

/** One life of every fuzzer. */
async function fuzzSeed(seed: number): Promise<string> {
  const { FUZZERS } = await import("../fuzz/catalog.ts");
  const { LIFE_INPUTS, runFuzzer } = await import("../fuzz/run-fuzzer.ts");
  for (const fuzzer of FUZZERS) {
    const { findings } = runFuzzer(fuzzer, { seed, inputs: LIFE_INPUTS });
    const [first] = findings;
    if (first !== undefined) return `${fuzzer.name}: ${first.sentence}`;
  }
  return "";
}

/** One history, as `reckoner sim --seed` plays it; none where nothing in it could bring the bug out. */
async function simSeed(seed: number, aim: Aim): Promise<string> {
  const { simulate } = await import("../world/simulate.ts");
  const { isPromising } = await import("./promise.ts");
  if (!isPromising(seed, aim)) return "";
  const { classes, isDirected } = aim;
  const only = isDirected && classes !== undefined ? new Set(classes) : undefined;
  const { violations } = await simulate({ seed, profile: "busy", steps: SIM_STEPS, only });
  const [first] = violations;
  return first === undefined ? "" : `invariant ${first.invariant}: ${first.sentence}`;
}

async function controlSeed(seed: number): Promise<string> {
  const { runControlSim } = await import("../control/control-sim.ts");
  const { violations } = await runControlSim({ seed, steps: CONTROL_STEPS });
  return violations[0] ?? "";
}

async function leaseSeed(seed: number): Promise<string> {
  const { runSplitBrain } = await import("../lease/split-brain.ts");
  const { violations } = await runSplitBrain({ seed });
  return violations[0] ?? "";
}

let points: CrashPointCatalog | undefined;

/** A few points of the whole product, far apart from each other and from those of other seeds. */
async function crashSeed(seed: number): Promise<string> {
  const { CrashPointCatalog } = await import("../crash-points/catalog.ts");
  const { describePoint } = await import("../crash-points/campaign.ts");
  const { runCrashPoint } = await import("../crash-points/crash-point.ts");
  points ??= await CrashPointCatalog.make(CRASH_SEED);
  for (let i = 0; i < POINTS_OF_A_SEED; i++) {
    const point = points.pointAt(
      (((seed - 1) * POINTS_OF_A_SEED + i) * POINT_STRIDE) % points.total,
    );
    const { violations } = await runCrashPoint(point);
    const [first] = violations;
    if (first !== undefined) return `${describePoint(point)}: ${first}`;
  }
  return "";
}

let flipped: FlipJournal | undefined;

/** Every thousandth bit of the journal, from the seed on: a thousand seeds flip all of them. */
async function flipSeed(seed: number): Promise<string> {
  const { FLIP_SEGMENT_BYTES, flipBits } = await import("../campaign/bit-flips.ts");
  const { makeFlipJournal } = await import("../campaign/flip-journal.ts");
  flipped ??= makeFlipJournal(FLIP_SEGMENT_BYTES);
  const bits = flipped.bytes.length * BITS_PER_BYTE;
  for (let bit = (seed - 1) % SEEDS_MAX; bit < bits; bit += SEEDS_MAX) {
    const { acceptedWrong, refusedWrong } = flipBits(flipped, { fromBit: bit, toBit: bit + 1 });
    if (acceptedWrong > 0) return `the flip of bit ${bit} is accepted`;
    if (refusedWrong > 0) return `the flip of bit ${bit}, in the tail, is refused`;
  }
  return "";
}

export type SeedRange = {
  readonly from: number;
  readonly to: number;
  /** Time for all of them; the seed under way is played to its end. */
  readonly budgetMs: number;
} & Aim;

export type SeedsHunted =
  | { readonly kind: "found"; readonly seed: number; readonly violation: string }
  /** `seeds` were tried: all of the range, or as many as the time was for. */
  | { readonly kind: "notFound"; readonly seeds: number };

/** Tries the seeds of a range in their order, and ends with the first that finds something. */
export async function huntSeeds(
  part: FinderPart,
  { from, to, budgetMs, ...aim }: SeedRange,
): Promise<SeedsHunted> {
  const hunter = HUNTERS.get(part);
  if (hunter === undefined) throw new Error(`${part} does not hunt by seeds`);
  const endUs = monotonicUs() + budgetMs * US_PER_MS;
  for (let seed = from; seed <= to; seed++) {
    if (seed > from && monotonicUs() > endUs) return { kind: "notFound", seeds: seed - from };
    const violation = await outcomeOf(hunter, seed, aim);
    if (violation !== "") return { kind: "found", seed, violation };
  }
  return { kind: "notFound", seeds: to - from + 1 };
}

/**
 * What a seed throws is a finding too, as long as the sound house does not throw it. Code that cannot run at all
 * is a patch that was badly written, and proves nothing.
 */
async function outcomeOf(hunter: Hunter, seed: number, aim: Aim): Promise<string> {
  try {
    return await hunter(seed, aim);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ReferenceError) throw error;
    return `threw ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** For the process that was started to hunt: the outcome as the last line of its output. */
export async function tellHunt(part: FinderPart, range: SeedRange): Promise<void> {
  const hunted = await huntSeeds(part, range);
  // Whatever a history has left behind in this process must not keep it alive.
  process.stdout.write(`\n${JSON.stringify(hunted)}\n`, () => process.exit(0));
}
