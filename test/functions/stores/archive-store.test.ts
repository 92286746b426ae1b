// Goal: an object is written once with its hash, a second write is recognized, and ranges and lists are exact.
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bucketName } from "../../../contracts/resources.ts";
import {
  type ArchiveStore,
  createArchiveStore,
  OBJECT_BYTES_MAX,
  sha256Of,
} from "../../../functions/stores/archive-store.ts";
import { createAuditRootStore } from "../../../functions/stores/audit-root-store.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, awsTargets, startAwsRig } from "../../fixtures/aws/rig.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(awsTargets("s3"))("objects at $name $skipped", (target) => {
  describe.skipIf(target.skipped !== "")("", () => {
    let rig: AwsRig;
    let store: ArchiveStore;
    let faults: FaultPlan;

    beforeAll(async () => {
      rig = await startAwsRig(target);
      faults = plantFaults(rig.clients.objects);
      store = createArchiveStore(rig.clients.objects, rig.prefix, rig.bucketPlace);
    });
    afterAll(async () => await rig.stop());

    test("what is put is read, with its size and hash", async () => {
      const sha256 = sha256Of(bytes("hello"));
      const key = "archive/type=fill/venue=a/x.parquet";
      expect(await store.putOnce(key, bytes("hello"))).toEqual({ kind: "put", sha256 });
      expect(await store.read(key)).toEqual(bytes("hello"));
      expect(await store.readHead(key)).toEqual({ sizeBytes: 5, sha256 });
    });

    test("the same bytes again are there already, others are left out", async () => {
      await store.putOnce("twice", bytes("one"));
      const tries = faults.triesOf("PutObjectCommand");
      expect(await store.putOnce("twice", bytes("one"))).toMatchObject({ kind: "exists" });
      expect(await store.putOnce("twice", bytes("two"))).toMatchObject({ kind: "differs" });
      expect(await store.read("twice")).toEqual(bytes("one"));
      expect(faults.triesOf("PutObjectCommand")).toBe(tries);
    });

    test("an object without a hash beside it is compared by its bytes", async () => {
      const Bucket = bucketName(rig.prefix, "archive", rig.bucketPlace);
      await rig.clients.objects.send(
        new PutObjectCommand({ Bucket, Key: "bare", Body: bytes("bare") }),
      );
      expect(await store.readHead("bare")).toEqual({ sizeBytes: 4, sha256: "" });
      expect(await store.putOnce("bare", bytes("bare"))).toMatchObject({ kind: "exists" });
      expect(await store.putOnce("bare", bytes("other"))).toMatchObject({ kind: "differs" });
    });

    test("a put whose answer is lost is put", async () => {
      faults.add("PutObjectCommand", "lostAnswer");
      const { kind } = await store.putOnce("lost", bytes("lost"));
      expect(["put", "exists"]).toContain(kind);
      expect(await store.read("lost")).toEqual(bytes("lost"));
    });

    test.each([
      [409, "ConditionalRequestConflict"],
      [412, "PreconditionFailed"],
    ])("a precondition that fails with %d means: look what is there", async (status, name) => {
      const error = Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } });
      const key = `precondition-${status}`;
      const refused = refusing(rig, error);
      expect(await refused.putOnce(key, bytes("mine"))).toMatchObject({ kind: "differs" });
      let isFirst = true;
      const raced = refusing(rig, error, async () => {
        if (isFirst) await store.putOnce(key, bytes("mine"));
        isFirst = false;
      });
      expect(await raced.putOnce(key, bytes("mine"))).toMatchObject({ kind: "exists" });
    });

    test("what is not there is undefined, and deleting it is no error", async () => {
      expect(await store.read("nothing")).toBeUndefined();
      expect(await store.readRange("nothing", 0, 4)).toBeUndefined();
      expect(await store.readHead("nothing")).toBeUndefined();
      await store.delete("nothing");
      await store.putOnce("gone", bytes("gone"));
      await store.delete("gone");
      expect(await store.read("gone")).toBeUndefined();
    });

    test("a bucket that is not there is an error, not an absent object", async () => {
      const nowhere = createArchiveStore(rig.clients.objects, rig.prefix, "nowhere");
      await expect(nowhere.read("key")).rejects.toMatchObject({ fault: "refused" });
    });

    test("ranges are exact and shorter at the end", async () => {
      await store.putOnce("range", bytes("0123456789"));
      expect(await store.readRange("range", 2, 3)).toEqual(bytes("234"));
      expect(await store.readRange("range", 8, 10)).toEqual(bytes("89"));
      expect(await store.readRange("range", 3, 0)).toEqual(new Uint8Array());
    });

    test("lists are in order, by prefix, and go on after the last key", async () => {
      for (const key of ["list/c", "list/a", "list/b", "lists/d"]) {
        await store.putOnce(key, bytes(key));
      }
      const first = await store.list("list/", { limit: 2 });
      expect(first).toEqual({
        objects: [
          { key: "list/a", sizeBytes: 6 },
          { key: "list/b", sizeBytes: 6 },
        ],
        next: "list/b",
      });
      expect(await store.list("list/", { after: first.next, limit: 2 })).toEqual({
        objects: [{ key: "list/c", sizeBytes: 6 }],
        next: undefined,
      });
      expect(await store.list("none/")).toEqual({ objects: [], next: undefined });
    });

    test("an object of 8 MB is taken, a larger one is a programmer's error", async () => {
      const large = new Uint8Array(OBJECT_BYTES_MAX).fill(7);
      expect(await store.putOnce("large", large)).toMatchObject({ kind: "put" });
      expect((await store.read("large"))?.length).toBe(OBJECT_BYTES_MAX);
      const larger = store.putOnce("larger", new Uint8Array(OBJECT_BYTES_MAX + 1));
      await expect(larger).rejects.toThrow("at most");
    });

    test.each([
      "GetObjectCommand",
      "HeadObjectCommand",
      "ListObjectsV2Command",
      "DeleteObjectCommand",
    ])("a %s that is denied is said", async (command) => {
      faults.add(command, "denied");
      const asks: Record<string, () => Promise<unknown>> = {
        GetObjectCommand: () => store.read("x"),
        HeadObjectCommand: () => store.readHead("x"),
        ListObjectsV2Command: () => store.list("x"),
        DeleteObjectCommand: () => store.delete("x"),
      };
      await expect(asks[command]?.()).rejects.toMatchObject({ fault: "denied" });
    });

    test("a put that is denied is said", async () => {
      faults.add("PutObjectCommand", "denied");
      const put = store.putOnce("denied", bytes("x"));
      await expect(put).rejects.toMatchObject({ fault: "denied" });
    });

    test("a day's audit root is put once and read back", async () => {
      const roots = createAuditRootStore(rig.clients.objects, rig.prefix, rig.bucketPlace);
      const end = { seq: 3, hash: "a".repeat(64) };
      const root = {
        schemaVersion: 1,
        engine: "paper",
        day: "2026-11-21",
        chains: { limits: end, action: end },
      };
      expect(await roots.read("paper", "2026-11-21")).toBeUndefined();
      expect(await roots.put(root)).toBe("put");
      expect(await roots.put(root)).toBe("exists");
      const edited = { ...root, chains: { ...root.chains, limits: { ...end, seq: 2 } } };
      expect(await roots.put(edited)).toBe("differs");
      expect(await roots.read("paper", "2026-11-21")).toEqual(root);
    });
  });
});

/** A store whose service turns every put down with `error`, after `before` has happened. */
function refusing(
  rig: AwsRig,
  error: Error,
  before: () => Promise<void> = async () => {},
): ArchiveStore {
  const client = Object.create(rig.clients.objects) as typeof rig.clients.objects;
  const send = rig.clients.objects.send.bind(rig.clients.objects) as (
    command: unknown,
  ) => Promise<unknown>;
  Object.assign(client, {
    send: async (command: unknown) => {
      if (!(command instanceof PutObjectCommand)) return await send(command);
      await before();
      throw error;
    },
  });
  return createArchiveStore(client, rig.prefix, rig.bucketPlace);
}
