/**
 * Entry of compact-archive: notices of uploaded segments -> the archive.
 *
 * A notice that fails comes back alone and goes to the dead-letter queue after its last try; there is nothing
 * that a lost notice could lose, because the segment stays where it is until it has been archived.
 */
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { z } from "zod";
import { eachMessage } from "../platform/batch.ts";
import { deploymentOf, parseEnvironment } from "../platform/environment.ts";
import { createTurns } from "../platform/in-turn.ts";
import { createLog } from "../platform/log.ts";
import { createMeter } from "../platform/metrics.ts";
import { createArchiveStore } from "../stores/archive-store.ts";
import { createClients } from "../stores/clients.ts";
import { compactNotice } from "./notice.ts";

const { prefix, bucketPlace } = deploymentOf(process.env);
const { RECKONER_DELETE_SEGMENTS } = parseEnvironment(process.env, {
  // Off unless it is set: the segments are the journal itself.
  RECKONER_DELETE_SEGMENTS: z.enum(["0", "1"], "0 or 1").default("0"),
});
const store = createArchiveStore(createClients(process.env).objects, prefix, bucketPlace);
const log = createLog("compact-archive");
const meter = createMeter("compact-archive");
// A segment is held in memory unpacked: a batch of ten notices done at once would need ten times the memory.
const inTurn = createTurns();
const options = { deletesSegments: RECKONER_DELETE_SEGMENTS === "1" };

/** Archives every segment that the notices of `event` are about. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  try {
    return await eachMessage(event, context, ({ body }) =>
      inTurn(() => compactNotice({ store, log, meter, options }, body)),
    );
  } finally {
    meter.flush();
  }
}
