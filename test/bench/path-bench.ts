/**
 * Budgets 11, 12 and 18: the whole path without orders, from the reader to the journal's ring. What it
 * allocates, how late it is in an open loop of 50 000 messages a second, and how cold its first messages
 * are in a fresh process after the warm-up.
 */
import { PerformanceObserver, performance } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { warmUp } from "../../hotpath/warm-up.ts";
import { planOf } from "../hotpath/recorded-run.ts";
import { atMost, type BenchOptions, collectGarbage, quantile, type Row } from "./measure.ts";
import { makePathRig, type PathRig } from "./path-rig.ts";

const BOOKS = 20;
const RATE_PER_S = 50_000;
/** The event loop is let breathe this often. */
const SLICE_US = 2000;

function checkAlive(rig: PathRig): void {
  const live = rig.liveBooks();
  if (live !== BOOKS)
    throw new Error(`${live} of ${BOOKS} books are live, so nothing was measured`);
}

async function warmRig(): Promise<PathRig> {
  const rig = await makePathRig({ profile: "quiet", books: BOOKS });
  for (let round = 0; round < 30; round++) {
    for (let i = 0; i < rig.frames; i++) {
      rig.forward(i);
      rig.deliver(i);
    }
    await turn();
  }
  checkAlive(rig);
  return rig;
}

/** Heap growth of a run, with room in the young space for all of it, so that nothing is collected. */
export function grownBytes(act: () => void): number {
  collectGarbage();
  const before = getHeapStatistics().used_heap_size;
  act();
  return getHeapStatistics().used_heap_size - before;
}

export async function allocationBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const rig = await warmRig();
  const rounds = isQuick ? 50 : 200;
  const values: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const bytes = grownBytes(() => {
      for (let i = 0; i < rounds * rig.frames; i++) {
        rig.forward(i % rig.frames);
        rig.deliver(i % rig.frames);
      }
    });
    checkAlive(rig);
    values.push(bytes / (rounds * rig.frames));
    await turn();
  }
  await rig.stop();
  const note = `${rounds * rig.frames} messages, reader + loop + journal ring, best of 3`;
  return [atMost(11, "allocation on the path", 1, Math.min(...values), "bytes a message", note)];
}

type OpenLoop = {
  readonly lateUs: Float64Array;
  readonly busyShare: number;
  readonly collections: number;
};

type Act = (i: number) => void;

/** Time and place of an open loop: when it began, what it was busy for, in milliseconds; next message. */
type LoopState = { readonly clock: Float64Array; next: number };

const START = 0;
const BUSY = 1;

/** Runs messages as they fall due until the slice is over. Synchronous, so that its doubles stay unboxed. */
function runSlice(state: LoopState, lateUs: Float64Array, prepare: Act, act: Act): void {
  const { clock } = state;
  const startMs = clock[START] as number;
  const intervalMs = 1000 / RATE_PER_S;
  let nowMs = performance.now();
  const endMs = nowMs + SLICE_US / 1000;
  let busyMs = 0;
  let i = state.next;
  for (; i < lateUs.length && nowMs < endMs; i++) {
    const dueMs = startMs + i * intervalMs;
    prepare(i);
    nowMs = performance.now();
    while (nowMs < dueMs) nowMs = performance.now();
    act(i);
    const doneMs = performance.now();
    busyMs += doneMs - nowMs;
    lateUs[i] = (doneMs - dueMs) * 1000;
  }
  state.next = i;
  clock[BUSY] = (clock[BUSY] as number) + busyMs;
}

/** Messages that are due every 20 us; one is late by what the loop needed and by what kept it. */
async function openLoop(seconds: number, prepare: Act, act: Act): Promise<OpenLoop> {
  const lateUs = new Float64Array(seconds * RATE_PER_S);
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  collectGarbage();
  await turn();
  collections = 0;
  const state: LoopState = { clock: Float64Array.of(performance.now(), 0), next: 0 };
  while (state.next < lateUs.length) {
    runSlice(state, lateUs, prepare, act);
    await turn();
  }
  const totalMs = performance.now() - (state.clock[START] as number);
  observer.disconnect();
  return { lateUs, busyShare: (state.clock[BUSY] as number) / totalMs, collections };
}

export async function openLoopBench({ isQuick }: BenchOptions): Promise<Row[]> {
  const rig = await warmRig();
  const seconds = isQuick ? 5 : 20;
  const paths: OpenLoop[] = [];
  const idles: OpenLoop[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    idles.push(
      await openLoop(
        seconds,
        () => undefined,
        () => undefined,
      ),
    );
    paths.push(
      await openLoop(
        seconds,
        (i) => rig.forward(i % rig.frames),
        (i) => rig.deliver(i % rig.frames),
      ),
    );
    checkAlive(rig);
  }
  await rig.stop();
  const best = (loops: readonly OpenLoop[], share: number): number =>
    Math.min(...loops.map(({ lateUs }) => quantile(lateUs, share)));
  const busy = Math.min(...paths.map(({ busyShare }) => busyShare));
  const idleTail = best(idles, 0.999);
  const collections = Math.min(...paths.map((path) => path.collections));
  const idleCollections = Math.min(...idles.map((idle) => idle.collections));
  const note = `3 x ${seconds} s, best of three`;
  const idle = (share: number): string => `idle ${best(idles, share).toFixed(1)}`;
  return [
    atMost(11, `collections in ${seconds} s of 50 000 msg/s`, idleCollections + 2, collections, ""),
    atMost(12, "50 000 msg/s open loop: late p50", 1, best(paths, 0.5), "us", idle(0.5)),
    atMost(12, "late p99", 10, best(paths, 0.99), "us", idle(0.99)),
    atMost(12, "late p99.9", Math.round(idleTail + 100), best(paths, 0.999), "us", idle(0.999)),
    atMost(12, "busy", 4, busy * 100, "%", note),
  ];
}

/** Runs in a fresh process: what the first live messages cost after the warm-up. */
export async function coldBench(): Promise<Row[]> {
  // In the order of the hot thread: the warm-up first, and then the world that lives.
  warmUp(planOf([]));
  const rig = await makePathRig({ profile: "quiet", books: BOOKS });
  await rig.acceptQuiet();
  checkAlive(rig);
  const us = new Float64Array(rig.frames);
  for (let i = 0; i < rig.frames; i++) {
    rig.forward(i);
    const start = performance.now();
    rig.deliver(i);
    us[i] = (performance.now() - start) * 1000;
  }
  checkAlive(rig);
  await rig.stop();
  return [
    atMost(18, "first live message after the warm-up", 25, us[0] ?? Number.NaN, "us"),
    atMost(18, "first 1000 messages, p99", 10, quantile(us, 0.99), "us"),
  ];
}
