// Goal: a host that is killed at any moment loses no fact and doubles none. RECKONER_HOST_KILLS sets how often.
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Fact } from "../../../contracts/history.ts";
import { queueName } from "../../../contracts/resources.ts";
import { createDeadLetterStore } from "../../../functions/stores/dead-letter-store.ts";
import { createHistoryStore } from "../../../functions/stores/history-store.ts";
import { killChildren, startChild } from "../../fixtures/aws/child.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

const KILLS = Number(process.env.RECKONER_HOST_KILLS ?? "2");
const MESSAGES = KILLS * 3;
const FACTS_PER_MESSAGE = 10;

let rig: AwsRig;

beforeAll(async () => {
  rig = await startAwsRig();
});
afterEach(killChildren);
afterAll(async () => await rig.stop());

/** Moments of the kills: spread over the first half second of work, the same in every run. */
function killAfterMs(kill: number): number {
  return (kill * 7_919) % 500;
}

test(`${KILLS} kills of the host: history is what was sent, each fact once`, {
  timeout: 120_000 + KILLS * 20_000,
}, async () => {
  const { queues } = rig.clients;
  const QueueName = queueName(rig.prefix, "records");
  const { QueueUrl } = await queues.send(new GetQueueUrlCommand({ QueueName }));
  const sent: Fact[] = [];
  const send = async (message: number): Promise<void> => {
    const facts = Array.from({ length: FACTS_PER_MESSAGE }, (_, n) =>
      sampleFact("fill", message * FACTS_PER_MESSAGE + n),
    );
    if (sent.length < (message + 1) * FACTS_PER_MESSAGE) sent.push(...facts);
    const MessageBody = JSON.stringify({ schemaVersion: 1, facts });
    await queues.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  };
  for (let message = 0; message < MESSAGES; message++) {
    await send(message);
    // Every third is told twice.
    if (message % 3 === 0) await send(message);
  }
  for (let kill = 0; kill < KILLS; kill++) {
    const child = startChild("test/fixtures/aws/records-host.ts", [], rig.environment);
    await child.ready;
    await new Promise((resolve) => setTimeout(resolve, killAfterMs(kill)));
    child.process.kill("SIGKILL");
    expect(await child.ended).toBe("SIGKILL");
  }
  const dead = createDeadLetterStore(queues, rig.prefix);
  const last = startChild("test/fixtures/aws/records-host.ts", [], rig.environment);
  await last.ready;
  const waiting = async (): Promise<number> => {
    // Killed often enough while it held a message, the host has let it die; an operator sends it back.
    await dead.redrive({ queue: "records" }, 100);
    const { Attributes = {} } = await queues.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
    );
    const names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
  };
  await expect.poll(waiting, { timeout: 60_000 + KILLS * 5_000, interval: 500 }).toBe(0);
  expect((await dead.count({ queue: "records" })).count).toBe(0);

  const history = createHistoryStore(rig.clients.documents, rig.prefix);
  const found: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await history.query({
      engine: "paper",
      kind: "fill",
      fromUs: FACTS_START_US - 86_400_000_000,
      toUs: FACTS_START_US + 86_400_000_000,
      order: "oldest",
      filters: {},
      limit: 500,
      cursor,
    });
    if (page.kind !== "page") throw new Error("the cursor is ours");
    found.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(found).toHaveLength(MESSAGES * FACTS_PER_MESSAGE);
  const idOf = (fact: unknown): string => (fact as Fact).fact_id;
  expect(found.map(idOf).sort()).toEqual(sent.map(idOf).sort());
  expect(new Map(found.map((fact) => [idOf(fact), fact]))).toEqual(
    new Map(sent.map((fact) => [idOf(fact), fact])),
  );
});
