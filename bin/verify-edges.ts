/**
 * Station: `reckoner verify FILE FILE FILE`: recordings whose instruments form a triangle -> its edges.
 *
 * Every state of the three books is told exactly, as fractions; basis points beside them are text that is
 * rounded down. What each recording is by itself is verified on the way.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { VENUES } from "../hotpath/venues/registry.ts";
import type { KnownAssets } from "../hotpath/verify/assets.ts";
import {
  BPS_DIGITS,
  type EdgeState,
  type EdgesReport,
  parseFeeBps,
} from "../hotpath/verify/edge-tracker.ts";
import { type Recording, verifyEdges } from "../hotpath/verify/edges.ts";
import { RecordingError } from "../hotpath/verify/recording.ts";
import type { KnownSteps, VerifyReport } from "../hotpath/verify/verify.ts";
import { type Ending, EXIT, type Flag } from "./command.ts";

const PPB_PER_BPS = 100_000;
const LINES_KEPT_MAX = 500;

export const EDGE_FLAGS: readonly Flag[] = [
  {
    name: "fee-bps",
    kind: "text",
    summary: "taker fee of a leg for net edges, in basis points",
    standard: "the venue's public taker rate",
  },
  { name: "states", kind: "text", summary: "write every state to a file as NDJSON; - for stdout" },
  {
    name: "triangle",
    kind: "text",
    summary: "which triangle, such as 'USDT>BTC>ETH', where the recordings form several",
  },
];

export const EDGE_FIELDS: readonly (readonly [string, string])[] = [
  ["edges", "present when the instruments of the recordings form a triangle"],
  ["edges.assets, instruments", "its assets, and its symbols with base, quote and tick"],
  [
    "edges.feeBps, feeSource",
    "the fee that net edges take out of what each leg yields, and whence",
  ],
  [
    "edges.states, updates",
    "changes of a book while all three are live; of these by depth updates",
  ],
  ["edges.directions", "each way round: states above zero, best gross and net edge with its place"],
  ["num, den, bps", "an edge exactly, in lowest terms, and in basis points rounded down"],
  ["edges.bpsDigits", "places after the point of every bps"],
  ["recordings", "with several files: what verify says of each"],
];

/** What was asked of the edges. */
export type EdgeWords = {
  readonly feeBps: string | undefined;
  readonly states: string | undefined;
  readonly triangle: string | undefined;
};

export type EdgesOutcome = {
  readonly edges: EdgesReport & { readonly feeSource: string };
  readonly reports: readonly VerifyReport[];
};

/** Runs the recordings together. Throws `RecordingError` for whatever a person can mend. */
export async function measureEdges(
  recordings: readonly Recording[],
  known: KnownSteps & KnownAssets,
  words: EdgeWords,
): Promise<EdgesOutcome> {
  const fee = feeOf(recordings, words.feeBps);
  const sink = words.states === undefined ? undefined : new StateSink(words.states);
  try {
    const { edges, reports } = await verifyEdges(recordings, known, {
      feeBps: fee.feeBps,
      ...(words.triangle === undefined ? {} : { direction: words.triangle }),
      ...(sink === undefined ? {} : { onState: (state) => sink.add(state) }),
    });
    sink?.flush();
    return { edges: { ...edges, feeSource: fee.feeSource }, reports };
  } finally {
    sink?.close();
  }
}

function feeOf(
  recordings: readonly Recording[],
  asked: string | undefined,
): { readonly feeBps: string; readonly feeSource: string } {
  if (asked !== undefined) {
    if (parseFeeBps(asked) === undefined) {
      throw new RecordingError(`--fee-bps ${asked}: a decimal from 0 to below 10000 is wanted`);
    }
    return { feeBps: asked, feeSource: "--fee-bps" };
  }
  const venue = recordings[0]?.survey.venue ?? "binance-spot";
  const published = VENUES[venue].execution?.publicFee.takerPpb;
  if (published === undefined) {
    throw new RecordingError(`${venue} has no public taker rate here: give --fee-bps`);
  }
  return { feeBps: String(published / PPB_PER_BPS), feeSource: `public taker rate of ${venue}` };
}

/** States as lines of JSON, written a few hundred at a time. */
class StateSink {
  readonly #file: number;
  readonly #isOwn: boolean;
  #lines: string[] = [];

  constructor(name: string) {
    this.#isOwn = name !== "-";
    try {
      this.#file = this.#isOwn ? openSync(name, "w") : process.stdout.fd;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new RecordingError(`--states ${name}: ${why}`);
    }
  }

  add(state: EdgeState): void {
    this.#lines.push(`${JSON.stringify(state)}\n`);
    if (this.#lines.length >= LINES_KEPT_MAX) this.flush();
  }

  flush(): void {
    const bytes = Buffer.from(this.#lines.join(""));
    this.#lines = [];
    for (let at = 0; at < bytes.length; ) at += this.#write(bytes, at);
  }

  close(): void {
    if (this.#isOwn) closeSync(this.#file);
  }

  /** A pipe that nobody has read yet takes nothing for now: it is asked again. */
  #write(bytes: Uint8Array, at: number): number {
    try {
      return writeSync(this.#file, bytes, at);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
      throw error;
    }
  }
}

/** One line for each direction, and what they rest on. */
export function edgeLines({ edges }: EdgesOutcome): string[] {
  const { assets, states, updates, feeBps, feeSource, directions } = edges;
  return [
    `triangle ${assets.join(", ")}: ${states} states (${updates} by updates), ` +
      `net of ${feeBps} bp a leg (${feeSource}), bp to ${BPS_DIGITS} places, rounded down`,
    ...directions.map(
      ({ direction, aboveZeroGross, aboveZeroNet, bestGross, bestNet }) =>
        `${direction}: best gross ${bestGross?.bps ?? "-"} bp, net ${bestNet?.bps ?? "-"} bp` +
        `${bestNet === null ? "" : ` at ${new Date(bestNet.recvUs / 1000).toISOString()}`}; ` +
        `above zero gross ${aboveZeroGross}, net ${aboveZeroNet}`,
    ),
  ];
}

/** The ending of several recordings: their edges, and whether each could be believed throughout. */
export function edgesEnding(
  files: readonly string[],
  outcome: EdgesOutcome,
  seconds: number,
): Ending {
  const { edges, reports } = outcome;
  const recordings = reports.map((report, i) => ({ file: files[i], ...report }));
  const json = {
    files,
    venue: edges.venue,
    edges,
    recordings,
    seconds: Number(seconds.toFixed(3)),
  };
  const lines = [
    ...recordings.map(
      ({ file, venue, applied, deltas, breaks }) =>
        `${file}: ${venue}, ${applied} of ${deltas} depth updates applied, ${breaks.length} breaks`,
    ),
    ...edgeLines(outcome),
  ];
  const fault = faultOf(outcome, files);
  if (fault === "") return { exitCode: EXIT.ok, lines, json };
  return { exitCode: EXIT.failed, lines, json, error: fault };
}

function faultOf({ edges, reports }: EdgesOutcome, files: readonly string[]): string {
  for (const [i, { breaks, refused, unequal }] of reports.entries()) {
    const first = breaks[0];
    if (first !== undefined) {
      return `${files[i]}: ${first.symbol} is not to be trusted after line ${first.line}`;
    }
    if (refused > 0) return `${files[i]}: ${refused} messages could not be read`;
    if (unequal > 0) return `${files[i]}: ${unequal} books differ from what the recording says`;
  }
  return edges.states === 0 ? "the three books were never live at the same time" : "";
}
