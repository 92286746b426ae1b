/**
 * Station: kills -> a file that outlives the process. What is killed stays killed until a person says
 * otherwise, whatever happens to the engine in between.
 *
 * The file is written whole before anything is acknowledged. One that cannot be read counts as a kill of
 * everything: losing the reason must not set trading free.
 */
import path from "node:path";
import { KILL_SCOPES, type KillScope } from "../../contracts/trade.ts";
import type { KillStatus } from "../../contracts/trading-status.ts";
import { isPerson } from "../core/risk/kill.ts";
import {
  type Disk,
  errorCodeOf,
  isAbsent,
  makeDirectoryDurably,
  realDisk,
  writeFileWhole,
} from "../io/journal/disk.ts";

const KILLS_FILE = "kills.json";
const VERSION = 1;

export class KillList {
  readonly #file: string;
  readonly #disk: Disk;
  #kills: readonly KillStatus[];
  /** The disk has refused what is in memory: whoever comes next writes it. */
  #isBehind = false;

  /** Reads the list of `directory`; none is there before the first kill. */
  constructor(directory: string, nowUs: number, disk: Disk = realDisk) {
    this.#file = path.join(directory, KILLS_FILE);
    this.#disk = disk;
    this.#kills = readKills(disk, this.#file, nowUs);
  }

  get all(): readonly KillStatus[] {
    return this.#kills;
  }

  /** Adds a kill; one that is there already keeps its first reason. Throws when it cannot be written. */
  add(kill: KillStatus): void {
    const isKnown = this.#kills.some((each) => isSame(each, kill));
    if (!isKnown) this.#write([...this.#kills, kill]);
    else if (this.#isBehind) this.#write(this.#kills);
  }

  /** Takes a kill off the list. Throws when it cannot be written, and then it is still on it. */
  remove(scope: KillScope, target: string): void {
    const left = this.#kills.filter((each) => !isSame(each, { scope, target }));
    if (left.length !== this.#kills.length) this.#write(left);
  }

  /**
   * Takes off what the engine killed by itself, for accounts that have begun anew: what was wrong with the
   * old ones is no fact about these. What a person killed stays.
   */
  forgetAutomatic(): void {
    const left = this.#kills.filter(({ by }) => isPerson(by));
    if (left.length !== this.#kills.length) this.#write(left);
  }

  has(scope: KillScope, target: string): boolean {
    return this.#kills.some((each) => isSame(each, { scope, target }));
  }

  #write(kills: readonly KillStatus[]): void {
    // What was decided holds in memory even where the disk refuses it; the caller tells.
    if (kills.length > this.#kills.length) this.#kills = kills;
    this.#isBehind = true;
    makeDirectoryDurably(this.#disk, path.dirname(this.#file));
    const text = `${JSON.stringify({ version: VERSION, kills }, null, 2)}\n`;
    writeFileWhole(this.#disk, this.#file, new TextEncoder().encode(text));
    this.#isBehind = false;
    this.#kills = kills;
  }
}

function isSame(
  a: Pick<KillStatus, "scope" | "target">,
  b: Pick<KillStatus, "scope" | "target">,
): boolean {
  return a.scope === b.scope && a.target === b.target;
}

function readKills(disk: Disk, file: string, nowUs: number): readonly KillStatus[] {
  let text: string;
  try {
    text = new TextDecoder().decode(disk.readWhole(file));
  } catch (error) {
    return isAbsent(error) ? [] : [damaged(nowUs, errorCodeOf(error) || String(error))];
  }
  try {
    const { version, kills } = JSON.parse(text) as {
      readonly version?: unknown;
      readonly kills?: unknown;
    };
    if (version === VERSION && Array.isArray(kills) && kills.every(isKill)) return kills;
    return [damaged(nowUs, "it has another form")];
  } catch {
    return [damaged(nowUs, "it is no JSON")];
  }
}

function isKill(value: unknown): value is KillStatus {
  if (typeof value !== "object" || value === null) return false;
  const { scope, target, by, reason, atUs } = value as Readonly<Record<string, unknown>>;
  const texts = [target, by, reason];
  return (
    KILL_SCOPES.some((each) => each === scope) &&
    texts.every((each) => typeof each === "string") &&
    Number.isSafeInteger(atUs)
  );
}

function damaged(atUs: number, why: string): KillStatus {
  const reason = `the list of kills cannot be read: ${why}`;
  return { scope: "all", target: "", by: "start", reason, atUs };
}
