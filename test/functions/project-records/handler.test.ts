// Goal: the handler that is deployed does its work with nothing but its environment, and names what must come back.
import type { Context, SQSEvent, SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FACT_SCHEMA_VERSION } from "../../../contracts/history.ts";
import { createHistoryStore } from "../../../functions/stores/history-store.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

let rig: AwsRig;

beforeAll(async () => {
  rig = await startAwsRig();
  Object.assign(process.env, rig.environment, { POWERTOOLS_LOG_LEVEL: "SILENT" });
});

afterAll(async () => {
  await rig.stop();
});

test("messages of the queue become history, and the one that cannot be read comes back", async () => {
  const { handler } = await import("../../../functions/project-records/handler.ts");
  const facts = [sampleFact("resync", 1), sampleFact("resync", 2)];
  const bodies = [JSON.stringify({ schemaVersion: FACT_SCHEMA_VERSION, facts }), "poison"];
  const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }) as SQSRecord);
  const response = await handler({ Records } satisfies SQSEvent, {} as Context);
  expect(response.batchItemFailures).toEqual([{ itemIdentifier: "m1" }]);
  const page = await createHistoryStore(rig.clients.documents, rig.prefix).query({
    engine: "paper",
    kind: "resync",
    fromUs: FACTS_START_US,
    toUs: FACTS_START_US + 60_000_000,
    order: "newest",
    filters: { cause: "sequenceGap" },
    limit: 10,
  });
  expect(page).toMatchObject({ kind: "page", records: [...facts].reverse() });
});
