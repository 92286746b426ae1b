/**
 * Station: one engine for each journal folder. Two would seal, recover and retire each other's runs.
 *
 * The lock is a file with the process id of its holder, made with the exclusive flag; one whose holder
 * is gone is taken over.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

const LOCK_FILE = "engine.lock";

export type JournalLock =
  | { readonly ok: true; readonly release: () => void }
  | { readonly ok: false; readonly reason: string };

/** Takes the lock of `root` for this process. */
export function lockJournal(root: string, processId: number): JournalLock {
  const file = path.join(root, LOCK_FILE);
  try {
    mkdirSync(root, { recursive: true });
    if (!tryWrite(file, processId)) {
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder)) {
        const reason = `journal.directory: ${root} is in use by another engine (process ${holder})`;
        return { ok: false, reason };
      }
      rmSync(file, { force: true });
      if (!tryWrite(file, processId)) {
        return { ok: false, reason: `journal.directory: ${root} was just taken by another engine` };
      }
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `journal.directory: ${root} cannot be used: ${why}` };
  }
  return { ok: true, release: () => rmSync(file, { force: true }) };
}

/** False when somebody else's lock is there. */
function tryWrite(file: string, processId: number): boolean {
  try {
    writeFileSync(file, String(processId), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function holderOf(file: string): number | undefined {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    return Number.isInteger(holder) && holder > 0 ? holder : undefined;
  } catch {
    // It was released between our two looks.
    return undefined;
  }
}

/** Signal 0 asks whether a process exists and sends nothing. */
function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
