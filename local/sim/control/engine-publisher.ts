/**
 * The engine's publisher in the scene: the production lanes and uploader over a virtual disk and the virtual AWS.
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
import { ENGINE, PLACE, PREFIX } from "./deployment.ts";
import { type EngineJournal, JOURNAL_ROOT } from "./engine-journal.ts";

/** Looks are rarer than in production, where they cost less than an event of the simulator. */
const SCENE_PAUSES: Pauses = { idleMs: 600, firstMs: 250, capMs: 15_000, progressMs: 2_000 };

export type PublisherParts = {
  readonly disk: VirtualDisk;
  readonly clients: VirtualClients;
  readonly chance: () => number;
  readonly onMessage: (message: PublisherMessage) => void;
};

/** Begins to publish what is on the disk, as the process that runs now. */
export function startPublisher(parts: PublisherParts, journal: EngineJournal): void {
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
}
