/**
 * Station: the stories and the numbers of their effects -> the whole product of crash points, numbered.
 *
 * The numbering goes round: neighbors are of different stories, models and parts of their stories, so that
 * any stretch of it is a fair sample of the whole, and a campaign that ends early has seen something of
 * everything. One number is the same point for ever, as long as the stories are the same.
 */
import { assert } from "../../../contracts/assert.ts";
import { TRADING_VENUES } from "../../venues/trading-sides.ts";
import { CRASH_MODELS } from "../disk/crash-models.ts";
import { type CrashPoint, runCrashPoint, type Story } from "./crash-point.ts";
import { SCENARIOS } from "./scenarios.ts";
import { INTENT_SYNCS } from "./story-config.ts";

/** Every so many points the recovery is crashed too; every so many of these, the one after it as well. */
const NESTED_EVERY = 8;
const NESTED_TWICE_EVERY = 3;
/** Nearest to the golden section of a story's length, a step visits all of it evenly. */
const GOLDEN = 0.618_033_988_749_895;

/** Twelve scenarios at three venues under two settings. */
export const STORIES: readonly Story[] = SCENARIOS.flatMap((scenario) =>
  TRADING_VENUES.flatMap((venue) =>
    INTENT_SYNCS.map((intentSync) => ({ scenario, venue, intentSync })),
  ),
);

export class CrashPointCatalog {
  readonly seed: number;
  /** Effects of each story, told without a crash. */
  readonly boundaries: readonly number[];
  readonly total: number;
  readonly #steps: readonly number[];

  /** `boundaries` are the effects of each of `STORIES`; `make` finds them out. */
  constructor(seed: number, boundaries: readonly number[]) {
    assert(boundaries.length === STORIES.length, "every story has a length");
    this.seed = seed;
    this.boundaries = boundaries;
    this.#steps = boundaries.map(stepOf);
    this.total = CRASH_MODELS.length * boundaries.reduce((sum, count) => sum + count, 0);
  }

  /** Tells every story once; throws where one of them goes wrong without any crash. */
  static async make(seed: number): Promise<CrashPointCatalog> {
    const boundaries: number[] = [];
    for (const story of STORIES) {
      const told = await runCrashPoint({ story, boundary: 0, model: "none", seed, nested: 0 });
      if (!told.ok) throw new Error(`${nameOf(story)}, without a crash: ${told.violations[0]}`);
      boundaries.push(told.effects);
    }
    return new CrashPointCatalog(seed, boundaries);
  }

  /** The point of a number in [0, total). */
  pointAt(number: number): CrashPoint {
    assert(Number.isSafeInteger(number) && number >= 0, "points are numbered from nought");
    assert(number < this.total, "a point is one of the product");
    const { index, model, turn } = this.#placeOf(number);
    const story = STORIES[index];
    const count = this.boundaries[index] ?? 0;
    assert(story !== undefined && count > 0, "a story is one of the catalog");
    const boundary = 1 + ((turn * (this.#steps[index] ?? 1)) % count);
    const crashModel = CRASH_MODELS[model];
    assert(crashModel !== undefined, "a model is one of the six");
    const nested = nestedOf(number);
    return { story, boundary, model: crashModel, seed: this.seed, nested };
  }

  /** Round `turn` has one point of each model for each story that is longer than `turn`. */
  #placeOf(number: number): { index: number; model: number; turn: number } {
    const models = CRASH_MODELS.length;
    let left = number;
    let from = 0;
    for (;;) {
      const open = this.#longerThan(from);
      const until = Math.min(...open.map((index) => this.boundaries[index] ?? 0));
      const perTurn = open.length * models;
      const turns = until - from;
      if (left < turns * perTurn) {
        const turn = from + Math.floor(left / perTurn);
        const inTurn = left % perTurn;
        const index = open[inTurn % open.length] ?? 0;
        return { index, model: Math.floor(inTurn / open.length), turn };
      }
      left -= turns * perTurn;
      from = until;
    }
  }

  #longerThan(turn: number): number[] {
    return this.boundaries.flatMap((count, index) => (count > turn ? [index] : []));
  }
}

/** A story in a few words. */
export function nameOf({ scenario, venue, intentSync }: Story): string {
  return `${scenario.name} at ${venue}, intents ${intentSync}`;
}

function nestedOf(number: number): number {
  // By a hash of sorts: the plain remainder would always hit the same stories.
  const mixed = Math.floor((number * 0x9e3779b1) / 2 ** 7) % (NESTED_EVERY * NESTED_TWICE_EVERY);
  if (mixed % NESTED_EVERY !== 0) return 0;
  return mixed === 0 ? 2 : 1;
}

/** A step that is prime to `count`, so that its multiples visit everything once. */
function stepOf(count: number): number {
  let step = Math.max(1, Math.round(count * GOLDEN));
  while (divisorOf(step, count) !== 1) step++;
  return step;
}

function divisorOf(one: number, other: number): number {
  return other === 0 ? one : divisorOf(other, one % other);
}
