/**
 * Station: a campaign and its range -> threads that play it in stretches -> counts and findings.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { add, type CampaignName, type Piece, type PieceReport } from "./pieces.ts";

export type { CampaignName } from "./pieces.ts";

type CampaignRule = {
  /** What the range counts. */
  readonly unit: string;
  /** How many without a word of the person. */
  readonly standard: number;
  /** Of one stretch. */
  readonly piece: number;
  readonly notes: string;
};

export const CAMPAIGNS: Readonly<Record<CampaignName, CampaignRule>> = {
  fuzz: {
    unit: "inputs of each decoder",
    standard: 10_000_000,
    piece: 262_144,
    notes:
      "Broken, spliced and odd input for every reader of what others wrote; whatever is accepted is read again\nby a slow reader of another kind. ONLY names one fuzzer.",
  },
  crashPoints: {
    unit: "points",
    standard: 20_000,
    piece: 250,
    notes:
      "Twelve stories of orders, ended at each effect and found in each state that a crash may leave, then\nrecovered and held against the venue.",
  },
  bitFlips: {
    unit: "bits",
    standard: 524_288,
    piece: 16_384,
    notes: "Every bit of a 64 KiB journal flipped, one at a time, and handed to recovery.",
  },
  splitBrain: {
    unit: "seeds",
    standard: 10_000,
    piece: 100,
    notes:
      "Two engines, one account: pauses, skewed clocks, slow and lost answers of the lease's table; each seed twice.",
  },
  wholeEngines: {
    unit: "seeds",
    standard: 200,
    piece: 5,
    notes:
      "Two whole engines, with market, disk and venues, on one account; coarser faults than split-brain, and slower.",
  },
  interleavings: {
    unit: "steps",
    standard: 9,
    piece: 1_000_000,
    notes:
      "Every order of so many steps of two machines of the lease, breadth first. Each step more takes about four times\nas long.",
  },
  control: {
    unit: "seeds",
    standard: 1000,
    piece: 20,
    notes:
      "The functions and the engine's side of the control plane over a virtual AWS; each seed twice.",
  },
};

export type CampaignOptions = {
  readonly from: number;
  readonly to: number;
  readonly seed: number;
  readonly only: string;
  readonly threads?: number;
  readonly isAborted?: () => boolean;
  readonly onPiece?: (done: number, all: number) => void;
};

/** Plays [from, to) of a campaign's range. A thread that dies ends it. */
export async function runCampaign(
  name: CampaignName,
  options: CampaignOptions,
): Promise<PieceReport> {
  const { from, to, seed, only, threads = availableParallelism(), isAborted, onPiece } = options;
  const { piece: size } = CAMPAIGNS[name];
  const counts: Record<string, number> = {};
  const findings: string[] = [];
  let next = from;
  let done = 0;
  const take = (): Piece | undefined => {
    if (next >= to || isAborted?.() === true) return undefined;
    const piece = { name, from: next, to: Math.min(to, next + size), seed, only };
    next = piece.to;
    return piece;
  };
  const onReport = (piece: Piece, report: PieceReport): void => {
    add(counts, report.counts);
    findings.push(...report.findings);
    done += piece.to - piece.from;
    onPiece?.(done, to - from);
  };
  const count = Math.max(1, Math.min(threads, Math.ceil((to - from) / size)));
  await Promise.all(Array.from({ length: count }, () => runThread(take, onReport)));
  return { counts, findings };
}

async function runThread(
  take: () => Piece | undefined,
  onReport: (piece: Piece, report: PieceReport) => void,
): Promise<void> {
  const worker = new Worker(new URL("./piece-thread.ts", import.meta.url));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let current: Piece | undefined;
  const give = (): void => {
    current = take();
    worker.postMessage(current ?? "end");
  };
  worker.on("message", (report: PieceReport) => {
    if (current !== undefined) onReport(current, report);
    give();
  });
  worker.on("error", reject);
  worker.on("exit", (code) => {
    if (code === 0) resolve();
    else reject(new Error(`a thread of the campaign ended with ${code}`));
  });
  give();
  await promise;
}
