/**
 * Station: `reckoner order-storm`: orders by the thousand at simulated venues that lie, lose and delay, and
 * an engine that is killed again and again. In the end both sides' books must be the same.
 *
 * Real processes over real sockets. Constants of the protocol of unknown outcomes are divided by ten on
 * both sides. What is judged stands in `local/judge`.
 */
import type { TradingStatus } from "../contracts/trading-status.ts";
import { gatherEvidence } from "../local/judge/evidence.ts";
import { judgeStorm, missOf, type VenueHistory } from "../local/judge/judge.ts";
import { compareTrading } from "../local/judge/trading-gap.ts";
import type { Command, Ending, Invocation } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { countOf } from "./flags.ts";
import { StormError, StormRig } from "./order-storm/rig.ts";
import { runStorm, type StormCourse, type StormPlan } from "./order-storm/storm.ts";

const ORDERS_STANDARD = 20_000;
const KILLS_STANDARD = 200;

export const orderStormCommand: Command = {
  notes: [
    "Every round has faults of its own (five to ten percent of all orders) and ends with SIGKILL; the\n" +
      "next one begins with recovery. What the engine halts for by itself is counted and released.",
  ],
  operands: [],
  flags: [
    {
      name: "orders",
      kind: "count",
      summary: "orders over all venues",
      standard: String(ORDERS_STANDARD),
    },
    {
      name: "kills",
      kind: "count",
      summary: "times the engine is killed",
      standard: String(KILLS_STANDARD),
    },
    { name: "seed", kind: "count", summary: "seed of market, faults and moments", standard: "1" },
    { name: "log", kind: "text", summary: "file that takes the log of all processes" },
  ],
  fields: [
    ["commands, accepted, trades", "orders that we sent, that venues took, and their trades"],
    ["duplicateVenueOrders", "client ids that a venue accepted more than once; must be 0"],
    ["lostFills", "trades of our orders that we never heard of; must be 0"],
    ["unresolved, contradictory", "commands without an end, or with two; must be 0"],
    ["unknownOrigin", "orders with our prefix that no command stands for; must be 0"],
    ["positionDrift", "balances, ours less the venues': 0, or units of 1e-18 as text; must be 0"],
    ["unsettled", "orders of ours that were still open at the end"],
    ["kills, halts, ends", "SIGKILLs, halts that were released, lives that ended by themselves"],
    ["haltReasons", "the halts, by who gave them"],
    ["cycles, lives", "cycles by their ending, and lives of the engine"],
    ["examples", "the first things that are wrong"],
  ],
  async run(invocation): Promise<Ending> {
    const { flags } = invocation;
    const plan: StormPlan = {
      orders: countOf(flags, "orders", ORDERS_STANDARD),
      kills: countOf(flags, "kills", KILLS_STANDARD),
      seed: countOf(flags, "seed", 1),
    };
    if (plan.orders < 1) return refusal(EXIT.usage, "flag --orders: expected 1 or more, got 0");
    let rig: StormRig | undefined;
    try {
      rig = await StormRig.open({ seed: plan.seed, logFile: flags.get("log") ?? null });
      return await weather(invocation, rig, plan);
    } catch (error) {
      if (error instanceof StormError) return refusal(EXIT.failed, error.message);
      throw error;
    } finally {
      await rig?.close();
    }
  },
};

async function weather(invocation: Invocation, rig: StormRig, plan: StormPlan): Promise<Ending> {
  let isAborted = false;
  const onSignal = () => {
    isAborted = true;
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal).on("SIGHUP", onSignal);
  try {
    const told = { say: (line: string) => invocation.say(line), isAborted: () => isAborted };
    const course = await runStorm(rig, plan, told);
    return await accountOf(rig, plan, course, isAborted);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal).off("SIGHUP", onSignal);
  }
}

async function accountOf(
  rig: StormRig,
  plan: StormPlan,
  course: StormCourse,
  isAborted: boolean,
): Promise<Ending> {
  const lastLine = await rig.stopEngine();
  const trading = tradingOf(lastLine);
  if (trading === null) return refusal(EXIT.failed, "the engine ended without its account");
  const gap = compareTrading(trading, await rig.truth());
  const histories = new Map<string, VenueHistory>();
  for (const venue of rig.venues) histories.set(venue, await rig.history(venue));
  const evidence = gatherEvidence(rig.journal);
  const verdict = judgeStorm({ evidence, histories, gap });
  const { lives, cycles } = evidence;
  const unsettled = trading.orders;
  const json = {
    ...verdict,
    ...course,
    unsettled,
    lives,
    cycles,
    venues: rig.venues,
    seed: plan.seed,
  };
  const error = isAborted ? "ended by a signal" : missOf(verdict);
  const lines = tableOf({ ...verdict, kills: course.kills, halts: course.halts });
  if (error === "") return { exitCode: EXIT.ok, lines, json };
  return { exitCode: EXIT.failed, lines, json, error };
}

function tradingOf(line: string): TradingStatus | null {
  try {
    const account = JSON.parse(line) as { readonly trading?: TradingStatus | null };
    return account.trading ?? null;
  } catch {
    return null;
  }
}

/** Every number of the verdict on a line of its own. */
function tableOf(numbers: Readonly<Record<string, unknown>>): string[] {
  const rows = Object.entries(numbers).filter(([, value]) => typeof value !== "object");
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`);
}
