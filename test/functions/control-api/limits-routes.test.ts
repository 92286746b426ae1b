// Goal: limits change once, on what was seen, and widen only with a second person.
import { beforeAll, describe, expect, test } from "vitest";
import { limitsSchema } from "../../../functions/control-api/response-schemas.ts";
import { ENGINE } from "./memory-ports.ts";
import {
  approve,
  chain,
  kindsOf,
  NARROW,
  NARROWER,
  PATH,
  proposalIn,
  put,
  rigAt,
  WIDE,
} from "./people.ts";
import { createRigMaker, limitsWith, type RigMaker } from "./rig.ts";

let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

describe("a change of limits", () => {
  test("of which one field widens waits as a whole, and changes nothing before it is approved", async () => {
    const rig = await rigAt(maker, NARROW);
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
    const rig = await rigAt(maker, NARROW);
    const told = await put(rig, "rita", 1, NARROW);
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({ limits: { version: 1 }, changes: [] });
    expect(chain(rig, "limits")).toHaveLength(1);
  });

  test("whose answer was lost is answered again, to the same person only", async () => {
    const rig = await rigAt(maker, WIDE);
    expect((await put(rig, "rita", 1, NARROW)).status).toBe(200);
    const again = await put(rig, "rita", 1, NARROW);
    expect(again.status).toBe(200);
    expect(again.headers.get("etag")).toBe('"2"');
    expect((await put(rig, "rolf", 1, NARROW)).status).toBe(412);
    expect(chain(rig, "limits")).toHaveLength(2);
  });

  test("by many writers at once is made by one, and the others learn the version", async () => {
    const rig = await rigAt(maker, WIDE);
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
    const rig = await rigAt(maker, WIDE);
    await put(rig, "rita", 1, NARROW);
    const told = await put(rig, "rolf", 1, NARROWER);
    expect(told.status).toBe(412);
    expect(told.headers.get("etag")).toBe('"2"');
    expect(kindsOf(rig).at(-1)).toBe("refused");
  });

  test("reaches the engine's poll also where the queue is away", async () => {
    const rig = await rigAt(maker, WIDE);
    rig.memory.away.add("queue");
    const told = await rig.ask("PUT", `${PATH}/limits`, {
      as: "rita",
      body: { limits: NARROW, reason: "less" },
      // Whoever waits for a command that there is not is not kept waiting.
      headers: { "if-match": '"1"', prefer: "wait=2" },
    });
    expect(told.status).toBe(200);
    expect(told.body.command).toBeNull();
    expect(chain(rig, "limits")).toHaveLength(2);
  });

  test("can be tried without being made", async () => {
    const rig = await rigAt(maker, NARROW);
    const told = await rig.ask("POST", `${PATH}/limits/preview`, {
      as: "vera",
      body: { limits: WIDE },
    });
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({ baseVersion: 1, needsSecondPerson: true });
    expect(chain(rig, "limits")).toHaveLength(1);
  });
});

describe("before the first version", () => {
  test("the limits of the configuration are version 0, and changes are compared with them", async () => {
    const rig = maker.create({ baseLimits: new Map([[ENGINE, NARROW]]) });
    const read = await rig.ask("GET", `${PATH}/limits`, { as: "vera" });
    expect(read.headers.get("etag")).toBe('"0"');
    expect(read.body).toMatchObject({ version: 0, kind: "configuration", limits: NARROW });
    expect(read.body).toEqual(limitsSchema.parse(read.body));
    expect((await put(rig, "rita", 0, WIDE)).status).toBe(202);
    const told = await put(rig, "rita", 0, NARROWER);
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({
      limits: { version: 1 },
      changes: [{ field: "orderNotionalMax", before: "50", after: "20" }],
    });
    expect(JSON.parse(chain(rig, "limits")[0]?.before ?? "")).toEqual(NARROW);
  });

  test("the same limits may be put as a version of their own", async () => {
    const rig = maker.create({ baseLimits: new Map([[ENGINE, NARROW]]) });
    const told = await put(rig, "rita", 0, NARROW);
    expect(told.status).toBe(200);
    expect(told.body).toMatchObject({ limits: { version: 1 }, changes: [] });
  });

  test("without them there is nothing to show, and everything widens", async () => {
    const rig = maker.create();
    expect((await rig.ask("GET", `${PATH}/limits`, { as: "vera" })).status).toBe(404);
    expect((await put(rig, "rita", 0, NARROWER)).status).toBe(202);
  });
});

test("whoever loses the race for a number of the limits is told so", async () => {
  const rig = await rigAt(maker, WIDE);
  const head = chain(rig, "limits").at(-1);
  if (head === undefined) throw new Error("the chain has a head");
  rig.ports.control.append = async () => ({ kind: "taken", current: { ...head, seq: 5 } });
  const told = await put(rig, "rita", 1, NARROW);
  expect(told.status).toBe(412);
  expect(told.headers.get("etag")).toBe('"5"');
});
