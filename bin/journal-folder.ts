/**
 * Station: which journal a command means: the folder it was given, or the newest run of the configuration.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { realDisk } from "../hotpath/io/journal/disk.ts";
import { describeError } from "../hotpath/io/journal/failure.ts";
import { type Journal, openJournal } from "../hotpath/io/journal/reader.ts";
import { listRuns } from "../hotpath/io/journal/runs.ts";
import { type Ending, EXIT, refusal } from "./command.ts";
import { findConfig } from "./config.ts";

export type FoundJournal =
  | { readonly ok: true; readonly directory: string; readonly journal: Journal }
  | { readonly ok: false; readonly ending: Ending };

/** Opens `directory`, or the newest run; a damaged journal is refused with its file and place. */
export function findJournal(
  directory: string | undefined,
  configFile: string | undefined,
): FoundJournal {
  const chosen = directory ?? newestRun(configFile);
  if (chosen === undefined) return refused(EXIT.usage, "there is no journal yet");
  if (!existsSync(chosen)) return refused(EXIT.usage, `${chosen}: there is no such folder`);
  const opened = openJournal(chosen);
  if (!opened.ok) return refused(EXIT.failed, describeError(opened.error));
  return { ok: true, directory: chosen, journal: opened.journal };
}

function refused(code: typeof EXIT.usage | typeof EXIT.failed, reason: string): FoundJournal {
  return { ok: false, ending: refusal(code, reason) };
}

/** The run written to last, in the journal folder of the configuration. */
function newestRun(configFile: string | undefined): string | undefined {
  const found = findConfig(configFile);
  const root = found.ok ? found.config.journal.directory : "";
  if (root === "" || !existsSync(root)) return undefined;
  // Beside the runs stand folders of trading and of publishing; they have no head and are none.
  return listRuns(realDisk, root)
    .map((run) => join(root, run))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}
