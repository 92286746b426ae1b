/**
 * The buckets: objects that are written once and carry their SHA-256 beside them.
 *
 * Keys are derived, so a second write under a key is the same bytes and is not made. `If-None-Match` is sent,
 * but no safety hangs on it, because not every implementation heeds it. Objects stay below 8 MB.
 */
import { createHash } from "node:crypto";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { assert } from "../../contracts/assert.ts";
import { type BucketName, bucketName } from "../../contracts/resources.ts";
import { asked, sdkName, sdkStatus } from "./store-error.ts";

export const OBJECT_BYTES_MAX = 8 * 1024 * 1024;
/** Keys of one answer of a listing, by the limit of ListObjectsV2 (S3 API reference, 2026-11). */
export const KEYS_PER_LIST_MAX = 1_000;
/** Metadata name of the hash; S3 keeps it in lower case. */
const HASH_NAME = "sha256";
const STATUS_NOT_FOUND = 404;
/** 409: another write of this key is under way; 412: the key has an object. Both mean: look again. */
const STATUSES_TAKEN: readonly number[] = [409, 412];

export type ObjectHead = {
  readonly sizeBytes: number;
  /** Hex; "" where whoever wrote it left none. */
  readonly sha256: string;
};

export type PutOnce = {
  /** `exists`: just these bytes stand there already. `differs`: others do, and were left alone. */
  readonly kind: "put" | "exists" | "differs";
  readonly sha256: string;
};

export type ObjectList = {
  readonly objects: readonly { readonly key: string; readonly sizeBytes: number }[];
  /** The last key when there are more: `after` of the next request. */
  readonly next: string | undefined;
};

export interface ArchiveStore {
  /** The whole object, or undefined where there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** `length` bytes from `offset`, fewer at the end; undefined where there is no object. */
  readRange(key: string, offset: number, length: number): Promise<Uint8Array | undefined>;
  readHead(key: string): Promise<ObjectHead | undefined>;
  putOnce(key: string, bytes: Uint8Array): Promise<PutOnce>;
  /** Keys that begin with `keyPrefix`, in their order, after the key `after`. */
  list(
    keyPrefix: string,
    request?: { readonly after?: string | undefined; readonly limit?: number },
  ): Promise<ObjectList>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
}

/** The bucket `bucket` of the deployment `prefix` at `place`. */
export function createArchiveStore(
  client: S3Client,
  prefix: string,
  place: string,
  bucket: BucketName = "archive",
): ArchiveStore {
  const store = { client, Bucket: bucketName(prefix, bucket, place) };
  return {
    read: (key) => read(store, key),
    readRange: (key, offset, length) =>
      length <= 0
        ? Promise.resolve(new Uint8Array())
        : read(store, key, `bytes=${offset}-${offset + length - 1}`),
    readHead: (key) => readHead(store, key),
    putOnce: (key, bytes) => putOnce(store, key, bytes),
    list: (keyPrefix, request) => list(store, keyPrefix, request),
    delete: async (key) => {
      const Key = key;
      await asked("delete an object", () =>
        client.send(new DeleteObjectCommand({ Bucket: store.Bucket, Key })),
      );
    },
  };
}

/** SHA-256 of `bytes` as hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

type Bucket = { readonly client: S3Client; readonly Bucket: string };

function isMissing(error: unknown): boolean {
  return sdkStatus(error) === STATUS_NOT_FOUND && sdkName(error) !== "NoSuchBucket";
}

async function read(
  { client, Bucket }: Bucket,
  Key: string,
  Range?: string,
): Promise<Uint8Array | undefined> {
  return await asked("read an object", async () => {
    try {
      const request = { Bucket, Key, ...(Range === undefined ? {} : { Range }) };
      const { Body } = await client.send(new GetObjectCommand(request));
      return await Body?.transformToByteArray();
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
  });
}

async function readHead({ client, Bucket }: Bucket, Key: string): Promise<ObjectHead | undefined> {
  return await asked("read the head of an object", async () => {
    try {
      const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
      return { sizeBytes: head.ContentLength ?? 0, sha256: head.Metadata?.[HASH_NAME] ?? "" };
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
  });
}

async function putOnce(bucket: Bucket, key: string, bytes: Uint8Array): Promise<PutOnce> {
  assert(
    bytes.length <= OBJECT_BYTES_MAX,
    `the object ${key} is at most ${OBJECT_BYTES_MAX} bytes`,
  );
  const sha256 = sha256Of(bytes);
  const before = await comparison(bucket, key, sha256);
  if (before !== undefined) return { kind: before, sha256 };
  const put = new PutObjectCommand({
    Bucket: bucket.Bucket,
    Key: key,
    Body: bytes,
    Metadata: { [HASH_NAME]: sha256 },
    IfNoneMatch: "*",
  });
  const isTaken = await asked("put an object", async () => {
    try {
      await bucket.client.send(put);
      return false;
    } catch (error) {
      if (STATUSES_TAKEN.includes(sdkStatus(error))) return true;
      throw error;
    }
  });
  if (!isTaken) return { kind: "put", sha256 };
  // Somebody was quicker, or our own first attempt was and its answer was lost.
  return { kind: (await comparison(bucket, key, sha256)) ?? "differs", sha256 };
}

/** How the object under `key` compares with one of hash `sha256`; undefined where there is none. */
async function comparison(
  bucket: Bucket,
  key: string,
  sha256: string,
): Promise<"exists" | "differs" | undefined> {
  const head = await readHead(bucket, key);
  if (head === undefined) return;
  const standing = head.sha256 === "" ? await read(bucket, key) : undefined;
  const hash = standing === undefined ? head.sha256 : sha256Of(standing);
  return hash === sha256 ? "exists" : "differs";
}

async function list(
  { client, Bucket }: Bucket,
  keyPrefix: string,
  {
    after,
    limit = KEYS_PER_LIST_MAX,
  }: { readonly after?: string | undefined; readonly limit?: number } = {},
): Promise<ObjectList> {
  const answer = await asked("list objects", () =>
    client.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: keyPrefix,
        MaxKeys: limit,
        ...(after === undefined ? {} : { StartAfter: after }),
      }),
    ),
  );
  const objects = (answer.Contents ?? []).map(({ Key = "", Size = 0 }) => ({
    key: Key,
    sizeBytes: Size,
  }));
  return { objects, next: answer.IsTruncated === true ? objects.at(-1)?.key : undefined };
}
