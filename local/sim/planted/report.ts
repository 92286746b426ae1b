/**
 * Station: what became of planted bugs -> a report, as a file that a later run goes on from.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { FinderPart, Patch } from "./patch.ts";

export type PlantedEntry = {
  readonly id: string;
  /** Of the patch: another text is another bug. */
  readonly hash: string;
  readonly finder: FinderPart;
  readonly by: FinderPart;
  readonly outcome: "found" | "notFound" | "broken" | "rotten";
  /** 0 where it was not found. */
  readonly foundBySeed: number;
  /** Seeds that its own part has tried. */
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

/** Counts what `entries` tell of `patches`; a bug without an entry was not hunted yet. */
export function reportOf(
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

/** What an earlier run has told; nothing where there was none. Throws where the file is no report. */
export function readEntries(file: string): readonly PlantedEntry[] {
  if (!existsSync(file)) return [];
  return (JSON.parse(readFileSync(file, "utf8")) as PlantedReport).entries;
}

/** Whole or not at all: a campaign may be ended at any moment. */
export function writeReport(file: string, report: PlantedReport): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(report, null, 1)}\n`);
  renameSync(draft, file);
}
