/**
 * Station: the supervisor's side of trading. What the hot thread tells of it becomes log lines, files and
 * numbers; what operators ask is handed in, and acknowledged when the loop has taken it.
 *
 * Three ways lead to a kill from outside: the admin port, the file KILL, a signal. All of them end in the
 * same event and in the same list on the disk. Nothing here decides about an order.
 */
import type { DrainRequest, KillRequest } from "../../contracts/schema/operator.ts";
import type { ShutdownPolicy } from "../../contracts/trade.ts";
import type { TradingStatus } from "../../contracts/trading-status.ts";
import type { Instrument } from "../core/instrument.ts";
import type { TradeRecord } from "../core/trade/commands.ts";
import type { OperatorEvent } from "../hot-thread-messages.ts";
import type { RecordPath } from "../io/admin-http.ts";
import type { Operations, OperatorAnswer } from "../io/admin-write.ts";
import { type Disk, realDisk } from "../io/journal/disk.ts";
import type { Log } from "../io/log.ts";
import { StateStore } from "../io/trade/state-store.ts";
import { tradingFiles } from "../recover.ts";
import { CycleFiles } from "./cycle-files.ts";
import { KillFile } from "./kill-file.ts";
import { KillList } from "./kill-list.ts";
import { KillsAsked, nameOf, unknownTarget } from "./kills-asked.ts";
import { LimitsTurn } from "./limits-turn.ts";
import { RecordKeeper } from "./record-keeper.ts";
import { logRecord, type RecordLog } from "./record-log.ts";
import { Repeats } from "./repeats.ts";
import { type Balances, balancesOf, writeSessionReport } from "./session-report.ts";
import { StateSaver } from "./state-saver.ts";

export type TradingSideOptions = {
  /** Of the journal. */
  readonly directory: string;
  readonly runId: string;
  readonly venues: readonly string[];
  readonly instruments: readonly Instrument[];
  readonly log: Log;
  readonly nowUs: () => number;
  /** What becomes of open orders and holdings at the end; undefined where no account trades. */
  readonly shutdownPolicy: ShutdownPolicy | undefined;
  /** The state with which this run begins; "" for none. */
  readonly restored: string;
  /** Hands an event to the loop; the tick that took it, or undefined when it does not answer. */
  readonly ask: (event: OperatorEvent) => Promise<number | undefined>;
  /** The last record of the journal that is safe on the disk. */
  readonly ackedSeq: () => number;
  /** The latest word of the hot thread on trading. */
  readonly status: () => Promise<TradingStatus | null>;
  /** The real one where absent. */
  readonly disk?: Disk;
  /** How often the file KILL is looked for; as in life where absent. */
  readonly killLookMs?: number;
};

const NOT_ANSWERED = "the hot thread does not answer; it will take this first when it does";

export class TradingSide {
  readonly #options: TradingSideOptions;
  readonly #recordLog: RecordLog;
  readonly #keeper = new RecordKeeper();
  readonly #kills: KillList;
  readonly #killFile: KillFile;
  readonly #cycles: CycleFiles;
  readonly #states: StateSaver;
  readonly #startedUs: number;
  readonly #balancesStart = new Map<string, Balances[string]>();
  readonly #killsAsked = new KillsAsked();
  readonly #limits: LimitsTurn;
  #settled: (() => void) | undefined;

  constructor(options: TradingSideOptions) {
    const { directory, runId, instruments, venues, nowUs, disk = realDisk, killLookMs } = options;
    this.#options = options;
    const { status, ask } = options;
    this.#limits = new LimitsTurn({ status, ask, notAnswered: NOT_ANSWERED });
    this.#recordLog = {
      log: options.log,
      names: { venues, instruments },
      repeats: new Repeats(),
    };
    this.#startedUs = nowUs();
    this.#kills = new KillList(directory, this.#startedUs, disk);
    this.#cycles = new CycleFiles({ directory, runId, instruments, venues, disk });
    this.#states = new StateSaver({
      store: new StateStore(tradingFiles(directory).states, disk),
      runId,
      ackedSeq: options.ackedSeq,
      onSaved: (saved) => {
        if (saved.kind === "failed") options.log.error(saved.reason);
      },
    });
    const onKill = (reason: string): void => void this.#killByFile(reason);
    this.#killFile = new KillFile(directory, onKill, disk, killLookMs);
  }

  /**
   * Saves the state with which this run begins: a second crash must not lose what the first recovery has
   * found out. Then hands in what is killed since an earlier run, before anything can be opened.
   */
  start(): void {
    if (this.#options.shutdownPolicy === undefined) return;
    this.onState(0, this.#options.restored);
    for (const { scope, target, by, reason } of this.#kills.all) {
      this.#options.log.warn("still killed since an earlier run", {
        scope,
        target,
        by,
        cause: reason,
      });
      void this.#options.ask({ type: "killRequested", scope, target, by, reason });
    }
    this.#killFile.start();
  }

  stop(): void {
    this.#killFile.stop();
    this.#states.stop();
  }

  /** The last records of a kind. */
  records(path: RecordPath): readonly unknown[] {
    return this.#keeper.of(path);
  }

  /** A record of the core, in the order in which they were made. */
  onRecord(record: TradeRecord, tick: number, atUs: number): void {
    this.#keeper.add(record, tick, atUs);
    let line = "";
    if (record.type === "recordCycle") {
      const written = this.#cycles.add(record.cycle, tick, atUs);
      line = written.line;
      if (written.fault !== "") {
        this.#options.log.error("the cycle's line could not be written", { cause: written.fault });
      }
    }
    logRecord(this.#recordLog, record, { tick, processUs: atUs }, line);
    if (record.type !== "recordKill") return;
    const { scope, target, by, reason } = record;
    // A kill of the core's own must be on the disk before the process can die of its cause.
    if (record.isKilled) this.#keepKill({ scope, target, by, reason });
    else if (!this.#killsAsked.isBehindRelease(record)) this.#dropKill(scope, target);
  }

  /** A snapshot of the state, as it was after the journal's record `seq`; saved once that one is safe. */
  onState(seq: number, text: string): void {
    this.#states.add(seq, text);
  }

  onDrained(): void {
    this.#settled?.();
  }

  /** Notes the balances with which each account began. */
  observe(trading: TradingStatus | null): void {
    if (trading === null) return;
    const balances = balancesOf(trading);
    for (const { venue, phase } of trading.accounts) {
      if (phase !== "ready" || this.#balancesStart.has(venue)) continue;
      this.#balancesStart.set(venue, balances[venue] ?? {});
    }
  }

  /** What the admin port may do; undefined where no account trades. */
  get operations(): Operations | undefined {
    if (this.#options.shutdownPolicy === undefined) return undefined;
    return {
      kill: (request, askedUs) => this.kill(request, askedUs),
      release: (request, askedUs = Number.MAX_VALUE) => this.#release(request, askedUs),
      drain: (request) => this.drain(request),
      changeLimits: (request) => this.#limits.change(request),
    };
  }

  /** Kills; the loop is told first, because the disk takes longer, and both are waited for. */
  async kill(
    request: KillRequest,
    askedUs: number = this.#options.nowUs(),
  ): Promise<OperatorAnswer> {
    const unknown = unknownTarget(request, this.#options);
    if (unknown !== "") return { ok: false, code: 422, reason: unknown };
    this.#killsAsked.note(request, askedUs);
    const taking = this.#options.ask({ type: "killRequested", ...request });
    const fault = this.#keepKill(request);
    const tick = await taking;
    if (tick === undefined) return { ok: false, code: 503, reason: NOT_ANSWERED };
    if (fault === "") return { ok: true, tick };
    return { ok: false, code: 503, reason: `killed, but not over a restart: ${fault}` };
  }

  /** A release is approved and written down before it comes here, and a kill by any way may have been quicker. */
  async #release(request: KillRequest, askedUs: number): Promise<OperatorAnswer> {
    const { scope, target } = request;
    const meant = this.#killsAsked.countOf(request);
    if (scope === "all" && this.#killFile.stands) {
      const reason = `the file ${this.#killFile.path} still stands; remove it first`;
      return { ok: false, code: 409, reason };
    }
    if (!this.#kills.has(scope, target) && !(await this.#isKilledInLoop(scope, target))) {
      return { ok: false, code: 409, reason: `${nameOf(request)} is not killed` };
    }
    const reason = this.#killsAsked.obstacleTo(request, askedUs, meant);
    if (reason !== "") return { ok: false, code: 409, reason };
    this.#killsAsked.onRelease(request);
    const tick = await this.#options.ask({ type: "killReleased", ...request });
    if (tick === undefined) return { ok: false, code: 503, reason: NOT_ANSWERED };
    // A kill that came while the loop was asked is in the loop behind this release, and stays on the disk.
    if (this.#killsAsked.countOf(request) > meant) return { ok: true, tick };
    // Only now: what ends in between stays killed.
    const fault = this.#dropKill(scope, target);
    if (fault === "") return { ok: true, tick };
    return { ok: false, code: 503, reason: `released, but not over a restart: ${fault}` };
  }

  /** A recovered state may be older than the list, and then it still has a kill that was released after it. */
  async #isKilledInLoop(scope: KillRequest["scope"], target: string): Promise<boolean> {
    const status = await this.#options.status();
    return status?.kills.some((kill) => kill.scope === scope && kill.target === target) ?? false;
  }

  /** Asks the core to finish what is under way and to open nothing more. */
  async drain({ policy, by }: DrainRequest): Promise<OperatorAnswer> {
    const { shutdownPolicy, ask } = this.#options;
    const chosen = policy ?? shutdownPolicy;
    if (chosen === undefined) return { ok: false, code: 409, reason: "no account trades here" };
    const tick = await ask({ type: "drainRequested", policy: chosen, by });
    return tick === undefined ? { ok: false, code: 503, reason: NOT_ANSWERED } : { ok: true, tick };
  }

  /** Drains by the configured policy and waits until nothing is under way; false when time runs out. */
  async settle(by: string, waitMsMax: number): Promise<boolean> {
    if (this.#options.shutdownPolicy === undefined) return true;
    const settled = Promise.withResolvers<boolean>();
    this.#settled = () => settled.resolve(true);
    const timer = setTimeout(() => settled.resolve(false), waitMsMax);
    const asked = await this.drain({ by });
    if (!asked.ok) settled.resolve(false);
    const isSettled = await settled.promise;
    clearTimeout(timer);
    if (!isSettled) this.#options.log.error("what was under way could not be settled in time");
    return isSettled;
  }

  /** Writes the session's report from the last status. */
  report(trading: TradingStatus | null, endedBy: string, isSettled: boolean): void {
    const { directory, runId, nowUs, log, venues, disk } = this.#options;
    if (trading === null) return;
    try {
      const report = {
        runId,
        startedUs: this.#startedUs,
        endedUs: nowUs(),
        endedBy,
        isSettled,
        modes: Object.fromEntries(trading.accounts.map(({ venue, mode }) => [venue, mode])),
        fence: trading.fence,
        limitsVersion: trading.limitsVersion,
        counts: this.#keeper.counts,
        totals: trading.counts,
        profit: this.#keeper.profit((venue) => venues[venue] ?? ""),
        balancesStart: Object.fromEntries(this.#balancesStart),
        balancesEnd: balancesOf(trading),
        ordersOpen: trading.orders,
        kills: trading.kills,
      };
      const file = writeSessionReport(directory, report, disk);
      log.info("session report written", { file });
    } catch (error) {
      log.error("the session report could not be written", { cause: String(error) });
    }
  }

  async #killByFile(reason: string): Promise<void> {
    const answer = await this.kill({ scope: "all", target: "", by: "file KILL", reason });
    if (!answer.ok) this.#options.log.error("kill by file", { cause: answer.reason });
  }

  /** "" when the kill is on the disk, else why it is not. */
  #keepKill(kill: KillRequest): string {
    return this.#tryDisk(() => this.#kills.add({ ...kill, atUs: this.#options.nowUs() }));
  }

  #dropKill(scope: KillRequest["scope"], target: string): string {
    return this.#tryDisk(() => this.#kills.remove(scope, target));
  }

  #tryDisk(write: () => void): string {
    try {
      write();
      return "";
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      this.#options.log.error("the list of kills could not be written", { cause: fault });
      return fault;
    }
  }
}
