/**
 * Station: a campaign's name and a stretch of its range -> what was played there, in counts and findings.
 *
 * Every campaign gives the same shape, so that one command runs and adds all of them. A stretch is the same
 * whichever thread plays it.
 */

import { runControlSim } from "../control/control-sim.ts";
import { crashPointCampaign } from "../crash-points/campaign.ts";
import { CrashPointCatalog } from "../crash-points/catalog.ts";
import { FUZZERS } from "../fuzz/catalog.ts";
import { runFuzzer } from "../fuzz/run-fuzzer.ts";
import { splitBrainCampaign } from "../lease/campaign.ts";
import { checkInterleavings } from "../lease/interleavings.ts";
import { runWholeEngines } from "../lease/whole-engines.ts";
import { flipEveryBit } from "./bit-flips.ts";

export const CAMPAIGN_NAMES = [
  "fuzz",
  "crashPoints",
  "bitFlips",
  "splitBrain",
  "wholeEngines",
  "interleavings",
  "control",
] as const;
export type CampaignName = (typeof CAMPAIGN_NAMES)[number];

export type Piece = {
  readonly name: CampaignName;
  /** [from, to) of the campaign's range. */
  readonly from: number;
  readonly to: number;
  readonly seed: number;
  /** A part of the campaign by name; "" for all. */
  readonly only: string;
};

export type PieceReport = {
  readonly counts: Readonly<Record<string, number>>;
  /** What is wrong, each a sentence with the seed or number that shows it again. */
  readonly findings: readonly string[];
};

/** What people and the engine do in one history of the control plane. */
const CONTROL_STEPS = 60;

type Player = (piece: Piece) => PieceReport | Promise<PieceReport>;

const PLAYERS: Readonly<Record<CampaignName, Player>> = {
  fuzz: playFuzz,
  crashPoints: playCrashPoints,
  bitFlips: playBitFlips,
  splitBrain: playSplitBrain,
  wholeEngines: playWholeEngines,
  interleavings: playInterleavings,
  control: playControl,
};

/** Plays one stretch in this thread. */
export async function playPiece(piece: Piece): Promise<PieceReport> {
  return await PLAYERS[piece.name](piece);
}

/** The range counts inputs of each fuzzer. */
function playFuzz({ from, to, seed, only }: Piece): PieceReport {
  const counts: Record<string, number> = {};
  const findings: string[] = [];
  for (const fuzzer of FUZZERS) {
    if (only !== "" && fuzzer.name !== only) continue;
    const report = runFuzzer(fuzzer, { seed, from, inputs: to - from });
    counts[`inputs of ${fuzzer.name}`] = report.inputs;
    counts[`accepted of ${fuzzer.name}`] = report.accepted;
    add(counts, { inputs: report.inputs, slowInputs: report.slowInputs.length });
    for (const finding of report.findings)
      findings.push(`${fuzzer.name}: ${JSON.stringify(finding)}`);
  }
  return { counts, findings };
}

let catalog: Promise<CrashPointCatalog> | undefined;

async function playCrashPoints({ from, to, seed }: Piece): Promise<PieceReport> {
  catalog ??= CrashPointCatalog.make(seed);
  const made = await catalog;
  // The points of a campaign are spread over the whole product, in an order that any stretch can begin in.
  const totals = await crashPointCampaign({ seed, from, to, catalog: made });
  const { points, violated, lives, orders, trades, crashes, models, injected, probes } = totals;
  return {
    counts: {
      points,
      violated,
      lives,
      orders,
      trades,
      ...named("crash", crashes),
      ...named("model", models),
      ...named("class", injected),
      ...named("probe", probes),
    },
    findings: totals.failures.map(
      ({ number, point, violations }) => `point ${number} (${point}): ${violations.join("; ")}`,
    ),
  };
}

function playBitFlips({ from, to }: Piece): PieceReport {
  const { flips, refused, tail, acceptedWrong, refusedWrong, wrongBits } = flipEveryBit({
    fromBit: from,
    toBit: to,
  });
  return {
    counts: { flips, refused, tail, acceptedWrong, refusedWrong },
    findings: wrongBits.map((bit) => `bit ${bit} was not judged right`),
  };
}

async function playSplitBrain({ from, to }: Piece): Promise<PieceReport> {
  const { counts, unequal, failed, ...sums } = await splitBrainCampaign({
    from,
    to: to - 1,
    isTwice: true,
  });
  return {
    counts: { ...sums, ...flat(counts) },
    findings: [
      ...unequal.map((seed) => `seed ${seed} has two histories`),
      ...failed.map(({ seed, violations }) => `seed ${seed}: ${violations.join("; ")}`),
    ],
  };
}

async function playWholeEngines({ from, to }: Piece): Promise<PieceReport> {
  const counts: Record<string, number> = {};
  const findings: string[] = [];
  for (let seed = from; seed < to; seed++) {
    const verdict = await runWholeEngines(seed);
    for (const violation of verdict.violations) findings.push(`seed ${seed}: ${violation}`);
    const { steps, simulatedUs, takeovers, pauses, accepted } = verdict;
    add(counts, { seeds: 1, steps, simulatedUs, takeovers, pauses, accepted });
  }
  return { counts, findings };
}

/** The range is one number: how many steps every order of is walked. */
function playInterleavings({ to }: Piece): PieceReport {
  const { states, transitions, takeovers, violations } = checkInterleavings(to);
  return { counts: { steps: to, states, transitions, takeovers }, findings: violations };
}

async function playControl({ from, to }: Piece): Promise<PieceReport> {
  const counts: Record<string, number> = {};
  const findings: string[] = [];
  for (let seed = from; seed < to; seed++) {
    const report = await runControlSim({ seed, steps: CONTROL_STEPS });
    const again = await runControlSim({ seed, steps: CONTROL_STEPS });
    if (again.traceHash !== report.traceHash) findings.push(`seed ${seed} has two histories`);
    for (const violation of report.violations) findings.push(`seed ${seed}: ${violation}`);
    add(counts, { seeds: 1, steps: report.steps, simulatedUs: report.simulatedUs });
    add(counts, named("class", report.classesFired));
    add(counts, named("probe", report.probes));
  }
  return { counts, findings };
}

function named(kind: string, counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counts).map(([name, count]) => [`${kind} ${name}`, count]),
  );
}

/** Counts of counts, one level deep. */
function flat(
  counts: Readonly<Record<string, Readonly<Record<string, number>>>>,
): Record<string, number> {
  return Object.assign({}, ...Object.entries(counts).map(([kind, each]) => named(kind, each)));
}

/** Adds `more` to `sum`. */
export function add(sum: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count;
}
