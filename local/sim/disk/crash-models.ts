/**
 * Station: a file or folder at the moment of a crash -> one of the states that the crash may leave.
 *
 * Only what no sync has covered may change; what was synced is never touched, and that is the promise under
 * test. After the death of a machine whatever stands is durable. All chance comes from the stream given, and
 * nothing is drawn where nothing is at stake.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Random } from "../../venues/market/random.ts";
import type { DiskFaultClass, DiskFaultCounts } from "./disk-faults.ts";
import type { DiskTree } from "./disk-tree.ts";
import { SECTOR_BYTES, type Unsynced, VirtualFile } from "./virtual-file.ts";
import type { VirtualFolder } from "./virtual-folder.ts";

/**
 * What a crash may do to what was not synced.
 *
 * - `none`: a process has died; everything written survives, and is no more durable than it was.
 * - `prefix`: writes survive up to some byte. `torn`: all do, but the last ends within a sector.
 * - `reordered`: some sectors made it and some did not, in whatever order.
 * - `garbage`: sizes made it and the bytes are noise. `stale`: sizes made it and the bytes did not.
 */
export const CRASH_MODELS = ["none", "prefix", "torn", "reordered", "garbage", "stale"] as const;

export type CrashModel = (typeof CRASH_MODELS)[number];

/** Models of a machine's death, in which something may be lost. */
export type LossModel = Exclude<CrashModel, "none">;

const BYTE_VALUES = 256;

const CLASS_OF_LOSS: Readonly<Record<LossModel, DiskFaultClass>> = {
  prefix: "P04",
  torn: "P04",
  reordered: "P05",
  garbage: "P06",
  stale: "P06",
};

/** Brings a whole tree to a state that `model` may leave; counts it where bytes or names were lost. */
export function crashTree(
  tree: DiskTree,
  model: LossModel,
  random: Random,
  counts: DiskFaultCounts,
): void {
  let hasLostBytes = false;
  let hasLostNames = false;
  tree.walk((node) => {
    if (node instanceof VirtualFile) {
      if (settleFile(node, model, random)) hasLostBytes = true;
    } else if (settleNames(node, model, random)) hasLostNames = true;
  });
  if (hasLostBytes) counts.add(CLASS_OF_LOSS[model]);
  if (hasLostNames) counts.add("P18");
}

/** Brings `file` to a state that `model` may leave; whether anything that was written is lost. */
export function settleFile(file: VirtualFile, model: LossModel, random: Random): boolean {
  const hasDropped = file.dropLost();
  if (file.unsynced.length === 0) return hasDropped;
  const hasLost = settleUnsynced(file, model, random);
  file.sync();
  return hasDropped || hasLost;
}

/** The same for the names of a folder; whether a change of a name is lost. */
export function settleNames(folder: VirtualFolder, model: LossModel, random: Random): boolean {
  const { unsyncedCount } = folder;
  if (unsyncedCount === 0) return false;
  if (model === "reordered") return folder.settle(() => random.integer(2) === 1);
  const keptCount = random.integer(unsyncedCount + 1);
  return folder.settle((index) => index < keptCount);
}

function settleUnsynced(file: VirtualFile, model: LossModel, random: Random): boolean {
  switch (model) {
    case "prefix":
      return keepPrefix(file, random);
    case "torn":
      return tearLast(file, random);
    case "reordered":
      return keepSomeSectors(file, random);
    case "garbage":
      return keepSizeOnly(file, random);
    case "stale":
      return keepSizeOnly(file, undefined);
  }
}

/** A truncation weighs as much as one byte, so that it too may be the first thing lost. */
function weightOf({ bytes }: Unsynced): number {
  return Math.max(bytes, 1);
}

function keepPrefix(file: VirtualFile, random: Random): boolean {
  let left = file.unsynced.reduce((sum, change) => sum + weightOf(change), 0);
  const kept = random.integer(left + 1);
  const hasLost = kept < left;
  for (let last = file.unsynced.at(-1); last !== undefined; last = file.unsynced.at(-1)) {
    if (left === kept) break;
    const weight = weightOf(last);
    const keptOfLast = Math.max(0, kept - (left - weight));
    file.undoLast(keptOfLast);
    if (keptOfLast > 0) break;
    left -= weight;
  }
  return hasLost;
}

function tearLast(file: VirtualFile, random: Random): boolean {
  const last = file.unsynced.at(-1);
  assert(last !== undefined, "something was written");
  let kept = last.bytes > 1 ? 1 + random.integer(last.bytes - 1) : 0;
  if ((last.at + kept) % SECTOR_BYTES === 0 && kept > 0) kept -= 1;
  file.undoLast(kept);
  return true;
}

function keepSomeSectors(file: VirtualFile, random: Random): boolean {
  const written = file.copy();
  const sectors = sectorsOf(file.unsynced);
  undoAll(file);
  let hasLost = false;
  for (const sector of sectors) {
    const from = sector * SECTOR_BYTES;
    const isKept = random.integer(2) === 1;
    if (from >= written.sizeBytes) continue;
    const longest = Math.max(written.sizeBytes, file.sizeBytes);
    const to = Math.min(from + SECTOR_BYTES, longest);
    if (isKept) file.settleBytes(written.slice(from, to), from);
    else hasLost = true;
  }
  // The size is metadata and goes its own way.
  if (random.integer(2) === 1) file.resize(written.sizeBytes);
  return hasLost || file.sizeBytes !== written.sizeBytes;
}

/** Nothing that was written is there, though files are as long as they had become. */
function keepSizeOnly(file: VirtualFile, random: Random | undefined): boolean {
  const { sizeBytes } = file;
  const written = file.unsynced.filter(({ bytes }) => bytes > 0);
  undoAll(file);
  file.resize(sizeBytes);
  if (random === undefined) return true;
  for (const { at, bytes } of written) {
    const noise = new Uint8Array(Math.max(0, Math.min(at + bytes, sizeBytes) - at));
    for (let index = 0; index < noise.length; index += 1) {
      noise[index] = random.integer(BYTE_VALUES);
    }
    file.settleBytes(noise, at);
  }
  return true;
}

function undoAll(file: VirtualFile): void {
  while (file.unsynced.length > 0) file.undoLast(0);
}

/** Numbers of the sectors that hold unsynced bytes, ascending, each once. */
function sectorsOf(unsynced: readonly Unsynced[]): number[] {
  const sectors = new Set<number>();
  for (const { at, bytes, before } of unsynced) {
    const end = at + Math.max(bytes, before.length);
    for (let sector = Math.floor(at / SECTOR_BYTES); sector * SECTOR_BYTES < end; sector += 1) {
      sectors.add(sector);
    }
  }
  return [...sectors].sort((a, b) => a - b);
}
