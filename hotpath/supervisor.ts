/**
 * Station: the container's main thread. Starts the workers, keeps the admin port, and ends the process
 * when it must. It never touches the world: it asks the hot thread, and waits for what that says.
 *
 * Each way for a worker to die has its one consequence, written in `onFailure`: the engine halts, says
 * why in an incident file, and the process ends with a code that means it.
 */
import { Worker } from "node:worker_threads";
import type { BookView } from "../contracts/book-view.ts";
import type { Config } from "../contracts/schema/config.ts";
import type { EngineStatus } from "../contracts/status.ts";
import { US_PER_MS } from "../contracts/time.ts";
import { logChange } from "./change-log.ts";
import { type ControlOptions, ControlSide } from "./control/control-side.ts";
import type { ControlEvent } from "./core/events.ts";
import type { CycleRecord } from "./core/trade/commands.ts";
import type {
  AskedEvent,
  FromHotThread,
  HotThreadData,
  ToHotThread,
} from "./hot-thread-messages.ts";
import { AdminEvents } from "./io/admin-events.ts";
import type { AdminSource } from "./io/admin-http.ts";
import type { Operations } from "./io/admin-write.ts";
import { ByteRing, createRingMemory } from "./io/byte-ring.ts";
import { nowUs } from "./io/clock.ts";
import type { Log } from "./io/log.ts";
import { createMetrics } from "./io/metrics.ts";
import type { HotPlan } from "./plan.ts";
import type { KeysByVenue } from "./prepare-trading.ts";
import { tradingFiles } from "./recover.ts";
import { ResyncKeeper } from "./resync-summary.ts";
import { RulesRefresh } from "./rules-refresh.ts";
import { completeStatus, type HotThreadWord, silentWord } from "./supervising/complete-status.ts";
import { HotThreadLink, type Stopped } from "./supervising/hot-thread-link.ts";
import { writeIncident } from "./supervising/incident.ts";
import { RecorderWorker } from "./supervising/recorder-worker.ts";
import { toldEvent } from "./supervising/told-event.ts";
import { TradingSide } from "./trading/trading-side.ts";
import type { FromWatchdog, WatchdogData } from "./watchdog-thread.ts";

/** A stop takes at most these three together and an answer: less than the 30 s that a stop may take. */
const SETTLE_MS_MAX = 22_000;

export type SupervisorOptions = {
  readonly config: Config;
  readonly plan: HotPlan;
  readonly keys: KeysByVenue;
  readonly runId: string;
  readonly log: Log;
  /** Where a control plane is configured. */
  readonly control?: ControlOptions | undefined;
};

/** How a run ended; `reason` is "" when it was asked to. */
export type RunEnd = {
  readonly reason: string;
  readonly status: EngineStatus;
  readonly stateHash: string;
  readonly commandHash: string;
};

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #ringMemory: SharedArrayBuffer;
  readonly #ring: ByteRing;
  readonly #recorder: RecorderWorker;
  readonly #link = new HotThreadLink((message) => this.#hotThread?.postMessage(message));
  readonly #heartbeat = new SharedArrayBuffer(8);
  readonly #resyncs = new ResyncKeeper();
  readonly #metrics = createMetrics();
  readonly #startedUs = nowUs();
  readonly #end = Promise.withResolvers<RunEnd>();
  readonly #hotStarted = Promise.withResolvers<void>();
  #hotThread: Worker | undefined;
  #watchdog: Worker | undefined;
  #lastStatus: EngineStatus | undefined;
  readonly #events: AdminEvents;
  readonly #trading: TradingSide;
  readonly #control: ControlSide | undefined;
  readonly #rules: RulesRefresh;
  #isEnding = false;
  #isStopping = false;
  #isSettled = true;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#events = new AdminEvents(options.runId);
    this.#ringMemory = createRingMemory(options.config.limits.recorderRingBytes);
    this.#ring = new ByteRing(this.#ringMemory);
    const { config, plan, runId, log } = options;
    this.#recorder = new RecorderWorker({
      journal: config.journal,
      runId,
      log,
      ringMemory: this.#ringMemory,
      isUploaded: options.control !== undefined,
      onMessage: () => undefined,
      onFailure: (reason) => this.#onFailure(reason),
    });
    this.#rules = new RulesRefresh({ plan, log, tell: (event) => this.control(event) });
    this.#trading = new TradingSide({
      directory: config.journal.directory,
      runId,
      venues: plan.venues.map(({ id }) => id),
      instruments: plan.instruments,
      log,
      nowUs,
      shutdownPolicy: plan.trading?.shutdownPolicy,
      restored: plan.trading?.restored ?? "",
      ask: (event) => this.#operate(event),
      ackedSeq: () => this.#recorder.ackedSeq,
      status: async () => (await this.status()).trading,
    });
    this.#control = options.control === undefined ? undefined : this.#controlSide(options.control);
  }

  #controlSide(control: ControlOptions): ControlSide {
    const { config, plan, runId, log } = this.#options;
    return new ControlSide(control, {
      runId,
      directory: config.journal.directory,
      instruments: plan.instruments,
      log,
      recorderStatus: this.#recorder.statusMemory,
      operations: this.#trading.operations,
      tell: (message) => this.#link.tell(message),
      operate: (event) => this.#operate(event),
      status: () => this.status(),
      onDeaf: (reason) => this.#onFailure(reason),
    });
  }

  /** Resolves when the run is over, however it ended. */
  get ended(): Promise<RunEnd> {
    return this.#end.promise;
  }

  /**
   * Starts the recorder first, so that there is a journal before there is anything to record. Resolves when
   * the hot thread has warmed up and answers, or when the run is over already.
   */
  async start(): Promise<void> {
    await this.#recorder.start();
    const { config, plan, log } = this.#options;
    const hot = workerOf<HotThreadData>("./hot-thread.ts", {
      plan,
      keys: this.#options.keys,
      intentFolder: tradingFiles(config.journal.directory).intents,
      isIntentSynced: config.trading.intentSync === "fdatasync",
      ringMemory: this.#ringMemory,
      heartbeat: this.#heartbeat,
    });
    this.#hotThread = hot;
    hot.on("message", (message: FromHotThread) => this.#onHotThread(message));
    hot.on("error", (error) => this.#onFailure(`the hot thread threw: ${error.message}`));
    hot.on("exit", (code) => this.#onFailure(`the hot thread ended with ${code}`));
    this.#trading.start();
    this.#rules.start();
    this.#control?.watch();
    // Not before the loop can answer: what waited for its warm-up would come to it out of date.
    void this.#hotStarted.promise.then(() => {
      if (!this.#isEnding) this.#control?.start();
    });
    this.#watchdog = workerOf<WatchdogData>("./watchdog-thread.ts", {
      heartbeat: this.#heartbeat,
      stallUs: plan.limits.stallUs,
    });
    this.#watchdog.on("message", (message: FromWatchdog) => this.#onWatchdog(message));
    this.#watchdog.on("error", (error) => this.#onFailure(`the watchdog threw: ${error.message}`));
    log.info("engine started", {
      runId: this.#options.runId,
      instruments: plan.instruments.length,
      venues: plan.venues.map(({ id }) => id),
    });
    await Promise.race([this.#hotStarted.promise, this.ended]);
  }

  #onWatchdog(message: FromWatchdog): void {
    const { log } = this.#options;
    if (message.type === "stalled") {
      log.error("the hot thread does not answer: internal saturation", {
        silenceUs: nowUs() - message.sinceUs,
      });
    } else log.warn("the hot thread answers again", { stalledUs: message.stalledUs });
  }

  #onHotThread(message: FromHotThread): void {
    const told = toldEvent(message, this.#options.plan);
    if (told !== undefined) this.#events.add(told.name, told.data);
    switch (message.type) {
      case "started":
        this.#hotStarted.resolve();
        return;
      case "status":
      case "book":
      case "taken":
        this.#link.onAnswer(message);
        return;
      case "resync":
        this.#resyncs.add(message.record);
        this.#metrics.observeResync(message.record);
        this.#options.log.info("book live again", { ...message.record });
        return;
      case "change":
        logChange(this.#options.log, this.#options.plan, message.command, {
          tick: message.tick,
          processUs: message.atUs,
        });
        return;
      case "slowTick": {
        const { kind, tick, durationUs } = message;
        this.#options.log.warn("slow tick", { kind, tick, durationUs });
        return;
      }
      case "trade":
        this.#trading.onRecord(message.command, message.tick, message.atUs);
        if (message.command.type === "recordOrder" && message.command.order.state === "rejected") {
          this.#rules.soon(message.command.order.venue);
        }
        if (message.command.type === "recordCycle") this.#observeCycle(message.command.cycle);
        return;
      case "state":
        this.#trading.onState(message.seq, message.text);
        return;
      case "drained":
        this.#trading.onDrained();
        return;
      case "halted":
        this.#onFailure(`halted: ${message.reason}`, message.stack);
        return;
      case "stopped":
        this.#link.onStopped(message);
        return;
    }
  }

  #observeCycle(cycle: CycleRecord): void {
    this.#metrics.observeCycle(this.#options.plan.venues[cycle.venue]?.id ?? "", cycle);
  }

  /** What the admin port may see. */
  get source(): AdminSource {
    return {
      status: () => this.status(),
      metricsText: async () => this.#metrics.text(await this.status()),
      book: (instrument) => this.#book(instrument),
      resyncs: () => this.#resyncs.all,
      records: (path) => this.#trading.records(path),
      events: this.#events,
    };
  }

  /** What operators may ask; undefined where no account trades. */
  get operations(): Operations | undefined {
    return this.#trading.operations;
  }

  /** The engine's status; the last one known, marked as not ready, when the hot thread is away. */
  async status(): Promise<EngineStatus> {
    const answer = await this.#ask((requestId) => ({ type: "status", requestId }));
    if (answer?.type === "status") {
      this.#lastStatus = this.#complete(answer);
      this.#trading.observe(this.#lastStatus.trading);
    } else if (this.#lastStatus !== undefined) {
      this.#lastStatus = { ...this.#lastStatus, nowUs: nowUs(), ready: false };
    } else throw new Error("the hot thread has not answered yet");
    return this.#lastStatus;
  }

  #complete(word: HotThreadWord): EngineStatus {
    return completeStatus(word, {
      startedUs: this.#startedUs,
      ring: this.#ring,
      recorder: this.#recorder,
      resyncs: this.#resyncs.summary(),
      journalDirectory: this.#options.config.journal.directory,
      runId: this.#options.runId,
    });
  }

  async #book(instrument: string): Promise<BookView | null> {
    const answer = await this.#ask((requestId) => ({ type: "book", requestId, instrument }));
    return answer?.type === "book" ? (answer.book ?? null) : null;
  }

  /** Hands a control event to the loop: operators and drills. */
  control(event: ControlEvent): void {
    this.#link.tell({ type: "control", event });
  }

  /** A drill: keeps the hot thread from its sockets for `stallMs`. */
  stall(stallMs: number): void {
    this.#link.tell({ type: "stall", stallUs: stallMs * US_PER_MS });
  }

  /** Hands in what an operator asks; the tick that took it, or undefined when nobody answers. */
  async #operate(event: AskedEvent): Promise<number | undefined> {
    const answer = await this.#ask((requestId) => ({ type: "operator", requestId, event }));
    return answer?.type === "taken" ? answer.tick : undefined;
  }

  #ask(make: (requestId: number) => ToHotThread): Promise<FromHotThread | undefined> {
    if (this.#isEnding || this.#hotThread === undefined) return Promise.resolve(undefined);
    return this.#link.ask(make);
  }

  /** Stops in order: trading settles by its policy, then inputs, loop, journal. Within 30 s, always. */
  async stop(endedBy = "asked"): Promise<void> {
    if (this.#isEnding || this.#isStopping) return;
    this.#isStopping = true;
    await this.#control?.stopListening();
    this.#isSettled = await this.#trading.settle(endedBy, SETTLE_MS_MAX);
    const last = await this.status().catch(() => undefined);
    if (this.#isEnding) return;
    this.#isEnding = true;
    const stopped = await this.#link.shutDown();
    await this.#stopWorkers();
    if (stopped === undefined || last === undefined) {
      await this.#finish("the hot thread did not answer the shutdown");
      return;
    }
    // The shutdown itself voids every book: what is told is how they stood before it.
    const { books, venues, ready } = last;
    this.#lastStatus = {
      ...this.#complete({ ...last, status: stopped.status }),
      books,
      venues,
      ready,
    };
    this.#trading.report(last.trading, endedBy, this.#isSettled);
    await this.#finish("", stopped);
  }

  async #stopWorkers(): Promise<void> {
    this.#watchdog?.postMessage("stop");
    await this.#recorder.stop();
    await this.#endHotThread();
  }

  async #endHotThread(): Promise<void> {
    await this.#hotThread?.terminate();
  }

  /** Our own state is broken, or one of us is gone: nothing goes on, and there is a file that says why. */
  #onFailure(reason: string, stack = ""): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#options.log.error(reason);
    writeIncident(
      {
        reason,
        stack,
        atUs: nowUs(),
        runId: this.#options.runId,
        ackedSeq: this.#recorder.ackedSeq,
        config: this.#options.config,
        plan: this.#options.plan,
        lastStatus: this.#lastStatus ?? null,
      },
      this.#options.log,
    );
    // The hot thread first: whatever broke, nothing more may be decided while the journal is closed.
    this.#trading.report(this.#lastStatus?.trading ?? null, reason, false);
    void this.#endHotThread()
      .then(() => this.#stopWorkers())
      .finally(() => this.#finish(reason));
  }

  async #finish(reason: string, stopped?: Stopped): Promise<void> {
    this.#trading.stop();
    this.#rules.stop();
    const known = this.#lastStatus ?? this.#complete(silentWord(nowUs()));
    const halted = reason === "" ? known.halted : reason;
    const journal = { ...known.journal, lastAckedSeq: this.#recorder.ackedSeq };
    const status = { ...known, halted, journal };
    // Only who has sent the last, and knows the end of all, may spare a successor the wait.
    await this.#control?.end(status, stopped !== undefined && this.#isSettled);
    const { stateHash = "", commandHash = "" } = stopped ?? {};
    this.#end.resolve({ reason, status, stateHash, commandHash });
  }
}

function workerOf<T>(file: string, workerData: T): Worker {
  return new Worker(new URL(file, import.meta.url), { workerData });
}
