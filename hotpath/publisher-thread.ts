/**
 * Station: the publisher's worker. It gives the publisher a clock, a disk, chance and the SDK's clients, and
 * carries its messages; the loop and the recorder do not know that it exists.
 */
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { createAlertQueue } from "./io/aws/alert-queue.ts";
import { awsFault, objectsClient, sendingClient, tablesClient } from "./io/aws/clients.ts";
import { createFactQueue } from "./io/aws/fact-queue.ts";
import { createOrderRecords } from "./io/aws/order-records.ts";
import { createSegmentBucket } from "./io/aws/segment-bucket.ts";
import { nowUs } from "./io/clock.ts";
import { realDisk } from "./io/journal/disk.ts";
import { STATUS_ACKED_SEQ } from "./io/journal/recorder.ts";
import type { PublisherMessage, PublisherOrder, PublisherWorkerData } from "./publish/messages.ts";
import { PAUSES, Publisher } from "./publish/publisher.ts";

/** Less than the supervisor waits: the last message must still arrive. */
const FLUSH_MS_MAX = 5_000;

if (parentPort !== null) await run(parentPort, workerData as PublisherWorkerData);

async function run(port: MessagePort, data: PublisherWorkerData): Promise<void> {
  const emit = (message: PublisherMessage): void => port.postMessage(message);
  const fault = awsFault(process.env);
  if (fault !== "") throw new Error(fault);
  const tables = tablesClient();
  const queues = sendingClient();
  const objects = objectsClient(process.env);
  const { root, runId, engine, prefix, bucketPlace } = data;
  const status = new Float64Array(data.recorderStatus);
  const publisher = new Publisher({
    disk: realDisk,
    root,
    runId,
    engine,
    ackedSeq: () => status[STATUS_ACKED_SEQ] as number,
    facts: createFactQueue(queues, prefix),
    alerts: createAlertQueue(queues, prefix),
    orders: createOrderRecords(tables, prefix),
    bucket: createSegmentBucket(objects, prefix, bucketPlace),
    nowUs,
    // Only the pauses between tries are drawn: nothing that is sent depends on it.
    chance: Math.random,
    emit,
    pauses: PAUSES,
  });
  port.on("message", (order: PublisherOrder) => {
    switch (order.type) {
      case "facts":
        publisher.tellFacts(order.facts);
        return;
      case "alert":
        publisher.tellAlert(order.alert);
        return;
      case "stop":
        publisher.stop(FLUSH_MS_MAX);
        return;
    }
  });
  await publisher.run();
  for (const client of [tables, queues, objects]) client.destroy();
  port.close();
}
