/**
 * Station: the engine's queue -> commands, each carried out once, recorded, and only then taken away.
 *
 * What stops something is carried out first and recorded after, so that a table that is away holds up no
 * kill. What loosens something wants its record. A message that cannot be read is refused and taken away:
 * the queue keeps its order, so one that stayed would hold up every kill behind it.
 */
import { isCommandOver, type OperatorCommand } from "../../contracts/operator-command.ts";
import { parseOperatorCommand } from "../../contracts/schema/operator-command.ts";
import type { CommandMessage, CommandQueue } from "../io/aws/command-queue.ts";
import type { CommandEnd, CommandRecords } from "../io/aws/command-records.ts";
import type { Log } from "../io/log.ts";
import { type ControlPorts, carryOut, isTightening, type Outcome } from "./carry-out.ts";

export type CommandSourceOptions = {
  readonly engine: string;
  readonly queue: CommandQueue;
  readonly records: CommandRecords;
  readonly ports: ControlPorts;
  /** Wall time: commands expire by the clock of whoever asked. */
  readonly nowUs: () => number;
  readonly log: Log;
};

export type CommandCounts = {
  readonly done: number;
  readonly refused: number;
  readonly expired: number;
  /** Messages that were no command. */
  readonly unreadable: number;
  /** Ends that the table does not know yet. */
  readonly unrecorded: number;
};

type Unrecorded = { readonly command: OperatorCommand; readonly end: CommandEnd };

const PAUSE_MS = 1000;
/** Tries at what may succeed a moment later, and the pause between two. */
const TRIES_MAX = 3;
const TRY_AGAIN_MS = 250;
/** Commands that are remembered: a message that could not be taken away comes again within minutes. */
const DEALT_WITH_MAX = 1024;
/** Trading has to settle in what is left of a stop. */
const STOP_MS_MAX = 2000;
/** Ends that are kept for a table that is away; the oldest go first, and the log has them. */
const UNRECORDED_MAX = 256;

export class CommandSource {
  readonly #options: CommandSourceOptions;
  readonly #stop = new AbortController();
  readonly #counts = { done: 0, refused: 0, expired: 0, unreadable: 0 };
  /** What this life has ended; the oldest go first. */
  readonly #dealtWith = new Set<string>();
  #unrecorded: Unrecorded[] = [];
  #ended: Promise<void> = Promise.resolve();
  #isQueueAway = false;

  constructor(options: CommandSourceOptions) {
    this.#options = options;
  }

  get counts(): CommandCounts {
    return { ...this.#counts, unrecorded: this.#unrecorded.length };
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** Takes no more; resolves when the command under way is done, or soon where AWS holds it up. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const deadline = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS_MAX).unref());
    await Promise.race([this.#ended, deadline]);
  }

  async #run(): Promise<void> {
    const { queue, log } = this.#options;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const received = await queue.receive(signal);
      if (received.ok) {
        if (this.#isQueueAway) log.info("the queue of commands answers again");
        this.#isQueueAway = false;
        await this.#takeAll(received.messages);
      } else {
        if (!this.#isQueueAway) {
          log.warn("the queue of commands does not answer", { cause: received.reason });
        }
        this.#isQueueAway = true;
        await pause(PAUSE_MS, signal);
      }
      await this.#recordAgain();
    }
  }

  async #takeAll(messages: readonly CommandMessage[]): Promise<void> {
    for (const { body, receipt } of messages) {
      // In their order: a release that was sent after a kill must not be overtaken by it.
      if (this.#stop.signal.aborted) return;
      if (!(await this.#takeOne(body))) return;
      const removed = await this.#options.queue.remove(receipt);
      if (!removed.ok)
        this.#options.log.warn("a command stays in the queue", { cause: removed.reason });
    }
  }

  /** Whether the message has been dealt with; one that has not comes again. */
  async #takeOne(body: string): Promise<boolean> {
    const parsed = parseOperatorCommand(jsonOf(body));
    if (!parsed.ok) {
      this.#refuseUnreadable(`${parsed.field}: ${parsed.reason}`);
      return true;
    }
    const { command } = parsed;
    if (command.engine !== this.#options.engine) {
      this.#refuseUnreadable(`it is for the engine ${command.engine}`);
      return true;
    }
    // Again, and perhaps behind what came after it: a release must not undo a later kill.
    if (this.#dealtWith.has(command.commandId)) return true;
    if (this.#options.nowUs() > command.expiresUs && command.action.kind !== "kill") {
      await this.#end(command, { state: "expired", tick: -1, outcome: "it came too late" });
      return true;
    }
    if (!isTightening(command.action)) {
      const mayGoOn = await this.#take(command);
      if (mayGoOn !== "yes") return mayGoOn === "over";
    }
    const outcome = await this.#carryOut(command);
    await this.#end(command, endOf(outcome));
    return true;
  }

  /** Claims the record of a command that loosens something: it must be there, and open. */
  async #take(command: OperatorCommand): Promise<"yes" | "over"> {
    const { records, nowUs } = this.#options;
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      const taking = await records.take(command, nowUs());
      switch (taking.kind) {
        case "taken":
          return "yes";
        case "over":
          // An earlier delivery has dealt with it, and its recorded end stands.
          return "over";
        case "absent":
          this.#tell(command, { state: "refused", tick: -1, outcome: "there is no record of it" });
          return "over";
        case "unknown":
          await pause(TRY_AGAIN_MS, this.#stop.signal);
      }
    }
    const outcome = "the table of commands does not answer, and this loosens something";
    await this.#end(command, { state: "refused", tick: -1, outcome });
    return "over";
  }

  async #carryOut(command: OperatorCommand): Promise<Outcome> {
    let outcome: Outcome = { ok: false, reason: "not tried", isFinal: false };
    for (let attempt = 0; attempt < TRIES_MAX && !outcome.ok && !outcome.isFinal; attempt++) {
      if (attempt > 0) await pause(TRY_AGAIN_MS, this.#stop.signal);
      outcome = await carryOut(command, this.#options.ports);
    }
    return outcome;
  }

  async #end(command: OperatorCommand, end: CommandEnd): Promise<void> {
    this.#tell(command, end);
    this.#dealtWith.add(command.commandId);
    const [oldest = ""] = this.#dealtWith;
    if (this.#dealtWith.size > DEALT_WITH_MAX) this.#dealtWith.delete(oldest);
    const { records, nowUs } = this.#options;
    const recorded = await records.end(command, end, nowUs());
    if (recorded.ok) return;
    this.#options.log.warn("the end of a command is not recorded yet", { cause: recorded.reason });
    this.#unrecorded = [...this.#unrecorded, { command, end }].slice(-UNRECORDED_MAX);
  }

  async #recordAgain(): Promise<void> {
    const waiting = this.#unrecorded;
    this.#unrecorded = [];
    for (const [at, { command, end }] of waiting.entries()) {
      const recorded = await this.#options.records.end(command, end, this.#options.nowUs());
      if (recorded.ok) continue;
      this.#unrecorded = waiting.slice(at);
      return;
    }
  }

  #tell({ commandId, action, by }: OperatorCommand, { state, tick, outcome }: CommandEnd): void {
    if (isCommandOver(state)) this.#counts[state]++;
    const fields = { commandId, action: action.kind, by, state, tick, cause: outcome };
    if (state === "done") this.#options.log.info("command carried out", fields);
    else this.#options.log.warn("command not carried out", fields);
  }

  #refuseUnreadable(cause: string): void {
    this.#counts.unreadable++;
    this.#options.log.error("a message that is no command was taken out of the queue", { cause });
  }
}

function endOf(outcome: Outcome): CommandEnd {
  if (outcome.ok) return { state: "done", tick: outcome.tick, outcome: "" };
  return { state: "refused", tick: -1, outcome: outcome.reason };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Waits, or less when it is to end. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
