/**
 * Station: a file named KILL beside the journal's folder -> a kill of everything. The way that needs no
 * port, no token and no program but the shell: `echo why > .reckoner/KILL`.
 *
 * It is looked for often rather than watched: a notification can be missed on some file systems, a look
 * cannot. While the file stands, nothing is released.
 */
import path from "node:path";
import { type Disk, errorCodeOf, realDisk } from "../io/journal/disk.ts";

/** Noticed within 100 ms, with room for a late timer. */
const LOOK_MS = 40;
const REASON_CHARACTERS_MAX = 500;

export class KillFile {
  readonly path: string;
  readonly #onKill: (reason: string) => void;
  readonly #disk: Disk;
  readonly #lookMs: number;
  #timer: NodeJS.Timeout | undefined;
  #isSeen = false;

  /** `journal` is the journal's folder; `onKill` is called once for each time the file appears. */
  constructor(
    journal: string,
    onKill: (reason: string) => void,
    disk: Disk = realDisk,
    lookMs: number = LOOK_MS,
  ) {
    this.path = path.join(path.dirname(path.resolve(journal)), "KILL");
    this.#onKill = onKill;
    this.#disk = disk;
    this.#lookMs = lookMs;
  }

  /** Looks at once, and from then on until it is stopped. */
  start(): void {
    this.#look();
    this.#timer = setInterval(() => this.#look(), this.#lookMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Whether the file stands there now. */
  get stands(): boolean {
    return reasonIn(this.#disk, this.path) !== undefined;
  }

  #look(): void {
    const reason = reasonIn(this.#disk, this.path);
    const isNew = reason !== undefined && !this.#isSeen;
    this.#isSeen = reason !== undefined;
    if (isNew) this.#onKill(reason);
  }
}

/** What the file says, on one line; undefined when it is not there. One that cannot be read counts too. */
function reasonIn(disk: Disk, file: string): string | undefined {
  try {
    // Asked first, because it is almost never there and an error costs twenty times a look.
    if (disk.sizeBytes(file) < 0) return undefined;
    const words = new TextDecoder()
      .decode(disk.readWhole(file))
      .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
      .trim();
    return words === "" ? "no reason given" : words.slice(0, REASON_CHARACTERS_MAX);
  } catch (error) {
    const code = errorCodeOf(error);
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : `unreadable (${code})`;
  }
}
