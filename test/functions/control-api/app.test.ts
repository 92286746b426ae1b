// Goal: the whole way of a change works: propose, approve, tighten, kill, release, read, replay.
import { beforeAll, describe, expect, test } from "vitest";
import { ENGINE } from "./memory-ports.ts";
import { createRigMaker, freshKey, limitsWith, type RigMaker, seedLimits } from "./rig.ts";

const PATH = `/v1/engines/${ENGINE}`;
let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

describe("limits", () => {
  test("a first version waits for a second person and is then the limits", async () => {
    const rig = maker.create();
    expect((await rig.ask("GET", `${PATH}/limits`, { as: "vera" })).status).toBe(404);
    await seedLimits(rig);
    const read = await rig.ask("GET", `${PATH}/limits`, { as: "vera" });
    expect(read.status).toBe(200);
    expect(read.headers.get("etag")).toBe('"1"');
    expect(read.body).toMatchObject({ version: 1, by: "rita", approvedBy: "rolf" });
    expect(rig.memory.sent.map(({ action }) => action)).toEqual([
      { kind: "applyLimits", version: 1 },
    ]);
  });

  test("tightening is immediate and one person's word", async () => {
    const rig = maker.create();
    await seedLimits(rig, limitsWith({ orderNotionalMax: "50", openNotionalMax: "100" }));
    const put = await rig.ask("PUT", `${PATH}/limits`, {
      as: "rita",
      body: {
        limits: limitsWith({ orderNotionalMax: "40", openNotionalMax: "100" }),
        reason: "less",
      },
      headers: { "if-match": '"1"' },
    });
    expect(put.text).toContain('"direction":"tightens"');
    expect(put.status).toBe(200);
    expect(put.body.limits).toMatchObject({ version: 2 });
  });
});

test("a kill is answered 202 with its three ways, and a replay is the same command", async () => {
  const rig = maker.create();
  const ask = { as: "otto", body: { scope: "all", reason: "odd fills" } } as const;
  const headers = { "idempotency-key": freshKey() };
  const first = await rig.ask("POST", `${PATH}/kill`, { ...ask, headers });
  const second = await rig.ask("POST", `${PATH}/kill`, { ...ask, headers });
  expect(first.status).toBe(202);
  expect(first.body).toMatchObject({ recorded: true, queued: true, audited: true });
  expect(second.body).toEqual(first.body);
  expect(rig.memory.sent).toHaveLength(1);
  expect(rig.memory.chains.get(`${ENGINE} action`)).toHaveLength(1);
});
