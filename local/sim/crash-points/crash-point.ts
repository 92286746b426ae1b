/**
 * Station: one crash point -> the story told with a crash there, and everything that was wrong with it.
 *
 * A point is a story (scenario, venue, how intents are synced), the effect just before which the engine dies,
 * what that does to the disk, and a seed. Some points crash the recovery as well. While one is told, the
 * globals of this thread are virtual: nothing else may run beside it.
 */
import { Random } from "../../venues/market/random.ts";
import type { TradingVenue } from "../../venues/trading-sides.ts";
import type { CrashModel } from "../disk/crash-models.ts";
import { VirtualGlobals } from "../kernel/virtual-globals.ts";
import { Play } from "./play.ts";
import type { Scenario } from "./scenarios.ts";
import type { IntentSync } from "./story-config.ts";
import type { CrashPlan } from "./telling.ts";
import { judgePlay } from "./verdict.ts";

/** A recovery and the market after it have about so many effects; a second crash is drawn among them. */
const NESTED_EFFECTS = 300;

export type Story = {
  readonly scenario: Scenario;
  readonly venue: TradingVenue;
  readonly intentSync: IntentSync;
};

export type CrashPoint = {
  readonly story: Story;
  /** Number of the effect that does not come to be, from 1 on; 0 for no crash at all. */
  readonly boundary: number;
  readonly model: CrashModel;
  readonly seed: number;
  /** Crashes of the lives after it, 0 to 2. */
  readonly nested: number;
};

export type CrashPointResult = {
  readonly ok: boolean;
  readonly violations: readonly string[];
  /** Effects of the story as it was told, of all its lives. */
  readonly effects: number;
  /** Effects in the middle of which a life ended, in order. */
  readonly crashedAt: readonly string[];
  /** Of every effect and its moment: the same point has the same trace. */
  readonly trace: string;
  readonly lives: number;
  readonly orders: number;
  readonly trades: number;
  /** Times that the disk lost something, by class of fault. */
  readonly injected: Readonly<Record<string, number>>;
  /** What was seen to happen, by name: ends of orders and cycles, alarms, kills, what recovery took up. */
  readonly probes: readonly string[];
};

/** Tells one story with one crash (and those nested in it). Rejects only where the simulator itself breaks. */
export async function runCrashPoint(point: CrashPoint): Promise<CrashPointResult> {
  const play = await tellStory(point);
  return resultOf(play, await judgePlay(play));
}

/** The story as it was told, to be judged or looked into. */
export async function tellStory(point: CrashPoint): Promise<Play> {
  const play = new Play({ ...point.story, seed: point.seed, crashes: crashesOf(point) });
  const globals = new VirtualGlobals(play.kernel, new Random(point.seed, "math"));
  globals.install();
  try {
    await play.run();
    return play;
  } finally {
    globals.restore();
  }
}

function crashesOf({ boundary, model, seed, nested }: CrashPoint): CrashPlan[] {
  if (boundary === 0) return [];
  const random = new Random(seed * 8191 + boundary, "nested");
  const later = Array.from({ length: nested }, () => ({
    before: 1 + random.integer(NESTED_EFFECTS),
    model,
  }));
  return [{ before: boundary, model }, ...later];
}

function resultOf(play: Play, violations: readonly string[]): CrashPointResult {
  const orders = play.stage.side.exchange.log.everything("main");
  return {
    ok: violations.length === 0,
    violations,
    effects: play.effects.count,
    crashedAt: play.crashedAt,
    trace: play.effects.trace.toString(16).padStart(8, "0"),
    lives: play.lives.length,
    orders: orders.length,
    trades: orders.reduce((sum, { state }) => sum + state.tradeCount, 0),
    injected: play.disk.counts.all(),
    probes: [...play.probes].sort(),
  };
}
