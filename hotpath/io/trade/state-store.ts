/**
 * Station: snapshots of the state of trading <-> files, of which a crash leaves each whole or not at all.
 *
 * A snapshot gets a name of its own, a number that only grows: temporary name, fsync, rename, fsync of the
 * folder. Nothing that was written is ever written again, so the worst that a crash or a bad sector can do
 * is to cost the newest one; what is read is the newest that is intact. The tail of the journal does the
 * rest, and it is longer after an older snapshot, not wrong.
 */
import path from "node:path";
import { assert } from "../../../contracts/assert.ts";
import { crc32c } from "../../../contracts/crc32c.ts";
import { type Disk, makeDirectoryDurably, realDisk, writeFileWhole } from "../journal/disk.ts";

/** A snapshot's text, and the place in the journal up to which it knows everything. */
export type SavedState = { readonly runId: string; readonly seq: number; readonly text: string };

export type SaveOutcome =
  | { readonly kind: "saved"; readonly file: string }
  /** The earlier snapshots are as they were; `reason` is a sentence for a person. */
  | { readonly kind: "failed"; readonly reason: string };

export type LoadOutcome = {
  /** Undefined where there is none, or none that is intact. */
  readonly state: SavedState | undefined;
  /** Files that cannot be used, newest first, each with its reason. */
  readonly damaged: readonly string[];
};

/** Snapshots that are kept: at one every five seconds, most of a minute to look back upon. */
export const STATES_KEPT = 10;

const NUMBER_DIGITS = 12;
const FILE_NAME = /^state-(\d{12})$/;

/** First line of a file: format, CRC-32C of everything after the line, bytes of it, run and sequence. */
const HEADER = /^reckoner-state 1 ([0-9a-f]{8}) (\d{1,12}) (\S{1,128}) (\d{1,16})\n/;
const HEADER_BYTES_MAX = 256;

const encoder = new TextEncoder();

/** Writes snapshots into one folder; one writer at a time. */
export class StateStore {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #keep: number;
  /** Of the file that was written last; -1 before the folder was looked into. */
  #number = -1;

  constructor(directory: string, disk: Disk = realDisk, keep: number = STATES_KEPT) {
    assert(keep >= 2, "a damaged newest snapshot leaves another one");
    this.#directory = directory;
    this.#disk = disk;
    this.#keep = keep;
  }

  /** Returns when the snapshot is on the disk for good, or has failed. It never throws. */
  save(state: SavedState): SaveOutcome {
    assert(/^\S{1,128}$/.test(state.runId), "a run has a name without spaces");
    assert(Number.isSafeInteger(state.seq) && state.seq >= 0, "a sequence is counted");
    try {
      if (this.#number < 0) this.#lookIntoFolder();
      // A number is used up even if its file fails: what a failed fsync left is never built upon.
      this.#number++;
      const file = path.join(this.#directory, nameOf(this.#number));
      writeFileWhole(this.#disk, file, encode(state));
      this.#forget();
      return { kind: "saved", file };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { kind: "failed", reason: `the state of trading was not saved: ${why}` };
    }
  }

  /** Goes on above every number that was ever used here, and clears away what was never finished. */
  #lookIntoFolder(): void {
    makeDirectoryDurably(this.#disk, this.#directory);
    const names = this.#disk.list(this.#directory);
    for (const name of names) {
      const isUnfinished = FILE_NAME.test(name.replace(/\.tmp$/, "")) && name.endsWith(".tmp");
      if (isUnfinished) this.#disk.remove(path.join(this.#directory, name));
    }
    this.#number = Math.max(0, ...numbersIn(names));
  }

  /** Only after the new one is whole: there is never a moment with fewer than there were. */
  #forget(): void {
    const numbers = numbersIn(this.#disk.list(this.#directory));
    const surplus = numbers.sort((a, b) => b - a).slice(this.#keep);
    try {
      for (const number of surplus) {
        this.#disk.remove(path.join(this.#directory, nameOf(number)));
      }
    } catch {
      // One too many harms nobody: the new one is safe, and the next save tries again.
    }
  }
}

/** The newest snapshot that is intact, and which newer ones are not. It never throws. */
export function loadState(directory: string, disk: Disk = realDisk): LoadOutcome {
  const damaged: string[] = [];
  for (const number of numbersIn(disk.list(directory)).sort((a, b) => b - a)) {
    const file = path.join(directory, nameOf(number));
    const read = readState(disk, file);
    if (typeof read !== "string") return { state: read, damaged };
    damaged.push(`${file}: ${read}`);
  }
  return { state: undefined, damaged };
}

/** The snapshot in a file, or why it is none. */
function readState(disk: Disk, file: string): SavedState | string {
  try {
    return decode(disk.readWhole(file));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function encode({ runId, seq, text }: SavedState): Uint8Array {
  const body = encoder.encode(text);
  const place = encoder.encode(` ${body.length} ${runId} ${seq}\n`);
  const checked = new Uint8Array(place.length + body.length);
  checked.set(place);
  checked.set(body, place.length);
  const sum = crc32c(checked, 0, checked.length).toString(16).padStart(8, "0");
  const start = encoder.encode(`reckoner-state 1 ${sum}`);
  const bytes = new Uint8Array(start.length + checked.length);
  bytes.set(start);
  bytes.set(checked, start.length);
  assert(start.length + place.length <= HEADER_BYTES_MAX, "the first line is short");
  return bytes;
}

function decode(bytes: Uint8Array): SavedState | string {
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, HEADER_BYTES_MAX));
  const match = HEADER.exec(head);
  if (match === null) return "it does not begin like a saved state";
  const [line, sum, length, runId = "", seq] = match;
  // Everything but the format and the sum itself is covered by the sum.
  const checkedFrom = line.indexOf(` ${length} `, line.indexOf(` ${sum} `) + 1);
  if (crc32c(bytes, checkedFrom, bytes.length) !== Number.parseInt(sum ?? "", 16)) {
    return "its checksum is wrong";
  }
  const body = bytes.subarray(line.length);
  if (body.length !== Number(length)) return `it has ${body.length} of ${length} bytes`;
  return { runId, seq: Number(seq), text: new TextDecoder("utf-8", { fatal: true }).decode(body) };
}

function nameOf(number: number): string {
  return `state-${String(number).padStart(NUMBER_DIGITS, "0")}`;
}

function numbersIn(names: readonly string[]): number[] {
  return names.flatMap((name) => {
    const digits = FILE_NAME.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}
