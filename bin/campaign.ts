/**
 * Station: `reckoner campaign ...`: the long proofs that are not part of `npm test`, on all cores.
 *
 * Each works through a numbered range in pieces; a piece is done by a thread and gives counts and findings. Zero
 * findings say what `docs/SIMULATION.md` says of zero, and no more.
 */
import { CAMPAIGNS, type CampaignName, runCampaign } from "../local/sim/campaign/run-campaign.ts";
import type { Command, Ending, Flag, Invocation } from "./command.ts";
import { EXIT } from "./command.ts";
import { countOf } from "./flags.ts";

const FLAGS: readonly Flag[] = [
  { name: "from", kind: "count", summary: "first of the range", standard: "0" },
  { name: "seed", kind: "count", summary: "seed of what is drawn", standard: "1" },
  { name: "threads", kind: "count", summary: "threads", standard: "one for each core" },
];

/** The command of one campaign. */
export function campaignCommand(name: CampaignName): Command {
  const { unit, standard, notes } = CAMPAIGNS[name];
  return {
    notes: [notes],
    operands: [{ name: "ONLY", summary: "a part of it, by name", required: false }],
    flags: [
      { name: "count", kind: "count", summary: `how many ${unit}`, standard: String(standard) },
      ...FLAGS,
    ],
    fields: [
      ["counts", "what was played, by name"],
      ["findings", "what is wrong; must be empty"],
      ["elapsedS", "wall time"],
    ],
    run: (invocation) => run(invocation, name),
  };
}

async function run(invocation: Invocation, name: CampaignName): Promise<Ending> {
  const { flags, operands } = invocation;
  const { unit, standard } = CAMPAIGNS[name];
  let isAborted = false;
  const onSignal = (): void => {
    isAborted = true;
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const began = performance.now();
  const from = countOf(flags, "from", 0);
  const threads = countOf(flags, "threads", 0);
  const { counts, findings } = await runCampaign(name, {
    from,
    to: from + countOf(flags, "count", standard),
    seed: countOf(flags, "seed", 1),
    only: operands[0] ?? "",
    ...(threads === 0 ? {} : { threads }),
    isAborted: () => isAborted,
    onPiece: (done, all) => invocation.say(`${name}: ${done} of ${all} ${unit}`),
  });
  process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  const elapsedS = Math.round((performance.now() - began) / 1000);
  const lines = [...Object.entries(counts), ["elapsedS", elapsedS] as const].map(
    ([label, value]) => `${label.padEnd(28)} ${value}`,
  );
  const json = { counts, findings, elapsedS };
  const [first] = findings;
  if (first === undefined && !isAborted) return { exitCode: EXIT.ok, lines, json };
  const error = first ?? "ended by a signal";
  return { exitCode: EXIT.failed, lines: [...lines, ...findings.slice(0, 10)], json, error };
}
