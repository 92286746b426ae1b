/**
 * Station: `reckoner import FILE DIR`: exported JSON lines back into a journal, record for record.
 *
 * A foreign or damaged line is refused with its number and field, and then nothing is imported.
 */
import { describeError } from "../hotpath/io/journal/failure.ts";
import { importJournal } from "../hotpath/io/journal/import.ts";
import { type Command, type Ending, EXIT, refusal } from "./command.ts";

export const importCommand: Command = {
  operands: [
    { name: "FILE", summary: "what `reckoner export` wrote", required: true },
    { name: "DIR", summary: "folder for the run; it must not exist", required: true },
  ],
  flags: [],
  fields: [
    ["file, directory", "what was read, and the journal that was made"],
    ["runId, records, firstSeq, lastSeq", "the run and its window"],
  ],
  async run(invocation): Promise<Ending> {
    const [file = "", directory = ""] = invocation.operands;
    const result = await importJournal(file, directory);
    if (!result.ok) return refusal(EXIT.failed, describeError(result.error));
    const { runId, records, firstSeq, lastSeq } = result;
    return {
      exitCode: EXIT.ok,
      lines: [`${records} records (${firstSeq} to ${lastSeq}) of run ${runId} in ${directory}`],
      json: { file, directory, runId, records, firstSeq, lastSeq },
    };
  },
};
