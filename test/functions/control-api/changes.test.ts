// Goal: a change happens once, by the right people, on what they have seen, and is audited; a kill gets
// through whatever is down. Method: whole requests over stores in memory, with races and outages.
import { beforeAll, describe, expect, test } from "vitest";
import type { AuditItem } from "../../../contracts/audit.ts";
import type { Heartbeat } from "../../../contracts/operator-command.ts";
import { CHAIN_START, chainFault } from "../../../functions/control-api/audit-trail.ts";
import { sha256Hex } from "../../../functions/platform/hash.ts";
import { ENGINE, START_US } from "./memory-ports.ts";
import {
  createRigMaker,
  freshKey,
  limitsWith,
  type Person,
  type Rig,
  type RigMaker,
  seedLimits,
  type Told,
  wellHeartbeat,
} from "./rig.ts";

const PATH = `/v1/engines/${ENGINE}`;
let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

function chain({ memory }: Rig, name: "limits" | "action"): readonly AuditItem[] {
  return memory.chains.get(`${ENGINE} ${name}`) ?? [];
}

function kindsOf(rig: Rig): string[] {
  return chain(rig, "action").map(({ kind }) => kind);
}

type Shown = Readonly<Record<string, never>> & Readonly<Record<string, string>>;
function proposalIn({ body }: Told): Shown {
  return body.proposal as unknown as Shown;
}

async function post(rig: Rig, as: Person, path: string, body: unknown): Promise<Told> {
  const headers = { "idempotency-key": freshKey() };
  return await rig.ask("POST", `${PATH}/${path}`, { as, body, headers });
}

async function put(rig: Rig, as: Person, version: number, limits: unknown): Promise<Told> {
  const headers = { "if-match": `"${version}"` };
  return await rig.ask("PUT", `${PATH}/limits`, { as, body: { limits, reason: "test" }, headers });
}

async function approve(rig: Rig, as: Person, { proposalId, payloadHash }: Shown): Promise<Told> {
  return await post(rig, as, `proposals/${proposalId}/approve`, { payloadHash, reason: "seen" });
}

const WIDE = limitsWith({ orderNotionalMax: "100", openNotionalMax: "200" });
const NARROW = limitsWith({ orderNotionalMax: "50", openNotionalMax: "200" });
const NARROWER = limitsWith({ orderNotionalMax: "20", openNotionalMax: "200" });

async function rigAt(limits: ReturnType<typeof limitsWith>): Promise<Rig> {
  const rig = maker.create();
  await seedLimits(rig, limits);
  return rig;
}

describe("a change of limits", () => {
  test("of which one field widens waits as a whole, and changes nothing before it is approved", async () => {
    const rig = await rigAt(NARROW);
    const mixed = limitsWith({ orderNotionalMax: "60", openNotionalMax: "100" });
    const told = await put(rig, "rita", 1, mixed);
    expect(told.status).toBe(202);
    expect(proposalIn(told)).toMatchObject({
      state: "open",
      by: "rita",
      baseVersion: 1,
      changes: [
        { field: "openNotionalMax", before: "200", after: "100", direction: "tightens" },
        { field: "orderNotionalMax", before: "50", after: "60", direction: "widens" },
      ],
    });
    expect(chain(rig, "limits")).toHaveLength(1);
    const approved = await approve(rig, "rolf", proposalIn(told));
    expect(approved.status).toBe(200);
    expect(approved.headers.get("etag")).toBe('"2"');
    expect(chain(rig, "limits")[1]).toMatchObject({
      kind: "limits.approve",
      by: "rita",
      approvedBy: "rolf",
      reason: "test | approved: seen",
    });
  });

  test("that changes nothing is answered with the version there is", async () => {
    const rig = await rigAt(NARROW);
    const told = await put(rig, "rita", 1, NARROW);
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({ limits: { version: 1 }, changes: [] });
    expect(chain(rig, "limits")).toHaveLength(1);
  });

  test("whose answer was lost is answered again, to the same person only", async () => {
    const rig = await rigAt(WIDE);
    expect((await put(rig, "rita", 1, NARROW)).status).toBe(200);
    const again = await put(rig, "rita", 1, NARROW);
    expect(again.status).toBe(200);
    expect(again.headers.get("etag")).toBe('"2"');
    expect((await put(rig, "rolf", 1, NARROW)).status).toBe(412);
    expect(chain(rig, "limits")).toHaveLength(2);
  });

  test("by many writers at once is made by one, and the others learn the version", async () => {
    const rig = await rigAt(WIDE);
    const many = Array.from({ length: 12 }, (_, index) =>
      put(rig, index % 2 === 0 ? "rita" : "rolf", 1, {
        ...WIDE,
        orderNotionalMax: String(index + 1),
      }),
    );
    const statuses = (await Promise.all(many)).map(({ status }) => status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 11 }, () => 412)]);
    expect(chain(rig, "limits")).toHaveLength(2);
  });

  test("on an old version is refused, audited, and told the version there is", async () => {
    const rig = await rigAt(WIDE);
    await put(rig, "rita", 1, NARROW);
    const told = await put(rig, "rolf", 1, NARROWER);
    expect(told.status).toBe(412);
    expect(told.headers.get("etag")).toBe('"2"');
    expect(kindsOf(rig).at(-1)).toBe("refused");
  });

  test("reaches the engine's poll also where the queue is away", async () => {
    const rig = await rigAt(WIDE);
    rig.memory.away.add("queue");
    const told = await put(rig, "rita", 1, NARROW);
    expect(told.status).toBe(200);
    expect(told.body.command).toBeNull();
    expect(chain(rig, "limits")).toHaveLength(2);
  });

  test("can be tried without being made", async () => {
    const rig = await rigAt(NARROW);
    const told = await rig.ask("POST", `${PATH}/limits/preview`, {
      as: "vera",
      body: { limits: WIDE },
    });
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({ baseVersion: 1, needsSecondPerson: true });
    expect(chain(rig, "limits")).toHaveLength(1);
  });
});

describe("a proposal", () => {
  test("cannot be approved by whoever made it", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const told = await approve(rig, "rita", proposal);
    expect(told.status).toBe(403);
    expect(told.body.type).toBe("urn:reckoner:problem:selfApproval");
    expect(kindsOf(rig).at(-1)).toBe("refused");
  });

  test("cannot be approved under another hash than its own", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const other = { ...proposal, payloadHash: "a".repeat(64) } as unknown as Shown;
    expect((await approve(rig, "rolf", other)).status).toBe(409);
  });

  test("whose payload was changed in the table cannot be approved", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const key = `${ENGINE} ${proposal.proposalId}`;
    const standing = rig.memory.proposals.get(key);
    if (standing === undefined) throw new Error("the proposal is there");
    rig.memory.proposals.set(key, { ...standing, after: standing.after.replace("100", "999") });
    expect((await approve(rig, "rolf", proposal)).status).toBe(409);
    expect(chain(rig, "limits")).toHaveLength(1);
  });

  test("expires", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    rig.memory.nowUs += 901_000_000;
    const told = await approve(rig, "rolf", proposal);
    expect(told.status).toBe(409);
    expect(told.body.detail).toContain("expired");
    const list = await rig.ask("GET", `${PATH}/proposals?state=expired`, { as: "vera" });
    expect(list.body.items).toMatchObject([{ proposalId: proposal.proposalId }]);
  });

  test("on limits that have changed since is refused", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    expect((await put(rig, "rolf", 1, NARROWER)).status).toBe(200);
    expect((await approve(rig, "rolf", proposal)).status).toBe(412);
    expect(chain(rig, "limits")).toHaveLength(2);
  });

  test("that breaks a ceiling by now is refused whole", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const key = `${ENGINE} ${proposal.proposalId}`;
    const standing = rig.memory.proposals.get(key);
    if (standing === undefined) throw new Error("the proposal is there");
    const after = standing.after.replace('"orderNotionalMax":"100"', '"orderNotionalMax":"1e9"');
    const payloadHash = sha256Hex(after);
    rig.memory.proposals.set(key, { ...standing, after, payloadHash });
    const told = await approve(rig, "rolf", { ...proposal, payloadHash } as unknown as Shown);
    expect(told.status).toBe(422);
    expect(told.body.field).toBe("limits.orderNotionalMax");
  });

  test("is decided once by any number of people", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const decisions = await Promise.all([
      approve(rig, "rolf", proposal),
      approve(rig, "anna", proposal),
      post(rig, "rita", `proposals/${proposal.proposalId}/reject`, { reason: "on second thought" }),
    ]);
    expect(decisions.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(chain(rig, "limits").length).toBeLessThanOrEqual(2);
  });

  test("that was approved before the version could be put is carried out when asked again", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const { append } = rig.ports.control;
    let failures = 1;
    rig.ports.control.append = async (item) => {
      if (item.chain === "limits" && failures-- > 0) throw new Error("the answer never came");
      return await append(item);
    };
    expect((await approve(rig, "rolf", proposal)).status).toBe(500);
    expect(chain(rig, "limits")).toHaveLength(1);
    expect((await approve(rig, "rolf", proposal)).status).toBe(200);
    expect(chain(rig, "limits")).toHaveLength(2);
    // And once more, when all is done: the same version, not another.
    expect((await approve(rig, "rolf", proposal)).headers.get("etag")).toBe('"2"');
    expect(chain(rig, "limits")).toHaveLength(2);
  });

  test("can be taken back by whoever made it, and is then over", async () => {
    const rig = await rigAt(NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const path = `proposals/${proposal.proposalId}/reject`;
    const told = await post(rig, "rita", path, { reason: "never mind" });
    expect(told.status).toBe(200);
    expect(proposalIn(told).state).toBe("rejected");
    expect((await approve(rig, "rolf", proposal)).status).toBe(409);
    expect((await post(rig, "rolf", path, { reason: "late" })).status).toBe(409);
    expect(kindsOf(rig)).toEqual([
      "limits.propose",
      "limits.propose",
      "limits.reject",
      "refused",
      "refused",
    ]);
  });

  test("that nobody made is not there", async () => {
    const rig = await rigAt(NARROW);
    const path = "proposals/0000000-nothing/reject";
    expect((await post(rig, "rolf", path, { reason: "odd" })).status).toBe(404);
  });

  test("is listed newest first", async () => {
    const rig = await rigAt(NARROW);
    const first = proposalIn(await put(rig, "rita", 1, WIDE));
    rig.memory.nowUs += 5_000_000;
    const second = proposalIn(await put(rig, "rita", 1, WIDE));
    const list = await rig.ask("GET", `${PATH}/proposals?state=open`, { as: "vera" });
    const items = list.body.items as unknown as readonly Shown[];
    expect(items.map(({ proposalId }) => proposalId)).toEqual([
      second.proposalId,
      first.proposalId,
    ]);
  });
});

test("the longest words of two people are still words that the engine takes", async () => {
  const rig = maker.create();
  const reason = "é".repeat(480);
  const proposed = await post(rig, "rita", "release", { scope: "all", reason });
  const { proposalId, payloadHash } = proposalIn(proposed);
  const path = `proposals/${proposalId}/approve`;
  expect((await post(rig, "rolf", path, { payloadHash, reason })).status).toBe(202);
  expect(rig.memory.sent[0]?.reason.length).toBeGreaterThan(960);
});

describe("a release", () => {
  const ALL = { scope: "all", reason: "all is well again" };

  test("needs a second person, and is then a command", async () => {
    const rig = maker.create();
    const proposed = await post(rig, "rita", "release", ALL);
    expect(proposed.status).toBe(202);
    expect(rig.memory.sent).toHaveLength(0);
    expect((await approve(rig, "rita", proposalIn(proposed))).status).toBe(403);
    const approved = await approve(rig, "rolf", proposalIn(proposed));
    expect(approved.status).toBe(202);
    expect(rig.memory.sent).toMatchObject([
      { action: { kind: "release", scope: "all", target: "" }, by: "rita" },
    ]);
    expect(chain(rig, "action").at(-1)).toMatchObject({
      kind: "release",
      by: "rita",
      approvedBy: "rolf",
    });
  });

  const account = { venue: "kraken", mode: "live", phase: "ready", unknownOrders: 0 };
  const statusOf = (changes: object): string =>
    JSON.stringify({ trading: { accounts: [{ ...account, ...changes }] } });
  const BAD_STATES: readonly (readonly [string, Partial<Heartbeat> | undefined, string])[] = [
    ["an engine that was never heard", undefined, "never been heard"],
    ["an engine that has fallen silent", { atUs: START_US - 16_000_000 }, "last heard from 16 s"],
    ["an engine that has halted", { halted: "brokenInvariant" }, "halted: brokenInvariant"],
    ["books that are not live", { isReady: false }, "not every required book is live"],
    [
      "an account that reconciles",
      { statusJson: statusOf({ phase: "reconciling" }) },
      "kraken is reconciling",
    ],
    [
      "orders of unknown outcome",
      { statusJson: statusOf({ unknownOrders: 2 }) },
      "unknown outcome",
    ],
    ["a status that is no JSON", { statusJson: "{" }, "cannot be read"],
    ["a status without accounts", { statusJson: "{}" }, "cannot be read"],
    ["an account without a venue", { statusJson: statusOf({ venue: 1 }) }, "cannot be read"],
  ];

  test.each(BAD_STATES)("is refused for %s", async (_name, heartbeat, says) => {
    const rig = maker.create();
    const good = await post(rig, "rita", "release", ALL);
    rig.memory.heartbeats.clear();
    if (heartbeat !== undefined) rig.memory.heartbeats.set(ENGINE, wellHeartbeat(heartbeat));
    const asked = await post(rig, "rita", "release", ALL);
    expect(asked.status).toBe(409);
    expect(asked.body.detail).toContain(says);
    // What was well when it was proposed is looked at again when it is approved.
    const approved = await approve(rig, "rolf", proposalIn(good));
    expect(approved.status).toBe(409);
    expect(rig.memory.sent).toHaveLength(0);
  });

  test("of one venue asks nothing of the accounts at others", async () => {
    const rig = maker.create();
    const accounts = [account, { ...account, venue: "kucoin", phase: "opening" }];
    const statusJson = JSON.stringify({ trading: { accounts } });
    rig.memory.heartbeats.set(ENGINE, wellHeartbeat({ statusJson }));
    const body = { scope: "venue", target: "kraken", reason: "well" };
    expect((await post(rig, "rita", "release", body)).status).toBe(202);
    expect((await post(rig, "rita", "release", { ...body, target: "kucoin" })).status).toBe(409);
  });

  test("asks nothing of an account that is off", async () => {
    const rig = maker.create();
    rig.memory.heartbeats.set(
      ENGINE,
      wellHeartbeat({ statusJson: statusOf({ mode: "off", phase: "closed" }) }),
    );
    expect((await post(rig, "rita", "release", ALL)).status).toBe(202);
  });
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

  test("does not wait for a table that does not answer", async () => {
    const rig = maker.create();
    rig.ports.commands.create = () => new Promise(() => {});
    rig.ports.control.readHead = () => new Promise(() => {});
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

describe("the audit", () => {
  test("has one item for each of 100 random actions, and its chains hold", async () => {
    const rig = await rigAt(WIDE);
    const before = chain(rig, "action").length + chain(rig, "limits").length;
    let seed = 7;
    const draw = (count: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % count;
    };
    const bodies: readonly (readonly [string, unknown])[] = [
      ["kill", { scope: "instrument", target: "kraken:BTC/USD", reason: "r" }],
      ["release", { scope: "all", reason: "r" }],
      ["mode", { mode: "exitsOnly", reason: "r" }],
      ["mode", { mode: "no such mode", reason: "r" }],
      ["commands/pause", { reason: "r" }],
      ["commands/resume", { reason: "r" }],
      ["commands/resync", { reason: "r" }],
      ["commands/cancelAll", { venue: "kucoin", reason: "r" }],
      ["commands/drain", { policy: "cancelOnly", reason: "r" }],
      ["commands/flatten", { confirm: ENGINE, reason: "r" }],
      ["commands/flatten", { confirm: "wrong", reason: "r" }],
    ];
    const people = ["otto", "rita", "vera", "anna"] as const;
    for (let count = 0; count < 100; count += 1) {
      // Half a minute between two, so that no bucket is emptied.
      rig.memory.nowUs += 30_000_000;
      rig.memory.heartbeats.set(ENGINE, wellHeartbeat({ atUs: rig.memory.nowUs }));
      const as = people[draw(people.length)] ?? "otto";
      if (draw(8) === 0) {
        const version = chain(rig, "limits").length;
        await put(rig, as, version, { ...WIDE, orderNotionalMax: String(90 - count * 0.5) });
        continue;
      }
      const [path, body] = bodies[draw(bodies.length)] ?? ["kill", {}];
      await post(rig, as, path, body);
    }
    const items = [...chain(rig, "action"), ...chain(rig, "limits")];
    expect(items.length - before).toBe(100);
    expect(items.every(({ by, requestId }) => by !== "" && requestId !== "")).toBe(true);
    for (const name of ["action", "limits"] as const) {
      expect(chainFault(chain(rig, name), CHAIN_START, sha256Hex)).toBeUndefined();
    }
  });

  test("keeps refusals of one person to a few, so that nobody fills it", async () => {
    const rig = maker.create();
    for (let asked = 0; asked < 60; asked += 1) await put(rig, "vera", 1, NARROW);
    const refusals = kindsOf(rig).filter((kind) => kind === "refused").length;
    expect(refusals).toBeGreaterThan(0);
    expect(refusals).toBeLessThanOrEqual(20);
  });

  test("that is away does not turn a refusal into something else", async () => {
    const rig = maker.create();
    rig.memory.away.add("control");
    expect((await put(rig, "vera", 1, NARROW)).status).toBe(403);
    expect(rig.memory.logged.some(({ message }) => message.includes("audited"))).toBe(true);
  });

  test("goes on behind others who come in between, and gives up on a chain that never rests", async () => {
    const rig = maker.create();
    const many = Array.from({ length: 10 }, (_, index) =>
      post(rig, index % 2 === 0 ? "otto" : "anna", "commands/pause", { reason: `n ${index}` }),
    );
    expect((await Promise.all(many)).every(({ status }) => status === 202)).toBe(true);
    expect(chain(rig, "action").map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const head = chain(rig, "action").at(-1);
    if (head === undefined) throw new Error("the chain has a head");
    rig.ports.control.append = async () => ({ kind: "taken", current: head });
    expect((await post(rig, "otto", "commands/pause", { reason: "last" })).status).toBe(500);
  });
});

test("whoever loses the race for a number of the limits is told so", async () => {
  const rig = await rigAt(WIDE);
  const head = chain(rig, "limits").at(-1);
  if (head === undefined) throw new Error("the chain has a head");
  rig.ports.control.append = async () => ({ kind: "taken", current: { ...head, seq: 5 } });
  const told = await put(rig, "rita", 1, NARROW);
  expect(told.status).toBe(412);
  expect(told.headers.get("etag")).toBe('"5"');
});
