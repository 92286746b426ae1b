/**
 * Entry of project-records: messages of facts -> the read models.
 *
 * The read models can be built anew from the journal at any time; what stands in them was reported by an engine
 * and by nobody else.
 */
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { eachMessage } from "../platform/batch.ts";
import { deploymentOf } from "../platform/environment.ts";
import { createLog } from "../platform/log.ts";
import { createMeter } from "../platform/metrics.ts";
import { createClients } from "../stores/clients.ts";
import { createHistoryStore } from "../stores/history-store.ts";
import { projectMessage } from "./project.ts";

const { prefix } = deploymentOf(process.env);
const history = createHistoryStore(createClients(process.env).documents, prefix);
const log = createLog("project-records");
const meter = createMeter("project-records");

/** Projects every message of `event`; the answer names those that must come back. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  try {
    return await eachMessage(event, context, ({ body }) =>
      projectMessage({ history, log, meter }, body),
    );
  } finally {
    meter.flush();
  }
}
