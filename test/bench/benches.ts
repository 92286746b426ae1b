/**
 * The list of benches: which budgets of docs/PERFORMANCE.md each measures, and the flags of V8 that its
 * process needs. A bench answers with rows; what it cannot measure it says, and why.
 */
import { absentBench } from "./absent-bench.ts";
import { blackBoxBench } from "./black-box-bench.ts";
import { compactionBench } from "./compaction-bench.ts";
import { controlBench } from "./control-bench.ts";
import { bookBench, decodeBench, quoteBench } from "./decode-bench.ts";
import { functionBench } from "./function-bench.ts";
import { historyBench } from "./history-bench.ts";
import { killBench } from "./kill-bench.ts";
import { killHttpBench } from "./kill-http-bench.ts";
import { krakenBench } from "./kraken-bench.ts";
import { kucoinBench } from "./kucoin-bench.ts";
import type { BenchOptions, Row } from "./measure.ts";
import { orderBench } from "./order-bench.ts";
import { allocationBench, coldBench, openLoopBench } from "./path-bench.ts";
import { pathOrderBench, tradedAllocationBench } from "./path-order-bench.ts";
import { peersBench } from "./peers-bench.ts";
import { replayBench } from "./replay-bench.ts";
import { memoryBench, resyncBench } from "./resync-bench.ts";
import { pathScoreBench, scoreBench } from "./score-bench.ts";

export type Bench = {
  readonly name: string;
  readonly budgets: readonly number[];
  readonly flags: readonly string[];
  readonly run: (options: BenchOptions) => Row[] | Promise<Row[]>;
};

export const BENCHES: readonly Bench[] = [
  { name: "decode", budgets: [1], flags: [], run: decodeBench },
  { name: "book", budgets: [7], flags: [], run: bookBench },
  { name: "kraken", budgets: [9], flags: [], run: krakenBench },
  { name: "kucoin", budgets: [9], flags: [], run: kucoinBench },
  { name: "quote", budgets: [8], flags: [], run: quoteBench },
  { name: "resync", budgets: [15], flags: [], run: resyncBench },
  { name: "memory", budgets: [16], flags: [], run: memoryBench },
  {
    name: "allocation",
    budgets: [11],
    // Room for everything a run could allocate, so that nothing is collected while it counts.
    flags: ["--max-semi-space-size=512", "--min-semi-space-size=512"],
    run: allocationBench,
  },
  {
    name: "allocation-traded",
    budgets: [11],
    flags: ["--max-semi-space-size=512", "--min-semi-space-size=512"],
    run: tradedAllocationBench,
  },
  { name: "open-loop", budgets: [11, 12], flags: [], run: openLoopBench },
  { name: "peers", budgets: [4], flags: [], run: peersBench },
  { name: "path-score", budgets: [2], flags: [], run: pathScoreBench },
  { name: "path-order", budgets: [3], flags: [], run: pathOrderBench },
  { name: "score", budgets: [10], flags: [], run: scoreBench },
  { name: "replay", budgets: [17], flags: [], run: replayBench },
  { name: "absent", budgets: [5, 6], flags: [], run: absentBench },
  { name: "black-box", budgets: [13], flags: [], run: blackBoxBench },
  { name: "orders", budgets: [14], flags: [], run: orderBench },
  { name: "kill", budgets: [19], flags: [], run: killBench },
  { name: "cold", budgets: [18], flags: [], run: coldBench },
  { name: "history", budgets: [22], flags: [], run: historyBench },
  { name: "functions", budgets: [24], flags: [], run: functionBench },
  { name: "compaction", budgets: [23], flags: [], run: compactionBench },
  { name: "control", budgets: [25, 27], flags: [], run: controlBench },
  { name: "kill-http", budgets: [26], flags: [], run: killHttpBench },
];

/** The bench of that name; throws when there is none. */
export function benchNamed(name: string): Bench {
  const bench = BENCHES.find((one) => one.name === name);
  if (bench === undefined) throw new Error(`no bench is named ${name}`);
  return bench;
}
