// Goal: a number of an audit chain has one winner whatever races, repeats or gets lost, and pages hold every item once.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AUDIT_GENESIS, type AuditItem } from "../../../contracts/audit.ts";
import { sealedAudit } from "../../../functions/platform/hash.ts";
import {
  type ControlStore,
  createControlStore,
  type Proposal,
} from "../../../functions/stores/control-store.ts";
import { StoreError } from "../../../functions/stores/store-error.ts";
import { type FaultPlan, plantFaults } from "../../fixtures/aws/faults.ts";
import { type AwsRig, awsTargets, startAwsRig } from "../../fixtures/aws/rig.ts";

let chainCount = 0;

function item(engine: string, seq: number, by: string, previousHash = AUDIT_GENESIS): AuditItem {
  return sealedAudit({
    schemaVersion: 1,
    engine,
    chain: "limits",
    seq,
    kind: "limits.put",
    atUs: 1_790_000_000_000_000 + seq,
    by,
    approvedBy: "",
    reason: "",
    requestId: `request-${by}-${seq}`,
    before: "null",
    after: '{"a":"1.50"}',
    previousHash,
  });
}

function proposal(engine: string, id: string, change: Partial<Proposal> = {}): Proposal {
  return {
    proposalId: id,
    engine,
    kind: "limits.put",
    state: "open",
    by: "ada",
    reason: "more room",
    requestId: `request-${id}`,
    atUs: 1_000,
    expiresUs: 2_000,
    baseVersion: 1,
    before: "{}",
    after: "{}",
    payloadHash: "h1",
    decidedBy: "",
    decidedUs: 0,
    decision: "",
    ...change,
  };
}

describe.each(awsTargets("dynamodb"))("control at $name $skipped", (target) => {
  describe.skipIf(target.skipped !== "")("", () => {
    let rig: AwsRig;
    let store: ControlStore;
    let faults: FaultPlan;

    beforeAll(async () => {
      rig = await startAwsRig(target);
      faults = plantFaults(rig.clients.tables);
      store = createControlStore(rig.clients.documents, rig.prefix);
    });
    afterAll(async () => await rig.stop());

    const fresh = (): string => `engine-${++chainCount}`;

    test("an empty chain has no head", async () => {
      const engine = fresh();
      expect(await store.readHead(engine, "limits")).toBeUndefined();
      expect(await store.readItem(engine, "action", 1)).toBeUndefined();
      expect(await store.list(engine, "limits", { limit: 5 })).toEqual({
        kind: "page",
        items: [],
        cursor: undefined,
      });
    });

    test("what is appended is the head, field by field", async () => {
      const engine = fresh();
      const first = item(engine, 1, "ada");
      expect(await store.append(first)).toEqual({ kind: "appended", item: first });
      expect(await store.readHead(engine, "limits")).toEqual(first);
      expect(await store.readItem(engine, "limits", 1)).toEqual(first);
    });

    test("of 32 writers of one number one wins, and the others learn who", async () => {
      const engine = fresh();
      const writers = Array.from({ length: 32 }, (_, n) => item(engine, 1, `writer-${n}`));
      const results = await Promise.all(writers.map((each) => store.append(each)));
      const winners = results.filter((each) => each.kind === "appended");
      expect(winners).toHaveLength(1);
      const head = await store.readHead(engine, "limits");
      for (const result of results) {
        if (result.kind === "taken") expect(result.current).toEqual(head);
        else expect(result.item).toEqual(head);
      }
    });

    test("32 writers that try until they are in make one chain without gap or fork", async () => {
      const engine = fresh();
      await Promise.all(
        Array.from({ length: 32 }, async (_, n) => {
          let head = await store.readHead(engine, "limits");
          for (;;) {
            const next = item(engine, (head?.seq ?? 0) + 1, `writer-${n}`, head?.hash);
            const result = await store.append(next);
            if (result.kind === "appended") return;
            head = result.current;
          }
        }),
      );
      const page = await store.list(engine, "limits", { limit: 100 });
      if (page.kind !== "page") throw new Error("the page is one");
      const items = page.items.toReversed();
      expect(items.map(({ seq }) => seq)).toEqual(Array.from({ length: 32 }, (_, n) => n + 1));
      expect(new Set(items.map(({ by }) => by)).size).toBe(32);
      for (const [n, each] of items.entries()) {
        expect(each.previousHash).toBe(items[n - 1]?.hash ?? AUDIT_GENESIS);
      }
    });

    test.each([
      ["once, and the retry meets it", ["lostAnswer"]],
      ["at every attempt", ["lostAnswer", "lostAnswer", "lostAnswer", "lostAnswer"]],
    ] as const)("a write whose answer is lost %s counts as written", async (_, kinds) => {
      const engine = fresh();
      const first = item(engine, 1, "ada");
      faults.add("PutItemCommand", ...kinds);
      expect(await store.append(first)).toEqual({ kind: "appended", item: first });
      expect(await store.append(item(engine, 1, "eve"))).toEqual({ kind: "taken", current: first });
    });

    test("throttling is waited out, and an end of patience is said", async () => {
      const engine = fresh();
      faults.add("PutItemCommand", "throttled", "throttled");
      expect(await store.append(item(engine, 1, "ada"))).toMatchObject({ kind: "appended" });
      faults.add("PutItemCommand", "throttled", "throttled", "throttled", "throttled");
      const failure = await store.append(item(engine, 2, "ada")).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StoreError);
      expect(failure).toMatchObject({ fault: "throttled" });
      expect(await store.readHead(engine, "limits")).toMatchObject({ seq: 1 });
    });

    test("a missing permission is named as one", async () => {
      faults.add("QueryCommand", "denied");
      await expect(store.readHead(fresh(), "limits")).rejects.toMatchObject({ fault: "denied" });
    });

    test("pages walk from the newest to the oldest and end", async () => {
      const engine = fresh();
      for (let seq = 1; seq <= 7; seq++) await store.append(item(engine, seq, "ada"));
      const seen: number[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list(engine, "limits", { limit: 3, cursor });
        if (page.kind !== "page") throw new Error("the cursor is ours");
        seen.push(...page.items.map(({ seq }) => seq));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
    });

    test("a cursor that is forged, or of another engine, is refused by name", async () => {
      const engine = fresh();
      for (let seq = 1; seq <= 3; seq++) await store.append(item(engine, seq, "ada"));
      const page = await store.list(engine, "limits", { limit: 1 });
      if (page.kind !== "page" || page.cursor === undefined) throw new Error("there is more");
      const forged = Buffer.from(JSON.stringify(["0".repeat(16), "x"])).toString("base64url");
      const other = fresh();
      for (const [asked, cursor] of [
        [engine, forged],
        [engine, "%%%"],
        [engine, "e30"],
        [engine, `${page.cursor}AA`],
        [engine, "A".repeat(2_000)],
        [other, page.cursor],
      ] as const) {
        expect(await store.list(asked, "limits", { limit: 1, cursor })).toEqual({
          kind: "badCursor",
          field: "cursor",
        });
      }
    });

    test("a proposal is put once, and a lost answer is not a second proposal", async () => {
      const engine = fresh();
      const first = proposal(engine, "p1");
      faults.add("PutItemCommand", "lostAnswer");
      expect(await store.putProposal(first)).toEqual({ kind: "put", proposal: first });
      const second = proposal(engine, "p1", { requestId: "another" });
      expect(await store.putProposal(second)).toEqual({ kind: "exists", proposal: first });
      expect(await store.readProposal(engine, "p1")).toEqual(first);
      await store.putProposal(proposal(engine, "p2"));
      const page = await store.listProposals(engine, { limit: 10 });
      expect(page).toMatchObject({ items: [{ proposalId: "p1" }, { proposalId: "p2" }] });
    });

    test.each([
      ["by the second person in time", { decidedBy: "bob" }, "decided"],
      ["by its own author", { decidedBy: "ada" }, "refused"],
      ["after its time", { decidedBy: "bob", decidedUs: 2_000 }, "refused"],
      ["with another payload", { decidedBy: "bob", payloadHash: "h2" }, "refused"],
      ["of no such id", { decidedBy: "bob", proposalId: "unknown" }, "refused"],
      ["withdrawn by its author", { decidedBy: "ada", state: "rejected" }, "decided"],
    ] as const)("a proposal %s", async (_, change, kind) => {
      const engine = fresh();
      await store.putProposal(proposal(engine, "p1"));
      const decision = {
        engine,
        proposalId: "p1",
        state: "approved",
        payloadHash: "h1",
        decidedUs: 1_500,
        decision: "seen",
        ...change,
      } as const;
      expect(await store.decideProposal(decision)).toMatchObject({ kind });
      const standing = await store.readProposal(engine, "p1");
      expect(standing?.state).toBe(kind === "refused" ? "open" : decision.state);
    });

    test("of many deciders one decides, and a lost answer is still a decision", async () => {
      const engine = fresh();
      await store.putProposal(proposal(engine, "p1"));
      faults.add("UpdateItemCommand", "lostAnswer");
      const results = await Promise.all(
        ["bob", "eve", "dan", "fay"].map((decidedBy) =>
          store.decideProposal({
            engine,
            proposalId: "p1",
            state: "approved",
            payloadHash: "h1",
            decidedBy,
            decidedUs: 1_500,
            decision: "",
          }),
        ),
      );
      expect(results.filter(({ kind }) => kind === "decided")).toHaveLength(1);
    });

    test("a decision that cannot be written says so", async () => {
      faults.add("UpdateItemCommand", "denied");
      const decision = {
        engine: fresh(),
        proposalId: "p1",
        state: "approved",
        payloadHash: "",
        decidedBy: "bob",
        decidedUs: 1,
        decision: "",
      } as const;
      await expect(store.decideProposal(decision)).rejects.toMatchObject({ fault: "denied" });
      faults.add("PutItemCommand", "denied");
      await expect(store.putProposal(proposal(fresh(), "p1"))).rejects.toMatchObject({
        fault: "denied",
      });
    });
  });
});
