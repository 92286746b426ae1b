/**
 * Station: the newest version of the limits -> the loop. The second path of a change: a message that never
 * came costs half a second.
 *
 * A version that cannot be believed is told of once, and what is in force stays in force.
 */
import type { LimitsStore } from "../io/aws/limits-store.ts";
import type { Log } from "../io/log.ts";
import { applyLimits, type ControlPorts } from "./carry-out.ts";

export type LimitsPollOptions = {
  readonly store: LimitsStore;
  readonly ports: ControlPorts;
  readonly log: Log;
};

const POLL_MS = 500;
const FAILURES_PER_LINE = 120;

export class LimitsPoll {
  readonly #options: LimitsPollOptions;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #refusedVersion = 0;
  #failures = 0;
  /** The newest version that is known to be in force, so that the loop is not asked each time. */
  #known = 0;

  constructor(options: LimitsPollOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setTimeout(() => void this.#look(), POLL_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    await this.look();
    if (!this.#isStopped) this.start();
  }

  /** One look at the table. */
  async look(): Promise<void> {
    const { store, log } = this.#options;
    const reading = await store.readNewest();
    switch (reading.kind) {
      case "none":
        return;
      case "failed":
        // The first of a row, and then once a minute.
        if (this.#failures++ % FAILURES_PER_LINE === 0) {
          log.warn("the newest limits cannot be read", { cause: reading.reason });
        }
        return;
      case "refused":
        this.#tellRefused(reading.version, reading.reason);
        return;
      case "version":
        this.#failures = 0;
        if (reading.version.version > this.#known) await this.#apply(reading.version.version);
    }
  }

  async #apply(version: number): Promise<void> {
    const { ports, log } = this.#options;
    const outcome = await applyLimits(version, ports);
    if (outcome.ok) {
      this.#known = version;
      if (outcome.tick >= 0) log.info("limits taken by the poll", { version, tick: outcome.tick });
    } else if (outcome.isFinal) this.#tellRefused(version, outcome.reason);
  }

  #tellRefused(version: number, cause: string): void {
    if (version === this.#refusedVersion) return;
    this.#refusedVersion = version;
    this.#options.log.error("the newest limits are refused; older ones stay in force", {
      version,
      cause,
    });
  }
}
