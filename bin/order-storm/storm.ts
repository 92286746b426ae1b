/**
 * Station: a rig -> rounds of faults, orders and kills, and at the end a calm in which everything settles.
 *
 * Each round has a mix of faults of its own and ends with SIGKILL at a moment drawn by chance. Whatever the
 * engine halts for by itself is counted, and released as an operator would who has looked.
 */
import type { EngineStatus } from "../../contracts/status.ts";
import { Random } from "../../local/venues/market/random.ts";
import { drawFaultMix } from "./fault-mix.ts";
import { StormError, type StormRig } from "./rig.ts";

export type StormPlan = {
  readonly orders: number;
  readonly kills: number;
  readonly seed: number;
};

export type StormTold = {
  readonly say: (line: string) => void;
  readonly isAborted: () => boolean;
};

export type StormCourse = {
  /** Orders that the lives of the engine counted, those of their last moments left out. */
  orders: number;
  kills: number;
  /** Kills that the engine gave itself and that were released. */
  halts: number;
  /** Lives that ended by themselves. */
  ends: number;
  haltReasons: Record<string, number>;
};

const LOOK_MS = 100;
/** A life without an order for so long is killed all the same: a halt can outlast its round. */
const ROUND_MS_MAX = 12_000;
/** As long again may pass before its first account is ready, on a busy machine. */
const READY_MS_MAX = 60_000;
/** Every account is read at least once more, so that what moved outside of our sight is found. */
const CALM_MS_MIN = 15_000;
/** Long enough for every constant of unknown outcomes, divided by the storm's speed. */
const CALM_MS_MAX = 90_000;

/** Runs all rounds; the engine runs, drained and settled, when this returns. */
export async function runStorm(
  rig: StormRig,
  plan: StormPlan,
  told: StormTold,
): Promise<StormCourse> {
  const random = new Random(plan.seed, "order storm");
  const course: StormCourse = { orders: 0, kills: 0, halts: 0, ends: 0, haltReasons: {} };
  const perRound = Math.max(1, Math.ceil(plan.orders / Math.max(1, plan.kills)));
  while ((course.kills < plan.kills || course.orders < plan.orders) && !told.isAborted()) {
    await rig.setFaults(drawFaultMix(random));
    if (!rig.isRunning) await rig.startEngine();
    const wanted = Math.ceil(perRound * random.between(0.5, 1.5));
    const orders = await runRound(rig, course, wanted, told);
    await sleep(random.integer(LOOK_MS));
    if (rig.isRunning) {
      await rig.killEngine();
      course.kills++;
    } else course.ends++;
    course.orders += orders;
    told.say(
      `round ${course.kills}: ${course.orders} orders, ${course.halts} halts, ${course.ends} ends`,
    );
  }
  await calmDown(rig, course, told);
  return course;
}

/** One life of the engine; the orders it counted. */
async function runRound(
  rig: StormRig,
  course: StormCourse,
  wanted: number,
  told: StormTold,
): Promise<number> {
  let untilMs = performance.now() + READY_MS_MAX;
  let isReady = false;
  let orders = 0;
  while (rig.isRunning && performance.now() < untilMs && orders < wanted && !told.isAborted()) {
    const status = await rig.status();
    orders = status?.trading?.counts.orders ?? orders;
    if (!isReady && status?.trading?.accounts.some(({ phase }) => phase === "ready") === true) {
      isReady = true;
      untilMs = performance.now() + ROUND_MS_MAX;
    }
    if (status !== null) await releaseAll(rig, status, course);
    await sleep(LOOK_MS);
  }
  return orders;
}

async function releaseAll(rig: StormRig, status: EngineStatus, course: StormCourse): Promise<void> {
  for (const kill of status.trading?.kills ?? []) {
    if (!(await rig.release(kill).catch(() => false))) continue;
    countHalt(course, kill.by);
  }
  // A balance that nobody explains closes its account without a kill; who opens it accepts the balance.
  for (const { venue, blocked } of status.trading?.accounts ?? []) {
    if (blocked === "" || !(await rig.openAccount(venue).catch(() => false))) continue;
    countHalt(course, `account: ${blocked.replace(/:.*/s, "")}`);
  }
}

function countHalt(course: StormCourse, reason: string): void {
  course.halts++;
  course.haltReasons[reason] = (course.haltReasons[reason] ?? 0) + 1;
}

/** Faults off, nothing new begun, and every order followed to its end. */
async function calmDown(rig: StormRig, course: StormCourse, told: StormTold): Promise<void> {
  await rig.setFaults({});
  if (!rig.isRunning) await rig.startEngine();
  const untilMs = performance.now() + CALM_MS_MAX;
  const notBeforeMs = performance.now() + CALM_MS_MIN;
  // An engine that has just begun warms up first, and answers nobody until it has.
  while (!(await rig.drain())) {
    if (performance.now() > untilMs) throw new StormError("the engine does not take the drain");
    await sleep(LOOK_MS);
  }
  for (;;) {
    const status = await rig.status();
    const isOver = performance.now() > notBeforeMs;
    if (isOver && status !== null && isSettled(status)) return;
    if (status !== null) await releaseAll(rig, status, course);
    if (performance.now() > untilMs) {
      told.say("the calm was not long enough for everything to settle");
      return;
    }
    if (!rig.isRunning) throw new StormError("the engine ended in the calm");
    await sleep(LOOK_MS);
  }
}

function isSettled({ trading }: EngineStatus): boolean {
  if (trading === null) return false;
  const { cyclesOpen, unknownOpen } = trading.counts;
  const isQuiet = trading.accounts.every(
    ({ phase, openOrders, drift }) =>
      phase === "ready" && openOrders === 0 && Object.keys(drift).length === 0,
  );
  return cyclesOpen === 0 && unknownOpen === 0 && isQuiet;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
