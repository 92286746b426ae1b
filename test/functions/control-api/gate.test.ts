// Goal: a browser's session is good for pages of this site only, what throttles says when to come back, and
// what breaks is told to the log alone.
import { beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../../functions/control-api/app.ts";
import {
  admit,
  LOCAL_SESSION_COOKIE,
  SESSION_COOKIE,
} from "../../../functions/control-api/gate.ts";
import { RATE_PLANS, RateKeeper } from "../../../functions/control-api/rate.ts";
import { principalOf } from "../../../functions/control-api/roles.ts";
import { StoreError } from "../../../functions/stores/store-error.ts";
import { ENGINE, memoryRig, START_US } from "./memory-ports.ts";
import { createRigMaker, freshKey, type Rig, type RigMaker, type Told, toldOf } from "./rig.ts";

const PATH = `/v1/engines/${ENGINE}`;
let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

describe("a session's cookie", () => {
  const cookieOf = (name: string): string => `a=b; ${name}=${maker.tokens.get("otto")}; c=d`;

  async function pause(rig: Rig, headers: Record<string, string>): Promise<Told> {
    return await rig.ask("POST", `${PATH}/commands/pause`, {
      body: { reason: "lunch" },
      headers: { "idempotency-key": freshKey(), ...headers },
    });
  }

  test("lets its owner read", async () => {
    const headers = { cookie: cookieOf(SESSION_COOKIE) };
    expect((await maker.create().ask("GET", `${PATH}/status`, { headers })).status).toBe(200);
  });

  test("of a machine without TLS is good on that machine only", async () => {
    const headers = { cookie: cookieOf(LOCAL_SESSION_COOKIE) };
    const asked = (rig: Rig): Promise<Told> => rig.ask("GET", `${PATH}/status`, { headers });
    expect((await asked(maker.create())).status).toBe(401);
    expect((await asked(maker.create({ isLocal: true }))).status).toBe(200);
  });

  test.each([
    ["a page of this site", { "sec-fetch-site": "same-origin" }, 202],
    ["an old browser on this site", { origin: "http://api.test", host: "api.test" }, 202],
    ["another site", { "sec-fetch-site": "cross-site" }, 403],
    ["a sister site", { "sec-fetch-site": "same-site" }, 403],
    ["a typed address", { "sec-fetch-site": "none" }, 403],
    ["an old browser elsewhere", { origin: "http://evil.test", host: "api.test" }, 403],
    ["a hidden origin", { origin: "null", host: "api.test" }, 403],
    ["nobody knows where", {}, 403],
  ])("from %s", async (_name, headers, status) => {
    const rig = maker.create();
    const told = await pause(rig, { cookie: cookieOf(SESSION_COOKIE), ...headers });
    expect(told.status).toBe(status);
    expect(rig.memory.sent).toHaveLength(status === 202 ? 1 : 0);
  });

  test("does not make a bad header good", async () => {
    const headers = { cookie: cookieOf(SESSION_COOKIE), authorization: "Bearer" };
    expect((await maker.create().ask("GET", `${PATH}/status`, { headers })).status).toBe(401);
  });
});

describe("whoever asks too often", () => {
  test("is told when to come back, is not audited for it, and may then", async () => {
    const rig = maker.create();
    let told = await rig.ask("GET", `${PATH}/status`, { as: "vera" });
    while (told.status === 200) told = await rig.ask("GET", `${PATH}/status`, { as: "vera" });
    expect(told.status).toBe(429);
    const waitS = Number(told.headers.get("retry-after"));
    expect(waitS).toBeGreaterThan(0);
    expect((await rig.ask("GET", `${PATH}/status`, { as: "otto" })).status).toBe(200);
    rig.memory.nowUs += waitS * 1_000_000;
    expect((await rig.ask("GET", `${PATH}/status`, { as: "vera" })).status).toBe(200);
    expect(rig.memory.chains.get(`${ENGINE} action`)).toBeUndefined();
  });

  test("takes nothing from the others by being turned away", () => {
    const { ports } = maker.create();
    const rates = new RateKeeper();
    const asks = (person: string): boolean =>
      admit(ports, rates, { principal: principalOf(person, ["viewer"]), id: "getMe", engine: "" })
        .ok;
    const { burst } = RATE_PLANS.all;
    const admitted = Array.from({ length: 2 * burst }, () => asks("vera")).filter(Boolean);
    expect(admitted).toHaveLength(RATE_PLANS.read.burst);
    expect(asks("otto")).toBe(true);
  });

  test("is turned away by everybody's bucket where that is empty", () => {
    const { ports } = maker.create();
    const rates = new RateKeeper();
    const { burst } = RATE_PLANS.all;
    const admitted = Array.from({ length: burst + 1 }, (_, n) => {
      const principal = principalOf(`p${n}`, ["viewer"]);
      return admit(ports, rates, { principal, id: "getMe", engine: "" }).ok;
    });
    expect(admitted.indexOf(false)).toBe(burst);
  });
});

describe("what breaks", () => {
  test("is answered with a number under which the log knows it", async () => {
    const rig = maker.create();
    rig.memory.away.add("commands");
    const told = await rig.ask("GET", `${PATH}/status`, { as: "vera" });
    expect(told.status).toBe(500);
    expect(told.text).not.toContain("secret-of-the-store");
    const line = rig.memory.logged.find(({ message }) => message === "a request broke");
    expect(line?.fields.requestId).toBe(told.body.requestId);
    expect(String(line?.cause)).toContain("secret-of-the-store");
  });

  test("before a route was found is answered the same way", async () => {
    const { ports, memory } = memoryRig(() => Promise.reject(new Error("keys broke")));
    const app = createApp(ports);
    for (const path of ["/nowhere", `${PATH}/status`]) {
      const answer = await app.request(`http://api.test${path}`, {
        headers: { authorization: "Bearer a.b.c" },
      });
      const told = await toldOf(answer);
      expect(told.status).toBe(500);
      expect(told.text).not.toContain("keys broke");
    }
    expect(memory.logged.filter(({ cause }) => cause !== undefined)).toHaveLength(2);
  });

  test.each([
    ["throttled", 503],
    ["unavailable", 503],
    ["denied", 500],
    ["refused", 500],
  ] as const)(
    "in a store that is %s is %i, and says nothing of the store",
    async (fault, status) => {
      const rig = maker.create();
      rig.ports.commands.readHeartbeat = async () => {
        throw new StoreError("read the secret table", fault, new Error("inner"));
      };
      const told = await rig.ask("GET", `${PATH}/status`, { as: "vera" });
      expect(told.status).toBe(status);
      expect(told.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
      expect(told.text).not.toMatch(/secret|inner/);
    },
  );

  test("keys that cannot be had are 503, not 401", async () => {
    const { ports } = memoryRig(async () => ({ kind: "unavailable", reason: "timeout" }));
    const answer = await createApp(ports).request(`http://api.test${PATH}/status`, {
      headers: { authorization: "Bearer a.b.c" },
    });
    expect(answer.status).toBe(503);
  });
});

describe("the log", () => {
  test("has one line for each request, with who, what and how it ended, and no token", async () => {
    const rig = maker.create();
    await rig.ask("GET", `${PATH}/status`, { as: "vera" });
    await rig.ask("GET", `${PATH}/status`, { headers: { authorization: "Bearer a.b.c" } });
    await rig.ask("PUT", `${PATH}/limits`, { as: "vera", body: {}, headers: { "if-match": "1" } });
    await rig.ask("GET", "/nowhere", { as: "vera" });
    const lines = rig.memory.logged.filter(({ message }) => message === "request");
    expect(lines.map(({ fields }) => [fields.route, fields.status])).toEqual([
      ["getStatus", 200],
      ["getStatus", 401],
      ["putLimits", 403],
      ["none", 404],
    ]);
    expect(lines[0]?.fields).toMatchObject({ subject: "vera", note: "" });
    expect(lines[1]?.fields.note).not.toBe("");
    expect(lines[2]?.fields.note).toBe("role");
    expect(JSON.stringify(rig.memory.logged)).not.toContain(maker.tokens.get("vera"));
  });
});

test("a body that is not UTF-8 is refused", async () => {
  const rig = maker.create();
  const { ports } = rig;
  const answer = await createApp(ports).request(`http://api.test${PATH}/kill`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${maker.tokens.get("otto")}`,
      "content-type": "application/json",
    },
    body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
  });
  expect(answer.status).toBe(400);
  expect(START_US).toBe(rig.memory.nowUs);
});
