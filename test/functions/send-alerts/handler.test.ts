// Goal: the handler itself, with events as the queue makes them: what is told is told, and only what failed returns.
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { Receivers, sampleAlert } from "./receivers.ts";

const CONTEXT = {
  awsRequestId: "request-1",
  getRemainingTimeInMillis: () => 10_000,
} as Context;

let rig: AwsRig;
let receivers: Receivers;
let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

beforeAll(async () => {
  rig = await startAwsRig();
  receivers = await Receivers.start();
  Object.assign(process.env, rig.environment, {
    AWS_ENDPOINT_URL_SESV2: receivers.url,
    RECKONER_ALERT_CHANNELS: JSON.stringify(receivers.plan()),
  });
  ({ handler } = await import("../../../functions/send-alerts/handler.ts"));
});
afterAll(async () => {
  await receivers.stop();
  await rig.stop();
});

test("a batch with one message that is no alert tells the others and returns that one", async () => {
  const bodies = [sampleAlert(), "poison", sampleAlert({ severity: 2 })];
  const Records = bodies.map(
    (body, n) => ({ messageId: `m${n}`, body: JSON.stringify(body) }) as SQSRecord,
  );
  const answer = await handler({ Records }, CONTEXT);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: "m1" }] });
  expect(receivers.counts()).toEqual({ telegram: 1, discord: 2, email: 2, webhook: 2 });
  expect(await handler({ Records }, CONTEXT)).toEqual(answer);
  expect(receivers.counts()).toEqual({ telegram: 1, discord: 2, email: 2, webhook: 2 });
});
