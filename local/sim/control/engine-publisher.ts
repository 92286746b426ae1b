/**
 * The engine's publisher in the scene: the production lanes and uploader over a virtual disk and the virtual AWS,
 * in a process that may die and be begun again.
 */
import { createAlertQueue } from "../../../hotpath/io/aws/alert-queue.ts";
import { createFactQueue } from "../../../hotpath/io/aws/fact-queue.ts";
import { createOrderRecords } from "../../../hotpath/io/aws/order-records.ts";
import { createSegmentBucket } from "../../../hotpath/io/aws/segment-bucket.ts";
import { nowUs } from "../../../hotpath/io/clock.ts";
import type { PublisherMessage } from "../../../hotpath/publish/messages.ts";
import { type Pauses, Publisher } from "../../../hotpath/publish/publisher.ts";
import type { VirtualClients } from "../aws/cloud.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import { ENGINE, PLACE, PREFIX } from "./deployment.ts";
import { type EngineJournal, JOURNAL_ROOT } from "./engine-journal.ts";

/** Looks are rarer than in production, where they cost less than an event of the simulator. */
const SCENE_PAUSES: Pauses = { idleMs: 400, firstMs: 250, capMs: 15_000, progressMs: 2_000 };

export type PublisherParts = {
  readonly kernel: Kernel;
  readonly disk: VirtualDisk;
  readonly clients: VirtualClients;
  readonly chance: () => number;
  readonly onMessage: (message: PublisherMessage) => void;
};

/** Begins to publish what is on the disk, as the process that runs now. */
export function startPublisher(parts: PublisherParts, journal: EngineJournal): Publisher {
  const { disk, clients, chance, onMessage } = parts;
  const publisher = new Publisher({
    disk,
    root: JOURNAL_ROOT,
    runId: journal.runId,
    engine: ENGINE,
    ackedSeq: () => journal.ackedSeq,
    facts: createFactQueue(clients.queues, PREFIX),
    alerts: createAlertQueue(clients.queues, PREFIX),
    orders: createOrderRecords(clients.tables, PREFIX),
    bucket: createSegmentBucket(clients.objects, PREFIX, PLACE),
    nowUs,
    chance,
    emit: onMessage,
    pauses: SCENE_PAUSES,
  });
  void publisher.run();
  return publisher;
}

/** One life of the publisher after the other. */
export class EnginePublisher {
  readonly #parts: PublisherParts;
  readonly #journal: EngineJournal;
  #process: Process;
  #lives = 0;
  /** The last that it told of how far it is. */
  publishedSeq = 0;
  uploadedSegments = 0;

  constructor(parts: PublisherParts, journal: EngineJournal) {
    this.#parts = parts;
    this.#journal = journal;
    this.#process = this.#begin();
  }

  get process(): Process {
    return this.#process;
  }

  /** Dies where it is and is begun again from what it had noted. */
  restart(): void {
    this.#parts.kernel.kill(this.#process);
    this.#process = this.#begin();
  }

  #begin(): Process {
    const { kernel, onMessage } = this.#parts;
    this.#lives += 1;
    const process = kernel.makeProcess(`publisher.${this.#lives}`);
    const heard = (message: PublisherMessage): void => {
      if (message.type === "progress") {
        this.publishedSeq = message.publishedSeq;
        this.uploadedSegments = message.uploadedSegments;
      }
      onMessage(message);
    };
    kernel.at(kernel.nowUs, process, () => {
      startPublisher({ ...this.#parts, onMessage: heard }, this.#journal);
    });
    return process;
  }
}
