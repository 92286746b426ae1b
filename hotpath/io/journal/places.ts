/**
 * Up to where each run has been dealt with, by something that follows the journal: one small file, written
 * whole, beside the runs.
 *
 * It is written after the deed, so after a crash it may be behind and never ahead. One that cannot be read
 * is as good as none: everything is done again, and derived ids make that harmless.
 */
import path from "node:path";
import { type Disk, writeFileWhole } from "./disk.ts";

/** The folder of these files below the folder of all runs. */
export const PUBLISHED_FOLDER = "published";
/** What the uploader writes: retention asks it what is safe elsewhere. */
export const UPLOADS_FILE = "uploads.json";

const VERSION = 1;

type PlacesFile<Place> = {
  readonly version: number;
  readonly runs: Readonly<Record<string, Place>>;
};

export class Places<Place> {
  readonly #disk: Disk;
  readonly #file: string;
  readonly #runs: Map<string, Place>;

  /** Reads the places of `name` under `root`; none where there is no file, or none that can be read. */
  constructor(disk: Disk, root: string, name: string) {
    const folder = path.join(root, PUBLISHED_FOLDER);
    disk.makeDirectory(folder);
    this.#disk = disk;
    this.#file = path.join(folder, name);
    this.#runs = new Map(Object.entries(readPlaces<Place>(disk, this.#file)));
  }

  get(runId: string): Place | undefined {
    return this.#runs.get(runId);
  }

  /** Notes one place, durably. Throws where the disk does. */
  note(runId: string, place: Place): void {
    this.#runs.set(runId, place);
    const file: PlacesFile<Place> = { version: VERSION, runs: Object.fromEntries(this.#runs) };
    writeFileWhole(this.#disk, this.#file, new TextEncoder().encode(JSON.stringify(file)));
  }

  /** Forgets runs that are gone; told with the next note. */
  keepOnly(runIds: readonly string[]): void {
    const kept = new Set(runIds);
    for (const runId of this.#runs.keys()) if (!kept.has(runId)) this.#runs.delete(runId);
  }
}

/** The last segment of each run that is in the bucket, by run id. */
export function uploadedSegments(disk: Disk, root: string): ReadonlyMap<string, number> {
  const file = path.join(root, PUBLISHED_FOLDER, UPLOADS_FILE);
  const runs = readPlaces<{ readonly segment?: unknown }>(disk, file);
  return new Map(
    Object.entries(runs).map(([runId, { segment }]) => [runId, Number(segment) || 0] as const),
  );
}

function readPlaces<Place>(disk: Disk, file: string): Readonly<Record<string, Place>> {
  if (disk.sizeBytes(file) < 0) return {};
  try {
    const read = JSON.parse(new TextDecoder().decode(disk.readWhole(file))) as PlacesFile<Place>;
    return read.version === VERSION && typeof read.runs === "object" ? read.runs : {};
  } catch {
    return {};
  }
}
