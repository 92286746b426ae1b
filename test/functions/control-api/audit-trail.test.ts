// Goal: every change and every refused change is one item, and the chains hold.
import { beforeAll, describe, expect, test } from "vitest";
import { CHAIN_START, chainFault } from "../../../functions/control-api/audit-trail.ts";
import { sha256Hex } from "../../../functions/platform/hash.ts";
import { ENGINE } from "./memory-ports.ts";
import { chain, kindsOf, NARROW, post, put, rigAt, WIDE } from "./people.ts";
import { createRigMaker, type RigMaker, wellHeartbeat } from "./rig.ts";

let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

describe("the audit", () => {
  test("has one item for each of 100 random actions, and its chains hold", async () => {
    const rig = await rigAt(maker, WIDE);
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
