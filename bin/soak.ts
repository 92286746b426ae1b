/**
 * Station: `reckoner soak`: the engine under a steady load for minutes, watched for delay and for growth.
 *
 * The simulated venue has a process of its own, the recorder is on with its retention capped, and nothing
 * is injected: what is measured is our own queue delay and our own memory, minute by minute.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineStatus, LoopMinute } from "../contracts/status.ts";
import { standardConfig } from "../hotpath/config.ts";
import type { Child } from "./child.ts";
import { type Command, type Ending, EXIT, type Invocation, refusal } from "./command.ts";
import { countOf, durationMsOf } from "./flags.ts";
import { askLoopback } from "./loopback.ts";
import { ENGINE_FLAGS, startAndWait } from "./start-process.ts";
import { compareLiveBooks, noComparison } from "./truth.ts";
import type { VenueAddresses } from "./venues.ts";

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;
/** Retention while soaking: small enough to be at work all the time. */
const RETAIN_BYTES = 256 * MIB;
const SEGMENT_BYTES = 16 * MIB;
const P99_MS_MAX = 1;
const SLOPE_MB_MAX = 1;
/** Memory is judged from here on: before it, pools fill and code is compiled. */
const SETTLED_AFTER_MS = 2 * MINUTE_MS;
const SAMPLE_MS = 5000;

export const soakCommand: Command = {
  notes: ["The defaults are the target's: 50 instruments, 10,000 updates a second, ten minutes."],
  operands: [],
  flags: [
    { name: "for", kind: "duration", summary: "how long", standard: "10m" },
    { name: "instruments", kind: "count", summary: "simulated instruments", standard: "50" },
    { name: "rate", kind: "count", summary: "depth updates a second", standard: "10000" },
    { name: "seed", kind: "count", summary: "seed of the simulated market", standard: "1" },
  ],
  fields: [
    ["minutes", "queue delay of each finished minute: count, p50Us, p99Us, p999Us, maxUs"],
    ["queueP99Ms", "median of the minutes' p99, in milliseconds; at most 1"],
    ["rssSlopeMbPerMinute", "least-squares slope of resident memory after minute 2; below 1"],
    ["rssMb", "resident memory at each sample: [seconds, MB]"],
    ["deltasPerSecond, framesPerSecond", "what the engine really took"],
    ["booksLive, booksTotal, wrongBooks, comparisons", "the books against the venue's truth"],
    ["resyncs, decisionsOnInvalidBook, ringOverflows", "nothing was injected, so all should be 0"],
    ["journalBytes", "written by the recorder"],
  ],
  run: soak,
};

async function soak(invocation: Invocation): Promise<Ending> {
  const { flags } = invocation;
  const forMs = durationMsOf(flags, "for") ?? 10 * MINUTE_MS;
  const folder = mkdtempSync(join(tmpdir(), "reckoner-soak-"));
  const children: Child[] = [];
  try {
    const instruments = countOf(flags, "instruments", 50);
    const venues = await startAndWait(
      [
        "local/venues/main.ts",
        "--with-parent",
        ...["--seed", String(countOf(flags, "seed", 1))],
        ...["--spot-instruments", String(instruments), "--usdm-instruments", "0"],
        ...["--diffs-per-second", String(countOf(flags, "rate", 10_000))],
        ...["--steps-per-diff", "1", "--tick-ms", "1", "--faults-per-minute", "0"],
      ],
      children,
      (line) => invocation.say(line),
    );
    if (!venues.ok) return refusal(EXIT.environment, `the simulated venues: ${venues.reason}`);
    const addresses = JSON.parse(venues.firstLine) as VenueAddresses;
    const config = join(folder, "config.yaml");
    writeFileSync(config, JSON.stringify(soakConfig(folder, instruments)));
    const engine = await startAndWait(
      [
        ...ENGINE_FLAGS,
        "hotpath/main.ts",
        "--config",
        config,
        "--venues",
        JSON.stringify(addresses),
      ],
      children,
      () => undefined,
    );
    if (!engine.ok) return refusal(EXIT.failed, `the engine: ${engine.reason}`);
    const { admin } = JSON.parse(engine.firstLine) as { readonly admin: string };
    return await watch(invocation, admin, String(addresses.control), forMs);
  } finally {
    for (const child of children.reverse()) await child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function soakConfig(folder: string, instrumentsMax: number): object {
  const { journal, limits } = standardConfig();
  const simulated = { environment: "simulated", instruments: "all", instrumentsMax };
  return {
    journal: {
      ...journal,
      directory: join(folder, "journal"),
      segmentBytes: SEGMENT_BYTES,
      retainBytes: RETAIN_BYTES,
    },
    admin: { port: 0 },
    venues: { "binance-spot": simulated },
    limits,
  };
}

type Sample = { readonly ms: number; readonly status: EngineStatus };

async function watch(
  invocation: Invocation,
  admin: string,
  control: string,
  forMs: number,
): Promise<Ending> {
  const started = performance.now();
  const samples: Sample[] = [];
  const comparison = noComparison();
  while (performance.now() - started < forMs) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS));
    const answer = await askLoopback(`${admin}/status`);
    if (!(answer.ok && answer.status === 200)) continue;
    const status = answer.body as EngineStatus;
    samples.push({ ms: performance.now() - started, status });
    // One book at a time: copying fifty at once would itself be a delay.
    const live = status.books.filter(({ state }) => state === "live");
    const one = live[samples.length % Math.max(1, live.length)];
    if (one !== undefined) {
      await compareLiveBooks({ admin, control }, { ...status, books: [one] }, comparison);
    }
    const minute = status.loopMinutes.at(-1);
    const rss = Math.round(status.residentBytes / MIB);
    invocation.say(
      `${Math.round((samples.at(-1)?.ms ?? 0) / 1000)} s: ${status.counters.deltas} deltas, ` +
        `rss ${rss} MB, last minute p99 ${minute?.p99Us ?? "-"} us`,
    );
  }
  return endingOf(samples, comparison.compared, comparison.wrong.length);
}

function endingOf(samples: readonly Sample[], comparisons: number, wrongBooks: number): Ending {
  const last = samples.at(-1);
  if (last === undefined) return refusal(EXIT.failed, "the engine never answered");
  const { status } = last;
  const queueP99Ms = medianP99Ms(status.loopMinutes);
  const slope = slopePerMinute(samples);
  const counters = status.counters;
  const seconds = last.ms / 1000;
  const json = {
    minutes: status.loopMinutes,
    queueP99Ms,
    rssSlopeMbPerMinute: slope,
    rssMb: samples.map(({ ms, status: { residentBytes } }) => [
      Math.round(ms / 1000),
      Math.round(residentBytes / MIB),
    ]),
    deltasPerSecond: Math.round((counters.deltas ?? 0) / seconds),
    framesPerSecond: Math.round((counters.frames ?? 0) / seconds),
    booksLive: status.books.filter(({ state }) => state === "live").length,
    booksTotal: status.books.length,
    wrongBooks,
    comparisons,
    resyncs: status.resyncs.count,
    decisionsOnInvalidBook: counters.decisionsOnInvalidBook ?? 0,
    ringOverflows: status.rings.recorder.overflows + status.rings.marketEvents.overflows,
    journalBytes: status.journal.bytes,
  };
  const missed: string[] = [];
  if (queueP99Ms === null || queueP99Ms > P99_MS_MAX) missed.push(`queue p99 ${queueP99Ms} ms`);
  if (slope !== null && slope >= SLOPE_MB_MAX) missed.push(`memory grows ${slope} MB a minute`);
  if (wrongBooks > 0) missed.push(`${wrongBooks} wrong books`);
  if (json.decisionsOnInvalidBook > 0) missed.push("decisions on an invalid book");
  const lines = [
    `${json.deltasPerSecond} updates a second, queue p99 ${queueP99Ms} ms, memory slope ${slope} MB/min, ` +
      `${comparisons} books compared, ${wrongBooks} wrong, ${json.resyncs} resyncs`,
  ];
  if (missed.length === 0) return { exitCode: EXIT.ok, lines, json };
  return { exitCode: EXIT.failed, lines, json, error: `missed: ${missed.join("; ")}` };
}

/** Median of the minutes' p99; null before the first minute is over. */
function medianP99Ms(minutes: readonly LoopMinute[]): number | null {
  const sorted = minutes.map(({ p99Us }) => p99Us).sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  return middle === undefined ? null : middle / 1000;
}

/** Least-squares slope of resident memory after it has settled; null when the run was too short. */
function slopePerMinute(samples: readonly Sample[]): number | null {
  const points = samples
    .filter(({ ms }) => ms >= SETTLED_AFTER_MS)
    .map(({ ms, status }) => [ms / MINUTE_MS, status.residentBytes / MIB] as const);
  if (points.length < 6) return null;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length;
  let upper = 0;
  let lower = 0;
  for (const [x, y] of points) {
    upper += (x - meanX) * (y - meanY);
    lower += (x - meanX) ** 2;
  }
  return Number((upper / lower).toFixed(3));
}
