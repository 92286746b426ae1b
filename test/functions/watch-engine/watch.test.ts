// Goal: a look over the real stores: one message for an incident whoever looks how often, and a chain that was
// touched is found. Method: the embedded stand-ins, and items written as the engine writes them.

import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Alert } from "../../../contracts/alert.ts";
import type { AuditItem } from "../../../contracts/audit.ts";
import { actionKey, heartbeatKey, leaseKey } from "../../../contracts/keys.ts";
import { queueName, tableName } from "../../../contracts/resources.ts";
import { sealedAudit } from "../../../functions/platform/hash.ts";
import { createAlertQueue } from "../../../functions/stores/alert-queue.ts";
import { createAuditRootStore } from "../../../functions/stores/audit-root-store.ts";
import { createCommandStore } from "../../../functions/stores/command-store.ts";
import { createControlStore } from "../../../functions/stores/control-store.ts";
import { createLeaseStore } from "../../../functions/stores/lease-store.ts";
import { createWatchStore } from "../../../functions/stores/watch-store.ts";
import { readAlarm } from "../../../functions/watch-engine/alarm.ts";
import { passAlarm, type WatchPorts, watchEngine } from "../../../functions/watch-engine/watch.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { chainOf, heartbeat, MINUTE_US, START_US, sight } from "./sights.ts";

let rig: AwsRig;
let ports: WatchPorts;
let engineCount = 0;
let engine: string;
const lines: string[] = [];
const logged: string[] = [];

beforeAll(async () => {
  rig = await startAwsRig();
  const { documents, queues, objects } = rig.clients;
  const line = (message: string): void => void logged.push(message);
  ports = {
    deployment: rig.prefix,
    commands: createCommandStore(documents, rig.prefix),
    leases: createLeaseStore(documents, rig.prefix),
    control: createControlStore(documents, rig.prefix),
    roots: createAuditRootStore(objects, rig.prefix, rig.bucketPlace),
    memories: createWatchStore(documents, rig.prefix),
    alerts: createAlertQueue(queues, rig.prefix),
    writeLine: (text) => void lines.push(text),
    log: { info: line, warn: line, error: line },
  };
});
afterAll(async () => {
  await rig.stop();
});
beforeEach(() => {
  engineCount++;
  engine = `engine-${engineCount}`;
  lines.length = 0;
  logged.length = 0;
});

async function put(table: "commands" | "lease" | "control", item: object): Promise<void> {
  const TableName = tableName(rig.prefix, table);
  await rig.clients.documents.send(new PutCommand({ TableName, Item: { ...item } }));
}

/** The engine's own word, `minute` minutes after the start. */
async function beat(minute: number, change: Parameters<typeof heartbeat>[1] = {}): Promise<void> {
  const atUs = START_US + minute * MINUTE_US;
  await put("commands", { ...heartbeatKey(engine), ...heartbeat(atUs, { engine, ...change }) });
}

const at = (minute: number): number => START_US + minute * MINUTE_US + 1_000_000;
const look = (minute: number) => watchEngine(ports, engine, new Map(), at(minute));

/** What is on the queue of alerts, taken off it. */
async function queued(): Promise<Alert[]> {
  const name = new GetQueueUrlCommand({ QueueName: queueName(rig.prefix, "alerts") });
  const { QueueUrl } = await rig.clients.queues.send(name);
  const alerts: Alert[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages = [] } = await rig.clients.queues.send(receive);
    if (Messages.length === 0) return alerts;
    for (const { Body = "", ReceiptHandle } of Messages) {
      alerts.push(JSON.parse(Body) as Alert);
      await rig.clients.queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

describe("a look", () => {
  test("at an engine that is well writes its numbers for CloudWatch and tells nobody", async () => {
    await beat(0);
    await put("lease", { ...leaseKey(engine), ...sight(0).lease });
    expect(await look(0)).toEqual([]);
    const line = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
    expect(line).toMatchObject({
      deployment: rig.prefix,
      engine,
      HeartbeatAge: 1,
      ClockOffset: 12,
      _aws: {
        CloudWatchMetrics: [{ Namespace: "Reckoner", Dimensions: [["deployment", "engine"]] }],
      },
    });
  });

  test("at an engine that fell silent tells once, however many look, and once when it is back", async () => {
    await beat(0);
    await put("lease", { ...leaseKey(engine), ...sight(0).lease });
    for (let minute = 0; minute < 4; minute++) {
      await Promise.all([look(minute), look(minute), look(minute)]);
    }
    await beat(4);
    await look(4);
    await beat(5);
    await look(5);
    const told = await queued();
    expect(told.map(({ incidentId, severity }) => [incidentId, severity])).toEqual([
      [`${engine}.heartbeat-missing.1`, 1],
      [`${engine}.heartbeat-missing.1.over`, 3],
    ]);
    expect(told[0]?.text).toContain("held by run run-a");
  });

  test("that dies after it has told and before it has kept names the same incident again", async () => {
    await beat(0, { halted: "a book was wrong" });
    const memories = { ...ports.memories, replace: () => Promise.reject(new Error("killed")) };
    const dying = watchEngine({ ...ports, memories }, engine, new Map(), at(0));
    await expect(dying).rejects.toThrow("killed");
    await look(1);
    expect((await queued()).map(({ incidentId }) => incidentId)).toEqual([
      `${engine}.engine-halted.1`,
    ]);
  });

  test("finds the lease of an account that is called otherwise", async () => {
    await beat(0);
    await put("lease", { ...leaseKey("margin"), ...sight(0).lease, holder: "run-z" });
    const accounts = new Map([[engine, "margin"]]);
    for (const minute of [5, 6]) await watchEngine(ports, engine, accounts, at(minute));
    expect((await queued())[0]?.text).toContain("held by run run-z");
  });
});

describe("an audit chain", () => {
  const keep = async (items: readonly AuditItem[]): Promise<void> => {
    for (const item of items) await put("control", { ...actionKey(engine, item.seq), ...item });
  };
  const faultAt = async (minute: number): Promise<string> => {
    await beat(minute);
    return (await look(minute)).map(({ text }) => text).join();
  };

  test("that holds is walked on from look to look", async () => {
    const items = chainOf(engine, "action", 120);
    await keep(items);
    for (const minute of [0, 1, 2]) expect(await faultAt(minute)).toBe("");
    const memory = JSON.parse((await ports.memories.read(engine)).text);
    expect(memory.chains.action).toEqual({ seq: 120, hash: items[119]?.hash });
    expect(await queued()).toEqual([]);
  });

  test.each([
    ["edit", "action item 3 was changed"],
    ["edit with its own hash", "action item 4 follows another one"],
    ["drop", "action has no item 3"],
    ["swap", "action has another item at 3"],
  ])("with an %s is found at once", async (kind, words) => {
    const items = chainOf(engine, "action", 5);
    await keep(items);
    const [, , third, fourth] = items;
    if (third === undefined || fourth === undefined) throw new Error("there are five");
    const key = actionKey(engine, 3);
    const { hash: _hash, ...rest } = third;
    if (kind === "edit") await put("control", { ...key, ...third, reason: "another" });
    if (kind === "edit with its own hash") {
      await put("control", { ...key, ...sealedAudit({ ...rest, reason: "another" }) });
    }
    if (kind === "swap") await put("control", { ...key, ...fourth });
    if (kind === "drop") {
      const TableName = tableName(rig.prefix, "control");
      await rig.clients.documents.send(new DeleteCommand({ TableName, Key: key }));
    }
    expect(await faultAt(0)).toContain(words);
    await queued();
  });

  test("whose last item was changed or taken after it was seen is found by what was kept", async () => {
    await keep(chainOf(engine, "action", 3));
    expect(await faultAt(0)).toBe("");
    const TableName = tableName(rig.prefix, "control");
    const last = new DeleteCommand({ TableName, Key: actionKey(engine, 3) });
    await rig.clients.documents.send(last);
    expect(await faultAt(1)).toContain("action has no item 3 any more");
    await queued();
  });

  test("is held against the root of the day before", async () => {
    const items = chainOf(engine, "action", 2);
    await keep(items);
    const other = { seq: 2, hash: "f".repeat(64) };
    const none = { seq: 0, hash: "0".repeat(64) };
    const day = "2026-09-20";
    await createAuditRootStore(rig.clients.objects, rig.prefix, rig.bucketPlace).put({
      schemaVersion: 1,
      engine,
      day,
      chains: { limits: none, action: other },
    });
    expect(await faultAt(0)).toContain(`action item 2 is not what it was, by the root of ${day}`);
    await queued();
  });
});

describe("an alarm", () => {
  const alarmOf = (kind: string, state: "ALARM" | "OK" = "ALARM") => {
    const message = {
      AlarmName: `${rig.prefix}-${kind}-${engine}`,
      AlarmDescription: "severity 1; docs/RUNBOOK.md",
      NewStateValue: state,
      OldStateValue: state === "OK" ? "ALARM" : "OK",
      StateChangeTime: "2026-11-21T10:00:00.000+0000",
    };
    const alarm = readAlarm(JSON.stringify(message), rig.prefix, [engine], 5);
    if (alarm === undefined) throw new Error("it is an alarm");
    return alarm;
  };

  test("about what has been told already is not told again; about anything else it is", async () => {
    await beat(0, { halted: "a book was wrong" });
    await look(0);
    expect(await passAlarm(ports, alarmOf("engine-halted"))).toBeUndefined();
    expect(await passAlarm(ports, alarmOf("heartbeat-missing"))).toBeDefined();
    expect(await passAlarm(ports, alarmOf("queue-age", "OK"))).toMatchObject({
      incidentId: expect.stringMatching(/\.over$/),
    });
    expect((await queued()).map(({ kind }) => kind).sort()).toEqual([
      "engine-halted",
      "heartbeat-missing",
      "queue-age",
    ]);
  });

  test("rings while the tables are away", async () => {
    const memories = { ...ports.memories, read: () => Promise.reject(new Error("away")) };
    expect(await passAlarm({ ...ports, memories }, alarmOf("engine-halted"))).toBeDefined();
    expect(logged).toEqual(["what was seen cannot be read"]);
    await queued();
  });
});
