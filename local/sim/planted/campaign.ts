/**
 * Station: planted bugs -> which of them the campaign finds, in a report that a later run goes on from.
 *
 * What finds a bug must find nothing in the sound copy, seed for seed: one that cries at everything has no
 * voice. A bug whose own part cannot hunt yet is hunted by the tests, and the report names the hunter.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { PLANTED } from "./catalog.ts";
import { type Hunted, hunt, hunterFor } from "./hunt.ts";
import { type FinderPart, type Patch, SEEDS_MAX } from "./patch.ts";
import type { Aim } from "./promise.ts";
import { Scratch } from "./scratch.ts";
import type { SeedRange } from "./seed-hunt.ts";

const BUDGET_MS = 600_000;

export type PlantedEntry = {
  readonly id: string;
  /** Of the patch: another text is another bug. */
  readonly hash: string;
  readonly finder: FinderPart;
  readonly by: FinderPart;
  readonly outcome: "found" | "notFound" | "broken" | "rotten";
  /** 0 where it was not found. */
  readonly foundBySeed: number;
  /** Seeds that were tried. */
  readonly seeds: number;
  /** Classes of faults that a directed hunt had on; "" for a hunt by the swarm of each seed. */
  readonly classes: string;
  /** What was seen, or why nothing could be. */
  readonly violation: string;
};

export type PlantedReport = {
  readonly planted: number;
  readonly found: number;
  readonly notFound: readonly string[];
  /** Hunts that did not run, and patches that fit no more. */
  readonly broken: readonly string[];
  /** Found, but by tests instead of the part that is meant to. */
  readonly byTestsInstead: readonly string[];
  /** Of those that a part has found by its seeds; 0 where there is none. */
  readonly medianSeed: number;
  readonly entries: readonly PlantedEntry[];
};

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
  /** Time for the seeds of one bug; with it over, fewer than `seedsMax` were tried. */
  readonly budgetMs?: number;
  /** Has the classes of each patch alone on, where it names some: quicker, and less of a proof. */
  readonly isDirected?: boolean;
  readonly patches?: readonly Patch[];
  readonly tell?: (entry: PlantedEntry) => void;
};

/** Plants one bug after the other and hunts it. Throws where `only` names a bug that is none. */
export async function plantedCampaign(options: PlantedOptions): Promise<PlantedReport> {
  const { house, report, workers = 1, patches = PLANTED } = options;
  const wanted = chosen(patches, options.only);
  const entries = new Map(readEntries(report).map((entry) => [entry.id, entry]));
  const { seedsMax = SEEDS_MAX, isDirected = false } = options;
  const triedOf = (patch: Patch) => seedsTried(patch, entries.get(patch.id), isDirected);
  const waiting = wanted.filter((patch) => triedOf(patch) < seedsMax);
  const work = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const worker = new Worker(new Scratch(house), options);
    try {
      for (let patch = waiting.shift(); patch !== undefined; patch = waiting.shift()) {
        const entry = await worker.hunt(patch, triedOf(patch));
        entries.set(entry.id, entry);
        writeReport(report, reportOf(patches, entries));
        options.tell?.(entry);
      }
    } finally {
      worker.end();
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return reportOf(patches, entries);
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
  readonly isDirected: boolean;
};

function aimOf({ patch: { classes, venue }, isDirected }: About): Aim {
  return { classes, venue, isDirected };
}

/** One scratch copy, and what its hunters find in it while nothing is planted. */
class Worker {
  readonly #scratch: Scratch;
  readonly #range: SeedRange;
  readonly #isDirected: boolean;
  /** By hunter and seed, or by tests: "" where it finds nothing in the sound copy, else what it finds. */
  readonly #cries = new Map<string, string>();

  constructor(scratch: Scratch, options: PlantedOptions) {
    const { seedsMax = SEEDS_MAX, budgetMs = BUDGET_MS, isDirected = false } = options;
    this.#scratch = scratch;
    this.#isDirected = isDirected;
    this.#range = { from: 1, to: seedsMax, budgetMs };
  }

  /** Hunts on behind the seeds that were tried before. */
  async hunt(patch: Patch, tried: number): Promise<PlantedEntry> {
    const by = hunterFor(patch.finder);
    const isDirected = this.#isDirected && patch.classes !== undefined;
    const about = { patch, by, isDirected };
    for (let from = tried + 1; ; ) {
      const range = { ...this.#range, from, ...aimOf(about) };
      const hunted = await this.#scratch.withPlanted(patch, () =>
        hunt(this.#scratch, by, patch.oracles, range),
      );
      if (typeof hunted === "string") return rotten(about, hunted);
      const before = from - 1;
      if (hunted.kind === "notFound") {
        return entryOf(about, { ...hunted, seeds: before + hunted.seeds });
      }
      if (hunted.kind === "broken") return entryOf(about, hunted);
      const cry = await this.#cryOf(about, hunted.seed);
      if (cry === "") return entryOf(about, hunted);
      // Tests have no other seed; any other hunter goes on behind the seed that fails in the sound copy too.
      const isLast = by === "unit oracle" || hunted.seed >= this.#range.to;
      if (isLast) return entryOf(about, { kind: "broken", reason: cry });
      from = hunted.seed + 1;
    }
  }

  /** What the same hunt finds in the sound copy, where there is nothing to find. */
  async #cryOf(about: About, seed: number): Promise<string> {
    const { patch, by, isDirected } = about;
    const { oracles, classes } = patch;
    const key =
      by === "unit oracle"
        ? oracles.join(" ")
        : `${by} ${seed} ${isDirected ? classes?.join(",") : ""}`;
    const known = this.#cries.get(key);
    if (known !== undefined) return known;
    const hunted = await hunt(this.#scratch, by, oracles, {
      ...this.#range,
      from: seed,
      to: seed,
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
  const known = { ...nobodyOf(about), outcome: hunted.kind };
  switch (hunted.kind) {
    case "found":
      return {
        ...known,
        foundBySeed: hunted.seed,
        seeds: hunted.seed,
        violation: hunted.violation,
      };
    case "notFound":
      return { ...known, seeds: hunted.seeds };
    case "broken":
      return { ...known, violation: hunted.reason };
  }
}

function rotten(about: About, reason: string): PlantedEntry {
  return { ...nobodyOf(about), outcome: "rotten", violation: reason };
}

function nobodyOf({ patch, by, isDirected }: About) {
  const { id, finder } = patch;
  const { classes = [] } = isDirected ? patch : {};
  const nothing = { foundBySeed: 0, seeds: 0, violation: "" };
  return { id, hash: hashOf(patch), finder, by, classes: classes.join(","), ...nothing };
}

/** Seeds that whoever would hunt it today has tried in vain; infinity where nothing is left to do. */
function seedsTried(patch: Patch, entry: PlantedEntry | undefined, isDirected: boolean): number {
  const { classes = [] } = isDirected ? patch : {};
  if (entry === undefined || entry.hash !== hashOf(patch)) return 0;
  if (entry.classes !== classes.join(",")) return 0;
  if (entry.by !== hunterFor(patch.finder)) return 0;
  if (entry.outcome === "found") return Number.POSITIVE_INFINITY;
  if (entry.outcome !== "notFound") return 0;
  return entry.by === "unit oracle" ? Number.POSITIVE_INFINITY : entry.seeds;
}

function reportOf(
  patches: readonly Patch[],
  entries: ReadonlyMap<string, PlantedEntry>,
): PlantedReport {
  const known = patches.map(({ id }) => entries.get(id)).filter((entry) => entry !== undefined);
  const idsOf = (isMeant: (entry: PlantedEntry) => boolean): string[] =>
    known.filter(isMeant).map(({ id }) => id);
  const seeds = known
    .filter(({ outcome, by }) => outcome === "found" && by !== "unit oracle")
    .map(({ foundBySeed }) => foundBySeed)
    .sort((a, b) => a - b);
  return {
    planted: patches.length,
    found: idsOf(({ outcome }) => outcome === "found").length,
    notFound: idsOf(({ outcome }) => outcome === "notFound"),
    broken: idsOf(({ outcome }) => outcome === "broken" || outcome === "rotten"),
    byTestsInstead: idsOf(
      ({ outcome, by, finder }) => outcome === "found" && by === "unit oracle" && by !== finder,
    ),
    medianSeed: seeds[seeds.length >> 1] ?? 0,
    entries: known,
  };
}

function readEntries(file: string): readonly PlantedEntry[] {
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, "utf8")) as PlantedReport).entries;
}

/** Whole or not at all: a campaign may be ended at any moment. */
function writeReport(file: string, report: PlantedReport): void {
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(report, null, 1)}\n`);
  renameSync(draft, file);
}
