/**
 * Station: one life of an engine's container, from its start to its end, on virtual time, disk and network.
 *
 * What `hotpath/main.ts` and the supervisor put together from threads and files, put together in one thread:
 * the same preparation, recovery, recorder, hot side and side of trading. A life ends by a crash from
 * outside, or by its own halt; it is never begun again, the next one is another.
 */
import path from "node:path";
import { assert } from "../../../contracts/assert.ts";
import type { Config } from "../../../contracts/schema/config.ts";
import { US_PER_MS } from "../../../contracts/time.ts";
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import { HotSide } from "../../../hotpath/hot-side.ts";
import type {
  FromHotThread,
  OperatorEvent,
  ToHotThread,
} from "../../../hotpath/hot-thread-messages.ts";
import { ByteRing, createRingMemory } from "../../../hotpath/io/byte-ring.ts";
import { nowUs } from "../../../hotpath/io/clock.ts";
import type { Disk } from "../../../hotpath/io/journal/disk.ts";
import { describeError } from "../../../hotpath/io/journal/failure.ts";
import {
  createStatusMemory,
  Recorder,
  STATUS_ACKED_SEQ,
} from "../../../hotpath/io/journal/recorder.ts";
import { beginRun } from "../../../hotpath/io/journal/run.ts";
import { type RunRecovery, recoverRuns } from "../../../hotpath/io/journal/runs.ts";
import type { Log } from "../../../hotpath/io/log.ts";
import type { HotPlan } from "../../../hotpath/plan.ts";
import { preparePlan, type SimulatedAddresses } from "../../../hotpath/prepare.ts";
import {
  type KeysByVenue,
  type LeaseShare,
  prepareTrading,
} from "../../../hotpath/prepare-trading.ts";
import { tradedBefore, tradingFiles } from "../../../hotpath/recover.ts";
import { recorderOptionsOf } from "../../../hotpath/supervising/recorder-worker.ts";
import { TradingSide } from "../../../hotpath/trading/trading-side.ts";
import { worldStatus } from "../../../hotpath/world-status.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { Network } from "../network/network.ts";

/** As the recorder's thread turns (`hotpath/recorder-thread.ts`). */
const TURN_US = 10 * US_PER_MS;
/** Nobody in these worlds writes the file KILL, and each look for it is a step. */
const KILL_LOOK_MS = 1000;
const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export type LifeParts = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly process: Process;
  readonly disk: Disk;
  readonly config: Config;
  readonly addresses: SimulatedAddresses;
  readonly runId: string;
  /** The lease under which it trades; absent where its counter file is the fence. */
  readonly lease?: LeaseShare | undefined;
  /** Everything that the hot thread tells. */
  readonly onMessage: (life: EngineLife, message: FromHotThread) => void;
  /** It has ended by itself: halted, or its recorder failed. */
  readonly onEnd: (life: EngineLife, reason: string) => void;
};

export type LifeStart =
  | { readonly ok: true }
  /** Why it did not begin; `isOutside` where the world is at fault and may be better next time. */
  | { readonly ok: false; readonly reason: string; readonly isOutside: boolean };

/** What a life found on its disk, and brought in order before it began. */
export type LifeRecovery = {
  /** Records of journals that were folded into its state, and intents that were adopted as unknown. */
  readonly folded: number;
  readonly adopted: number;
  /** Of all tails that were cut. */
  readonly cutBytes: number;
  /** Runs whose journal was refused, each with its reason. */
  readonly refused: readonly string[];
};

const NOTHING_FOUND: LifeRecovery = { folded: 0, adopted: 0, cutBytes: 0, refused: [] };

export class EngineLife {
  readonly #parts: LifeParts;
  readonly #ringMemory: SharedArrayBuffer;
  readonly #status = new Float64Array(createStatusMemory());
  #recorder: Recorder | undefined;
  #trading: TradingSide | undefined;
  #plan: HotPlan | undefined;
  #side: HotSide | undefined;
  #taken = 0;
  recovery = NOTHING_FOUND;
  readonly #ring: ByteRing;
  #beganUs = 0;
  #lastTurnUs = 0;
  #isTurnPlanned = false;

  constructor(parts: LifeParts) {
    this.#parts = parts;
    this.#ringMemory = createRingMemory(parts.config.limits.recorderRingBytes);
    this.#ring = new ByteRing(this.#ringMemory);
  }

  get process(): Process {
    return this.#parts.process;
  }

  get runId(): string {
    return this.#parts.runId;
  }

  /** The hot side, once it has begun. */
  get side(): HotSide | undefined {
    return this.#side;
  }

  get plan(): HotPlan | undefined {
    return this.#plan;
  }

  /** The last record of this life's journal that is safe on its disk. */
  get ackedSeq(): number {
    return this.#status[STATUS_ACKED_SEQ] as number;
  }

  /** From the disk and the venues' rules to a running engine. Virtual time passes meanwhile. */
  async start(): Promise<LifeStart> {
    const { kernel, process, network, disk, config, addresses, lease } = this.#parts;
    const root = config.journal.directory;
    const mustFollow = kernel.runAs(process, () => tradedBefore(root, disk));
    const prepared = await kernel.runAs(process, () =>
      preparePlan(config, addresses, mustFollow, network.openHttpOf(process)),
    );
    if (!prepared.ok) return prepared;
    if (!process.isAlive) return { ok: false, reason: "killed at its start", isOutside: true };
    const trading = kernel.runAs(process, () =>
      prepareTrading(config, prepared.plan, addresses, {
        environment: {},
        isArmed: false,
        disk,
        lease,
      }),
    );
    if (!trading.ok) return trading;
    const { folded, adopted } = trading.recovered ?? NOTHING_FOUND;
    this.recovery = { ...this.recovery, folded, adopted };
    return await this.#begin(trading.plan, trading.keys);
  }

  async #begin(plan: HotPlan, keys: KeysByVenue): Promise<LifeStart> {
    const { kernel, process, disk, config } = this.#parts;
    const root = config.journal.directory;
    try {
      this.#noteRuns(await kernel.freeze(recoverRuns(disk, root, this.runId)));
    } catch (error) {
      return { ok: false, reason: `recovery: ${messageOf(error)}`, isOutside: false };
    }
    if (!process.isAlive) return { ok: false, reason: "killed at its start", isOutside: true };
    this.#plan = plan;
    return kernel.runAs(process, () => this.#run(plan, keys));
  }

  #noteRuns(runs: readonly RunRecovery[]): void {
    let cutBytes = 0;
    const refused: string[] = [];
    for (const run of runs) {
      if (run.ok) cutBytes += run.cutBytes;
      else refused.push(`${run.runId}: ${describeError(run.error)}`);
    }
    this.recovery = { ...this.recovery, cutBytes, refused };
  }

  #run(plan: HotPlan, keys: KeysByVenue): LifeStart {
    const fault = this.#openJournal();
    if (fault !== "") return { ok: false, reason: fault, isOutside: false };
    this.#trading = this.#openTrading(plan);
    const { network, process, disk, config } = this.#parts;
    this.#side = new HotSide(
      {
        plan,
        keys,
        intentFolder: tradingFiles(config.journal.directory).intents,
        isIntentSynced: config.trading.intentSync === "fdatasync",
        ringMemory: this.#ringMemory,
        heartbeat: new SharedArrayBuffer(8),
      },
      {
        post: (message) => this.#onMessage(message),
        dial: network.dialOf(process),
        openHttp: network.openHttpOf(process),
        disk,
        warmed: 0,
      },
    );
    this.#trading.start();
    this.#beganUs = this.#parts.kernel.nowUs;
    this.#turn();
    process.onTurnEnd = () => this.#planTurn();
    return { ok: true };
  }

  #openJournal(): string {
    const { disk, config } = this.#parts;
    const root = config.journal.directory;
    const directory = path.join(root, this.runId);
    const begun = beginRun(disk, directory, { runId: this.runId, firstSeq: 1 });
    if (!begun.ok) return describeError(begun.error);
    this.#recorder = new Recorder({
      disk,
      ring: this.#ring,
      status: this.#status,
      root,
      directory,
      start: begun.start,
      options: recorderOptionsOf(config.journal, false),
      nowUs,
      emit: (message) => {
        if (message.type === "failed") this.#end(`the recorder failed: ${message.reason}`);
      },
    });
    return "";
  }

  #openTrading(plan: HotPlan): TradingSide {
    const { config, disk } = this.#parts;
    return new TradingSide({
      directory: config.journal.directory,
      runId: this.runId,
      venues: plan.venues.map(({ id }) => id),
      instruments: plan.instruments,
      log: SILENT,
      nowUs,
      shutdownPolicy: plan.trading?.shutdownPolicy,
      restored: plan.trading?.restored ?? "",
      ask: (event) => this.#asked(() => this.operate(event)),
      ackedSeq: () => this.ackedSeq,
      status: () => this.#asked(() => this.#tradingStatus()),
      disk,
      killLookMs: KILL_LOOK_MS,
    });
  }

  readonly #turn = (): void => {
    this.#isTurnPlanned = false;
    const { kernel } = this.#parts;
    this.#lastTurnUs = kernel.nowUs;
    this.#recorder?.turn();
    // Sealing and retention have real threads: nothing happens until they are done, or chance would decide.
    if (this.#recorder?.isCatchingUp === true) void kernel.freeze(this.#recorder.settle());
  };

  /**
   * The recorder's thread turns whether there is anything to record or not, and a turn without a record
   * does nothing. Only those with one are played, at the moments at which its thread turns.
   */
  #planTurn(): void {
    // Beside a loop that is busy the thread goes on; here all that a pause has held up comes in one moment.
    const { depthBytes, capacityBytes } = this.#ring.status();
    if (depthBytes > capacityBytes / 2) this.#recorder?.turn();
    if (this.#isTurnPlanned || this.#ring.peek(1) === 0) return;
    if (this.#recorder?.hasFailed === true) return;
    this.#isTurnPlanned = true;
    const { kernel, process } = this.#parts;
    const { nowUs: atUs } = kernel;
    const sinceTurnUs = (atUs - this.#beganUs) % TURN_US;
    // What is recorded at the moment of a turn is taken by that turn, unless that was before it.
    const isNow = sinceTurnUs === 0 && this.#lastTurnUs < atUs;
    kernel.at(isNow ? atUs : atUs + TURN_US - sinceTurnUs, process, this.#turn);
  }

  /** A promise goes on in whatever process ran last; what it asks for is this one's, or nobody's any more. */
  #asked<T>(answer: () => T): Promise<T> {
    const { kernel, process } = this.#parts;
    if (!process.isAlive) return new Promise(() => undefined);
    return Promise.resolve(kernel.runAs(process, answer));
  }

  #tradingStatus(): TradingStatus | null {
    return this.#side === undefined ? null : worldStatus(this.#side.world, nowUs(), {}).trading;
  }

  #onMessage(message: FromHotThread): void {
    switch (message.type) {
      case "trade":
        this.#trading?.onRecord(message.command, message.tick, message.atUs);
        break;
      case "state":
        this.#trading?.onState(message.seq, message.text);
        break;
      case "taken":
        this.#taken = message.tick;
        break;
      default:
        break;
    }
    this.#parts.onMessage(this, message);
    if (message.type === "halted") this.#end(message.reason);
  }

  /** Ends as SIGTERM ends it: what the loop has is posted and the journal closed, if the grace is enough. */
  shutDown(): void {
    this.#side?.onMessage({ type: "shutdown" });
    this.#recorder?.turn();
  }

  /** What a supervisor tells its hot thread. */
  tell(message: ToHotThread): void {
    this.#side?.onMessage(message);
  }

  /** Brings what was recorded so far to the disk. */
  flush(): void {
    this.#recorder?.turn();
  }

  /** What an operator asks, taken in this turn; the tick that took it. */
  operate(event: OperatorEvent): number {
    assert(this.#side !== undefined, "an engine that runs is asked");
    this.#side.onMessage({ type: "operator", requestId: 0, event });
    return this.#taken;
  }

  /** A kill or a release by an operator, as the admin port takes it; it is on the disk when this resolves. */
  get operations() {
    return this.#trading?.operations;
  }

  #end(reason: string): void {
    this.#parts.onEnd(this, reason);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
