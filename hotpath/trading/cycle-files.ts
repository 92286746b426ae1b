/**
 * Station: cycles at their end -> two files beside the journal: the line that people read, and its twin in
 * JSON that programs read. Both are copies; the journal has the record itself.
 *
 * Bounded: a file that has grown to its limit is set aside once, and what was set aside before it goes.
 * A disk that refuses does not stop trading: the journal's own rules decide about that.
 */
import path from "node:path";
import type { Instrument } from "../core/instrument.ts";
import type { CycleRecord } from "../core/trade/commands.ts";
import { type Disk, PERMISSIONS_EVERYBODY, realDisk } from "../io/journal/disk.ts";
import { cycleLine } from "./cycle-line.ts";

const FILE_BYTES_MAX = 64 * 1024 * 1024;

export type CycleFilesOptions = {
  readonly directory: string;
  readonly runId: string;
  readonly instruments: readonly Instrument[];
  readonly venues: readonly string[];
  readonly fileBytesMax?: number;
  readonly disk?: Disk;
};

export class CycleFiles {
  readonly #options: CycleFilesOptions;
  readonly #disk: Disk;
  readonly lines: string;
  readonly twins: string;

  constructor(options: CycleFilesOptions) {
    this.#options = options;
    this.#disk = options.disk ?? realDisk;
    this.lines = path.join(options.directory, `${options.runId}.cycles.log`);
    this.twins = path.join(options.directory, `${options.runId}.cycles.jsonl`);
  }

  /** Writes both forms of a cycle; the line, and why it could not be written ("" when it was). */
  add(
    cycle: CycleRecord,
    tick: number,
    atUs: number,
  ): { readonly line: string; readonly fault: string } {
    const { instruments, venues, directory } = this.#options;
    const line = cycleLine(cycle, instruments, atUs);
    const twin = {
      atUs,
      tick,
      ...cycle,
      venue: venues[cycle.venue] ?? "",
      legs: cycle.legs.map((leg) => ({
        ...leg,
        instrument: instruments[leg.instrument]?.id ?? "",
      })),
    };
    try {
      this.#disk.makeDirectory(directory);
      this.#append(this.lines, line);
      this.#append(this.twins, JSON.stringify(twin));
      return { line, fault: "" };
    } catch (error) {
      return { line, fault: error instanceof Error ? error.message : String(error) };
    }
  }

  #append(file: string, text: string): void {
    const { fileBytesMax = FILE_BYTES_MAX } = this.#options;
    const bytes = this.#disk.sizeBytes(file);
    if (bytes > 0 && bytes + text.length >= fileBytesMax) this.#disk.rename(file, `${file}.1`);
    const line = Buffer.from(`${text}\n`);
    const handle = this.#disk.open(file, "append", PERMISSIONS_EVERYBODY);
    try {
      const written = this.#disk.append(handle, line, line.length);
      if (written !== line.length) throw new Error(`only ${written} of ${line.length} bytes`);
    } finally {
      this.#disk.close(handle);
    }
  }
}
