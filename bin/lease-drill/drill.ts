/**
 * Station: two engines and a seed -> takeovers, one after the other: the holder trades, is killed or paused,
 * the other takes its place, and the first comes back as a standby.
 */
import type { DrillEngine } from "./engine.ts";
import { DrillError } from "./rig.ts";

export type DrillPlan = { readonly takeovers: number; readonly seed: number };

export type DrillCourse = {
  takeovers: number;
  kills: number;
  pauses: number;
  /** Lives that lost the lease without having been asked to: this machine was too slow for a tenth. */
  lostByItself: number;
  /** Paused holders that came back, and how they ended: all of them must end. */
  zombies: number;
  /** Longest time from a harm to the other's first order, in milliseconds. */
  gapMsMax: number;
};

export type DrillWatch = {
  readonly say: (line: string) => void;
  readonly isAborted: () => boolean;
};

const LOOK_MS = 50;
/** A start takes seconds, and on a busy machine a tenth of the times is too little again and again. */
const READY_MS_MAX = 600_000;
/** Who is ready and finds no opportunity is harmed all the same. */
const IDLE_MS_MAX = 30_000;
const LOST_CODE = 4;
const WAIT_MS_MAX = 800;

export async function runDrill(
  engines: readonly [DrillEngine, DrillEngine],
  plan: DrillPlan,
  watch: DrillWatch,
): Promise<DrillCourse> {
  const random = randomOf(plan.seed);
  const course: DrillCourse = {
    takeovers: 0,
    kills: 0,
    pauses: 0,
    lostByItself: 0,
    zombies: 0,
    gapMsMax: 0,
  };
  for (const engine of engines) engine.start();
  let harmedMs = 0;
  while (course.takeovers < plan.takeovers && !watch.isAborted()) {
    const holder = await traderOf(engines, course, watch);
    if (holder === undefined) break;
    if (harmedMs > 0) course.gapMsMax = Math.max(course.gapMsMax, Math.round(now() - harmedMs));
    await pause(random() * WAIT_MS_MAX);
    if (!holder.isHolding) continue;
    harmedMs = now();
    if (random() < 0.5) await takeByKill(holder, engines, course);
    else await takeByPause(holder, engines, course, random() * WAIT_MS_MAX);
    course.takeovers++;
    if (course.takeovers % 10 === 0) watch.say(`${course.takeovers} takeovers`);
  }
  await Promise.all(engines.map((engine) => engine.stop()));
  return course;
}

/** The engine that holds the lease and has tried to trade under it; none when the drill is to end. */
async function traderOf(
  engines: readonly DrillEngine[],
  course: DrillCourse,
  watch: DrillWatch,
): Promise<DrillEngine | undefined> {
  const deadlineMs = now() + READY_MS_MAX;
  const seen = { readyMs: Number.POSITIVE_INFINITY };
  while (now() < deadlineMs) {
    if (watch.isAborted()) return undefined;
    for (const engine of engines) startAgain(engine, course);
    const holder = engines.find(({ isHolding }) => isHolding);
    if (holder !== undefined && (await hasTried(holder, seen))) return holder;
    await pause(LOOK_MS);
  }
  throw new DrillError("no engine trades");
}

/** Whether it has sent an order, or has been ready for long and found nothing to send. */
async function hasTried(holder: DrillEngine, seen: { readyMs: number }): Promise<boolean> {
  const trading = await holder.trading();
  if (trading?.accounts[0]?.phase === "ready") seen.readyMs = Math.min(seen.readyMs, now());
  return (trading?.counts.orders ?? 0) > 0 || now() - seen.readyMs > IDLE_MS_MAX;
}

/** A life that lost its lease begins anew as a standby; any other end is a fault of the drill. */
function startAgain(engine: DrillEngine, course: DrillCourse): void {
  if (engine.exitCode === undefined) return;
  if (engine.exitCode !== LOST_CODE) {
    throw new DrillError(`engine ${engine.name} ended with ${engine.exitCode}`);
  }
  course.lostByItself++;
  engine.start();
}

async function takeByKill(
  holder: DrillEngine,
  engines: readonly DrillEngine[],
  course: DrillCourse,
): Promise<void> {
  course.kills++;
  await holder.kill();
  await untilHeld(otherOf(holder, engines), course);
  holder.start();
}

/** The zombie wakes while its successor reconciles or trades, believes what it believed, and must end. */
async function takeByPause(
  holder: DrillEngine,
  engines: readonly DrillEngine[],
  course: DrillCourse,
  sleepsOnMs: number,
): Promise<void> {
  course.pauses++;
  holder.pause();
  await untilHeld(otherOf(holder, engines), course);
  await pause(sleepsOnMs);
  holder.resume();
  const deadlineMs = now() + READY_MS_MAX;
  while (holder.exitCode === undefined) {
    if (now() > deadlineMs) throw new DrillError(`engine ${holder.name} goes on after its time`);
    await pause(LOOK_MS);
  }
  if (holder.exitCode !== LOST_CODE) {
    throw new DrillError(`engine ${holder.name} woke and ended with ${holder.exitCode}`);
  }
  course.zombies++;
  holder.start();
}

async function untilHeld(engine: DrillEngine, course: DrillCourse): Promise<void> {
  const deadlineMs = now() + READY_MS_MAX;
  while (!engine.isHolding) {
    startAgain(engine, course);
    if (now() > deadlineMs) throw new DrillError(`engine ${engine.name} does not take over`);
    await pause(LOOK_MS);
  }
}

function otherOf(engine: DrillEngine, engines: readonly DrillEngine[]): DrillEngine {
  const other = engines.find((each) => each !== engine);
  if (other === undefined) throw new DrillError("a drill has two engines");
  return other;
}

function now(): number {
  return performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Numbers from 0 to 1 by a seed (linear congruence, Numerical Recipes). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
