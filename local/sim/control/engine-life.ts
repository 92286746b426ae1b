/**
 * One life of the scene's engine: journal, publisher, command source, poll of limits and heartbeat, all of them
 * production code in one process that may die at any moment. What the next life knows is on the disk.
 */

import type { ControlPorts } from "../../../hotpath/control/carry-out.ts";
import { CommandSource } from "../../../hotpath/control/command-source.ts";
import { HeartbeatWriter } from "../../../hotpath/control/heartbeat.ts";
import { LimitsPoll } from "../../../hotpath/control/limits-poll.ts";
import { readModeFile, writeModeFile } from "../../../hotpath/control/mode-file.ts";
import { createCommandQueue } from "../../../hotpath/io/aws/command-queue.ts";
import { createCommandRecords } from "../../../hotpath/io/aws/command-records.ts";
import { createLimitsStore } from "../../../hotpath/io/aws/limits-store.ts";
import { nowUs } from "../../../hotpath/io/clock.ts";
import { TradingSide } from "../../../hotpath/trading/trading-side.ts";
import type { VirtualClients } from "../aws/cloud.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import { ENGINE, PREFIX } from "./deployment.ts";
import { EngineJournal, JOURNAL_ROOT, SCENE_FENCE, scenePlan } from "./engine-journal.ts";
import { EngineLoop, type Taken } from "./engine-loop.ts";
import { startPublisher } from "./engine-publisher.ts";
import { statusOf, tradingStatusOf } from "./engine-status.ts";
import type { SceneLog } from "./scene-log.ts";

export type LifeParts = {
  readonly kernel: Kernel;
  readonly disk: VirtualDisk;
  /** Clients that try once. */
  readonly clients: VirtualClients;
  readonly log: SceneLog;
  readonly chance: () => number;
  readonly taken: Taken[];
};

export class EngineLife {
  readonly process: Process;
  readonly journal: EngineJournal;
  readonly loop: EngineLoop;
  /** How far the publisher has come, by its own word. */
  publishedSeq = 0;
  uploadedSegments = 0;
  readonly #parts: LifeParts;
  readonly #trading: TradingSide;

  /** Begins on a disk whose earlier runs are in order. */
  constructor(parts: LifeParts, life: number) {
    const { kernel, disk, taken, log } = parts;
    this.#parts = parts;
    this.process = kernel.makeProcess(`engine.${life}`);
    this.journal = new EngineJournal(kernel, disk, `run-${life}`);
    this.loop = new EngineLoop({
      kernel,
      journal: this.journal,
      life,
      taken,
      limitsVersion: 0,
      onRecord: (record, tick) => this.#trading.onRecord(record, tick, kernel.nowUs),
    });
    this.#trading = kernel.runAs(
      this.process,
      () =>
        new TradingSide({
          directory: JOURNAL_ROOT,
          runId: this.journal.runId,
          venues: ["binance-spot"],
          instruments: scenePlan().instruments,
          log: log.engineLog(),
          nowUs,
          shutdownPolicy: "cancelOnly",
          restored: "",
          ask: (event) => this.loop.ask(event),
          ackedSeq: () => this.journal.ackedSeq,
          status: () => Promise.resolve(tradingStatusOf(this.loop, SCENE_FENCE)),
          disk,
        }),
    );
    // As an event of its own: promises belong to the process whose event they follow.
    kernel.at(kernel.nowUs, this.process, () => this.#start());
  }

  /** What nobody has to ask AWS for: the kill by the file beside the journal. */
  #start(): void {
    this.journal.commit();
    this.#trading.start();
    const { disk, clients, log, chance } = this.#parts;
    const engineLog = log.engineLog();
    const limits = createLimitsStore(clients.tables, PREFIX, ENGINE);
    const records = createCommandRecords(clients.tables, PREFIX);
    const ports: ControlPorts = {
      operations: this.#trading.operations,
      operate: (event) => this.loop.ask(event),
      resync: async () =>
        await this.loop.ask({ type: "resyncRequested", instrument: -1, cause: "operator" }),
      limitsVersion: () => Promise.resolve(this.loop.limitsVersion),
      readLimits: (version) => limits.read(version),
      keptMode: () => readModeFile(JOURNAL_ROOT, disk),
      keepMode: (mode) => writeModeFile(JOURNAL_ROOT, mode, disk),
    };
    const queue = createCommandQueue(clients.queues, PREFIX, ENGINE);
    new CommandSource({ engine: ENGINE, queue, records, ports, nowUs, log: engineLog }).start();
    new LimitsPoll({ store: limits, ports, log: engineLog }).start();
    const startedUs = nowUs();
    new HeartbeatWriter({
      engine: ENGINE,
      runId: this.journal.runId,
      records,
      status: () => Promise.resolve(this.#status(startedUs)),
      publishedSeq: () => this.publishedSeq,
      nowUs,
      log: engineLog,
    }).start();
    this.#handInMode(ports);
    startPublisher(
      {
        disk,
        clients,
        chance,
        onMessage: (message) => {
          if (message.type !== "progress") return;
          this.publishedSeq = message.publishedSeq;
          this.uploadedSegments = message.uploadedSegments;
        },
      },
      this.journal,
    );
  }

  /** As the supervisor's side does it at a start. */
  #handInMode({ operate, keptMode }: ControlPorts): void {
    const mode = keptMode();
    const reason = "still so since an earlier run";
    if (mode !== "active") void operate({ type: "modeRequested", mode, by: "operator", reason });
  }

  #status(startedUs: number) {
    return statusOf({
      startedUs,
      nowUs: nowUs(),
      directory: JOURNAL_ROOT,
      ackedSeq: this.journal.ackedSeq,
      trading: tradingStatusOf(this.loop, SCENE_FENCE),
    });
  }
}
