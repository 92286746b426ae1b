/**
 * Station: planted bugs -> which of them the campaign finds, in a report that a later run goes on from.
 *
 * What finds a bug must find nothing in the sound copy, seed for seed: one that cries at everything has no
 * voice. A bug that its own part does not find in a short hunt is hunted by the tests, and the report names the
 * hunter; what they miss too goes back to its part, for all seeds that there is time for.
 */
import { createHash } from "node:crypto";
import { PLANTED } from "./catalog.ts";
import { type Hunted, hunt } from "./hunt.ts";
import { type FinderPart, type Patch, SEEDS_MAX } from "./patch.ts";
import type { Aim } from "./promise.ts";
import {
  type PlantedEntry,
  type PlantedReport,
  readEntries,
  reportOf,
  writeReport,
} from "./report.ts";
import { Scratch } from "./scratch.ts";
import { isHunter } from "./seed-hunt.ts";

const BUDGET_MS = 600_000;
/** Of the first hunt: most bugs that seeds find at all are found by then. */
const QUICK_MS = 30_000;
/** Tests are a fixed amount of work, and end by then on a machine that is busy too. */
const TESTS_MS = 300_000;

export type PlantedOptions = {
  /** The root of the house. */
  readonly house: string;
  /** The report's file; what stands there is not hunted again. */
  readonly report: string;
  /** Ids; all where left out. */
  readonly only?: readonly string[];
  readonly seedsMax?: number;
  /** Scratch copies that hunt side by side. */
  readonly workers?: 1 | 2;
  /**
   * Time for the seeds of one bug; with it over, fewer than `seedsMax` were tried. 0 for the tests alone; no more
   * than the short hunt has for that hunt and the tests.
   */
  readonly budgetMs?: number;
  /** Has the classes of each patch alone on, where it names some: quicker, and less of a proof. */
  readonly isDirected?: boolean;
  readonly patches?: readonly Patch[];
  readonly tell?: (entry: PlantedEntry) => void;
};

/** Plants one bug after the other and hunts it. Throws where `only` names a bug that is none. */
export async function plantedCampaign(options: PlantedOptions): Promise<PlantedReport> {
  const { house, report, workers = 1, patches = PLANTED, isDirected = false } = options;
  const wanted = chosen(patches, options.only);
  const entries = new Map(readEntries(report).map((entry) => [entry.id, entry]));
  const hands: Worker[] = [];
  const work = async (hand: Worker, pass: Pass, waiting: Patch[]): Promise<void> => {
    for (let patch = waiting.shift(); patch !== undefined; patch = waiting.shift()) {
      const by = pass.isByTests ? "unit oracle" : patch.finder;
      const tried = seedsTried(patch, entries.get(patch.id), isDirected);
      const entry = await hand.hunt(patch, { by, tried, budgetMs: pass.budgetMs });
      entries.set(entry.id, entry);
      writeReport(report, reportOf(patches, entries));
      options.tell?.(entry);
    }
  };
  try {
    for (const pass of passesOf(options)) {
      const waiting = wanted.filter((patch) => {
        const entry = entries.get(patch.id);
        if (entry?.outcome === "found" && entry.hash === hashOf(patch)) return false;
        if (pass.isByTests) return true;
        return isHunter(patch.finder) && seedsTried(patch, entry, isDirected) < pass.seedsMax;
      });
      while (hands.length < Math.min(workers, waiting.length)) {
        hands.push(new Worker(new Scratch(house), options));
      }
      await Promise.all(hands.map((hand) => work(hand, pass, waiting)));
    }
  } finally {
    for (const hand of hands) hand.end();
  }
  return reportOf(patches, entries);
}

/** One way of hunting, for what no earlier way has found. */
type Pass = {
  /** Else by the part that is meant to find it. */
  readonly isByTests: boolean;
  readonly budgetMs: number;
  /** Bugs that this many seeds have been tried for are not for it. */
  readonly seedsMax: number;
};

/** A short hunt by seeds, the tests, and a long hunt by seeds for what nobody has found. */
function passesOf({ budgetMs = BUDGET_MS, seedsMax = SEEDS_MAX }: PlantedOptions): readonly Pass[] {
  const short: Pass = { isByTests: false, budgetMs: Math.min(budgetMs, QUICK_MS), seedsMax: 1 };
  // Also for what an earlier run has missed: tests may be new, as the seeds of the short hunt are not.
  const tests: Pass = { isByTests: true, budgetMs: TESTS_MS, seedsMax: 0 };
  const long: Pass = { isByTests: false, budgetMs, seedsMax };
  if (budgetMs === 0) return [tests];
  return budgetMs > QUICK_MS ? [short, tests, long] : [short, tests];
}

function chosen(patches: readonly Patch[], only: readonly string[] | undefined): readonly Patch[] {
  if (only === undefined) return patches;
  return only.map((id) => {
    const patch = patches.find((each) => each.id === id);
    if (patch === undefined) throw new Error(`no bug ${id} is planted`);
    return patch;
  });
}

/** A bug, who hunts it, and with which faults. */
type About = {
  readonly patch: Patch;
  readonly by: FinderPart;
  /** Seeds that were tried before. */
  readonly tried: number;
  readonly budgetMs: number;
  readonly isDirected: boolean;
};

function aimOf({ patch: { classes, venue }, isDirected }: About): Aim {
  return { classes, venue, isDirected };
}

/** One scratch copy, and what its hunters find in it while nothing is planted. */
class Worker {
  readonly #scratch: Scratch;
  readonly #seedsMax: number;
  readonly #isDirected: boolean;
  /** By hunter and seed, or by tests: "" where it finds nothing in the sound copy, else what it finds. */
  readonly #cries = new Map<string, string>();

  constructor(scratch: Scratch, { seedsMax = SEEDS_MAX, isDirected = false }: PlantedOptions) {
    this.#scratch = scratch;
    this.#isDirected = isDirected;
    this.#seedsMax = seedsMax;
  }

  /** Hunts on behind the seeds that were tried before. */
  async hunt(
    patch: Patch,
    { by, tried, budgetMs }: Pick<About, "by" | "tried" | "budgetMs">,
  ): Promise<PlantedEntry> {
    const isDirected = this.#isDirected && patch.classes !== undefined;
    const about = { patch, by, tried, budgetMs, isDirected };
    for (let from = tried + 1; ; ) {
      const range = { from, to: this.#seedsMax, budgetMs, ...aimOf(about) };
      const hunted = await this.#scratch.withPlanted(patch, () =>
        hunt(this.#scratch, by, patch.oracles, range),
      );
      if (typeof hunted === "string") return rotten(about, hunted);
      if (hunted.kind === "notFound") {
        return entryOf(about, { ...hunted, seeds: from - 1 + hunted.seeds });
      }
      if (hunted.kind === "broken") return entryOf(about, hunted);
      const cry = await this.#cryOf(about, hunted.seed);
      if (cry === "") return entryOf(about, hunted);
      // Tests have no other seed; any other hunter goes on behind the seed that fails in the sound copy too.
      const isLast = by === "unit oracle" || hunted.seed >= this.#seedsMax;
      if (isLast) return entryOf(about, { kind: "broken", reason: cry });
      from = hunted.seed + 1;
    }
  }

  /** What the same hunt finds in the sound copy, where there is nothing to find. */
  async #cryOf(about: About, seed: number): Promise<string> {
    const { patch, by, budgetMs, isDirected } = about;
    const { oracles, classes } = patch;
    const key =
      by === "unit oracle"
        ? oracles.join(" ")
        : `${by} ${seed} ${isDirected ? classes?.join(",") : ""}`;
    const known = this.#cries.get(key);
    if (known !== undefined) return known;
    const hunted = await hunt(this.#scratch, by, oracles, {
      from: seed,
      to: seed,
      budgetMs,
      ...aimOf(about),
    });
    const cry = hunted.kind === "notFound" ? "" : `in the sound copy: ${sentenceOf(hunted)}`;
    this.#cries.set(key, cry);
    return cry;
  }

  end(): void {
    this.#scratch.remove();
  }
}

function sentenceOf(hunted: Exclude<Hunted, { readonly kind: "notFound" }>): string {
  return hunted.kind === "found" ? hunted.violation : hunted.reason;
}

function hashOf({ file, find, replace }: Patch): string {
  return createHash("sha256")
    .update(JSON.stringify([file, find, replace]))
    .digest("hex")
    .slice(0, 16);
}

function entryOf(about: About, hunted: Hunted): PlantedEntry {
  const { by, tried } = about;
  const known = { ...nobodyOf(about), outcome: hunted.kind };
  // Tests try no seeds: what its part has tried in vain stays, and is not tried again.
  const seedsOf = (seeds: number): number => (by === "unit oracle" ? tried : seeds);
  switch (hunted.kind) {
    case "found": {
      const { seed, violation } = hunted;
      return { ...known, foundBySeed: seed, seeds: seedsOf(seed), violation };
    }
    case "notFound":
      return { ...known, seeds: seedsOf(hunted.seeds) };
    case "broken":
      return { ...known, seeds: tried, violation: hunted.reason };
  }
}

function rotten(about: About, reason: string): PlantedEntry {
  return { ...nobodyOf(about), outcome: "rotten", violation: reason };
}

function nobodyOf({ patch, by, isDirected }: About) {
  const { id, finder } = patch;
  const nothing = { foundBySeed: 0, seeds: 0, violation: "" };
  return { id, hash: hashOf(patch), finder, by, classes: classesOf(patch, isDirected), ...nothing };
}

/** As an entry tells them. */
function classesOf({ classes = [] }: Patch, isDirected: boolean): string {
  return isDirected ? classes.join(",") : "";
}

/** Seeds that the bug's own part has tried in vain; 0 where it was another bug, or hunted with other faults. */
function seedsTried(patch: Patch, entry: PlantedEntry | undefined, isDirected: boolean): number {
  if (entry === undefined || entry.hash !== hashOf(patch)) return 0;
  return entry.classes === classesOf(patch, isDirected) ? entry.seeds : 0;
}
