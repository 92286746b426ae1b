/**
 * Station: `reckoner campaign planted`: bugs planted in a copy of the source, each of which must be found.
 *
 * A campaign that cannot find planted bugs has no voice about zero violations. The report is a file, and a run
 * that was stopped goes on from it.
 */
import { plantedCampaign } from "../local/sim/planted/campaign.ts";
import type { PlantedReport } from "../local/sim/planted/report.ts";
import { ROOT } from "./child.ts";
import type { Command, Ending } from "./command.ts";
import { EXIT, refusal } from "./command.ts";
import { countOf, durationMsOf } from "./flags.ts";

const REPORT_STANDARD = ".reckoner/planted.json";
const SEEDS_STANDARD = 1000;

export const campaignPlantedCommand: Command = {
  notes: [
    "Each bug is a small change of one file. What finds it must find nothing in the sound source with the same\n" +
      "seeds. Each is hunted by its own part of the campaign for 30 s, then by the tests, and what both miss by its\n" +
      "part for the budget. The report goes on where an earlier run has stopped.",
  ],
  operands: [
    { name: "ID", summary: "bugs to plant; all when none is named", required: false, many: true },
  ],
  flags: [
    {
      name: "seeds",
      kind: "count",
      summary: "seeds that are tried for each",
      standard: String(SEEDS_STANDARD),
    },
    {
      name: "budget",
      kind: "duration",
      summary: "time for the seeds of one bug; 0s for the tests alone, 30s for no long hunt",
      standard: "10m",
    },
    {
      name: "threads",
      kind: "choice",
      choices: ["1", "2"],
      summary: "copies of the source that hunt side by side",
      standard: "2",
    },
    { name: "report", kind: "text", summary: "file of the report", standard: REPORT_STANDARD },
  ],
  fields: [
    ["planted, found", "bugs, and those that were found"],
    ["notFound", "bugs that nothing has found; must be empty"],
    ["broken", "bugs whose change fits no more, or whose hunt did not run; must be empty"],
    ["byTestsInstead", "found by tests, not by the part of the campaign that is meant to"],
    ["medianSeed", "the seed that found a bug, in the middle"],
  ],
  async run({ flags, operands, say }): Promise<Ending> {
    const seedsMax = countOf(flags, "seeds", SEEDS_STANDARD);
    if (seedsMax < 1) return refusal(EXIT.usage, "flag --seeds: expected 1 or more, got 0");
    const budgetMs = durationMsOf(flags, "budget");
    const report = await plantedCampaign({
      house: ROOT,
      // With the faults that can bring it out on in every seed; others are drawn as ever.
      isDirected: true,
      report: flags.get("report") ?? REPORT_STANDARD,
      ...(operands.length === 0 ? {} : { only: operands }),
      seedsMax,
      workers: flags.get("threads") === "1" ? 1 : 2,
      ...(budgetMs === null ? {} : { budgetMs }),
      tell: ({ id, outcome, by, foundBySeed, violation }) => {
        say(
          `${id}: ${outcome} by ${by}${foundBySeed > 0 ? ` at seed ${foundBySeed}` : ""}: ${violation}`,
        );
      },
    });
    return endingOf(report);
  },
};

function endingOf(report: PlantedReport): Ending {
  const { planted, found, notFound, broken, medianSeed } = report;
  const lines = [
    `${found} of ${planted} planted bugs were found; seed in the middle ${medianSeed}`,
  ];
  const json = { ...report };
  const missed = [...notFound, ...broken];
  if (missed.length === 0) return { exitCode: EXIT.ok, lines, json };
  const error = `not found: ${missed.join(", ")}`;
  return { exitCode: EXIT.failed, lines, json, error };
}
