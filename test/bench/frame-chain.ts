/**
 * Frames that go round: before one is sent again its update ids and its time are written forward in place,
 * so that every book sees one endless chain. Whoever makes the same set has the same chain.
 */
import { nowUs } from "../../hotpath/io/clock.ts";
import { type FrameSet, makeFrames, type Profile } from "./frames.ts";

const FIRST_UPDATE_ID = 10_000_000_000;
const US_PER_MS = 1000;
const ZERO = 48;

/** A thousand frames over books that stand still, so that they may be sent round and round. */
export function chainSet(profile: Profile, books: number): FrameSet {
  return makeFrames({
    profile,
    books,
    levels: 1000,
    frames: 1000,
    isSteady: true,
    firstUpdateId: FIRST_UPDATE_ID,
  });
}

/** A frame and where its numbers stand. */
export type ChainedFrame = {
  readonly frame: Buffer;
  readonly eventAt: number;
  readonly firstAt: number;
  readonly lastAt: number;
  first: number;
  last: number;
  /** Update ids of one round of this frame's book. */
  readonly span: number;
};

/** Frame `index` of the set, ready to be written forward. */
export function chained(frame: Buffer, set: FrameSet, index: number): ChainedFrame {
  const numberAfter = (key: string): [number, number] => {
    const at = frame.indexOf(key) + key.length;
    return [at, Number.parseInt(frame.toString("latin1", at, at + 16), 10)];
  };
  const [eventAt] = numberAfter('"E":');
  const [firstAt, first] = numberAfter('"U":');
  const [lastAt, last] = numberAfter('"u":');
  const ofBook = set.frames.filter((_, i) => set.symbolOf[i] === set.symbolOf[index]);
  const final = Number(/"u":(\d+)/.exec(String(ofBook.at(-1)))?.[1]);
  const span = final - (FIRST_UPDATE_ID + (set.symbolOf[index] ?? 0));
  return { frame, eventAt, firstAt, lastAt, first: first - span, last: last - span, span };
}

/** Writes a frame forward, so that it follows what its book has seen. */
export function forward(chain: ChainedFrame): void {
  chain.first += chain.span;
  chain.last += chain.span;
  writeNumber(chain.frame, chain.eventAt, 13, Math.floor(nowUs() / US_PER_MS));
  writeNumber(chain.frame, chain.firstAt, 11, chain.first);
  writeNumber(chain.frame, chain.lastAt, 11, chain.last);
}

function writeNumber(frame: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let i = digits - 1; i >= 0; i--) {
    const next = Math.floor(rest / 10);
    frame[at + i] = ZERO + rest - next * 10;
    rest = next;
  }
}
