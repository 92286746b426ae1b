// Goal: a second person carries out exactly what was proposed, once, and in time; a release only of an
// engine that is well.
import { beforeAll, describe, expect, test } from "vitest";
import type { Heartbeat } from "../../../contracts/operator-command.ts";
import { sha256Hex } from "../../../functions/platform/hash.ts";
import { ENGINE, START_US } from "./memory-ports.ts";
import {
  approve,
  chain,
  kindsOf,
  NARROW,
  NARROWER,
  PATH,
  post,
  proposalIn,
  put,
  rigAt,
  type Shown,
  WIDE,
} from "./people.ts";
import { createRigMaker, type RigMaker, wellHeartbeat } from "./rig.ts";

let maker: RigMaker;
beforeAll(async () => {
  maker = await createRigMaker();
});

describe("a proposal", () => {
  test("cannot be approved by whoever made it", async () => {
    const rig = await rigAt(maker, NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const told = await approve(rig, "rita", proposal);
    expect(told.status).toBe(403);
    expect(told.body.type).toBe("urn:reckoner:problem:selfApproval");
    expect(kindsOf(rig).at(-1)).toBe("refused");
  });

  test("cannot be approved under another hash than its own", async () => {
    const rig = await rigAt(maker, NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const other = { ...proposal, payloadHash: "a".repeat(64) } as unknown as Shown;
    expect((await approve(rig, "rolf", other)).status).toBe(409);
  });

  test("whose payload was changed in the table cannot be approved", async () => {
    const rig = await rigAt(maker, NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const key = `${ENGINE} ${proposal.proposalId}`;
    const standing = rig.memory.proposals.get(key);
    if (standing === undefined) throw new Error("the proposal is there");
    rig.memory.proposals.set(key, { ...standing, after: standing.after.replace("100", "999") });
    expect((await approve(rig, "rolf", proposal)).status).toBe(409);
    expect(chain(rig, "limits")).toHaveLength(1);
  });

  test("expires", async () => {
    const rig = await rigAt(maker, NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    rig.memory.nowUs += 901_000_000;
    const told = await approve(rig, "rolf", proposal);
    expect(told.status).toBe(409);
    expect(told.body.detail).toContain("expired");
    const list = await rig.ask("GET", `${PATH}/proposals?state=expired`, { as: "vera" });
    expect(list.body.items).toMatchObject([{ proposalId: proposal.proposalId }]);
  });

  test("on limits that have changed since is refused", async () => {
    const rig = await rigAt(maker, NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    expect((await put(rig, "rolf", 1, NARROWER)).status).toBe(200);
    expect((await approve(rig, "rolf", proposal)).status).toBe(412);
    expect(chain(rig, "limits")).toHaveLength(2);
  });

  test("that breaks a ceiling by now is refused whole", async () => {
    const rig = await rigAt(maker, NARROW);
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

  test("whose limits somebody else changes at the last moment is refused, before or at the write", async () => {
    for (const step of ["read", "write"] as const) {
      const rig = await rigAt(maker, NARROW);
      const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
      const { decideProposal } = rig.ports.control;
      const { append } = rig.ports.control;
      const overtake = async (): Promise<void> => {
        rig.ports.control.append = append;
        expect((await put(rig, "anna", 1, NARROWER)).status).toBe(200);
      };
      if (step === "read") {
        rig.ports.control.decideProposal = async (decision) => {
          await overtake();
          return await decideProposal(decision);
        };
      } else {
        rig.ports.control.append = async (item) => {
          if (item.chain === "limits") await overtake();
          return await append(item);
        };
      }
      const told = await approve(rig, "rolf", proposal);
      expect(told.status).toBe(412);
      expect(told.headers.get("etag")).toBe('"2"');
      expect(chain(rig, "limits")).toHaveLength(2);
    }
  });

  test("of a release that names no scope releases nothing", async () => {
    const rig = maker.create();
    const asked = await post(rig, "rita", "release", { scope: "all", reason: "well" });
    const proposal = proposalIn(asked);
    const key = `${ENGINE} ${proposal.proposalId}`;
    const standing = rig.memory.proposals.get(key);
    if (standing === undefined) throw new Error("the proposal is there");
    const payloadHash = sha256Hex("{}");
    rig.memory.proposals.set(key, { ...standing, after: "{}", payloadHash });
    const told = await approve(rig, "rolf", { ...proposal, payloadHash } as unknown as Shown);
    expect(told.status).toBe(500);
    expect(rig.memory.sent).toHaveLength(0);
  });

  test("is decided once by any number of people", async () => {
    const rig = await rigAt(maker, NARROW);
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
    const rig = await rigAt(maker, NARROW);
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
    const rig = await rigAt(maker, NARROW);
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

  test("is not there without its item in the audit", async () => {
    const rig = await rigAt(maker, NARROW);
    const { append } = rig.ports.control;
    const proposals = rig.memory.proposals.size;
    rig.ports.control.append = () => Promise.reject(new Error("the answer never came"));
    expect((await put(rig, "rita", 1, WIDE)).status).toBe(500);
    expect(rig.memory.proposals.size).toBe(proposals);
    rig.ports.control.append = append;
    expect((await put(rig, "rita", 1, WIDE)).status).toBe(202);
    expect(kindsOf(rig).at(-1)).toBe("limits.propose");
  });

  test("that was turned down before that was audited is audited when asked again", async () => {
    const rig = await rigAt(maker, NARROW);
    const proposal = proposalIn(await put(rig, "rita", 1, WIDE));
    const { append } = rig.ports.control;
    rig.ports.control.append = () => Promise.reject(new Error("the answer never came"));
    const path = `proposals/${proposal.proposalId}/reject`;
    expect((await post(rig, "rolf", path, { reason: "too wide" })).status).toBe(500);
    rig.ports.control.append = append;
    expect((await post(rig, "rolf", path, { reason: "too wide" })).status).toBe(200);
    expect(kindsOf(rig).at(-1)).toBe("limits.reject");
  });

  test("that nobody made is not there", async () => {
    const rig = await rigAt(maker, NARROW);
    const path = "proposals/0000000-nothing/reject";
    expect((await post(rig, "rolf", path, { reason: "odd" })).status).toBe(404);
  });

  test("is listed newest first", async () => {
    const rig = await rigAt(maker, NARROW);
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

  test("that was approved and never carried out cannot be, once its time is over", async () => {
    const rig = maker.create();
    const proposal = proposalIn(await post(rig, "rita", "release", ALL));
    const { create } = rig.ports.commands;
    rig.ports.commands.create = () => Promise.reject(new Error("the table is away"));
    expect((await approve(rig, "rolf", proposal)).status).toBe(500);
    rig.ports.commands.create = create;
    rig.memory.nowUs += 901_000_000;
    rig.memory.heartbeats.set(ENGINE, wellHeartbeat({ atUs: rig.memory.nowUs }));
    const told = await approve(rig, "rolf", proposal);
    expect(told.status).toBe(409);
    expect(told.body.detail).toContain("expired");
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
