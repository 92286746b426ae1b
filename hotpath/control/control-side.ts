/**
 * Station: the supervisor's side of the control plane: renewals and commands in, heartbeats and facts out.
 * Started where a control plane is configured, after the recorder and the hot thread.
 *
 * None of it is on the way of an order, and all of it may be away: trading then ends by the lease's own
 * time, which the loop counts, and everything else waits on the disk.
 */
import type { InstrumentId } from "../../contracts/ids.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import { statusFacts } from "../facts/status-facts.ts";
import type { AskedEvent, ToHotThread } from "../hot-thread-messages.ts";
import type { Operations } from "../io/admin-write.ts";
import { queuesClient, tablesClient } from "../io/aws/clients.ts";
import { createCommandQueue } from "../io/aws/command-queue.ts";
import { createCommandRecords } from "../io/aws/command-records.ts";
import { createLimitsStore } from "../io/aws/limits-store.ts";
import { nowUs } from "../io/clock.ts";
import type { Log } from "../io/log.ts";
import type { PublisherMessage } from "../publish/messages.ts";
import { haltedAlert } from "../publish/own-alerts.ts";
import { PublisherWorker } from "../publish/publisher-worker.ts";
import type { ControlPorts } from "./carry-out.ts";
import { CommandSource } from "./command-source.ts";
import type { ControlPlan } from "./control-plan.ts";
import { HeartbeatWriter } from "./heartbeat.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { LimitsPoll } from "./limits-poll.ts";
import { readModeFile, writeModeFile } from "./mode-file.ts";

/** What `main.ts` has made before the supervisor: the plan, and the lease where an account trades. */
export type ControlOptions = {
  readonly plan: ControlPlan;
  readonly keeper: LeaseKeeper | undefined;
};

/** The supervisor as this side sees it. */
export type SupervisorPorts = {
  readonly runId: string;
  /** Of the journal. */
  readonly directory: string;
  readonly instruments: readonly { readonly id: InstrumentId }[];
  readonly log: Log;
  readonly recorderStatus: SharedArrayBuffer;
  readonly operations: Operations | undefined;
  readonly tell: (message: ToHotThread) => void;
  readonly operate: (event: AskedEvent) => Promise<number | undefined>;
  readonly status: () => Promise<EngineStatus>;
  /** Our right to trade is over, and the hot thread has not ended by itself. */
  readonly onDeaf: (reason: string) => void;
};

const POSITIONS_MS = 60_000;
/** The hot thread ends by its own clock; this is for one that is deaf. */
const DEAF_MS = 1000;

export class ControlSide {
  readonly #options: ControlOptions;
  readonly #ports: SupervisorPorts;
  readonly #commands: CommandSource;
  readonly #limits: LimitsPoll | undefined;
  readonly #heartbeat: HeartbeatWriter;
  readonly #publisher: PublisherWorker;
  #publishedSeq = 0;
  #factsTimer: NodeJS.Timeout | undefined;
  #factsUs = 0;

  constructor(options: ControlOptions, ports: SupervisorPorts) {
    this.#options = options;
    this.#ports = ports;
    const { prefix, bucketPlace, engine } = options.plan;
    const { log, runId, directory } = ports;
    const client = tablesClient();
    const records = createCommandRecords(client, prefix);
    const limits = createLimitsStore(client, prefix, engine);
    const control: ControlPorts = {
      operations: ports.operations,
      operate: ports.operate,
      resync: (instrument) => this.#resync(instrument),
      limitsVersion: async () => {
        const status = await ports.status().catch(() => undefined);
        return status === undefined ? undefined : (status.trading?.limitsVersion ?? 0);
      },
      readLimits: (version) => limits.read(version),
      keptMode: () => readModeFile(directory),
      keepMode: (mode) => writeModeFile(directory, mode),
    };
    const queue = createCommandQueue(queuesClient(), prefix, engine);
    this.#commands = new CommandSource({ engine, queue, records, ports: control, nowUs, log });
    this.#limits =
      ports.operations === undefined
        ? undefined
        : new LimitsPoll({ store: limits, ports: control, log });
    this.#heartbeat = new HeartbeatWriter({
      engine,
      runId,
      records,
      status: ports.status,
      publishedSeq: () => this.#publishedSeq,
      nowUs,
      log,
    });
    const { recorderStatus } = ports;
    this.#publisher = new PublisherWorker({
      data: { root: directory, runId, engine, prefix, bucketPlace, recorderStatus },
      onMessage: (message) => this.#onPublisher(message),
      onDeath: (reason) => log.error(reason),
    });
  }

  /** Before the loop answers: a start whose lease is lost meanwhile ends, and does not warm up for nothing. */
  watch(): void {
    this.#options.keeper?.listen({
      onHeld: () => undefined,
      onLost: (reason) => this.#ports.onDeaf(`leaseLost: ${reason}`),
    });
  }

  /** Hands in what stands since earlier lives, then begins to listen and to tell. */
  start(): void {
    this.#options.keeper?.listen({
      onHeld: (validUntilUs, openFromUs) =>
        this.#ports.tell({ type: "lease", validUntilUs, openFromUs }),
      onLost: (reason) => this.#onLost(reason),
    });
    const mode = readModeFile(this.#ports.directory);
    if (mode !== "active" && this.#ports.operations !== undefined) {
      const reason = "still so since an earlier run";
      this.#ports.log.warn("the operator's mode stands since an earlier run", { mode });
      void this.#ports.operate({ type: "modeRequested", mode, by: "operator", reason });
    }
    this.#publisher.start();
    this.#commands.start();
    this.#limits?.start();
    this.#heartbeat.start();
    this.#factsTimer = setInterval(() => void this.#tellFacts(), POSITIONS_MS);
  }

  /** Takes no more commands; the lease is still renewed, because what is under way has to settle. */
  async stopListening(): Promise<void> {
    clearInterval(this.#factsTimer);
    this.#limits?.stop();
    await this.#commands.stop();
  }

  /**
   * The end, after the journal is closed: what is left is published, the last word is written, and the lease
   * is given back if `isSettled` says that no order of ours can still be executed.
   */
  async end(last: EngineStatus, isSettled: boolean): Promise<void> {
    const { keeper, plan } = this.#options;
    const { halted } = last;
    if (halted !== "") {
      this.#publisher.tellAlert(haltedAlert(plan.engine, this.#ports.runId, halted, nowUs()));
    }
    clearInterval(this.#factsTimer);
    this.#limits?.stop();
    this.#heartbeat.stop();
    if (isSettled) await keeper?.giveBack();
    keeper?.stop();
    await this.#publisher.stop();
    await this.#heartbeat.write({ ...last, ready: false });
  }

  async #resync(instrument: string): Promise<number | undefined | false> {
    const index = this.#ports.instruments.findIndex(({ id }) => id === instrument);
    if (instrument !== "" && index < 0) return false;
    return await this.#ports.operate({
      type: "resyncRequested",
      instrument: instrument === "" ? -1 : index,
      cause: "operator",
    });
  }

  #onLost(reason: string): void {
    this.#ports.tell({ type: "leaseLost", reason });
    setTimeout(() => this.#ports.onDeaf(`leaseLost: ${reason}`), DEAF_MS).unref();
  }

  #onPublisher(message: PublisherMessage): void {
    const { log } = this.#ports;
    switch (message.type) {
      case "progress":
      case "stopped":
        this.#publishedSeq = message.publishedSeq;
        return;
      case "blocked":
        if (message.reason === "") log.info("publishing goes on", { path: message.path });
        else log.warn("publishing is blocked", { path: message.path, cause: message.reason });
        return;
    }
  }

  async #tellFacts(): Promise<void> {
    const { runId } = this.#ports;
    const { engine } = this.#options.plan;
    const status = await this.#ports.status().catch(() => undefined);
    if (status === undefined) return;
    this.#publisher.tellFacts(statusFacts({ engine, runId }, status, this.#factsUs));
    this.#factsUs = status.nowUs;
  }
}
