/**
 * Station: what the engine records, and the same read back. Layouts of the norm records and the running
 * hash of commands; the record's frame around them is contracts/journal.ts.
 *
 * A journal is enough to run the engine again: every input in the order in which it was applied, with
 * the time it was given, and a fingerprint of everything that came out.
 */
import type { CoreCommand } from "./commands.ts";
import type { MarketRing } from "./market-ring.ts";
import { NumberHash } from "./state-hash.ts";

/** Numbers of a norm record before its levels (ticks and lots in turn, bids first). */
export const NORM = {
  instrument: 0,
  session: 1,
  epoch: 2,
  exchangeUs: 3,
  recvUs: 4,
  awayUs: 5,
  seqFirst: 6,
  seqLast: 7,
  seqPrevious: 8,
  tradeFlags: 9,
  bidCount: 10,
  askCount: 11,
  levels: 12,
} as const;

/** How many numbers the record of a row has. */
export function normCount(ring: MarketRing, row: number): number {
  return NORM.levels + 2 * ((ring.bidCount[row] as number) + (ring.askCount[row] as number));
}

/** Writes a row as numbers at `at`. */
export function encodeNorm(ring: MarketRing, row: number, out: Float64Array, at: number): void {
  out[at + NORM.instrument] = ring.instrument[row] as number;
  out[at + NORM.session] = ring.session[row] as number;
  out[at + NORM.epoch] = ring.epoch[row] as number;
  out[at + NORM.exchangeUs] = ring.exchangeUs[row] as number;
  out[at + NORM.recvUs] = ring.recvUs[row] as number;
  out[at + NORM.awayUs] = ring.awayUs[row] as number;
  out[at + NORM.seqFirst] = ring.seqFirst[row] as number;
  out[at + NORM.seqLast] = ring.seqLast[row] as number;
  out[at + NORM.seqPrevious] = ring.seqPrevious[row] as number;
  out[at + NORM.tradeFlags] = ring.tradeFlags[row] as number;
  const bidCount = ring.bidCount[row] as number;
  const askCount = ring.askCount[row] as number;
  out[at + NORM.bidCount] = bidCount;
  out[at + NORM.askCount] = askCount;
  const start = ring.levelStart[row] as number;
  let to = at + NORM.levels;
  for (let i = start; i < start + bidCount + askCount; i++) {
    out[to++] = ring.ticks[i] as number;
    out[to++] = ring.lots[i] as number;
  }
}

/** Whether the row decodes to exactly these recorded numbers: raw and normalized agree. */
export function isSameNorm(
  ring: MarketRing,
  row: number,
  recorded: Float64Array,
  scratch: Float64Array,
): boolean {
  const count = normCount(ring, row);
  if (recorded.length !== count || scratch.length < count) return false;
  encodeNorm(ring, row, scratch, 0);
  for (let i = 0; i < count; i++) if (scratch[i] !== recorded[i]) return false;
  return true;
}

/** A norm record's numbers under their names, for people and for export. */
export function normView(numbers: readonly number[]): Readonly<Record<string, unknown>> {
  const bidCount = numbers[NORM.bidCount] ?? 0;
  const levels: (readonly [number, number])[] = [];
  for (let at = NORM.levels; at + 1 < numbers.length; at += 2) {
    levels.push([numbers[at] as number, numbers[at + 1] as number]);
  }
  const { levels: _, bidCount: _bids, askCount: _asks, ...fields } = NORM;
  return {
    ...Object.fromEntries(Object.entries(fields).map(([name, at]) => [name, numbers[at]])),
    bids: levels.slice(0, bidCount),
    asks: levels.slice(bidCount),
  };
}

/** The running fingerprint of every command, in order, with its tick. */
export class CommandHash {
  readonly #hash = new NumberHash();
  count = 0;

  /** Adds a command by its canonical text; returns that text, which is also what is recorded. */
  add(tick: number, command: CoreCommand): string {
    const text = JSON.stringify(command);
    this.#hash.add(tick);
    this.#hash.addText(text);
    this.count++;
    return text;
  }

  get hex(): string {
    return this.#hash.hex;
  }
}
