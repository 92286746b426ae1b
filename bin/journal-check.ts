/**
 * Station: `reckoner journal check [DIR]`: every byte of a journal read and judged, nothing applied.
 *
 * Opening a journal trusts the manifests of sealed segments; this reads what they speak of.
 */
import { describeError } from "../hotpath/io/journal/failure.ts";
import { verifyJournal } from "../hotpath/io/journal/verify-journal.ts";
import { type Command, type Ending, EXIT } from "./command.ts";
import { findJournal } from "./journal-folder.ts";

export const journalCheckCommand: Command = {
  notes: ["Without DIR the newest run in the configured journal folder is taken."],
  operands: [{ name: "DIR", summary: "folder of one run", required: false }],
  flags: [
    {
      name: "config",
      kind: "text",
      summary: "configuration file",
      standard: "reckoner.yaml if there",
    },
  ],
  fields: [
    ["directory, runId", "the journal that was read"],
    ["records, segments, firstSeq, lastSeq", "what it holds"],
    ["ackedSeq, tailBytes", "last acknowledged record, and bytes behind the last commit mark"],
    ["retired", "windows whose raw and normalized records were given up for the budget"],
    ["fault", "null, or why it does not hold: code, file, offset, reason"],
  ],
  run(invocation): Promise<Ending> {
    const found = findJournal(invocation.operands[0], invocation.flags.get("config"));
    if (!found.ok) return Promise.resolve(found.ending);
    const { directory, journal } = found;
    const report = verifyJournal(journal);
    const { records, segments, firstSeq, lastSeq, retired } = report;
    const { runId, ackedSeq, tailBytes } = journal;
    const held = { directory, runId, records, segments, firstSeq, lastSeq, ackedSeq, tailBytes };
    const json = { ...held, retired, fault: report.error };
    const lines = [
      `run ${runId}: ${records} records in ${segments} segments hold, ${firstSeq} to ${lastSeq}`,
    ];
    if (report.error === null) return Promise.resolve({ exitCode: EXIT.ok, lines, json });
    const error = describeError(report.error);
    return Promise.resolve({ exitCode: EXIT.failed, lines: [], json, error });
  },
};
