// Goal: of two looks at once one is kept, and a look whose answer was lost finds itself.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createWatchStore, type WatchStore } from "../../../functions/stores/watch-store.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, awsTargets, startAwsRig } from "../../fixtures/aws/rig.ts";

describe.each(awsTargets("dynamodb"))("what was seen, at $name $skipped", (target) => {
  describe.skipIf(target.skipped !== "")("", () => {
    let rig: AwsRig;
    let store: WatchStore;
    let faults: FaultPlan;

    beforeAll(async () => {
      rig = await startAwsRig(target);
      store = createWatchStore(rig.clients.documents, rig.prefix);
      faults = plantFaults(rig.clients.tables);
    });
    afterAll(async () => await rig.stop());

    test("is nothing at first, and then what was kept last", async () => {
      expect(await store.read("a")).toEqual({ version: 0, text: "" });
      expect(await store.replace("a", 0, "one")).toBe(true);
      expect(await store.replace("a", 1, "two")).toBe(true);
      expect(await store.read("a")).toEqual({ version: 2, text: "two" });
      expect(await store.read("b")).toEqual({ version: 0, text: "" });
    });

    test("is kept by one of many who have read the same", async () => {
      const names = Array.from({ length: 16 }, (_, n) => `look ${n}`);
      for (const before of [0, 1]) {
        const kept = await Promise.all(names.map((name) => store.replace("c", before, name)));
        expect(kept.filter(Boolean)).toHaveLength(1);
        const winner = names[kept.indexOf(true)];
        expect(await store.read("c")).toEqual({ version: before + 1, text: winner });
      }
    });

    test("is known to be kept when the answer was lost, and says what it cannot do", async () => {
      faults.add("PutItemCommand", "lostAnswer");
      expect(await store.replace("d", 0, "one")).toBe(true);
      faults.add("PutItemCommand", "denied");
      await expect(store.replace("d", 1, "two")).rejects.toMatchObject({ fault: "denied" });
      faults.add("GetItemCommand", "denied");
      await expect(store.read("d")).rejects.toMatchObject({ fault: "denied" });
    });
  });
});
