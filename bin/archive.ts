/**
 * Station: `reckoner archive check [DIR]` and `reckoner archive copy FOLDER`: the archive held to the journal, and
 * its files for whoever reads Parquet.
 *
 * The archive is that of the deployment that the environment names; without one, that of the control plane
 * which `reckoner start` keeps beside the journal, and which must not be running.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ArchiveCheck, archiveEqualsJournal } from "../local/archive/archive-check.ts";
import { copyArchive } from "../local/archive/copy-archive.ts";
import {
  type OpenArchive,
  openDeployedArchive,
  openStoredArchive,
} from "../local/archive/open-archive.ts";
import { type Command, type Ending, EXIT, type Flag, type Invocation, refusal } from "./command.ts";
import { configRefusal, findConfig } from "./config.ts";
import { findJournal } from "./journal-folder.ts";
import { LOCAL_PREFIX } from "./start-control.ts";

const FLAGS: readonly Flag[] = [
  {
    name: "config",
    kind: "text",
    summary: "configuration file; it names the engine and its folders",
    standard: "reckoner.yaml if there",
  },
  {
    name: "folder",
    kind: "text",
    summary: "data folder of a control plane of this machine that is not running",
    standard: "control, beside the journal",
  },
];

export const archiveCheckCommand: Command = {
  notes: [
    "Every record of the run up to its acknowledged end must stand in the archive once, byte by byte.",
    "Without DIR the newest run in the configured journal folder is taken.",
  ],
  operands: [{ name: "DIR", summary: "folder of one run", required: false }],
  flags: [
    ...FLAGS,
    {
      name: "partial",
      kind: "switch",
      summary: "segments that are not archived yet are no difference",
    },
  ],
  fields: [
    ["runId, equal", "the run, and its records that stand in both, equal byte by byte"],
    ["archivedOnly", "records that retention took from the journal and the archive still has"],
    ["segments, archivedSeq, ackedSeq", "segments and last record archived; last record journaled"],
    ["differences", "the first differences as sentences; empty when they agree"],
  ],
  run: (invocation) =>
    withArchive(invocation, async ({ store }, engine) => {
      const found = findJournal(invocation.operands[0], invocation.flags.get("config"));
      if (!found.ok) return found.ending;
      const mustBeWhole = !invocation.flags.has("partial");
      const { directory } = found;
      return endingOf(await archiveEqualsJournal({ store, engine, directory, mustBeWhole }));
    }),
};

export const archiveCopyCommand: Command = {
  notes: ["Files that are there already are left alone; objects of the archive never change."],
  operands: [{ name: "FOLDER", summary: "where the files go", required: true }],
  flags: FLAGS,
  fields: [["copied", "files that are new"]],
  run: (invocation) =>
    withArchive(invocation, async ({ store }) => {
      const [folder = ""] = invocation.operands;
      const copied = await copyArchive(store, folder);
      const lines = [`${copied} files copied to ${folder}`];
      return { exitCode: EXIT.ok, lines, json: { copied } };
    }),
};

function endingOf(check: ArchiveCheck): Ending {
  const { runId, equal, segments, archivedSeq, differences } = check;
  const json = { ...check };
  if (differences.length > 0) {
    const error = `run ${runId}: ${differences[0]}`;
    return { exitCode: EXIT.failed, lines: [...differences], json, error };
  }
  const lines = [
    `run ${runId}: ${equal} records in ${segments} segments equal the journal, up to ${archivedSeq}`,
  ];
  return { exitCode: EXIT.ok, lines, json };
}

async function withArchive(
  invocation: Invocation,
  use: (archive: OpenArchive, engine: string) => Promise<Ending>,
): Promise<Ending> {
  const found = findConfig(invocation.flags.get("config"));
  if (!found.ok) return configRefusal(found.file, found.faults);
  const { instance, journal } = found.config;
  const folder = invocation.flags.get("folder") ?? join(dirname(journal.directory), "control");
  const isDeployed =
    !invocation.flags.has("folder") && (process.env.RECKONER_CONTROL_PREFIX ?? "") !== "";
  if (!isDeployed && !existsSync(folder)) {
    return refusal(EXIT.usage, `${folder}: there is no control plane's folder`);
  }
  let archive: OpenArchive | undefined;
  try {
    archive = isDeployed
      ? openDeployedArchive(process.env)
      : await openStoredArchive(folder, LOCAL_PREFIX);
    return await use(archive, instance);
  } catch (error) {
    return refusal(EXIT.environment, error instanceof Error ? error.message : String(error));
  } finally {
    await archive?.close();
  }
}
