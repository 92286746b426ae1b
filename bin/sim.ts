/**
 * Station: `reckoner sim`: histories of the whole engine from seeds, on virtual time, network, disk and venues.
 *
 * One seed is one history and one verdict. A seed that fails prints the one command that plays it again.
 */

import { playSeed } from "../local/sim/campaign/play-seed.ts";
import { runSeeds } from "../local/sim/campaign/run-seeds.ts";
import { shrink } from "../local/sim/campaign/shrink.ts";
import { type SimTotals, silenceOf, Tally } from "../local/sim/campaign/totals.ts";
import { CORPUS } from "../local/sim/corpus/corpus.ts";
import { FOUND } from "../local/sim/corpus/found.ts";
import { PROFILES, type Profile } from "../local/sim/world/settings.ts";
import type { Command, Ending, Invocation } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { countOf } from "./flags.ts";

const STEPS_STANDARD = 10_000;
const RANGE = /^(\d{1,15})\.\.(\d{1,15})$/;

export const simCommand: Command = {
  notes: [
    "First anything may fail, as the seed has it; then all faults end, and within a bound every book must be\n" +
      "live, every order ended and every balance the venue's. With --seeds each seed is played twice, and the\n" +
      "two histories must be the same.",
  ],
  operands: [],
  flags: [
    { name: "seed", kind: "count", summary: "one seed, played once and told in full" },
    { name: "seeds", kind: "text", summary: "a range, A..B, on all cores, each seed twice" },
    {
      name: "steps",
      kind: "count",
      summary: "steps of the phase in which things fail",
      standard: String(STEPS_STANDARD),
    },
    {
      name: "hours",
      kind: "count",
      summary: "simulated hours of that phase, instead of steps",
    },
    {
      name: "profile",
      kind: "choice",
      choices: PROFILES,
      summary: "how busy the markets are",
      standard: "nominal",
    },
    {
      name: "only",
      kind: "text",
      summary: "classes of faults that may be on: T01,O03,...; none for no fault",
    },
    {
      name: "corpus",
      kind: "switch",
      summary: "every seed that ever failed, and what was found by them",
    },
    { name: "once", kind: "switch", summary: "plays each seed of a range once" },
    {
      name: "shrink",
      kind: "switch",
      summary: "a failing --seed: fewer faults and steps that fail alike",
    },
  ],
  fields: [
    [
      "seeds, steps, simulatedHours",
      "what was played; steps are things that happened, one after the other",
    ],
    [
      "stepsPerSecondPerCore, timesRealPerCore",
      "steps, and seconds of simulated time, for each second of a processor; checkers included",
    ],
    [
      "classesFired, classesSilent",
      "classes of faults that struck, and those that never did; from 60 seeds on none may be silent",
    ],
    ["pairsCovered, pairsOfAll", "pairs of classes that struck within 5 simulated seconds"],
    [
      "probes, probesUnseen",
      "reactions that were seen, and those that never were; from 600 seeds on none may be unseen",
    ],
    ["violations, failed", "broken invariants; must be 0"],
    ["unequalTraces", "seeds whose two histories differ; must be empty"],
  ],
  async run(invocation): Promise<Ending> {
    const { flags } = invocation;
    const profile = (flags.get("profile") ?? "nominal") as Profile;
    const length = lengthOf(flags);
    if (typeof length === "string") return refusal(EXIT.usage, length);
    const words = flags.get("only");
    const only =
      words === undefined ? {} : { only: words.split(",").filter((word) => word !== "none") };
    const order = { profile, ...length, ...only };
    if (flags.has("corpus")) return await runCorpus(invocation);
    const range = flags.get("seeds");
    if (range === undefined)
      return await runOne(invocation, { ...order, seed: countOf(flags, "seed", 1) });
    const bounds = RANGE.exec(range);
    const [from, to] = [Number(bounds?.[1] ?? 1), Number(bounds?.[2] ?? 0)];
    if (from > to) return refusal(EXIT.usage, `flag --seeds: expected A..B, got "${range}"`);
    return await runRange(invocation, { ...order, from, to });
  },
};

type Length = { readonly steps: number; readonly hours?: number | undefined };

/** Steps, or hours and as many steps as they take. */
function lengthOf(flags: Invocation["flags"]): Length | string {
  if (!flags.has("hours")) return { steps: countOf(flags, "steps", STEPS_STANDARD) };
  if (flags.has("steps")) return "flags --steps and --hours: give one of them";
  const hours = countOf(flags, "hours", 1);
  if (hours === 0) return "flag --hours: expected at least 1";
  return { steps: Number.MAX_SAFE_INTEGER, hours };
}

type Order = Length & {
  readonly profile: Profile;
  readonly only?: readonly string[];
};

async function runOne(
  invocation: Invocation,
  order: Order & { readonly seed: number },
): Promise<Ending> {
  const report = await playSeed({ ...order, isTwice: true });
  const tally = new Tally();
  tally.add(report);
  const { result } = report;
  if (!tally.hasFailed || !invocation.flags.has("shrink"))
    return endingOf(tally.totals(), order, result);
  const shrunk = await shrink(order, result, async (tried) => (await playSeed(tried)).result);
  const { only, steps, tries } = shrunk;
  invocation.say(
    `${tries} tries; it still fails with: ${commandOf(order.seed, { profile: order.profile, only, steps })}`,
  );
  return endingOf(tally.totals(), { profile: order.profile, only, steps }, shrunk.result);
}

/** Each as it failed, twice; the lines say what it once showed. */
async function runCorpus(invocation: Invocation): Promise<Ending> {
  const tally = new Tally();
  for (const { sentence, ...order } of CORPUS) {
    const report = await playSeed({ ...order, isTwice: true });
    tally.add(report);
    const broken = report.result.violations[0]?.sentence ?? "holds";
    invocation.say(`seed ${order.seed}, which once showed that ${sentence}: ${broken}`);
  }
  const ending = endingOf(tally.totals(), { profile: "nominal", steps: STEPS_STANDARD });
  return { ...ending, json: { ...ending.json, found: FOUND } };
}

async function runRange(
  invocation: Invocation,
  order: Order & { readonly from: number; readonly to: number },
): Promise<Ending> {
  let isAborted = false;
  const onSignal = (): void => {
    isAborted = true;
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const totals = await runSeeds({
    ...order,
    isTwice: !invocation.flags.has("once"),
    isSampled: true,
    isAborted: () => isAborted,
    onSeed: ({ result }) => {
      for (const { invariant, sentence, step } of result.violations.slice(0, 1)) {
        const again = commandOf(result.seed, order);
        invocation.say(
          `seed ${result.seed}, step ${step}, invariant ${invariant}: ${sentence}; ${again}`,
        );
      }
    },
  });
  process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  return endingOf(totals, order);
}

function endingOf(totals: SimTotals, order: Order, one?: object): Ending {
  const json = { ...totals, ...(one === undefined ? {} : { history: one }) };
  const lines = Object.entries(totals).map(
    ([name, value]) => `${name.padEnd(22)} ${textOf(value)}`,
  );
  const error = missOf(totals, order);
  return error === ""
    ? { exitCode: EXIT.ok, lines, json }
    : { exitCode: EXIT.failed, lines, json, error };
}

function missOf(totals: SimTotals, order: Order): string {
  const { failed, unequalTraces } = totals;
  const [first] = failed;
  if (first !== undefined) {
    const { seed, invariant, sentence } = first;
    return `invariant ${invariant} is broken: ${sentence}; again with: ${commandOf(seed, order)}`;
  }
  const [seed] = unequalTraces;
  // Whoever names the classes has silenced the others.
  const silence = order.only === undefined ? silenceOf(totals) : "";
  return seed === undefined
    ? silence
    : `seed ${seed} has two histories; again with: ${commandOf(seed, order)}`;
}

function commandOf(seed: number, { profile, steps, hours, only }: Order): string {
  const classes =
    only === undefined ? "" : ` --only ${only.length === 0 ? "none" : only.join(",")}`;
  const length = hours === undefined ? `--steps ${steps}` : `--hours ${hours}`;
  return `npx reckoner sim --seed ${seed} ${length} --profile ${profile}${classes}`;
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
