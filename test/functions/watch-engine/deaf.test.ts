// Goal: a holder that does not take a kill loses its lease, once, and nobody else does. Method: the stores over the
// embedded stand-ins; the pause of a look is where the holder renews, dies, or hears after all.

import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
} from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Alert } from "../../../contracts/alert.ts";
import { actionKey, commandKey, heartbeatKey, leaseKey } from "../../../contracts/keys.ts";
import { LEASE_REVOKED, type LeaseItem } from "../../../contracts/lease.ts";
import type { OperatorAction, OperatorCommandRecord } from "../../../contracts/operator-command.ts";
import { queueName, tableName } from "../../../contracts/resources.ts";
import { sealedAudit } from "../../../functions/platform/hash.ts";
import { createAlertQueue } from "../../../functions/stores/alert-queue.ts";
import { createCommandStore } from "../../../functions/stores/command-store.ts";
import { createControlStore } from "../../../functions/stores/control-store.ts";
import { createLeaseStore } from "../../../functions/stores/lease-store.ts";
import { createWatchStore } from "../../../functions/stores/watch-store.ts";
import {
  KILL_TAKEN_US_MAX,
  type KillWatchPorts,
  watchKills,
} from "../../../functions/watch-engine/deaf.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { chainOf, heartbeat, MINUTE_US, START_US, sight } from "./sights.ts";

const KILL_ALL: OperatorAction = { kind: "kill", scope: "all", target: "" };
const KILL_KRAKEN: OperatorAction = { kind: "kill", scope: "venue", target: "kraken" };
const S = 1_000_000;

let rig: AwsRig;
let ports: KillWatchPorts;
let engineCount = 0;
let engine: string;
let held: LeaseItem;
let seq: number;
/** What happens to the world in each second that a look waits; the holder renews unless a test says otherwise. */
let onPause: () => Promise<unknown>;
let pauseCount: number;
const logged: string[] = [];

beforeAll(async () => {
  rig = await startAwsRig();
  const { documents, queues } = rig.clients;
  const line = (message: string): void => void logged.push(message);
  ports = {
    commands: createCommandStore(documents, rig.prefix),
    leases: createLeaseStore(documents, rig.prefix),
    control: createControlStore(documents, rig.prefix),
    memories: createWatchStore(documents, rig.prefix),
    alerts: createAlertQueue(queues, rig.prefix),
    pause: () => {
      pauseCount++;
      return onPause();
    },
    log: { info: line, error: line },
  };
});
afterAll(async () => {
  await rig.stop();
});
beforeEach(async () => {
  engineCount++;
  engine = `deaf-${engineCount}`;
  held = { ...(sight(0).lease as LeaseItem), account: engine, engine };
  seq = 0;
  pauseCount = 0;
  onPause = renew;
  logged.length = 0;
  await putLease(held);
  // The holder of the look before is the one that is judged.
  expect(await look(0)).toEqual([]);
});

async function put(table: "commands" | "lease" | "control", item: object): Promise<void> {
  const TableName = tableName(rig.prefix, table);
  await rig.clients.documents.send(new PutCommand({ TableName, Item: { ...item } }));
}
const putLease = (item: LeaseItem): Promise<void> =>
  put("lease", { ...leaseKey(item.account), ...item });
const leaseNow = (): Promise<LeaseItem | undefined> => ports.leases.read(engine);

async function renew(): Promise<void> {
  const now = await leaseNow();
  if (now?.holder === "run-a") await putLease({ ...now, renewals: now.renewals + 1 });
}

const at = (minute: number): number => START_US + minute * MINUTE_US;
const look = (minute: number, change: Partial<KillWatchPorts> = {}) =>
  watchKills({ ...ports, ...change }, engine, new Map(), at(minute));

type Asked = Partial<OperatorCommandRecord>;

/** What the API leaves of a kill or a release: its audit item and its record. Asked half a minute after the start. */
async function ask(action: OperatorAction, change: Asked = {}): Promise<OperatorCommandRecord> {
  seq++;
  const commandId = `c${seq}`;
  const askedUs = change.askedUs ?? at(0.5);
  const record: OperatorCommandRecord = {
    schemaVersion: 1,
    commandId,
    engine,
    action,
    by: "ada",
    reason: "",
    askedUs,
    expiresUs: Number.MAX_SAFE_INTEGER,
    state: "queued",
    changedUs: askedUs,
    tick: -1,
    outcome: "",
    ...change,
  };
  const [shape] = chainOf(engine, "action", 1);
  if (shape === undefined) throw new Error("there is one");
  const { hash: _hash, ...rest } = shape;
  const after = JSON.stringify({ action, commandId });
  const item = sealedAudit({ ...rest, seq, kind: action.kind, atUs: askedUs, after });
  await put("control", { ...actionKey(engine, seq), ...item });
  await put("commands", { ...commandKey(engine, commandId), ...record });
  return record;
}
const become = (record: OperatorCommandRecord, change: Asked): Promise<void> =>
  put("commands", { ...commandKey(engine, record.commandId), ...record, ...change });

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

/** Nothing was told, and the lease is as its holder left it. */
async function expectNothing(minute = 1): Promise<void> {
  expect(await look(minute)).toEqual([]);
  expect((await leaseNow())?.holder).not.toBe(LEASE_REVOKED);
  expect(await queued()).toEqual([]);
}

describe("a holder that does not take a kill of everything", () => {
  test("loses its lease under its fence, and people are told once however many look", async () => {
    await ask(KILL_ALL);
    await Promise.all([look(1), look(1)]);
    for (const minute of [1, 2, 3]) await look(minute);
    expect(await leaseNow()).toMatchObject({ holder: LEASE_REVOKED, fence: 3 });
    expect(await queued()).toEqual([
      {
        schemaVersion: 1,
        incidentId: `${engine}.deaf.3`,
        engine,
        severity: 1,
        kind: "deaf",
        text:
          "deaf: the kill of all by ada has waited for 30 s and was not taken; " +
          "the lease was revoked at fence 3; orders may be open: see cancel-all",
        atUs: at(1),
      },
    ]);
  });

  test("loses it once for that kill: its successor keeps the lease", async () => {
    await ask(KILL_ALL);
    await look(1);
    await putLease({ ...held, fence: 4 });
    for (const minute of [2, 3, 4]) expect(await look(minute)).toEqual([]);
    expect(await leaseNow()).toMatchObject({ holder: "run-a", fence: 4 });
    expect(await queued()).toHaveLength(1);
  });

  test("loses the lease of the account that it trades on", async () => {
    await ask(KILL_ALL);
    const account = `${engine}-margin`;
    const accounts = new Map([[engine, account]]);
    await putLease({ ...held, account });
    onPause = () => putLease({ ...held, account, renewals: held.renewals + 1 });
    await watchKills(ports, engine, accounts, at(1));
    expect(await ports.leases.read(account)).toMatchObject({ holder: LEASE_REVOKED });
    expect((await leaseNow())?.holder).toBe("run-a");
    await queued();
  });

  test("keeps it while the table is away, and loses it a minute later", async () => {
    await ask(KILL_ALL);
    const leases = { ...ports.leases, revoke: () => Promise.reject(new Error("away")) };
    await expect(look(1, { leases })).rejects.toThrow("away");
    expect(await queued()).toEqual([]);
    expect(await look(2)).toHaveLength(1);
    expect(await leaseNow()).toMatchObject({ holder: LEASE_REVOKED });
    await queued();
  });

  test("is told of by the next look where the answer to the revocation was lost", async () => {
    await ask(KILL_ALL);
    const revoke: KillWatchPorts["leases"]["revoke"] = async (account, fence) => {
      await ports.leases.revoke(account, fence);
      throw new Error("no answer");
    };
    await expect(look(1, { leases: { ...ports.leases, revoke } })).rejects.toThrow("no answer");
    for (const minute of [2, 3]) await look(minute);
    expect((await queued()).map(({ incidentId }) => incidentId)).toEqual([`${engine}.deaf.3`]);
  });

  test("is told of when the queue of alerts is back, whoever holds the lease by then", async () => {
    await ask(KILL_ALL);
    const alerts = { send: () => Promise.reject(new Error("away")) };
    await expect(look(1, { alerts })).rejects.toThrow("away");
    expect(logged).toEqual(["a deaf engine could not be told of"]);
    expect(await leaseNow()).toMatchObject({ holder: LEASE_REVOKED });
    await putLease({ ...held, fence: 4 });
    for (const minute of [2, 3]) await look(minute);
    expect((await queued()).map(({ incidentId }) => incidentId)).toEqual([`${engine}.deaf.3`]);
  });

  test("is the same incident for a look that died before it was kept", async () => {
    await ask(KILL_ALL);
    const memories = { ...ports.memories, replace: () => Promise.reject(new Error("killed")) };
    await expect(look(1, { memories })).rejects.toThrow("killed");
    for (const minute of [2, 3]) await look(minute);
    expect((await queued()).map(({ incidentId }) => incidentId)).toEqual([`${engine}.deaf.3`]);
  });

  test("is no less deaf because a later kill of something else was taken", async () => {
    await ask(KILL_ALL);
    await ask(KILL_KRAKEN, { state: "done" });
    expect(await look(1)).toHaveLength(1);
    await queued();
  });
});

describe("a lease stays where it is", () => {
  test.each(["taken", "done", "refused", "expired"] as const)(
    "when the kill is %s",
    async (state) => {
      await ask(KILL_ALL, { state });
      await expectNothing();
      expect(pauseCount).toBe(0);
    },
  );

  test("when the time of the kill is over", async () => {
    await ask(KILL_ALL, { expiresUs: at(1) });
    await expectNothing();
  });

  test("when the kill has waited just as long as it may; a moment longer is too long", async () => {
    const askedUs = at(1) - KILL_TAKEN_US_MAX;
    const record = await ask(KILL_ALL, { askedUs });
    await expectNothing();
    await become(record, { askedUs: askedUs - 1 });
    expect(await look(1)).toHaveLength(1);
    await queued();
  });

  test("when the kill is of another day", async () => {
    await ask(KILL_ALL, { askedUs: at(1) - 86_400 * S - 1 });
    await expectNothing();
  });

  test("when its holder came since the look before; a minute later it does not", async () => {
    await ask(KILL_ALL);
    await putLease({ ...held, fence: 4 });
    await expectNothing();
    expect(await look(2)).toHaveLength(1);
    expect(await leaseNow()).toMatchObject({ holder: LEASE_REVOKED, fence: 4 });
    await queued();
  });

  test("when a newer fence takes it while the look waits", async () => {
    await ask(KILL_ALL);
    onPause = () => putLease({ ...held, fence: 4, renewals: 0 });
    await expectNothing();
  });

  test("when a newer fence takes it in the very moment of the revocation", async () => {
    await ask(KILL_ALL);
    const revoke: KillWatchPorts["leases"]["revoke"] = async (account, fence) => {
      await putLease({ ...held, fence: 4 });
      return await ports.leases.revoke(account, fence);
    };
    expect(await look(1, { leases: { ...ports.leases, revoke } })).toEqual([]);
    expect(await leaseNow()).toMatchObject({ holder: "run-a", fence: 4 });
    expect(await queued()).toEqual([]);
  });

  test("when nobody renews it: it ends by itself", async () => {
    await ask(KILL_ALL);
    onPause = async () => undefined;
    await expectNothing();
    expect(pauseCount).toBe(10);
  });

  test("when it was given back, or another engine holds it", async () => {
    await ask(KILL_ALL);
    await putLease({ ...held, holder: "" });
    await expectNothing();
    await putLease({ ...held, engine: "another" });
    await expectNothing(2);
    expect(pauseCount).toBe(0);
  });

  test("when the kill is heard while the look waits", async () => {
    const record = await ask(KILL_ALL);
    onPause = async () => {
      await become(record, { state: "done" });
      await renew();
    };
    await expectNothing();
  });

  test("when the kill came into force by another way", async () => {
    await ask(KILL_ALL);
    const beat = async (fence: number): Promise<void> => {
      const kills = [{ scope: "all", target: "", by: "file", reason: "", atUs: at(0) }];
      const statusJson = JSON.stringify({ trading: { kills } });
      const beaten = heartbeat(at(1), { engine, fence, statusJson });
      await put("commands", { ...heartbeatKey(engine), ...beaten });
    };
    await beat(3);
    await expectNothing();
    // The word of a holder before says nothing of this one.
    await beat(2);
    expect(await look(2)).toHaveLength(1);
    await queued();
  });

  test.each([
    ["release", "done"],
    ["kill", "taken"],
  ] as const)("when a later %s of the same was %s", async (kind, state) => {
    await ask(KILL_ALL);
    await ask({ kind, scope: "all", target: "" }, { askedUs: at(0.6), state });
    await expectNothing();
  });

  test("when the audit names no command, or one that was never written down", async () => {
    const record = await ask(KILL_ALL);
    await become(record, { action: { kind: "pause" } });
    for (const [n, after] of ['{"commandId":"nobody"}', '{"commandId":7}', "no JSON"].entries()) {
      const [shape] = chainOf(engine, "action", 1);
      const item = { ...shape, seq: n + 2, kind: "kill", atUs: at(0.5), after };
      await put("control", { ...actionKey(engine, n + 2), ...item });
    }
    await expectNothing();
  });

  test("when there is none", async () => {
    engine = `${engine}-never`;
    await ask(KILL_ALL);
    await expectNothing();
  });
});

describe("a narrower kill that is not taken", () => {
  test("is told once and takes no lease; one of everything after it does", async () => {
    await ask(KILL_KRAKEN);
    for (const minute of [1, 2]) await look(minute);
    expect((await leaseNow())?.holder).toBe("run-a");
    const told = await queued();
    expect(told.map(({ incidentId, severity }) => [incidentId, severity])).toEqual([
      [`${engine}.deaf.3.narrow`, 1],
    ]);
    expect(told[0]?.text).toContain("the kill of venue kraken by ada has waited for 30 s");
    await ask(KILL_ALL);
    await look(3);
    expect((await leaseNow())?.holder).toBe(LEASE_REVOKED);
    expect((await queued()).map(({ incidentId }) => incidentId)).toEqual([`${engine}.deaf.3`]);
  });

  test("is not told of a holder whose lease was revoked", async () => {
    await putLease({ ...held, holder: LEASE_REVOKED });
    await ask(KILL_KRAKEN);
    expect(await look(1)).toEqual([]);
  });
});

describe("what is remembered", () => {
  test("and cannot be read makes a holder a new one", async () => {
    const { version } = await ports.memories.read(`${engine}.kills`);
    await ports.memories.replace(`${engine}.kills`, version, "no JSON");
    await ask(KILL_ALL);
    await expectNothing();
    expect(await look(2)).toHaveLength(1);
    await queued();
  });

  test("by a quicker look stands, and the slower one says so", async () => {
    await ask(KILL_ALL);
    const memories = { ...ports.memories, replace: async () => false };
    expect(await look(1, { memories })).toHaveLength(1);
    expect(logged).toEqual(["another look at the kills was quicker"]);
    await queued();
  });
});
