// Goal: an object counts as put only when the bucket shows these very bytes under its key.
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bucketName } from "../../../../contracts/resources.ts";
import {
  createSegmentBucket,
  type SealedObject,
} from "../../../../hotpath/io/aws/segment-bucket.ts";
import { sha256Of } from "../../../../hotpath/io/journal/compress.ts";
import { Outside } from "../../../fixtures/publish/outside.ts";

let outside: Outside;
let client: S3Client;

beforeAll(async () => {
  outside = await Outside.start();
  client = outside.clients().objects;
});
afterAll(async () => {
  client.destroy();
  await outside.leave();
});

function objectOf(key: string, body: string): SealedObject {
  const bytes = new TextEncoder().encode(body);
  return { key, bytes, sha256: sha256Of(bytes), contentType: "text/plain" };
}

const bucket = (of = client) => createSegmentBucket(of, outside.prefix, outside.bucketPlace);

test("an object is put, and again, with the same result", async () => {
  expect(await bucket().put(objectOf("segments/a", "abc"))).toEqual({ ok: true });
  expect(await bucket().put(objectOf("segments/a", "abc"))).toEqual({ ok: true });
  expect(new TextDecoder().decode(await outside.object("segments/a"))).toBe("abc");
});

test("an object that is refused because it is there already must be the same one", async () => {
  const Bucket = bucketName(outside.prefix, "archive", outside.bucketPlace);
  const fixed = outside.clients().objects;
  const there = objectOf("segments/b", "first");
  const Metadata = { sha256: there.sha256 };
  const first = { Bucket, Key: there.key, Body: there.bytes, Metadata };
  await client.send(new PutObjectCommand(first));
  // The stand-in takes a second put; a bucket that refuses it answers like this.
  fixed.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== "PutObjectCommand") return await next(args);
      throw Object.assign(new Error("it exists"), { name: "PreconditionFailed" });
    },
    { step: "initialize", name: "refusesSecondPut" },
  );
  expect(await bucket(fixed).put(there)).toEqual({ ok: true });
  const other = await bucket(fixed).put(objectOf("segments/b", "other"));
  expect(other).toMatchObject({ isTaken: true, reason: expect.stringContaining("another object") });
  const absent = await bucket(fixed).put(objectOf("segments/c", "never put"));
  expect(absent.ok ? "" : absent.reason).toContain("PreconditionFailed");
  fixed.destroy();
});

test("a bucket that does not answer is a reason", async () => {
  const away = new S3Client({
    region: "us-east-1",
    maxAttempts: 1,
    endpoint: "http://127.0.0.1:1",
    forcePathStyle: true,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const put = await bucket(away).put(objectOf("segments/d", "abc"));
  expect(put.ok ? "" : put.reason).toContain("ECONNREFUSED");
  away.destroy();
});
