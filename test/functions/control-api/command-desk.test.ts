// Goal: a command is asked once, audited before it is sent, and found again; a kill gets through whatever
// is down. Method: whole requests over stores in memory, with races and outages.
import { beforeAll, describe, expect, test } from "vitest";
import { kindsOf, PATH, post } from "./people.ts";
import { createRigMaker, freshKey, type RigMaker, type Told } from "./rig.ts";

let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

describe("a command", () => {
  test("is asked once by one key, whatever comes in between", async () => {
    const rig = maker.create();
    const ask = { as: "otto", body: { reason: "lunch" } } as const;
    const headers = { "idempotency-key": freshKey() };
    const told = await Promise.all(
      Array.from({ length: 8 }, () =>
        rig.ask("POST", `${PATH}/commands/pause`, { ...ask, headers }),
      ),
    );
    const statuses = told.map(({ status }) => status);
    expect(statuses.filter((status) => status === 202).length).toBeGreaterThanOrEqual(1);
    expect(statuses.every((status) => status === 202 || status === 409)).toBe(true);
    const again = await rig.ask("POST", `${PATH}/commands/pause`, { ...ask, headers });
    const first = told.find(({ status }) => status === 202);
    expect(again.body.command).toEqual(first?.body.command);
    expect(rig.memory.sent).toHaveLength(1);
    expect(kindsOf(rig).filter((kind) => kind === "command.pause")).toHaveLength(1);
  });

  test("under a key of another request is refused", async () => {
    const rig = maker.create();
    const headers = { "idempotency-key": freshKey() };
    const ask = (path: string, reason: string): Promise<Told> =>
      rig.ask("POST", `${PATH}/commands/${path}`, { as: "otto", body: { reason }, headers });
    expect((await ask("pause", "lunch")).status).toBe(202);
    expect((await ask("pause", "dinner")).status).toBe(422);
    expect((await ask("resume", "lunch")).status).toBe(422);
    expect(rig.memory.sent).toHaveLength(1);
  });

  test("with the key of somebody else is their own", async () => {
    const rig = maker.create();
    const headers = { "idempotency-key": freshKey() };
    const body = { reason: "lunch" };
    for (const as of ["otto", "rita"] as const) {
      const told = await rig.ask("POST", `${PATH}/commands/pause`, { as, body, headers });
      expect(told.status).toBe(202);
    }
    expect(new Set(rig.memory.sent.map(({ commandId }) => commandId)).size).toBe(2);
  });

  test("whose memory was lost is still the same command", async () => {
    const rig = maker.create();
    const headers = { "idempotency-key": freshKey() };
    const ask = (): Promise<Told> =>
      rig.ask("POST", `${PATH}/commands/drain`, {
        as: "otto",
        body: { policy: "handOver", reason: "upgrade" },
        headers,
      });
    const first = await ask();
    rig.ports.memory.once = async (_key, _hash, work) => {
      return { kind: "answer", answer: await work(), isReplay: false };
    };
    const second = await ask();
    expect(second.body.command).toEqual(first.body.command);
    expect(rig.memory.sent).toHaveLength(1);
    expect(kindsOf(rig).filter((kind) => kind === "command.drain")).toHaveLength(1);
    const other = await rig.ask("POST", `${PATH}/commands/drain`, {
      as: "otto",
      body: { policy: "flatten", reason: "upgrade" },
      headers,
    });
    expect(other.status).toBe(422);
  });

  test("is not sent where it cannot be audited", async () => {
    const rig = maker.create();
    rig.memory.away.add("control");
    const told = await post(rig, "otto", "commands/pause", { reason: "lunch" });
    expect(told.status).toBe(500);
    expect(told.text).not.toContain("secret-of-the-store");
    expect(rig.memory.sent).toHaveLength(0);
    expect(rig.memory.commands.size).toBe(0);
    // The same key works once the table is back.
    rig.memory.away.clear();
    expect((await post(rig, "otto", "commands/pause", { reason: "lunch" })).status).toBe(202);
  });

  test("is answered with its outcome to whoever waits for it", async () => {
    const rig = maker.create();
    const { send } = rig.ports.queue;
    rig.ports.queue.send = async (command) => {
      const key = `${command.engine} ${command.commandId}`;
      const record = rig.memory.commands.get(key);
      if (record !== undefined)
        rig.memory.commands.set(key, { ...record, state: "done", tick: 42 });
      return await send(command);
    };
    const told = await rig.ask("POST", `${PATH}/commands/resync`, {
      as: "otto",
      body: { reason: "odd book" },
      headers: { "idempotency-key": freshKey(), prefer: "wait=2" },
    });
    expect(told.status).toBe(200);
    expect(told.headers.get("preference-applied")).toBe("wait=2");
    expect(told.body.command).toMatchObject({ state: "done", tick: 42 });
  });

  test("that nobody takes is answered 202 when the wait is over", async () => {
    const rig = maker.create();
    const told = await rig.ask("POST", `${PATH}/commands/resync`, {
      as: "otto",
      body: { reason: "odd book" },
      headers: { "idempotency-key": freshKey(), prefer: "wait=1" },
    });
    expect(told.status).toBe(202);
    expect(told.body.command).toMatchObject({ state: "queued" });
  });

  test("that is refused at the wait's reading is answered all the same", async () => {
    const rig = maker.create();
    rig.ports.commands.read = async () => {
      if (rig.memory.sent.length > 0) throw new Error("away");
      return undefined;
    };
    const told = await rig.ask("POST", `${PATH}/commands/resync`, {
      as: "otto",
      body: { reason: "odd book" },
      headers: { "idempotency-key": freshKey(), prefer: "wait=1" },
    });
    expect(told.status).toBe(202);
    expect(rig.memory.logged.some(({ message }) => message.includes("outcome"))).toBe(true);
  });

  test("is not waited for longer than was asked, however long each reading takes", async () => {
    const rig = maker.create();
    let readings = 0;
    rig.ports.commands.read = async () => {
      if (rig.memory.sent.length === 0) return undefined;
      readings += 1;
      rig.memory.nowUs += 3_000_000;
      throw new Error("away");
    };
    const told = await rig.ask("POST", `${PATH}/commands/resync`, {
      as: "otto",
      body: { reason: "odd book" },
      headers: { "idempotency-key": freshKey(), prefer: "wait=5" },
    });
    expect(told.status).toBe(202);
    expect(readings).toBe(2);
  });

  test("is found again by its location and in the list", async () => {
    const rig = maker.create();
    const told = await post(rig, "otto", "commands/cancelAll", { venue: "kraken", reason: "odd" });
    const found = await rig.ask("GET", told.headers.get("location") ?? "", { as: "vera" });
    expect(found.body).toEqual(told.body.command);
    await post(rig, "otto", "commands/pause", { reason: "lunch" });
    const list = await rig.ask("GET", `${PATH}/commands`, { as: "vera" });
    const items = list.body.items as unknown as { readonly action: { readonly kind: string } }[];
    expect(items.map(({ action }) => action.kind)).toEqual(["pause", "cancelAll"]);
    const none = await rig.ask("GET", `${PATH}/commands?state=done`, { as: "vera" });
    expect(none.body.items).toEqual([]);
  });
});

describe("a kill", () => {
  const KILL = { as: "otto", body: { scope: "all", reason: "odd fills" } } as const;

  test.each([
    ["the records", ["commands"], { recorded: false, queued: true, audited: true }],
    ["the audit", ["control"], { recorded: true, queued: true, audited: false }],
    [
      "both tables and the memory",
      ["commands", "control", "memory"],
      { recorded: false, queued: true, audited: false },
    ],
  ] as const)("goes out while %s are away, and says so", async (_name, away, ways) => {
    const rig = maker.create();
    for (const name of away) rig.memory.away.add(name);
    const told = await rig.ask("POST", `${PATH}/kill`, KILL);
    expect(told.status).toBe(202);
    expect(told.body).toMatchObject(ways);
    expect(rig.memory.sent).toMatchObject([{ action: { kind: "kill", scope: "all", target: "" } }]);
  });

  test("whose audit failed is audited when it is asked again, and says so only then", async () => {
    const rig = maker.create();
    const headers = { "idempotency-key": freshKey() };
    rig.memory.away.add("control");
    const first = await rig.ask("POST", `${PATH}/kill`, { ...KILL, headers });
    const again = await rig.ask("POST", `${PATH}/kill`, { ...KILL, headers });
    expect([first.body.audited, again.body.audited]).toEqual([false, false]);
    rig.memory.away.clear();
    const last = await rig.ask("POST", `${PATH}/kill`, { ...KILL, headers });
    expect(last.body).toMatchObject({ recorded: true, queued: true, audited: true });
    expect(kindsOf(rig)).toEqual(["kill"]);
    expect(rig.memory.sent).toHaveLength(1);
  });

  test("does not wait for a table that does not answer", async () => {
    const rig = maker.create();
    rig.ports.commands.create = () => new Promise(() => {});
    rig.ports.control.list = () => new Promise(() => {});
    const told = await rig.ask("POST", `${PATH}/kill`, KILL);
    expect(told.status).toBe(202);
    expect(told.body).toMatchObject({ recorded: false, queued: true, audited: false });
  });

  test("whose queue is away says what else there is to do", async () => {
    const rig = maker.create();
    rig.memory.away.add("queue");
    const told = await rig.ask("POST", `${PATH}/kill`, KILL);
    expect(told.status).toBe(503);
    expect(told.body).toMatchObject({ recorded: true, queued: false, audited: true });
    expect(told.body.detail).toContain("admin port");
  });

  test("never expires", async () => {
    const rig = maker.create();
    await rig.ask("POST", `${PATH}/kill`, KILL);
    expect(rig.memory.sent[0]?.expiresUs).toBe(Number.MAX_SAFE_INTEGER);
  });

  test("gets through when everything else is throttled", async () => {
    const rig = maker.create();
    let throttled = 0;
    for (let asked = 0; asked < 200; asked += 1) {
      const { status } = await rig.ask("GET", `${PATH}/status`, { as: "otto" });
      if (status === 429) throttled += 1;
      const { status: paused } = await post(rig, "otto", "commands/pause", { reason: "x" });
      if (paused === 429) throttled += 1;
    }
    expect(throttled).toBeGreaterThan(200);
    for (let asked = 0; asked < 50; asked += 1) {
      expect((await rig.ask("POST", `${PATH}/kill`, KILL)).status).toBe(202);
    }
  });

  test("gets through while strangers storm it", async () => {
    const rig = maker.create();
    const statuses = new Set<number>();
    for (let asked = 0; asked < 300; asked += 1) {
      statuses.add((await rig.ask("POST", `${PATH}/kill`, { body: KILL.body })).status);
    }
    expect(statuses).toEqual(new Set([401, 429]));
    expect((await rig.ask("POST", `${PATH}/kill`, KILL)).status).toBe(202);
  });

  test("under a key of another kill is refused", async () => {
    const rig = maker.create();
    const headers = { "idempotency-key": freshKey() };
    expect((await rig.ask("POST", `${PATH}/kill`, { ...KILL, headers })).status).toBe(202);
    const other = { scope: "venue", target: "kraken", reason: "odd fills" };
    const told = await rig.ask("POST", `${PATH}/kill`, { as: "otto", body: other, headers });
    expect(told.status).toBe(422);
    expect(rig.memory.sent).toHaveLength(1);
  });
});
