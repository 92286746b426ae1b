/**
 * Station: seed, profile and length -> one history and its verdict.
 *
 * The history is played in the globals of the simulator and judged; the same seed gives the same trace. What
 * stays after it is a value.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import { Random } from "../../venues/market/random.ts";
import { judgeCalm, silentUntilUs, unreadOf, unsettledOf } from "../checks/calm-check.ts";
import { judgeJournals, type ReplayShare } from "../checks/journal-check.ts";
import type { EngineLife } from "../engine/engine-life.ts";
import { sourceName } from "../faults/fault-classes.ts";
import { drawSwarm } from "../faults/fault-driver.ts";
import { Kernel } from "../kernel/kernel.ts";
import { runUntil, settlePromises } from "../kernel/run-kernel.ts";
import { VirtualGlobals } from "../kernel/virtual-globals.ts";
import { drawSettings, JOURNAL_FOLDER, type Profile } from "./settings.ts";
import type { Violation } from "./violation.ts";
import { SimWorld } from "./world.ts";

export type SimOptions = {
  readonly seed: number;
  readonly profile: Profile;
  /** Steps of the phase in which things fail. */
  readonly steps: number;
  /** Simulated hours of that phase, whichever is over first; a day when absent. */
  readonly hours?: number | undefined;
  /** Fault classes, or single sources of them, that are on; as the seed draws them when absent. */
  readonly only?: ReadonlySet<string> | undefined;
  /** Lives whose journal is replayed at the end; every one when absent. */
  readonly replays?: ReplayShare | undefined;
};

export type SimResult = {
  readonly seed: number;
  readonly traceHash: string;
  readonly steps: number;
  readonly simulatedUs: Micros;
  readonly fired: Readonly<Record<string, number>>;
  readonly pairs: readonly string[];
  readonly probes: Readonly<Record<string, number>>;
  readonly orders: number;
  readonly fills: number;
  readonly unknowns: number;
  readonly resyncs: number;
  readonly lives: number;
  /** Every source of faults that was on. */
  readonly enabled: readonly string[];
  readonly violations: readonly Violation[];
};

/** The whole must have come to rest by then; the parts have bounds of their own. */
const CALM_US_MAX: Micros = 240 * US_PER_S;
/** No ban of the simulated venues is longer. */
const SILENCE_US_MAX = 600 * US_PER_S;
const DRAIN_US: Micros = 15 * US_PER_S;
/** Accounts are read every 30 s at least, and a reading may fail once. */
const READ_AGAIN_US: Micros = 70 * US_PER_S;
/** A phase of faults that makes no steps any more is over all the same. */
const FAULTS_HOURS_MAX = 24;
const US_PER_HOUR: Micros = 3600 * US_PER_S;
const SLICE_US: Micros = US_PER_S;

const NOT_DRAINED = "the engine does not run";

/** Plays one history. Nothing else may run in this thread meanwhile. */
export async function simulate(options: SimOptions): Promise<SimResult> {
  const { seed, profile } = options;
  const kernel = new Kernel();
  const globals = new VirtualGlobals(kernel, new Random(seed, "chance of the code"));
  globals.install();
  try {
    const settings = drawSettings(seed, profile, new Random(seed, "settings"));
    const world = new SimWorld(kernel, settings, seed);
    const swarm = drawSwarm(new Random(seed, "swarm"), options.only);
    const beganUs = kernel.nowUs;
    await playFaults(world, options, () => world.start(swarm));
    await playCalm(world, options);
    return resultOf(world, {
      seed,
      beganUs,
      enabled: swarm.enabled.map(sourceName),
    });
  } finally {
    globals.restore();
  }
}

async function playFaults(
  world: SimWorld,
  { steps, hours = FAULTS_HOURS_MAX }: SimOptions,
  begin: () => void,
): Promise<void> {
  const { kernel } = world;
  begin();
  const endUs = kernel.nowUs + hours * US_PER_HOUR;
  while (kernel.steps < steps && kernel.nowUs < endUs && world.violations.length === 0) {
    await runUntil(kernel, kernel.nowUs + SLICE_US, () => undefined);
    await settlePromises(kernel);
  }
}

/** Faults are over: the engine drains, and everything must come to its end. */
async function playCalm(world: SimWorld, { replays }: SimOptions): Promise<void> {
  const { kernel, host } = world;
  if (world.violations.length > 0) return;
  world.calm();
  const unrest = await comeToRest(world);
  if (world.violations.length > 0) return;
  if (unrest !== "") {
    world.violate(21, `after ${CALM_US_MAX / US_PER_S} s without faults: ${unrest}`);
    return;
  }
  await readAgain(world);
  const { life } = host;
  if (life === undefined || world.violations.length > 0) return;
  kernel.runAs(life.process, () => life.flush());
  const sentence = judgeCalm(world.status(life).trading, world.venues, {
    disk: host.disk,
    root: JOURNAL_FOLDER,
  });
  if (sentence !== "") world.violate(7, sentence);
  const miss = judgeJournals(host.disk, JOURNAL_FOLDER, world.lives, replays);
  if (miss !== undefined) world.violate(miss.invariant, miss.sentence);
}

/** Plays on until nothing is under way any more; what still is when the time is up, or "". */
async function comeToRest(world: SimWorld): Promise<string> {
  const { kernel } = world;
  const beganUs = kernel.nowUs;
  let endUs = beganUs + CALM_US_MAX;
  let drained: EngineLife | undefined;
  /** Since when nothing has been under way. */
  let quietUs: Micros = 0;
  let unrest = NOT_DRAINED;
  while (unrest !== "" && kernel.nowUs < endUs && world.violations.length === 0) {
    await runUntil(kernel, kernel.nowUs + SLICE_US, () => undefined);
    await settlePromises(kernel);
    const life = world.runningLife;
    if (life !== undefined && life !== drained && kernel.nowUs - beganUs > DRAIN_US) {
      drained = life;
      drain(world, life);
      // The silence that a venue has asked for under faults is kept in the calm; nothing can be read before its end.
      const heardUs = Math.min(silentUntilUs(life), beganUs + SILENCE_US_MAX);
      endUs = Math.max(endUs, heardUs + CALM_US_MAX);
    }
    const settling = life === drained ? life : undefined;
    unrest = settling === undefined ? NOT_DRAINED : unsettledOf(world.status(settling));
    if (unrest !== "") quietUs = kernel.nowUs + SLICE_US;
    // What no stream tells of is found by a reading: one that agreed was asked for since it was quiet.
    else if (settling !== undefined) unrest = unreadOf(settling, quietUs);
  }
  return unrest;
}

/** One more reading of every account, in which nothing may happen. */
async function readAgain(world: SimWorld): Promise<void> {
  const { kernel } = world;
  const life = world.runningLife;
  const before = life === undefined ? null : world.status(life).trading;
  if (life === undefined || before === null) return;
  world.checks.twice.begin(before);
  const beganUs = kernel.nowUs;
  const isReading = () => world.runningLife === life && unreadOf(life, beganUs) !== "";
  while (isReading() && kernel.nowUs - beganUs < READ_AGAIN_US && world.violations.length === 0) {
    await runUntil(kernel, kernel.nowUs + SLICE_US, () => undefined);
    await settlePromises(kernel);
  }
  if (world.violations.length > 0) return;
  const after = world.runningLife === life ? world.status(life).trading : null;
  const fault = after === null ? "the engine has ended in the calm" : world.checks.twice.end(after);
  const unread = unreadOf(life, beganUs);
  if (unread !== "") world.violate(21, `${READ_AGAIN_US / US_PER_S} s later: ${unread}`);
  else if (fault !== "") world.violate(28, fault);
}

function drain({ kernel }: SimWorld, { process, operations }: EngineLife): void {
  kernel.runAs(process, () => void operations?.drain({ by: "simulated operator" }));
}

function resultOf(
  world: SimWorld,
  about: { readonly seed: number; readonly beganUs: Micros; readonly enabled: readonly string[] },
): SimResult {
  const { kernel, coverage, records, host, trace } = world;
  trace.number(kernel.steps);
  trace.number(kernel.nowUs);
  let orders = 0;
  let fills = 0;
  for (const watch of world.watches.values()) {
    orders += watch.orders;
    fills += watch.trades;
  }
  return {
    seed: about.seed,
    enabled: about.enabled,
    traceHash: trace.hex,
    steps: kernel.steps,
    simulatedUs: kernel.nowUs - about.beganUs,
    fired: Object.fromEntries([...coverage.fired].sort()),
    pairs: [...coverage.pairs].sort(),
    probes: Object.fromEntries([...coverage.probes].sort()),
    orders,
    fills,
    unknowns: records.unknowns,
    resyncs: world.resyncs,
    lives: host.lives,
    violations: world.violations,
  };
}
