/**
 * The buckets and the secrets of the simulator: objects by key, and the commands of S3 and Secrets Manager that
 * this house uses.
 *
 * `If-None-Match` is heeded here, as the real service does; two writers of one key at the same time get 409
 * now and then. Who wants to hear of new objects sets `onPut`.
 */
import { BUCKET_NAMES, bucketName } from "../../../contracts/resources.ts";
import type { CloudFaults } from "./cloud-faults.ts";
import { invalid, sdkError } from "./sdk-error.ts";

type Input = Readonly<Record<string, unknown>>;

export type StoredObject = {
  readonly bytes: Uint8Array;
  readonly metadata: Readonly<Record<string, string>>;
};

const KEYS_PER_LIST_MAX = 1_000;
const STATUS_NOT_FOUND = 404;
const STATUS_CONFLICT = 409;
const STATUS_PRECONDITION = 412;

export class BucketDesk {
  readonly #buckets = new Map<string, Map<string, StoredObject>>();
  readonly #faults: CloudFaults;
  onPut: (bucket: string, key: string, sizeBytes: number) => void = () => undefined;

  constructor(faults: CloudFaults) {
    this.#faults = faults;
  }

  /** Makes the buckets of the deployment `prefix` at `place`. */
  create(prefix: string, place: string): void {
    for (const name of BUCKET_NAMES) this.#buckets.set(bucketName(prefix, name, place), new Map());
  }

  /** The objects of a bucket by key. */
  objects(name: unknown): Map<string, StoredObject> {
    const bucket = this.#buckets.get(String(name));
    if (bucket === undefined) throw sdkError("NoSuchBucket", STATUS_NOT_FOUND);
    return bucket;
  }

  /** Carries out one command of S3. */
  run(operation: string, input: Input): object {
    const run = this.#operations[operation];
    if (run === undefined) throw invalid(`the simulator has no ${operation}`);
    return run(this.objects(input.Bucket), String(input.Key ?? ""), input);
  }

  readonly #operations: Readonly<
    Record<string, (bucket: Map<string, StoredObject>, key: string, input: Input) => object>
  > = {
    PutObjectCommand: (bucket, key, input) => this.#put(bucket, key, input),
    GetObjectCommand: (bucket, key, { Range }) => {
      const found = bucket.get(key);
      if (found === undefined) throw sdkError("NoSuchKey", STATUS_NOT_FOUND);
      const bytes = partOf(found.bytes, Range as string | undefined);
      return { Body: { transformToByteArray: async () => bytes.slice() } };
    },
    HeadObjectCommand: (bucket, key) => {
      const found = bucket.get(key);
      if (found === undefined) throw sdkError("NotFound", STATUS_NOT_FOUND);
      return { ContentLength: found.bytes.length, Metadata: found.metadata };
    },
    DeleteObjectCommand: (bucket, key) => {
      bucket.delete(key);
      return {};
    },
    ListObjectsV2Command: (bucket, _key, input) => listOf(bucket, input),
  };

  #put(bucket: Map<string, StoredObject>, key: string, input: Input): object {
    if (input.IfNoneMatch !== undefined) {
      if (bucket.has(key)) throw sdkError("PreconditionFailed", STATUS_PRECONDITION);
      if (this.#faults.strikes("C21")) {
        throw sdkError("ConditionalRequestConflict", STATUS_CONFLICT);
      }
    }
    const body = input.Body;
    if (!(body instanceof Uint8Array)) throw invalid("the simulator takes bytes only");
    const metadata = { ...(input.Metadata as StoredObject["metadata"] | undefined) };
    bucket.set(key, { bytes: Uint8Array.from(body), metadata });
    this.onPut(String(input.Bucket), key, body.length);
    return {};
  }
}

/** Bytes of `bytes=<first>-<last>`, both included, or all. */
function partOf(bytes: Uint8Array, range: string | undefined): Uint8Array {
  if (range === undefined) return bytes;
  const [, first = "", last = ""] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  if (first === "" || Number(first) >= bytes.length) throw sdkError("InvalidRange", 416);
  return bytes.subarray(Number(first), Number(last) + 1);
}

function listOf(bucket: ReadonlyMap<string, StoredObject>, input: Input): object {
  const { Prefix = "", StartAfter = "", MaxKeys = KEYS_PER_LIST_MAX } = input;
  const keys = [...bucket.keys()]
    .filter((key) => key.startsWith(String(Prefix)) && key > String(StartAfter))
    .sort();
  const count = Math.min(Number(MaxKeys), KEYS_PER_LIST_MAX);
  const shown = keys.slice(0, count);
  return {
    Contents: shown.map((Key) => ({ Key, Size: bucket.get(Key)?.bytes.length ?? 0 })),
    IsTruncated: keys.length > count,
  };
}

/** Secrets by name. */
export class SecretDesk {
  readonly #secrets = new Map<string, string>();

  put(name: string, text: string): void {
    this.#secrets.set(name, text);
  }

  run(operation: string, { SecretId }: Input): object {
    if (operation !== "GetSecretValueCommand") throw invalid(`the simulator has no ${operation}`);
    const text = this.#secrets.get(String(SecretId));
    if (text === undefined) throw sdkError("ResourceNotFoundException", 400);
    return { SecretString: text };
  }
}
