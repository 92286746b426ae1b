/**
 * Station: `reckoner verify FILE`: a raw recording through the production code, compared with itself.
 *
 * A recording says twice what the top of the book was: by its depth updates and by its quotes. Here the
 * engine's own normalizers and core rebuild the one, and it must equal the other.
 */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { VenueId } from "../contracts/ids.ts";
import { VENUES } from "../hotpath/venues/registry.ts";
import { findPairTriangles, type KnownAssets } from "../hotpath/verify/assets.ts";
import type { Recording } from "../hotpath/verify/edges.ts";
import { RecordingError, readRecording } from "../hotpath/verify/recording.ts";
import { surveyRecording } from "../hotpath/verify/survey.ts";
import { type KnownSteps, type VerifyReport, verifyRecording } from "../hotpath/verify/verify.ts";
import { type Command, type Ending, EXIT, refusal } from "./command.ts";
import {
  EDGE_FIELDS,
  EDGE_FLAGS,
  type EdgesOutcome,
  edgeLines,
  edgesEnding,
  measureEdges,
} from "./verify-edges.ts";

const GZIP_MAGIC = 0x1f8b;
const BREAKS_SHOWN_MAX = 5;

export const verifyCommand: Command = {
  notes: [
    "Tick and lot come from --rules where they are given, and are inferred from the texts otherwise.",
    "Recordings whose instruments form a triangle (three files, or one that holds all three) are merged " +
      "by receive time, and the edge of both directions is told at each state.",
  ],
  operands: [
    {
      name: "FILE",
      summary: "a recording, gzip or plain, in either format; several of one venue for edges",
      required: true,
      many: true,
    },
  ],
  flags: [
    {
      name: "rules",
      kind: "text",
      summary: "instruments as the venue publishes them, JSON or gzip",
    },
    ...EDGE_FLAGS,
  ],
  fields: [
    ["venue", "the venue that was recognised"],
    ["records, frames, snapshots", "lines, messages and REST bodies read"],
    ["refused, ignored", "messages that could not be used, and those nobody asked for"],
    ["deltas, applied", "depth updates in the file, and those applied to a book"],
    [
      "compared, unequal",
      "books that had a quote or a checksum to compare with, and those that differed",
    ],
    ["checksums, checksumMismatches", "of those, the ones compared with the venue's own checksum"],
    ["breaks", "where a book stopped being trusted: symbol, line, cause, seq"],
    ["symbols", "the same for each symbol, with its steps; untrusted counts updates after a break"],
    ["differences", "the first unequal tops: [bid ticks, lots, ask ticks, lots] of book and quote"],
    ...EDGE_FIELDS,
    ["seconds", "how long it took"],
  ],
  async run(invocation): Promise<Ending> {
    const started = performance.now();
    const { flags, operands: files } = invocation;
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const recordings = await Promise.all(files.map(surveyed));
      const rules = knownSteps(recordings[0]?.survey.venue, flags.get("rules"));
      const words = {
        feeBps: flags.get("fee-bps"),
        states: flags.get("states"),
        triangle: flags.get("triangle"),
      };
      const [only] = recordings;
      if (only === undefined || recordings.length > 1) {
        return edgesEnding(files, await measureEdges(recordings, rules, words), seconds());
      }
      const isAsked = Object.values(words).some((word) => word !== undefined);
      const symbols = [...only.survey.symbols.keys()];
      if (!isAsked && findPairTriangles(symbols, rules).length !== 1) {
        return endingOf(
          only.file,
          await verifyRecording(only.survey, rules, only.lines()),
          seconds(),
        );
      }
      const outcome = await measureEdges(recordings, rules, words);
      return endingOf(only.file, outcome.reports[0] as VerifyReport, seconds(), outcome);
    } catch (error) {
      if (error instanceof RecordingError) return refusal(EXIT.usage, error.message);
      throw error;
    }
  },
};

async function surveyed(file: string): Promise<Recording> {
  const survey = await surveyRecording(file, readRecording(file));
  return { file, survey, lines: () => readRecording(file) };
}

/** Steps by symbol from a file of published rules; empty without one. */
function knownSteps(
  venue: VenueId | undefined,
  file: string | undefined,
): KnownSteps & KnownAssets {
  if (file === undefined || venue === undefined) return new Map();
  const rules = VENUES[venue].parseRules(readMaybeGzip(file));
  if (rules === undefined) throw new RecordingError(`--rules ${file}: this is no exchangeInfo`);
  return new Map(rules.instruments.map((row) => [row.symbol, row]));
}

function readMaybeGzip(file: string): Uint8Array {
  try {
    const bytes = readFileSync(file);
    const isGzip = bytes.length > 1 && bytes.readUInt16BE(0) === GZIP_MAGIC;
    return isGzip ? gunzipSync(bytes) : bytes;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new RecordingError(`--rules ${file}: ${why}`);
  }
}

function endingOf(
  file: string,
  report: VerifyReport,
  seconds: number,
  outcome?: EdgesOutcome,
): Ending {
  const edges = outcome === undefined ? {} : { edges: outcome.edges };
  const json = { file, ...report, ...edges, seconds: Number(seconds.toFixed(3)) };
  const lines = [
    `${file}: ${report.venue}, ${report.records} records, ${report.symbols.length} symbols`,
    `${report.applied} of ${report.deltas} depth updates applied, ` +
      `${report.compared} ${report.checksums > 0 ? "checksums" : "tops"} compared, ` +
      `${report.unequal} unequal, ${report.breaks.length} breaks`,
    ...report.breaks
      .slice(0, BREAKS_SHOWN_MAX)
      .map(
        ({ symbol, line, cause, seq }) => `  ${symbol} void at line ${line}: ${cause} after ${seq}`,
      ),
    ...(outcome === undefined ? [] : edgeLines(outcome)),
  ];
  // The edges of a recording can be told without any quote to compare its books with.
  const isTold = outcome !== undefined && outcome.edges.states > 0;
  const fault = faultOf(isTold ? { ...report, compared: Math.max(1, report.compared) } : report);
  if (fault === "") return { exitCode: EXIT.ok, lines, json };
  return { exitCode: EXIT.failed, lines, json, error: fault };
}

/** Why the recording does not hold, or "". A file in which nothing was compared proves nothing. */
function faultOf({ breaks, unequal, compared, refused }: VerifyReport): string {
  const first = breaks[0];
  if (first !== undefined) return `${first.symbol} is not to be trusted after line ${first.line}`;
  if (unequal > 0) return `${unequal} tops of book differ from the quotes of the recording`;
  if (refused > 0) return `${refused} messages of the recording could not be read`;
  return compared === 0 ? "the recording has no quotes to compare with" : "";
}
