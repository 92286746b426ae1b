// Goal: a schedule calls with the time that was due, and every manifest in the bucket is told of once, also across restarts.
import { GetQueueUrlCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { S3Event, ScheduledEvent } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { segmentManifestKey, segmentObjectKey } from "../../../contracts/keys.ts";
import { bucketName, queueName } from "../../../contracts/resources.ts";
import { type ArchiveStore, createArchiveStore } from "../../../functions/stores/archive-store.ts";
import { createIdempotencyStore } from "../../../functions/stores/idempotency-store.ts";
import { createHostLog } from "../../../local/lambda-host/host-log.ts";
import {
  type ObjectSource,
  objectNotice,
  watchObjects,
} from "../../../local/lambda-host/object-source.ts";
import { keepSchedule, scheduledEvent } from "../../../local/lambda-host/schedule-source.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";

describe("a schedule", () => {
  test("makes an event of the second that was due", () => {
    const dueMs = Date.UTC(2026, 10, 21, 0, 10, 0, 7);
    expect(scheduledEvent("build-report", dueMs)).toMatchObject({
      id: "build-report-2026-11-21T00:10:00Z",
      time: "2026-11-21T00:10:00Z",
      source: "aws.scheduler",
      "detail-type": "Scheduled Event",
    });
  });

  test("calls at its times until it is stopped, and a stop waits for the call under way", async () => {
    const lines: string[] = [];
    const times: string[] = [];
    const called = Promise.withResolvers<void>();
    let isOver = false;
    const handler = async (event: unknown): Promise<void> => {
      times.push((event as ScheduledEvent).time);
      called.resolve();
      await new Promise((resolve) => setTimeout(resolve, 20));
      isOver = true;
      throw new Error("broken");
    };
    const hosted = { name: "watch-engine", handler, timeoutMs: 5_000 };
    const schedule = keepSchedule(
      hosted,
      "* * * * * *",
      createHostLog((line) => lines.push(line)),
    );
    await called.promise;
    await schedule.stop();
    expect(isOver).toBe(true);
    expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(lines[0]).toContain("broken");
  });
});

test("a call that fails is made twice more with the same event, and a stop cuts its wait short", async () => {
  const times: string[] = [];
  const done = Promise.withResolvers<void>();
  const handler = (event: unknown): void => {
    times.push((event as ScheduledEvent).time);
    if (times.length === 3) done.resolve();
    throw new Error("not settled");
  };
  const hosted = { name: "build-report", handler, timeoutMs: 5_000 };
  const log = createHostLog(() => {});
  const schedule = keepSchedule(hosted, "* * * * * *", log, [0, 0]);
  await done.promise;
  await schedule.stop();
  expect(new Set(times.slice(0, 3)).size).toBe(1);

  const first = Promise.withResolvers<void>();
  let calls = 0;
  const failing = (): void => {
    calls++;
    first.resolve();
    throw new Error("not settled");
  };
  const waiting = keepSchedule({ ...hosted, handler: failing }, "* * * * * *", log);
  await first.promise;
  await waiting.stop();
  expect(calls).toBe(1);
});

describe("the bucket", () => {
  let rig: AwsRig;
  let archive: ArchiveStore;
  let faults: FaultPlan;
  let lines: string[] = [];
  let lives = 0;
  const bytes = new TextEncoder().encode("{}");

  beforeAll(async () => {
    rig = await startAwsRig();
    faults = plantFaults(rig.clients.objects);
    archive = createArchiveStore(rig.clients.objects, rig.prefix, rig.bucketPlace);
  });
  afterAll(async () => await rig.stop());

  const watch = (): ObjectSource =>
    watchObjects({
      archive,
      idempotency: createIdempotencyStore(rig.clients.documents, rig.prefix),
      client: rig.clients.queues,
      bucket: bucketName(rig.prefix, "archive", rig.bucketPlace),
      queueName: queueName(rig.prefix, "archive"),
      everyMs: 10,
      owner: `life-${++lives}`,
      log: createHostLog((line) => lines.push(line)),
    });

  const told = async (): Promise<readonly string[]> => {
    const QueueName = queueName(rig.prefix, "archive");
    const { QueueUrl } = await rig.clients.queues.send(new GetQueueUrlCommand({ QueueName }));
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await rig.clients.queues.send(receive);
    return Messages.flatMap(({ Body = "" }) =>
      (JSON.parse(Body) as S3Event).Records.map(({ s3 }) =>
        decodeURIComponent(s3.object.key.replaceAll("+", " ")),
      ),
    );
  };

  test("is told of by manifest, once, whenever it came and however often the host starts", async () => {
    const keys = [1, 2, 3].map((n) => segmentManifestKey("paper", "run", n));
    for (const n of [1, 2, 3]) {
      await archive.putOnce(segmentObjectKey("paper", "run", n), bytes);
      await archive.putOnce(keys[n - 1] ?? "", bytes);
    }
    const first = watch();
    const heard: string[] = [];
    const listen = async (): Promise<number> => {
      heard.push(...(await told()));
      return heard.length;
    };
    await vi.waitFor(async () => expect(await listen()).toBe(3), { timeout: 15_000 });
    const late = segmentManifestKey("paper", "run", 4);
    await archive.putOnce(late, bytes);
    await vi.waitFor(async () => expect(await listen()).toBe(4), { timeout: 15_000 });
    await first.stop();
    expect(heard.sort()).toEqual([...keys, late]);

    const second = watch();
    const last = segmentManifestKey("paper", "run-2", 1);
    await archive.putOnce(last, bytes);
    await vi.waitFor(async () => expect(await listen()).toBe(5), { timeout: 15_000 });
    await second.stop();
    expect(heard.at(-1)).toBe(last);
  });

  test("is looked through again after an error, which is said", async () => {
    lines = [];
    faults.add("ListObjectsV2Command", "denied");
    const source = watch();
    const tries = faults.triesOf("ListObjectsV2Command");
    await vi.waitFor(
      () => expect(faults.triesOf("ListObjectsV2Command")).toBeGreaterThan(tries + 2),
      { timeout: 15_000 },
    );
    await source.stop();
    expect(lines.map((line) => JSON.parse(line).failed)).toEqual(["look through the bucket"]);
  });
});

test("a notice has its key encoded as S3 does", () => {
  const notice = objectNotice("b", "segments/engine=a/x y+z.json", 7) as S3Event;
  expect(notice.Records[0]).toMatchObject({
    eventName: "ObjectCreated:Put",
    s3: { bucket: { name: "b" }, object: { key: "segments/engine%3Da/x+y%2Bz.json", size: 7 } },
  });
});
