/**
 * Station: several recordings -> one sequence of records, by receive time; ties by the order of the files.
 *
 * The order within a file is never changed: a record that is stamped earlier than the one before it has
 * the time of that one. A recording without receive times is placed by the times that the venue wrote into
 * its messages.
 */
import type { RecordedLine } from "./recording.ts";

export type MergedLine = {
  /** Position of its file among the recordings. */
  readonly file: number;
  readonly line: RecordedLine;
  /** The time by which it was placed, never falling within a file. */
  readonly atUs: number;
};

const US_PER_MS = 1000;

/** Kraken writes the time of its matching engine into every book message, to the microsecond. */
const VENUE_TIME = /"timestamp":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z"/g;

/** Merges the recordings; each is read once, a record at a time. */
export async function* mergeRecordings(
  recordings: readonly AsyncIterable<RecordedLine>[],
): AsyncGenerator<MergedLine> {
  const sources = recordings.map((lines) => lines[Symbol.asyncIterator]());
  const heads: (MergedLine | undefined)[] = [];
  try {
    for (const [file, source] of sources.entries()) heads[file] = await next(source, file, 0);
    for (;;) {
      const head = earliest(heads);
      if (head === undefined) return;
      yield head;
      const source = sources[head.file] as AsyncIterator<RecordedLine>;
      heads[head.file] = await next(source, head.file, head.atUs);
    }
  } finally {
    // Files that were not read to their end are closed.
    for (const source of sources) await source.return?.();
  }
}

function earliest(heads: readonly (MergedLine | undefined)[]): MergedLine | undefined {
  let best: MergedLine | undefined;
  for (const head of heads) {
    if (head !== undefined && (best === undefined || head.atUs < best.atUs)) best = head;
  }
  return best;
}

async function next(
  source: AsyncIterator<RecordedLine>,
  file: number,
  beforeUs: number,
): Promise<MergedLine | undefined> {
  const result = await source.next();
  if (result.done === true) return undefined;
  const line = result.value;
  const ownUs = line.recvUs > 0 ? line.recvUs : venueTimeUs(line.text);
  return { file, line, atUs: Math.max(ownUs, beforeUs) };
}

/** The latest time that the venue wrote into a message, in microseconds; 0 where there is none. */
export function venueTimeUs(text: string): number {
  let latest = 0;
  for (const [, seconds, fraction = ""] of text.matchAll(VENUE_TIME)) {
    const us = Number(fraction.padEnd(6, "0").slice(0, 6));
    latest = Math.max(latest, Date.parse(`${seconds}Z`) * US_PER_MS + us);
  }
  return latest;
}
