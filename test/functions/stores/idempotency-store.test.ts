// Goal: of any number of deliveries of one message one works at a time, and none after it was done.
import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Attempt,
  createIdempotencyStore,
  createRequestPersistence,
  type IdempotencyStore,
} from "../../../functions/stores/idempotency-store.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, awsTargets, startAwsRig } from "../../fixtures/aws/rig.ts";

let keyCount = 0;

function attempt(owner: string, messageKey = `message-${keyCount}`): Attempt {
  return { consumer: "project-records", messageKey, owner };
}

describe.each(awsTargets("dynamodb"))("idempotency at $name $skipped", (target) => {
  describe.skipIf(target.skipped !== "")("", () => {
    let rig: AwsRig;
    let store: IdempotencyStore;
    let faults: FaultPlan;

    beforeAll(async () => {
      rig = await startAwsRig(target);
      faults = plantFaults(rig.clients.tables);
      store = createIdempotencyStore(rig.clients.documents, rig.prefix);
    });
    afterAll(async () => await rig.stop());

    test("one begins, others wait, and after it is done all get its outcome", async () => {
      keyCount++;
      expect(await store.begin(attempt("a"), 100, 200)).toEqual({ kind: "begun" });
      const busy = { kind: "inProgress", expiresUs: 200 };
      expect(await store.begin(attempt("b"), 100, 300)).toEqual(busy);
      expect(await store.complete(attempt("a"), "42")).toBe(true);
      const over = { kind: "completed", outcome: "42" };
      expect(await store.begin(attempt("b"), 100, 300)).toEqual(over);
      // Not even after its time: a completed message is never redone.
      expect(await store.begin(attempt("b"), 10_000, 20_000)).toEqual(over);
    });

    test("32 at once: one begins", async () => {
      keyCount++;
      const begun = await Promise.all(
        Array.from({ length: 32 }, (_, n) => store.begin(attempt(`o${n}`), 100, 200)),
      );
      expect(begun.filter(({ kind }) => kind === "begun")).toHaveLength(1);
    });

    test("an attempt that died is succeeded after its time, and cannot complete any more", async () => {
      keyCount++;
      await store.begin(attempt("dead"), 100, 200);
      expect(await store.begin(attempt("next"), 199, 400)).toMatchObject({ kind: "inProgress" });
      expect(await store.begin(attempt("next"), 200, 400)).toEqual({ kind: "begun" });
      expect(await store.complete(attempt("dead"), "late")).toBe(false);
      expect(await store.fail(attempt("dead"), "late")).toBe(false);
      expect(await store.complete(attempt("next"), "done")).toBe(true);
    });

    test("an attempt that failed lets the next begin at once", async () => {
      keyCount++;
      await store.begin(attempt("a"), 100, 200);
      expect(await store.fail(attempt("a"), "broken")).toBe(true);
      expect(await store.begin(attempt("b"), 100, 200)).toEqual({ kind: "begun" });
    });

    test("lost answers lock nobody out", async () => {
      keyCount++;
      faults.add("PutItemCommand", "lostAnswer");
      expect(await store.begin(attempt("a"), 100, 200)).toEqual({ kind: "begun" });
      faults.add("UpdateItemCommand", "lostAnswer");
      expect(await store.complete(attempt("a"), "done")).toBe(true);
    });

    test("what was never begun cannot be ended", async () => {
      keyCount++;
      expect(await store.complete(attempt("a"), "")).toBe(false);
    });

    test("a store that denies is no answer", async () => {
      keyCount++;
      faults.add("PutItemCommand", "denied");
      await expect(store.begin(attempt("a"), 1, 2)).rejects.toMatchObject({ fault: "denied" });
      faults.add("UpdateItemCommand", "denied");
      await expect(store.fail(attempt("a"), "")).rejects.toMatchObject({ fault: "denied" });
    });

    test("keys that hold a separator are still keys", async () => {
      const odd = attempt("a", "bucket#key/with#signs");
      expect(await store.begin(odd, 1, 2)).toEqual({ kind: "begun" });
    });

    test("requests of the API are kept by Powertools in the same table", async () => {
      const persistenceStore = createRequestPersistence(rig.clients.tables, rig.prefix);
      let runs = 0;
      const once = makeIdempotent(
        async (_request: { key: string }): Promise<{ run: number }> => ({ run: ++runs }),
        { persistenceStore, config: new IdempotencyConfig({ hashFunction: "sha256" }) },
      );
      expect(await once({ key: "a" })).toEqual({ run: 1 });
      expect(await once({ key: "a" })).toEqual({ run: 1 });
      expect(await once({ key: "b" })).toEqual({ run: 2 });
    });
  });
});
