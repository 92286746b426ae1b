/**
 * Station: the operator's mode -> a file that outlives the process. Whoever paused an engine has not meant
 * "until it dies".
 *
 * One that cannot be read counts as a pause: losing the word must not set trading free.
 */
import path from "node:path";
import { MODES, type Mode } from "../../contracts/status.ts";
import { type Disk, errorCodeOf, realDisk, writeFileWhole } from "../io/journal/disk.ts";

const MODE_FILE = "operator-mode";
const UNREADABLE: Mode = "noNewPositions";

/** The mode that an operator allowed at last; "active" where none has said anything. */
export function readModeFile(directory: string, disk: Disk = realDisk): Mode {
  let text: string;
  try {
    text = new TextDecoder().decode(disk.readWhole(path.join(directory, MODE_FILE))).trim();
  } catch (error) {
    return errorCodeOf(error) === "ENOENT" ? "active" : UNREADABLE;
  }
  return MODES.find((mode) => mode === text) ?? UNREADABLE;
}

/** Keeps `mode`; "" or why it could not. */
export function writeModeFile(directory: string, mode: Mode, disk: Disk = realDisk): string {
  try {
    writeFileWhole(disk, path.join(directory, MODE_FILE), Buffer.from(`${mode}\n`));
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
