/**
 * Station: the folder of a run -> whether the recorder is in the middle of sealing a segment.
 *
 * Compression runs on threads that the virtual world does not have: until it is done, time stands still, so
 * that one seed stays one history.
 */
import path from "node:path";
import type { Disk } from "../../../hotpath/io/journal/disk.ts";

export function isSealing(disk: Disk, root: string, runId: string): boolean {
  let openCount = 0;
  for (const name of disk.list(path.join(root, runId))) {
    if (name.endsWith(".tmp")) return true;
    if (name.endsWith(".seg")) openCount++;
  }
  return openCount > 1;
}
