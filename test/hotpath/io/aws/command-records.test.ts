// Goal: a command's record moves once from queued to one end, whatever is lost, repeated or late.
// Method: records as the control API makes them, in the stand-in of DynamoDB in memory.
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type {
  Heartbeat,
  OperatorCommand,
  OperatorCommandRecord,
} from "../../../../contracts/operator-command.ts";
import { createCommandQueue as createSender } from "../../../../functions/stores/command-queue.ts";
import { createCommandStore } from "../../../../functions/stores/command-store.ts";
import { createCommandQueue } from "../../../../hotpath/io/aws/command-queue.ts";
import {
  type CommandRecords,
  createCommandRecords,
} from "../../../../hotpath/io/aws/command-records.ts";
import { readFenceMax, recordFence } from "../../../../hotpath/io/aws/fence-floor.ts";
import { createOrderRecords } from "../../../../hotpath/io/aws/order-records.ts";
import { plantFaults } from "../../../fixtures/aws/faults.ts";
import { type AwsRig, startAwsRig } from "../../../fixtures/aws/rig.ts";

let rig: AwsRig;
let records: CommandRecords;
let made = 0;

/** As the engine's own: what is tried again is decided by the protocol, not by the SDK. */
function oneTryClient(): DynamoDBClient {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const endpoint = rig.endpoints.dynamodb;
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
}

beforeAll(async () => {
  rig = await startAwsRig();
  records = createCommandRecords(rig.clients.tables, rig.prefix);
});
afterAll(async () => {
  await rig.stop();
});

function command(): OperatorCommand {
  made++;
  return {
    schemaVersion: 1,
    commandId: `c-${made}`,
    engine: "paper",
    action: { kind: "kill", scope: "venue", target: "kraken" },
    by: "anna",
    reason: "a drill",
    askedUs: 5,
    expiresUs: Number.MAX_SAFE_INTEGER,
  };
}

async function queued(): Promise<OperatorCommand> {
  const asked = command();
  const store = createCommandStore(rig.clients.documents, rig.prefix);
  const record: OperatorCommandRecord = {
    ...asked,
    state: "queued",
    changedUs: 5,
    tick: -1,
    outcome: "",
  };
  await store.create(record);
  return asked;
}

async function stateOf({ engine, commandId }: OperatorCommand) {
  return await createCommandStore(rig.clients.documents, rig.prefix).read(engine, commandId);
}

describe("a record", () => {
  test("is taken, and taken again by whoever finds it without an end", async () => {
    const asked = await queued();
    expect(await records.take(asked, 10)).toEqual({ kind: "taken", isAgain: false });
    expect(await stateOf(asked)).toMatchObject({ state: "taken", changedUs: 10 });
    expect(await records.take(asked, 11)).toEqual({ kind: "taken", isAgain: true });
  });

  test("has one end, which the API reads, and the first one stands", async () => {
    const asked = await queued();
    await records.take(asked, 10);
    const done = { state: "done", tick: 77, outcome: "" } as const;
    expect(await records.end(asked, done, 20)).toEqual({ ok: true });
    expect(await records.end(asked, { state: "refused", tick: -1, outcome: "late" }, 30)).toEqual({
      ok: true,
    });
    expect(await stateOf(asked)).toEqual({ ...asked, ...done, changedUs: 20 });
    expect(await records.take(asked, 40)).toEqual({ kind: "over", state: "done" });
  });

  test("ends without having been taken: a kill waits for no table", async () => {
    const asked = await queued();
    await records.end(asked, { state: "done", tick: 3, outcome: "" }, 20);
    expect((await stateOf(asked))?.state).toBe("done");
  });

  test("that is missing is told so, and made by its end", async () => {
    const asked = command();
    expect(await records.take(asked, 10)).toEqual({ kind: "absent" });
    await records.end(asked, { state: "done", tick: 3, outcome: "" }, 20);
    expect((await stateOf(asked))?.state).toBe("done");
  });

  test("of a table that is away is not known", async () => {
    const tables = oneTryClient();
    const faults = plantFaults(tables);
    faults.add("UpdateItemCommand", "unavailable");
    faults.add("PutItemCommand", "unavailable", "unavailable");
    faults.add("GetItemCommand", "unavailable");
    const away = createCommandRecords(tables, rig.prefix);
    const asked = command();
    expect((await away.take(asked, 1)).kind).toBe("unknown");
    const end = await away.end(asked, { state: "done", tick: 1, outcome: "" }, 1);
    expect(end.ok).toBe(false);
    expect((await away.beat(heartbeat(1, "x"))).ok).toBe(false);
    expect((await away.readHeartbeat("paper")).ok).toBe(false);
    tables.destroy();
  });
});

function heartbeat(fence: number, runId: string): Heartbeat {
  return {
    engine: "paper",
    runId,
    fence,
    atUs: 1,
    startedUs: 0,
    halted: "",
    isReady: true,
    limitsVersion: 2,
    ackedSeq: 3,
    publishedSeq: 4,
    statusJson: "{}",
  };
}

describe("a heartbeat", () => {
  test("is the last word of the highest fence: a zombie does not speak over its successor", async () => {
    expect(await records.readHeartbeat("paper")).toEqual({ ok: true, heartbeat: undefined });
    expect((await records.beat(heartbeat(3, "three"))).ok).toBe(true);
    expect((await records.beat(heartbeat(2, "two"))).ok).toBe(false);
    expect(await records.readHeartbeat("paper")).toEqual({
      ok: true,
      heartbeat: heartbeat(3, "three"),
    });
    const store = createCommandStore(rig.clients.documents, rig.prefix);
    expect(await store.readHeartbeat("paper")).toEqual(heartbeat(3, "three"));
  });

  test("of an engine that does not trade knows no fence and is always written", async () => {
    expect((await records.beat(heartbeat(0, "none"))).ok).toBe(true);
  });
});

describe("the queue of an engine", () => {
  test("gives what the API sent, in its order, until it is taken away", async () => {
    const sender = createSender(rig.clients.queues, rig.prefix);
    const [first, second] = [command(), command()];
    await sender.send(first);
    await sender.send(second);
    await sender.send(first);
    const queue = createCommandQueue(rig.clients.queues, rig.prefix, "paper");
    const bodies: unknown[] = [];
    while (bodies.length < 2) {
      const received = await queue.receive(new AbortController().signal);
      if (!received.ok) throw new Error(received.reason);
      for (const { body, receipt } of received.messages) {
        bodies.push(JSON.parse(body));
        expect(await queue.remove(receipt)).toEqual({ ok: true });
      }
    }
    expect(bodies).toEqual([first, second]);
  });

  test("lets its reader go when it is asked to", async () => {
    const stop = new AbortController();
    const queue = createCommandQueue(rig.clients.queues, rig.prefix, "paper");
    const waiting = queue.receive(stop.signal);
    setTimeout(() => stop.abort(), 20);
    expect(await waiting).toEqual({ ok: true, messages: [] });
  });

  test("that does not exist is a reason", async () => {
    const queue = createCommandQueue(rig.clients.queues, rig.prefix, "nobody");
    const received = await queue.receive(new AbortController().signal);
    expect(received.ok).toBe(false);
    expect((await queue.remove("x")).ok).toBe(false);
  });
});

describe("the floor of fences", () => {
  test("is the highest fence of any recorded order, and nothing before the first", async () => {
    const { tables } = rig.clients;
    expect(await readFenceMax(tables, rig.prefix, "paper")).toEqual({ ok: true, fence: 0 });
    const orders = createOrderRecords(tables, rig.prefix);
    for (const clientId of ["rk00002-00000009", "rk0000a-00000001", "rk00009-0000000z"]) {
      const write = { clientId, state: "sent", changedUs: 1, runId: "r" } as const;
      await orders.write("paper", { ...write, orderId: "", placed: "{}", ended: "" });
    }
    expect(await readFenceMax(tables, rig.prefix, "paper")).toEqual({ ok: true, fence: 10 });
  });

  test("is what a holder has recorded, which nobody lowers or shares", async () => {
    const { tables } = rig.clients;
    const place = { prefix: rig.prefix, engine: "paper" };
    const ours = { fence: 30, holder: "run-1" };
    expect(await recordFence(tables, place, ours)).toEqual({ ok: true, isOurs: true });
    // An answer that was lost is asked for again.
    expect(await recordFence(tables, place, ours)).toEqual({ ok: true, isOurs: true });
    const other = { fence: 30, holder: "run-2" };
    expect(await recordFence(tables, place, other)).toEqual({ ok: true, isOurs: false });
    expect(await readFenceMax(tables, rig.prefix, "paper")).toEqual({ ok: true, fence: 30 });
    const higher = { fence: 31, holder: "run-2" };
    expect(await recordFence(tables, place, higher)).toEqual({ ok: true, isOurs: true });
    const nowhere = { ...place, prefix: "no-such-deployment" };
    expect((await recordFence(tables, nowhere, ours)).ok).toBe(false);
  });

  test("is not guessed where the table does not answer", async () => {
    const read = await readFenceMax(rig.clients.tables, "no-such-deployment", "paper");
    expect(read.ok).toBe(false);
  });
});
