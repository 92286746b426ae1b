/**
 * Station: a journal and a range of its bits -> how production recovery takes the flip of each single bit.
 *
 * A flip before the last acknowledged record must be refused, because what was acknowledged may not change
 * and may not be skipped; one after it is a torn tail, and is cut. Anything else is a wrong state accepted.
 * Each flip is made on a disk of its own, so any range gives the same report whoever runs the others.
 */
import { assert } from "../../../contracts/assert.ts";
import { openJournal } from "../../../hotpath/io/journal/reader.ts";
import { recoverJournal } from "../../../hotpath/io/journal/recovery.ts";
import { type FlipJournal, makeFlipJournal } from "./flip-journal.ts";

/** 64 KiB: 524,288 bits. */
export const FLIP_SEGMENT_BYTES = 65_536;

const BITS_PER_BYTE = 8;
/** So many bits are named in a report; one is enough to reproduce. */
const NAMED_MAX = 20;

/** Which bits: from `fromBit` to before `toBit`; all of them without both. */
export type FlipOptions = {
  readonly segmentBytes?: number;
  readonly fromBit?: number;
  readonly toBit?: number;
};

export type FlipReport = {
  readonly fromBit: number;
  /** Where the next range begins. */
  readonly toBit: number;
  readonly flips: number;
  /** Of these: refused as damage, and cut as a tail. */
  readonly refused: number;
  readonly tail: number;
  /** Recovered to something else than what was acknowledged. Must be 0. */
  readonly acceptedWrong: number;
  /** Refused although nothing acknowledged was touched. Must be 0. */
  readonly refusedWrong: number;
  /** The first bits of the last two kinds. */
  readonly wrongBits: readonly number[];
};

type Verdict = "refused" | "tail" | "acceptedWrong" | "refusedWrong";

/** Flips every bit of a range of a fresh journal, one at a time. */
export function flipEveryBit(options: FlipOptions = {}): FlipReport {
  return flipBits(makeFlipJournal(options.segmentBytes ?? FLIP_SEGMENT_BYTES), options);
}

/** The same on a given journal, whose tail is one whole group that was never acknowledged, or nothing. */
export function flipBits(journal: FlipJournal, options: FlipOptions = {}): FlipReport {
  const bits = journal.bytes.length * BITS_PER_BYTE;
  const { fromBit = 0, toBit = bits } = options;
  assert(fromBit >= 0 && fromBit <= toBit && toBit <= bits, "the bits are the segment's");
  const ackedSeq = ackedSeqOf(journal);
  const counts: Record<Verdict, number> = {
    refused: 0,
    tail: 0,
    acceptedWrong: 0,
    refusedWrong: 0,
  };
  const wrongBits: number[] = [];
  for (let bit = fromBit; bit < toBit; bit += 1) {
    const verdict = verdictOn(journal, bit, ackedSeq);
    counts[verdict] += 1;
    const isWrong = verdict === "acceptedWrong" || verdict === "refusedWrong";
    if (isWrong && wrongBits.length < NAMED_MAX) wrongBits.push(bit);
  }
  return { fromBit, toBit, flips: toBit - fromBit, ...counts, wrongBits };
}

/** Two reports as one; the second goes on where the first ends. */
export function joinFlips(one: FlipReport, next: FlipReport): FlipReport {
  assert(next.fromBit === one.toBit, "ranges follow one another");
  return {
    fromBit: one.fromBit,
    toBit: next.toBit,
    flips: one.flips + next.flips,
    refused: one.refused + next.refused,
    tail: one.tail + next.tail,
    acceptedWrong: one.acceptedWrong + next.acceptedWrong,
    refusedWrong: one.refusedWrong + next.refusedWrong,
    wrongBits: [...one.wrongBits, ...next.wrongBits].slice(0, NAMED_MAX),
  };
}

/** What the head file acknowledges of the journal while it is whole. */
function ackedSeqOf({ disk, directory }: FlipJournal): number {
  const opened = openJournal(directory, { disk: disk.clone() });
  assert(opened.ok, "a journal that nobody has damaged can be read");
  return opened.journal.ackedSeq;
}

function verdictOn(journal: FlipJournal, bit: number, ackedSeq: number): Verdict {
  const isAcked = bit < journal.ackedBytes * BITS_PER_BYTE;
  const disk = journal.disk.clone();
  disk.medium.flipBit(journal.segment, bit, isAcked ? "P07" : "P08");
  const { operations } = disk;
  const result = recoverJournal(disk, journal.directory);
  if (!result.ok) {
    // A refusal changes nothing: a damaged journal is evidence.
    if (disk.operations !== operations) return "acceptedWrong";
    return isAcked ? "refused" : "refusedWrong";
  }
  const isCut = !isAcked && result.recovered.lastSeq === ackedSeq;
  return isCut && holdsAcked(journal, disk.readWhole(journal.segment)) ? "tail" : "acceptedWrong";
}

/** Whether what recovery left is exactly what was acknowledged. */
function holdsAcked({ bytes, ackedBytes }: FlipJournal, left: Uint8Array): boolean {
  if (left.length !== ackedBytes) return false;
  return Buffer.compare(left, bytes.subarray(0, ackedBytes)) === 0;
}
