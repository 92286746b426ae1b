// Goal: over the real queue and the host of one machine, an alert that a channel refuses holds back no other of
// its engine, and comes back until that channel has it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAlertQueue } from "../../../functions/stores/alert-queue.ts";
import { CATALOG } from "../../../local/lambda-host/catalog.ts";
import { type Host, startHost } from "../../../local/lambda-host/host.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { Receivers, sampleAlert } from "./receivers.ts";

const TIMEOUT_MS = 60_000;

let rig: AwsRig;
let receivers: Receivers;
let host: Host;

beforeAll(async () => {
  rig = await startAwsRig();
  receivers = await Receivers.start();
  Object.assign(process.env, rig.environment, {
    AWS_ENDPOINT_URL_SESV2: receivers.url,
    RECKONER_ALERT_CHANNELS: JSON.stringify(receivers.plan()),
  });
  host = await startHost(
    CATALOG.filter(({ name }) => name === "send-alerts"),
    {
      prefix: rig.prefix,
      bucketPlace: rig.bucketPlace,
      httpPort: 0,
      invokePort: 0,
      retryAfterS: 1,
      lookEveryMs: 60_000,
    },
    { invoked: () => undefined, failed: () => undefined },
  );
}, TIMEOUT_MS);
afterAll(async () => {
  await host.stop();
  await receivers.stop();
  await rig.stop();
}, TIMEOUT_MS);

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test(
  "a refused alert holds back nobody and is told in the end, each channel once",
  async () => {
    const queue = createAlertQueue(rig.clients.queues, rig.prefix);
    // The first of them and its first return are refused by one channel.
    const refused = { kind: "status", status: 401 } as const;
    receivers.spoil("telegram", refused, refused);
    await queue.send(sampleAlert());
    await until(() => receivers.asked.telegram >= 1);
    const others = [sampleAlert(), sampleAlert(), sampleAlert({ severity: 2 })];
    for (const alert of others) {
      for (let n = 0; n < 5; n++) await queue.send({ ...alert, kind: `kind-${n}` });
    }
    await until(() => receivers.taken.telegram.length >= 3 && receivers.taken.discord.length >= 4);
    await until(() => receivers.taken.email.length >= 4 && receivers.taken.webhook.length >= 4);
    // Nothing is under way any more that could tell somebody twice.
    await host.stop();
    expect(receivers.counts()).toEqual({ telegram: 3, discord: 4, email: 4, webhook: 4 });
  },
  TIMEOUT_MS,
);
