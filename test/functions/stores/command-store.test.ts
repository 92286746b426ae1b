// Goal: a command is created once whoever asks how often, and what the engine wrote is read back as it is.
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandKey, heartbeatKey } from "../../../contracts/keys.ts";
import type { OperatorCommandRecord } from "../../../contracts/operator-command.ts";
import { tableName } from "../../../contracts/resources.ts";
import { type CommandStore, createCommandStore } from "../../../functions/stores/command-store.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, awsTargets, startAwsRig } from "../../fixtures/aws/rig.ts";

function record(commandId: string, change: Partial<OperatorCommandRecord> = {}) {
  return {
    schemaVersion: 1,
    commandId,
    engine: "paper",
    action: { kind: "kill", scope: "venue", target: "kraken" },
    by: "ada",
    reason: "",
    askedUs: 1_000,
    expiresUs: 2_000,
    state: "queued",
    changedUs: 1_000,
    tick: -1,
    outcome: "",
    ...change,
  } as const satisfies OperatorCommandRecord;
}

test("commands that the table hands back unread again and again are an error, not unknown", async () => {
  const keys = [commandKey("paper", "c1")];
  const send = async () => ({ UnprocessedKeys: { [tableName("p", "commands")]: { Keys: keys } } });
  const store = createCommandStore({ send } as never, "p");
  await expect(store.readMany("paper", ["c1"])).rejects.toMatchObject({ fault: "throttled" });
});

describe.each(awsTargets("dynamodb"))("commands at $name $skipped", (target) => {
  describe.skipIf(target.skipped !== "")("", () => {
    let rig: AwsRig;
    let store: CommandStore;
    let faults: FaultPlan;

    beforeAll(async () => {
      rig = await startAwsRig(target);
      faults = plantFaults(rig.clients.tables);
      store = createCommandStore(rig.clients.documents, rig.prefix);
    });
    afterAll(async () => await rig.stop());

    const write = (item: Record<string, unknown>): Promise<unknown> =>
      rig.clients.documents.send(
        new PutCommand({ TableName: tableName(rig.prefix, "commands"), Item: item }),
      );

    test("a command is created, and whoever asks again gets the record that stands", async () => {
      const first = record("c1");
      expect(await store.create(first)).toEqual({ kind: "created", record: first });
      const again = record("c1", { askedUs: 1_500 });
      expect(await store.create(again)).toEqual({ kind: "exists", record: first });
      expect(await store.read("paper", "c1")).toEqual(first);
      expect(await store.read("other", "c1")).toBeUndefined();
    });

    test("of 32 that create one command one has created it", async () => {
      const results = await Promise.all(
        Array.from({ length: 32 }, (_, n) => store.create(record("race", { askedUs: 5_000 + n }))),
      );
      expect(results.filter(({ kind }) => kind === "created")).toHaveLength(1);
      expect(new Set(results.map((each) => each.record.askedUs)).size).toBe(1);
    });

    test("a creation whose answer is lost is a creation, not a duplicate", async () => {
      faults.add("PutItemCommand", "lostAnswer");
      expect(await store.create(record("lost"))).toMatchObject({ kind: "created" });
    });

    test("a creation that is denied is no creation", async () => {
      faults.add("PutItemCommand", "denied");
      await expect(store.create(record("denied"))).rejects.toMatchObject({ fault: "denied" });
      expect(await store.read("paper", "denied")).toBeUndefined();
    });

    test("many are read in the order of their ids, the unknown left out, each once", async () => {
      await store.create(record("m1"));
      await store.create(record("m2"));
      const found = await store.readMany("paper", ["m2", "unknown", "m1", "m2"]);
      expect(found.map(({ commandId }) => commandId)).toEqual(["m2", "m1"]);
      expect(await store.readMany("paper", [])).toEqual([]);
    });

    test("a heartbeat is what the engine wrote", async () => {
      expect(await store.readHeartbeat("paper")).toBeUndefined();
      await write({ ...heartbeatKey("paper"), engine: "paper", runId: "r1", fence: 3 });
      expect(await store.readHeartbeat("paper")).toEqual({
        engine: "paper",
        runId: "r1",
        fence: 3,
      });
    });
  });
});
