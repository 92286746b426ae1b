/**
 * The bucket side of the host: a new manifest under `segments/` -> S3's notice of it on the queue of the
 * archive, because the stand-in sends none.
 *
 * The bucket is looked through again and again. A notice that was sent is remembered in the idempotency table,
 * so a new start of the host sends only what is new; one that is sent twice all the same does no harm.
 */
import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { ArchiveStore } from "../../functions/stores/archive-store.ts";
import type { IdempotencyStore } from "../../functions/stores/idempotency-store.ts";
import type { HostLog } from "./host-log.ts";
import { pause } from "./pause.ts";

const PREFIX = "segments/";
const MANIFEST_END = ".manifest.json";
const CONSUMER = "s3-notices";
/** After this a notice whose sender died is sent by another. */
const CLAIM_US = 30_000_000;

export type ObjectSource = { readonly stop: () => Promise<void> };

export type ObjectSourceOptions = {
  readonly archive: Pick<ArchiveStore, "list">;
  readonly idempotency: IdempotencyStore;
  readonly client: SQSClient;
  readonly bucket: string;
  readonly queueName: string;
  readonly everyMs: number;
  /** Names this life of the host. */
  readonly owner: string;
  readonly log: HostLog;
};

/** Looks through the bucket until it is stopped. */
export function watchObjects(options: ObjectSourceOptions): ObjectSource {
  const stopping = new AbortController();
  const ended = watch(options, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function watch(options: ObjectSourceOptions, signal: AbortSignal): Promise<void> {
  const known = new Set<string>();
  while (!signal.aborted) {
    const startMs = performance.now();
    try {
      await lookThrough(options, known, signal);
    } catch (error) {
      options.log.failed("look through the bucket", error);
    }
    // A look at a bucket with much in it takes its time; at most half of all time is spent looking.
    await pause(Math.max(options.everyMs, performance.now() - startMs), signal);
  }
}

async function lookThrough(
  options: ObjectSourceOptions,
  known: Set<string>,
  signal: AbortSignal,
): Promise<void> {
  let after: string | undefined;
  do {
    const { objects, next } = await options.archive.list(PREFIX, { after });
    for (const { key, sizeBytes } of objects) {
      if (signal.aborted) return;
      if (!key.endsWith(MANIFEST_END) || known.has(key)) continue;
      if (await notify(options, key, sizeBytes)) known.add(key);
    }
    after = next;
  } while (after !== undefined);
}

/** Sends the notice of `key` unless it was sent; whether nothing is left to do for it. */
async function notify(
  { idempotency, client, bucket, queueName, owner }: ObjectSourceOptions,
  key: string,
  sizeBytes: number,
): Promise<boolean> {
  const attempt = { consumer: CONSUMER, messageKey: `${bucket}/${key}`, owner };
  const nowUs = Date.now() * 1_000;
  const begun = await idempotency.begin(attempt, nowUs, nowUs + CLAIM_US);
  if (begun.kind !== "begun") return begun.kind === "completed";
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: queueName }));
  const MessageBody = JSON.stringify(objectNotice(bucket, key, sizeBytes));
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  return await idempotency.complete(attempt, "sent");
}

/** The notice that S3 sends of an object; its key is encoded as in an address (S3 user guide, 2026-11). */
export function objectNotice(bucket: string, key: string, sizeBytes: number): unknown {
  return {
    Records: [
      {
        eventVersion: "2.1",
        eventSource: "aws:s3",
        awsRegion: "us-east-1",
        eventTime: new Date().toISOString(),
        eventName: "ObjectCreated:Put",
        s3: {
          s3SchemaVersion: "1.0",
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: {
            key: encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
            size: sizeBytes,
          },
        },
      },
    ],
  };
}
