/**
 * Station: depth bodies and a plain reader of them -> the parts of a fuzzer.
 *
 * A body says nothing about its instrument, so inputs carry its number in a first byte that the code under
 * test never sees.
 */
import type { FrameDecoder, SnapshotLevels } from "../../../../hotpath/core/decode/decoder.ts";
import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import type { Random } from "../../../venues/market/random.ts";
import type { Bench, Subject } from "../fuzzer.ts";
import { jsonDraw } from "../mutation/json-draw.ts";
import { readTree, type Tree } from "../oracle/json-tree.ts";
import { isWhole } from "../oracle/numbers.ts";
import { bytesOf, isLevel, type WrittenLevel } from "./market-bench.ts";

/** What the plain reader finds in a body. */
export type WrittenBook = {
  readonly seq: string | undefined;
  /** Milliseconds as they stand there; a body may have none, or none that is a time. */
  readonly ms: string | undefined;
  readonly bids: readonly WrittenLevel[];
  readonly asks: readonly WrittenLevel[];
};

type Body = { readonly instrument: Instrument; readonly text: string };

const US_PER_MS = 1000;

/** A bench of bodies; `read` is the plain reader, undefined for what is no book at all. */
export function snapshotBench(
  bodies: readonly Body[],
  decoder: FrameDecoder,
  read: (tree: Tree) => WrittenBook | undefined,
): Bench {
  const instruments = new Map(bodies.map(({ instrument }) => [instrument.index, instrument]));
  const texts = bodies.map(({ text }) => bytesOf(text));
  const tagged = bodies.map(({ instrument, text }) =>
    Uint8Array.from([instrument.index, ...bytesOf(text)]),
  );
  const drawText = jsonDraw(texts);
  const input = new Uint8Array(1 << 17);
  const indexes = [...instruments.keys()];
  return {
    corpus: tagged,
    draw: (chance: Random) => {
      const text = drawText(chance);
      input[0] = indexes[chance.integer(indexes.length)] as number;
      input.set(text, 1);
      return input.subarray(0, text.length + 1);
    },
    begin: () => subjectOf(decoder, instruments, read),
  };
}

function subjectOf(
  decoder: FrameDecoder,
  instruments: ReadonlyMap<number, Instrument>,
  read: (tree: Tree) => WrittenBook | undefined,
): Subject {
  let levels: SnapshotLevels | undefined;
  let instrument: Instrument | undefined;
  return {
    run: (input) => {
      instrument = instruments.get(input[0] ?? -1);
      if (instrument === undefined) return false;
      levels = decoder.decodeSnapshot(input.subarray(1), instrument);
      return levels !== undefined;
    },
    judge: (input) => {
      if (levels === undefined || instrument === undefined) return undefined;
      const tree = readTree(input.subarray(1));
      const book = tree === undefined ? undefined : read(tree);
      return book === undefined
        ? "what is no book is taken for one"
        : judgeBook(levels, book, instrument);
    },
  };
}

function judgeBook(
  levels: SnapshotLevels,
  { seq, ms, bids, asks }: WrittenBook,
  instrument: Instrument,
): string | undefined {
  if (!isWhole(seq, levels.seq)) return "its sequence is not what was sent";
  const isTime = isWhole(ms, levels.exchangeUs, US_PER_MS);
  // A time that is none is no reason to refuse a book; it is absent then.
  const isUnsaid = levels.exchangeUs === 0 && !isWhole(ms, Number(ms) * US_PER_MS, US_PER_MS);
  if (!isTime && !isUnsaid) return "its time is not what was sent";
  if (levels.bidCount !== bids.length || levels.askCount !== asks.length) {
    return "it has another number of levels";
  }
  const isRight = [...bids, ...asks].every((level, i) => isLevel(levels, i, level, instrument));
  return isRight ? undefined : "a level is worth something else than was written";
}
