/**
 * Station: recordings of one venue whose instruments form a triangle -> its edges at every state.
 *
 * The recordings are merged by receive time and go through the core as they do when each is verified by
 * itself; an observer looks at the three books after every record.
 */
import { findPairTriangles, type KnownAssets, type PairTriangle } from "./assets.ts";
import { directionsOf, type EdgesOptions, type EdgesReport, EdgeTracker } from "./edge-tracker.ts";
import { mergeRecordings } from "./merge.ts";
import { type RecordedLine, RecordingError } from "./recording.ts";
import type { Survey } from "./survey.ts";
import { type KnownSteps, Verifier, type VerifyReport } from "./verify.ts";

export type Recording = {
  readonly file: string;
  readonly survey: Survey;
  readonly lines: () => AsyncIterable<RecordedLine>;
};

/**
 * Runs the recordings together and reports the edges of their triangle, and of each recording what
 * `verify` says. Throws `RecordingError` where they are of several venues, hold a symbol twice, or form
 * no triangle or more than one.
 */
export async function verifyEdges(
  recordings: readonly Recording[],
  known: KnownSteps & KnownAssets,
  options: EdgesOptions,
): Promise<{ readonly edges: EdgesReport; readonly reports: readonly VerifyReport[] }> {
  const triangle = chooseTriangle(recordings, known, options.direction);
  const runs = recordings.map(({ survey }) => new Verifier(survey, known));
  const seats = triangle.pairs.map(({ symbol }) => {
    const file = recordings.findIndex(({ survey }) => survey.symbols.has(symbol));
    return (runs[file] as Verifier).slotOf(symbol);
  });
  const { venue } = (recordings[0] as Recording).survey;
  const tracker = new EdgeTracker(triangle, venue, seats, options);
  for await (const merged of mergeRecordings(recordings.map(({ lines }) => lines()))) {
    tracker.before();
    runs[merged.file]?.feed(merged.line);
    tracker.after(merged.atUs, merged.file, merged.line);
  }
  return { edges: tracker.report(), reports: runs.map((run) => run.report()) };
}

function chooseTriangle(
  recordings: readonly Recording[],
  known: KnownAssets,
  wanted: string | undefined,
): PairTriangle {
  const [first] = recordings;
  const symbols: string[] = [];
  for (const { file, survey } of recordings) {
    if (survey.venue !== first?.survey.venue) {
      throw new RecordingError(`${file}: a recording of ${survey.venue} beside others`);
    }
    for (const symbol of survey.symbols.keys()) {
      if (symbols.includes(symbol)) throw new RecordingError(`${file}: records ${symbol} again`);
      symbols.push(symbol);
    }
  }
  const found = findPairTriangles(symbols, known);
  const chosen =
    wanted === undefined ? found : found.filter((one) => directionsOf(one).includes(wanted));
  const [triangle] = chosen;
  if (triangle !== undefined && chosen.length === 1) return triangle;
  const names = found.map((one) => directionsOf(one)[0]).join(", ");
  if (found.length === 0) {
    throw new RecordingError(`no three of ${symbols.join(", ")} form a triangle`);
  }
  throw new RecordingError(
    wanted === undefined
      ? `the recordings form ${found.length} triangles (${names}): name one of them`
      : `${wanted} is not one of ${names}`,
  );
}
