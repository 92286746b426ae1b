// A process that trades into a journal and publishes it by the real worker, until it is killed: one life of a
// host. Arguments: folder, run, engine, prefix, lives before. With "flush" it only brings out what is left.
import { parentPort } from "node:worker_threads";
import { realDisk } from "../../../hotpath/io/journal/disk.ts";
import { recoverRuns } from "../../../hotpath/io/journal/runs.ts";
import { PublisherWorker } from "../../../hotpath/publish/publisher-worker.ts";
import {
  fillRecord,
  LiveJournal,
  OF_ACCOUNT,
  placeOrder,
} from "../../fixtures/publish/live-journal.ts";
import { alarmRecord, orderRecord } from "../../fixtures/trading/record-fixture.ts";

const [, , root = "", runId = "", engine = "", prefix = "", mode = ""] = process.argv;
const SEGMENT_BYTES = 24_000;
const FRAME_BYTES = 900;
const PAUSE_MS = 4;

if (parentPort !== null || root === "")
  throw new Error("it is started as a process, with a folder");
await recoverRuns(realDisk, root, runId);
const fence = Number(runId.slice(-4));
const journal = new LiveJournal({ root, runId, segmentBytes: SEGMENT_BYTES }).commit();
let isFlushed = false;
const begun = Promise.withResolvers<void>();
const publisher = new PublisherWorker({
  data: {
    root,
    runId,
    engine,
    prefix,
    bucketPlace: "local",
    recorderStatus: journal.statusMemory,
  },
  onMessage: (message) => {
    if (message.type === "stopped") isFlushed = message.isFlushed;
    // Killed earlier it would have published nothing, and there would be nothing to repeat.
    if (message.type === "progress") begun.resolve();
  },
  onDeath: (reason) => {
    process.stderr.write(`${reason}\n`);
  },
});
publisher.start();
if (mode === "flush") await flush();
else {
  trade();
  await begun.promise;
  process.stdout.write("begun\n");
}

/** Goes on until somebody kills it. */
function trade(): void {
  let command = 0;
  setInterval(() => {
    command++;
    const order = placeOrder(command, { fence, cycle: 0 });
    const { clientId } = order;
    const ids = { clientId, cycle: 0 } as const;
    journal.record(
      order,
      { ...OF_ACCOUNT, type: "orderAccepted", clientId, orderId: `${runId}-${command}` },
      { type: "recordFill", fill: fillRecord({ ...ids, tradeId: `${fence}-${command}` }) },
      { type: "recordOrder", order: orderRecord(ids) },
    );
    journal.raw(FRAME_BYTES);
    if (command % 50 === 0) journal.record({ type: "recordAlarm", alarm: alarmRecord() });
    journal.commit();
  }, PAUSE_MS);
}

async function flush(): Promise<void> {
  await begun.promise;
  journal.record({ type: "shutdownRequested" });
  await journal.stop();
  await publisher.stop();
  process.exit(isFlushed ? 0 : 1);
}
