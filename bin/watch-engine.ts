/**
 * Station: a running engine -> the view, once a second, until it is time to end.
 *
 * Ends on the given duration, on SIGINT or SIGTERM, when the engine halts, and when its process
 * is gone. Comparing with the truth takes its own time and is never waited for by the view.
 */
import type { EngineStatus } from "../contracts/status.ts";
import { askLoopback } from "./loopback.ts";
import { type Comparison, compareLiveBooks, injectedFaults, noComparison } from "./truth.ts";
import { openTerminal, type Terminal } from "./view/terminal.ts";
import type { ShownCycle, ViewInput } from "./view/view-input.ts";

export type Watching = {
  readonly admin: string;
  /** Control port of the simulated venues, or null where no truth is known. */
  readonly control: string | null;
  /** Settles when the engine's process has ended. */
  readonly ended: Promise<number>;
  readonly forMs: number | null;
  /** Shows nothing while running; a script waits for the final line. */
  readonly isQuiet: boolean;
  readonly plain: boolean;
  /** What a person can do meanwhile, in a few words; shown beside the view. */
  readonly hint: string;
  /** Settles when a person or a script wants the run to end. */
  readonly interrupted: Promise<void>;
};

export type Watched = {
  readonly reason: "time" | "signal" | "halted" | "gone";
  /** The last status that the engine gave, or null when it never did. */
  readonly status: EngineStatus | null;
  /** Null where no truth is known. */
  readonly comparison: Comparison | null;
  readonly faults: readonly unknown[];
  /** What the view was drawn from last, or null when there was nothing to draw. */
  readonly view: ViewInput | null;
};

const PERIOD_MS = 1_000;
const CYCLES_SHOWN = 5;

/** Watches until the end and compares once more before it returns. */
export async function watchEngine(watching: Watching): Promise<Watched> {
  const end = Promise.withResolvers<Watched["reason"]>();
  void watching.interrupted.then(() => end.resolve("signal"));
  const timer =
    watching.forMs === null ? null : setTimeout(() => end.resolve("time"), watching.forMs);
  void watching.ended.then(() => end.resolve("gone"));
  const terminal = terminalFor(watching);
  const watch = new Watch(watching, terminal);
  try {
    for (let reason: Watched["reason"] | null = null; ; ) {
      await watch.look();
      if (watch.status !== null && watch.status.halted !== "") reason = "halted";
      reason ??= await Promise.race([end.promise, pause()]);
      if (reason !== null) return await watch.account(reason);
    }
  } finally {
    terminal?.close();
    if (timer !== null) clearTimeout(timer);
  }
}

function terminalFor(watching: Watching): Terminal | null {
  if (watching.isQuiet) return null;
  const { stdout } = process;
  const screen = watching.plain
    ? { isTTY: false, write: (text: string) => stdout.write(text) }
    : stdout;
  return openTerminal(screen, !process.env.NO_COLOR);
}

function pause(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), PERIOD_MS));
}

/** What has been seen so far. One comparison runs at a time, however long it takes. */
class Watch {
  status: EngineStatus | null = null;
  view: ViewInput | null = null;
  readonly #watching: Watching;
  readonly #terminal: Terminal | null;
  readonly #comparison: Comparison = noComparison();
  #comparing: Promise<void> | null = null;
  #faults: readonly unknown[] = [];

  constructor(watching: Watching, terminal: Terminal | null) {
    this.#watching = watching;
    this.#terminal = terminal;
  }

  /** Asks for the status, shows it, and begins a comparison unless one is under way. */
  async look(): Promise<void> {
    const previous = this.status;
    const status = await this.#ask();
    if (status === null) return;
    this.status = status;
    this.#comparing ??= this.#compare(status).finally(() => {
      this.#comparing = null;
    });
    const { control } = this.#watching;
    const truth =
      control === null
        ? null
        : {
            comparisons: this.#comparison.compared,
            wrongBooks: this.#comparison.wrong.length,
            faults: this.#faults.length,
          };
    const cycles = status.trading === null ? [] : await this.#askCycles();
    this.view = { status, previous, cycles, truth, hint: this.#watching.hint };
    this.#terminal?.show(this.view);
  }

  /** The account of the whole run, with a last comparison while both sides still answer. */
  async account(reason: Watched["reason"]): Promise<Watched> {
    await this.#comparing;
    if (reason !== "gone") {
      const status = await this.#ask();
      this.status = status ?? this.status;
      if (status !== null) await this.#compare(status);
    }
    const comparison = this.#watching.control === null ? null : this.#comparison;
    const { status, view } = this;
    return { reason, status, comparison, faults: this.#faults, view };
  }

  async #ask(): Promise<EngineStatus | null> {
    const answer = await askLoopback(`${this.#watching.admin}/status`);
    return answer.ok && answer.status === 200 ? (answer.body as EngineStatus) : null;
  }

  /** The last cycles; none when the engine is busy, because the next look comes soon. */
  async #askCycles(): Promise<readonly ShownCycle[]> {
    const answer = await askLoopback(`${this.#watching.admin}/cycles?last=${CYCLES_SHOWN}`);
    return answer.ok && answer.status === 200 ? (answer.body as readonly ShownCycle[]) : [];
  }

  async #compare(status: EngineStatus): Promise<void> {
    const { admin, control } = this.#watching;
    if (control === null) return;
    await compareLiveBooks({ admin, control }, status, this.#comparison);
    this.#faults = await injectedFaults(control);
  }
}
