/**
 * The trace of a history: a hash over everything that happened, in its order, so that two runs of one seed can be
 * compared by one word.
 */
import { createHash } from "node:crypto";
import type { Kernel } from "../kernel/kernel.ts";

export class Trace {
  readonly #kernel: Kernel;
  readonly #hash = createHash("sha256");
  /** The last lines, for whoever looks into a seed. */
  readonly lines: string[] = [];
  readonly #keepsAll: boolean;

  constructor(kernel: Kernel, keepsAll = false) {
    this.#kernel = kernel;
    this.#keepsAll = keepsAll;
  }

  /** Adds what happened now. */
  add(line: string): void {
    const { nowUs, last } = this.#kernel;
    const told = `${nowUs} ${last.name} ${line}\n`;
    this.#hash.update(told);
    if (this.#keepsAll) this.lines.push(told);
  }

  /** The hash of the whole; nothing can be added afterwards. */
  end(): string {
    return this.#hash.digest("hex");
  }
}
