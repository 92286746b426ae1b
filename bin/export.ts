/**
 * Station: `reckoner export FILE`: a journal, or a window of it, as JSON lines in their envelopes.
 *
 * What is exported can be imported again without loss; raw bytes go as they came.
 */
import { normView } from "../hotpath/core/journal.ts";
import { exportToFile } from "../hotpath/io/journal/export.ts";
import { describeError } from "../hotpath/io/journal/failure.ts";
import { type Command, type Ending, EXIT, refusal } from "./command.ts";
import { findJournal } from "./journal-folder.ts";

const NORM_TYPES = ["norm.bookDelta", "norm.quote", "norm.trade"];

export const exportCommand: Command = {
  operands: [{ name: "FILE", summary: "the file to write; it must not exist", required: true }],
  flags: [
    { name: "journal", kind: "text", summary: "folder of one run", standard: "the newest run" },
    { name: "from", kind: "count", summary: "first sequence of the window" },
    { name: "to", kind: "count", summary: "last sequence of the window" },
    {
      name: "config",
      kind: "text",
      summary: "configuration file",
      standard: "reckoner.yaml if there",
    },
  ],
  fields: [
    ["file, directory", "what was written, and from which journal"],
    ["records, firstSeq, lastSeq", "the window"],
  ],
  run(invocation): Promise<Ending> {
    const file = invocation.operands[0] ?? "";
    const found = findJournal(invocation.flags.get("journal"), invocation.flags.get("config"));
    if (!found.ok) return Promise.resolve(found.ending);
    const from = invocation.flags.get("from");
    const to = invocation.flags.get("to");
    const result = exportToFile(found.journal, file, {
      ...(from === undefined ? {} : { fromSeq: Number(from) }),
      ...(to === undefined ? {} : { toSeq: Number(to) }),
      decoders: new Map(NORM_TYPES.map((type) => [type, normView])),
    });
    if (!result.ok) return Promise.resolve(refusal(EXIT.failed, describeError(result.error)));
    const { records, firstSeq, lastSeq } = result;
    return Promise.resolve({
      exitCode: EXIT.ok,
      lines: [`${records} records (${firstSeq} to ${lastSeq}) of ${found.directory} in ${file}`],
      json: { file, directory: found.directory, records, firstSeq, lastSeq },
    });
  },
};
