/**
 * Station: `reckoner lease-drill`: two engines on one account, of which the holder is killed or paused again
 * and again. In the end the venue must have seen fences that never decrease.
 *
 * Real processes over real sockets, the embedded AWS between them, every time of the lease divided by ten.
 */
import type { Command, Ending, Invocation } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { countOf } from "./flags.ts";
import { type DrillCourse, type DrillPlan, runDrill } from "./lease-drill/drill.ts";
import { judgeLease, missOf } from "./lease-drill/judge.ts";
import { DrillError, DrillRig } from "./lease-drill/rig.ts";

const TAKEOVERS_STANDARD = 50;

export const leaseDrillCommand: Command = {
  notes: [
    "Half of the takeovers are kills, half are pauses after which the old holder wakes up again; it has to\n" +
      "end by itself, with exit code 4, and nothing that it had prepared may reach the venue.",
  ],
  operands: [],
  flags: [
    {
      name: "takeovers",
      kind: "count",
      summary: "times the lease changes hands",
      standard: String(TAKEOVERS_STANDARD),
    },
    { name: "seed", kind: "count", summary: "seed of market and moments", standard: "1" },
    { name: "log", kind: "text", summary: "file that takes the log of all processes" },
  ],
  fields: [
    ["takeovers, kills, pauses", "times the lease changed hands, and by what"],
    ["zombies", "holders that woke up after their time and ended by themselves"],
    ["lostByItself", "leases lost because this machine was too slow for a tenth of the times"],
    ["orders, fences", "orders that the venue accepted, and the fences among them"],
    ["fencesDecreased", "orders accepted after one of a higher fence; must be 0"],
    ["fencesShared, fencesUnheld", "fences held twice, or by nobody; must be 0"],
    ["duplicates", "client ids accepted more than once; must be 0"],
    ["gapMsMax", "longest time from a harm to the other's first order, in milliseconds"],
    ["examples", "the first things that are wrong"],
  ],
  async run(invocation): Promise<Ending> {
    const { flags } = invocation;
    const plan: DrillPlan = {
      takeovers: countOf(flags, "takeovers", TAKEOVERS_STANDARD),
      seed: countOf(flags, "seed", 1),
    };
    if (plan.takeovers < 1)
      return refusal(EXIT.usage, "flag --takeovers: expected 1 or more, got 0");
    let rig: DrillRig | undefined;
    try {
      rig = await DrillRig.open({ seed: plan.seed, logFile: flags.get("log") ?? null });
      return await drill(invocation, rig, plan);
    } catch (error) {
      if (error instanceof DrillError) return refusal(EXIT.failed, error.message);
      throw error;
    } finally {
      await rig?.close();
    }
  },
};

async function drill(invocation: Invocation, rig: DrillRig, plan: DrillPlan): Promise<Ending> {
  let isAborted = false;
  const onSignal = () => {
    isAborted = true;
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal).on("SIGHUP", onSignal);
  try {
    const watch = { say: (line: string) => invocation.say(line), isAborted: () => isAborted };
    const course = await runDrill(rig.engines, plan, watch);
    return await accountOf(rig, course, isAborted);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal).off("SIGHUP", onSignal);
  }
}

async function accountOf(rig: DrillRig, course: DrillCourse, isAborted: boolean): Promise<Ending> {
  const terms = rig.engines.flatMap((engine) => engine.terms);
  const verdict = judgeLease(await rig.orders(), terms);
  const json = { ...course, ...verdict };
  const error = isAborted ? "ended by a signal" : missOf(verdict);
  const rows = Object.entries(json).filter(([, value]) => typeof value !== "object");
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `${name.padEnd(width)}  ${String(value)}`);
  if (error === "") return { exitCode: EXIT.ok, lines, json };
  return { exitCode: EXIT.failed, lines, json, error };
}
