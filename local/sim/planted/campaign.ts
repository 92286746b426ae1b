/**
 * Station: planted bugs -> which of them the campaign finds, in a report that a later run goes on from.
 *
 * Before a part hunts it must find nothing in the sound copy: one that cries at everything has no voice. A
 * bug whose own part cannot hunt yet is hunted by the tests, and the report names the hunter.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { PLANTED } from "./catalog.ts";
import { type Hunted, type HuntRange, hunt, hunterFor } from "./hunt.ts";
import { type FinderPart, type Patch, SEEDS_MAX } from "./patch.ts";
import { Scratch } from "./scratch.ts";

/** Seeds that must find nothing in the sound copy before a part is believed. */
const SOUND_SEEDS = 20;
const TIMEOUT_MS = 600_000;

export type PlantedEntry = {
  readonly id: string;
  /** Of the patch: another text is another bug. */
  readonly hash: string;
  readonly finder: FinderPart;
  readonly by: FinderPart;
  readonly outcome: "found" | "notFound" | "broken" | "rotten";
  /** 0 where it was not found. */
  readonly foundBySeed: number;
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
  readonly timeoutMs?: number;
  readonly patches?: readonly Patch[];
  readonly tell?: (entry: PlantedEntry) => void;
};

/** Plants one bug after the other and hunts it. Throws where `only` names a bug that is none. */
export async function plantedCampaign(options: PlantedOptions): Promise<PlantedReport> {
  const { house, report, workers = 1, patches = PLANTED } = options;
  const wanted = chosen(patches, options.only);
  const entries = new Map(readEntries(report).map((entry) => [entry.id, entry]));
  const waiting = wanted.filter((patch) => !isDone(patch, entries.get(patch.id)));
  const work = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const worker = new Worker(new Scratch(house), options);
    try {
      for (let patch = waiting.shift(); patch !== undefined; patch = waiting.shift()) {
        const entry = await worker.hunt(patch);
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

/** One scratch copy, and what is known of its hunters. */
class Worker {
  readonly #scratch: Scratch;
  readonly #range: HuntRange;
  /** By hunter, and by its tests: "" where it finds nothing in the sound copy, else what it finds. */
  readonly #sound = new Map<string, string>();

  constructor(scratch: Scratch, { seedsMax = SEEDS_MAX, timeoutMs = TIMEOUT_MS }: PlantedOptions) {
    this.#scratch = scratch;
    this.#range = { from: 1, to: seedsMax, timeoutMs };
  }

  async hunt(patch: Patch): Promise<PlantedEntry> {
    const by = hunterFor(patch.finder);
    const cry = await this.#cryOf(by, patch.oracles);
    if (cry !== "") return entryOf(patch, by, { kind: "broken", reason: cry });
    const hunted = await this.#scratch.withPlanted(patch, () =>
      hunt(this.#scratch, by, patch.oracles, this.#range),
    );
    return typeof hunted === "string" ? rotten(patch, by, hunted) : entryOf(patch, by, hunted);
  }

  /** What the hunter finds in the sound copy, where there is nothing to find. */
  async #cryOf(by: FinderPart, oracles: readonly string[]): Promise<string> {
    const key = by === "unit oracle" ? oracles.join(" ") : by;
    const known = this.#sound.get(key);
    if (known !== undefined) return known;
    const to = Math.min(SOUND_SEEDS, this.#range.to);
    const hunted = await hunt(this.#scratch, by, oracles, { ...this.#range, to });
    const cry =
      hunted.kind === "notFound"
        ? ""
        : `in the sound copy: ${hunted.kind === "found" ? hunted.violation : hunted.reason}`;
    this.#sound.set(key, cry);
    return cry;
  }

  end(): void {
    this.#scratch.remove();
  }
}

function hashOf({ file, find, replace }: Patch): string {
  return createHash("sha256")
    .update(JSON.stringify([file, find, replace]))
    .digest("hex")
    .slice(0, 16);
}

function entryOf(patch: Patch, by: FinderPart, hunted: Hunted): PlantedEntry {
  const { id, finder } = patch;
  const known = { id, hash: hashOf(patch), finder, by, outcome: hunted.kind };
  switch (hunted.kind) {
    case "found":
      return { ...known, foundBySeed: hunted.seed, violation: hunted.violation };
    case "notFound":
      return { ...known, foundBySeed: 0, violation: "" };
    case "broken":
      return { ...known, foundBySeed: 0, violation: hunted.reason };
  }
}

function rotten(patch: Patch, by: FinderPart, reason: string): PlantedEntry {
  const { id, finder } = patch;
  const known = { id, hash: hashOf(patch), finder, by, foundBySeed: 0 };
  return { ...known, outcome: "rotten", violation: reason };
}

/** Found or sought in vain by whoever would hunt it today. */
function isDone(patch: Patch, entry: PlantedEntry | undefined): boolean {
  if (entry === undefined || entry.hash !== hashOf(patch)) return false;
  const isSettled = entry.outcome === "found" || entry.outcome === "notFound";
  return isSettled && entry.by === hunterFor(patch.finder);
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
