/**
 * Budget 3: frames of which a quarter ends in an order, from the reader to the bytes of the order: decode,
 * apply, detection over 429 books, the exact evaluation, the gate, and the desk's frame. Beside JSON.parse of
 * the same bytes in blocks of four, so that the clock is read rarely. What stands between the gate and the
 * socket besides, the intent and the journal's record, has rows of its own.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { CommandHash } from "../../hotpath/core/journal.ts";
import { ByteRing, createRingMemory } from "../../hotpath/io/byte-ring.ts";
import { JournalFeed } from "../../hotpath/io/journal-feed.ts";
import { INTENT_OPTIONS, IntentLog } from "../../hotpath/io/trade/intent-log.ts";
import type { Profile } from "./frames.ts";
import {
  atMost,
  type BenchOptions,
  collectGarbage,
  median,
  notMeasured,
  quantile,
  type Row,
  shown,
} from "./measure.ts";
import { BATCH, BLOCK, LEAD } from "./order-market.ts";
import { makeOrderRig, type OrderRig } from "./order-rig.ts";
import { grownBytes } from "./path-bench.ts";

const NS_PER_MS = 1e6;
const US_PER_MS = 1000;
const WARM_UP_MS = 3000;
const TAIL_TRIES = 3;
const P50_US_MAX: Readonly<Record<Profile, number>> = { quiet: 3, wide: 4 };
const P99_US_MAX = 10;
const RING_BYTES = 16 * 1024 * 1024;

type Round = { readonly pathMs: number; readonly parseMs: number; readonly orderUs: Float64Array };

function isEndOfBatch({ blocks }: OrderRig, block: number): boolean {
  return (block + 1) % BATCH === 0 || block + 1 === blocks;
}

function runRound(rig: OrderRig): Round {
  const orderUs = new Float64Array(rig.blocks);
  let pathMs = 0;
  let parseMs = 0;
  for (let block = 0; block < rig.blocks; block++) {
    rig.prepare(block);
    // Both find the bytes as they were written a moment ago.
    const startMs = performance.now();
    rig.run(block);
    pathMs += performance.now() - startMs;
    orderUs[block] = (rig.sentAtMs() - startMs) * US_PER_MS;
    const sent = rig.orders().length;
    if (sent !== (block % BATCH) + 1) {
      const reasons = JSON.stringify(rig.commands().slice(-3));
      throw new Error(`${sent} orders at the end of block ${block}: ${reasons}`);
    }
    if (isEndOfBatch(rig, block)) rig.answer();
  }
  for (let block = 0; block < rig.blocks; block++) {
    const startMs = performance.now();
    rig.parse(block);
    parseMs += performance.now() - startMs;
  }
  return { pathMs, parseMs, orderUs };
}

/** Until the gate has seen every book for longer than a second, its orders are denied. */
async function warmUp(rig: OrderRig): Promise<void> {
  const endMs = performance.now() + WARM_UP_MS;
  while (performance.now() < endMs) {
    for (let block = 0; block < rig.blocks; block++) {
      rig.prepare(block);
      rig.run(block);
      if (isEndOfBatch(rig, block)) rig.answer();
      rig.parse(block);
    }
    rig.path.emit({ type: "timerFired" });
    await turn();
  }
  await pause(1);
}

async function profileRows(profile: Profile, { isQuick }: BenchOptions): Promise<Row[]> {
  const rig = await makeOrderRig(profile);
  await warmUp(rig);
  collectGarbage();
  const rounds: Round[] = [];
  for (let i = 0; i < (isQuick ? 30 : 90); i++) {
    rounds.push(runRound(rig));
    await turn();
  }
  const records = profile === "quiet" ? recordRows(rig) : [];
  await rig.path.stop();
  const live = rig.path.liveBooks();
  if (live !== rig.path.plan.instruments.length) throw new Error(`${live} books are live`);
  if (!(rig.kept() > 0)) throw new Error("nothing was parsed or sent");
  const ratio = median(rounds.map(({ pathMs, parseMs }) => pathMs / parseMs));
  const per = (values: readonly number[]): string =>
    shown((median(values) * NS_PER_MS) / (rig.blocks * (BLOCK - LEAD)));
  const note = `${per(rounds.map(({ pathMs }) => pathMs))} ns a frame, JSON.parse ${per(rounds.map(({ parseMs }) => parseMs))} ns`;
  const p50 = median(rounds.map(({ orderUs }) => median(orderUs)));
  return [
    atMost(
      3,
      `a quarter of the frames ends in an order, ${profile}`,
      0.5,
      ratio,
      "x JSON.parse",
      note,
    ),
    atMost(3, `frame to order bytes, ${profile}, p50`, P50_US_MAX[profile], p50, "us"),
    atMost(3, `frame to order bytes, ${profile}, p99`, P99_US_MAX, tailOf(rounds), "us"),
    ...records,
  ];
}

/** The best of three parts of the rounds, as everywhere for tails. */
function tailOf(rounds: readonly Round[]): number {
  const size = Math.ceil(rounds.length / TAIL_TRIES);
  const tails = Array.from({ length: TAIL_TRIES }, (_, part) => {
    const own = rounds.slice(part * size, (part + 1) * size);
    return quantile(
      own.flatMap(({ orderUs }) => [...orderUs]),
      0.99,
    );
  });
  return Math.min(...tails);
}

/** What an order costs beside its bytes: its intent, and the records of it and of its opportunity. */
function recordRows(rig: OrderRig): Row[] {
  const folder = mkdtempSync(join(tmpdir(), "reckoner-intents-"));
  const log = new IntentLog({ ...INTENT_OPTIONS, folder, fence: 7, fileBytesMax: 2 ** 40 });
  const hash = new CommandHash();
  const ring = new ByteRing(createRingMemory(RING_BYTES));
  const journal = new JournalFeed(ring);
  const intentUs: number[] = [];
  const recordUs: number[] = [];
  let count = 0;
  for (let pass = 0; pass < TAIL_TRIES; pass++) {
    for (let block = 0; block < rig.blocks; block++) {
      rig.prepare(block);
      rig.run(block);
      const startMs = performance.now();
      for (const order of rig.orders()) {
        if (log.append(order).kind === "broken") throw new Error(log.broken);
      }
      const middleMs = performance.now();
      for (const command of rig.commands()) {
        journal.recordCommand(block, 1, hash.add(block, command));
        count++;
      }
      const endMs = performance.now();
      intentUs.push((middleMs - startMs) * US_PER_MS);
      recordUs.push((endMs - middleMs) * US_PER_MS);
      rig.answer();
    }
  }
  log.close();
  rmSync(folder, { recursive: true });
  const each = shown(count / recordUs.length);
  return [
    notMeasured(3, "beside it: the intent of an order", "none", `${shown(median(intentUs))} us`),
    notMeasured(
      3,
      "beside it: records of an order and its opportunities",
      "none: after the bytes",
      `${shown(median(recordUs))} us for ${each} records`,
    ),
  ];
}

/** Budget 11 in a world that trades, while nothing pays: every touch is seen by the gate and the detector. */
export async function tradedAllocationBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const rig = await makeOrderRig("quiet");
  const { path } = rig;
  rig.neverFire();
  const runAll = (rounds: number): void => {
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < path.frames; i++) {
        path.forward(i);
        path.deliver(i);
      }
    }
  };
  for (let i = 0; i < 20; i++) {
    runAll(1);
    await turn();
  }
  const rounds = isQuick ? 20 : 100;
  const messages = rounds * path.frames;
  const best = async (): Promise<number> => {
    const bytes: number[] = [];
    for (let attempt = 0; attempt < TAIL_TRIES; attempt++) {
      bytes.push(grownBytes(() => runAll(rounds)) / messages);
      await turn();
    }
    return Math.min(...bytes);
  };
  const { decisions } = rig.world.counters;
  const traded = await best();
  const decided = rig.world.counters.decisions - decisions;
  if (decided < TAIL_TRIES * messages) throw new Error("touches were withheld");
  if (rig.orders().length > 0) throw new Error("an order was given out");
  rig.world.trader = undefined;
  const untraded = await best();
  await path.stop();
  const note = `${shown(traded)} and ${shown(untraded)}, ${messages} messages over 429 books`;
  const added = Math.max(0, traded - untraded);
  return [atMost(11, "allocation that a trader adds", 1, added, "bytes a message", note)];
}

export async function pathOrderBench(options: BenchOptions): Promise<Row[]> {
  return [...(await profileRows("quiet", options)), ...(await profileRows("wide", options))];
}
