// Goal: each checker of the scene speaks when what it watches is broken, and is silent when it is not.
import { describe, expect, test } from "vitest";
import { AUDIT_GENESIS, type AuditItem } from "../../../../contracts/audit.ts";
import { dayOf } from "../../../../contracts/calendar.ts";
import { factTimeUs } from "../../../../contracts/fact-place.ts";
import { historyItemOf } from "../../../../contracts/history-item.ts";
import { auditRootKey, reportObjectKey } from "../../../../contracts/keys.ts";
import { bucketName } from "../../../../contracts/resources.ts";
import { sealedAudit } from "../../../../functions/platform/hash.ts";
import { storedOf } from "../../../../functions/stores/history-store.ts";
import type { Item } from "../../../../local/sim/aws/attribute.ts";
import { BucketDesk } from "../../../../local/sim/aws/bucket-desk.ts";
import { CloudFaults } from "../../../../local/sim/aws/cloud-faults.ts";
import { alertFaults, incidentsOf } from "../../../../local/sim/control/alert-check.ts";
import { archiveFaults } from "../../../../local/sim/control/archive-check.ts";
import {
  actionFaults,
  chainFaults,
  killFaults,
  limitsFaults,
  releaseFaults,
  wideningFaults,
} from "../../../../local/sim/control/audit-check.ts";
import { ENGINE, PLACE, PREFIX } from "../../../../local/sim/control/deployment.ts";
import type { Taken } from "../../../../local/sim/control/engine-loop.ts";
import { historyFaults } from "../../../../local/sim/control/facts-check.ts";
import type { KillAsked, Ledger } from "../../../../local/sim/control/people.ts";
import type { Attempt } from "../../../../local/sim/control/receivers.ts";
import { reportFaults } from "../../../../local/sim/control/report-check.ts";
import { Kernel } from "../../../../local/sim/kernel/kernel.ts";
import { sampleFact } from "../../../fixtures/facts.ts";

function items(...changes: readonly Partial<AuditItem>[]): Item[] {
  let previousHash = AUDIT_GENESIS;
  return changes.map((change, n) => {
    const item = sealedAudit({
      schemaVersion: 1,
      engine: "paper",
      chain: "limits",
      seq: n + 1,
      kind: "limits.put",
      atUs: 1,
      by: "rita",
      approvedBy: "",
      reason: "",
      requestId: `r${n}`,
      before: "null",
      after: JSON.stringify({ orderNotionalMax: String(10 - n) }),
      previousHash,
      ...change,
    });
    previousHash = item.hash;
    return { ...item, pk: "limits#paper", sk: String(n + 1) };
  });
}

describe("the audit", () => {
  test("that is whole is not spoken of; an edit, a hole and a fork are", () => {
    const whole = items({}, {}, {});
    expect(chainFaults("limits", whole)).toEqual([]);
    const edited = whole.map((item) => (item.seq === 2 ? { ...item, by: "mallory" } : item));
    expect(chainFaults("limits", edited)).toEqual([
      "20: limits item 2 is not what its hash was made of",
    ]);
    expect(chainFaults("limits", whole.slice(1))[0]).toContain("stands where 1 should");
    const forked = [...items({}), ...items({}, { by: "other" }).slice(1), ...whole.slice(2)];
    expect(chainFaults("limits", forked)).toEqual([
      "20: limits item 3 does not follow the one before",
    ]);
  });

  test("names what stands in it twice, and commands that stand in none", () => {
    const about = (commandId: string) => ({ after: JSON.stringify({ commandId }), kind: "kill" });
    const command = (commandId: string) => ({
      pk: "command#paper",
      sk: commandId,
      commandId,
      action: { kind: "kill" },
      reason: commandId,
    });
    const actions = items(about("a"), about("b"));
    expect(actionFaults(actions, [command("a"), command("b")], new Set())).toEqual([]);
    expect(actionFaults(items(about("a"), about("a")), [], new Set())).toHaveLength(1);
    expect(actionFaults(actions, [command("c")], new Set())).toEqual([
      '20: the command "c" stands in no audit',
    ]);
    expect(actionFaults(actions, [command("c")], new Set(["c"]))).toEqual([]);
  });

  test("tells when one person alone has widened a limit", () => {
    expect(wideningFaults(items({}, {}), "10")).toEqual([]);
    const wider = { after: '{"orderNotionalMax":"99"}' };
    expect(wideningFaults(items({}, wider), "10")).toEqual(["20: version 2 widens by one person"]);
    expect(wideningFaults(items({}, { ...wider, approvedBy: "rita" }), "10")).toHaveLength(1);
    expect(wideningFaults(items({}, { ...wider, approvedBy: "rolf" }), "10")).toEqual([]);
  });
});

describe("the loop", () => {
  const of = (atUs: number, event: object, isEffective = true): Taken => {
    return { atUs, life: 1, event: event as Taken["event"], isEffective };
  };
  const limits = (version: number, orderNotionalMax: string) => {
    return { type: "limitsChanged", version, limits: { orderNotionalMax } };
  };

  test("takes versions whole, known and forward only", () => {
    const chain = items({}, {});
    expect(limitsFaults([of(1, limits(1, "10")), of(2, limits(2, "9"))], chain)).toEqual([]);
    expect(limitsFaults([of(1, limits(2, "9")), of(2, limits(1, "10"))], chain)).toHaveLength(1);
    expect(limitsFaults([of(1, limits(1, "11"))], chain)[0]).toContain("in part");
    expect(limitsFaults([of(1, limits(3, "1"))], chain)[0]).toContain("which is none");
  });

  const ofAll = { scope: "all", target: "" } as const;
  const request = { method: "POST", path: "", as: "otto", headers: {}, body: "" } as const;
  const kill = (askedUs: number, doneUs = 0): KillAsked => {
    return { ...ofAll, reason: "kill 1", request, askedUs, doneUs, isAudited: true, fileUs: 0 };
  };
  const ledger = (kills: KillAsked[]): Ledger => {
    return { kills, releases: [{ ...ofAll, reason: "free", proposalId: "p" }], faults: [] };
  };
  const killed = { type: "killRequested", ...ofAll, by: "otto", reason: "kill 1" };
  const freed = { type: "killReleased", ...ofAll, by: "rita", reason: "free | approved: yes" };

  test("takes every kill, and before it is called done", () => {
    expect(killFaults(ledger([kill(1, 20)]), [of(10, killed)])).toEqual([]);
    expect(killFaults(ledger([kill(1)]), [])).toEqual(['16: "kill 1" never reached the loop']);
    expect(killFaults(ledger([kill(1, 5)]), [of(10, killed)])[0]).toContain("called done before");
  });

  test("lets no release undo a kill that was asked for after it", () => {
    const control: Item[] = [{ proposalId: "p", decidedUs: 5 }];
    const taken = [of(10, killed), of(11, freed)];
    expect(releaseFaults(ledger([kill(4)]), taken, control)).toEqual([]);
    expect(releaseFaults(ledger([kill(6)]), taken, control)[0]).toContain('undid "kill 1"');
    const nobody = { ...freed, reason: "by itself" };
    expect(releaseFaults(ledger([kill(4)]), [of(10, nobody)], control)).toHaveLength(1);
  });
});

describe("what left the engine", () => {
  const facts = [sampleFact("fill", 1), sampleFact("fill", 2)];
  const stored = facts.map((fact) => storedOf(historyItemOf(fact)) as Item);

  test("stands in history, all of it, nothing else, and as it was reported", () => {
    expect(historyFaults(facts, stored)).toEqual([]);
    expect(historyFaults(facts, stored.slice(1))[0]).toContain("31: history lacks");
    expect(historyFaults(facts.slice(1), stored)[0]).toContain("which no journal holds");
    const other = stored.map((item, n) => (n === 0 ? { ...item, fact: "{}" } : item));
    expect(historyFaults(facts, other)[0]).toContain("another report");
  });

  test("is missed where the archive has less, more, or something else", async () => {
    const bytes = Uint8Array.of(1);
    const manifest = {
      runId: "run-1",
      segment: 1,
      records: 3,
      objects: [{ key: "o", type: "raw", sha256: "0" }],
    };
    const objects = new Map([
      ["o", { bytes, metadata: {} }],
      ["manifests/m", { bytes: new TextEncoder().encode(JSON.stringify(manifest)), metadata: {} }],
    ]);
    const faults = await archiveFaults(
      objects,
      new Map([
        ["run-1/1", 4],
        ["run-1/2", 1],
      ]),
      facts,
    );
    expect(faults).toEqual([
      "32: run-1/1 has 4 records and 3 in the archive",
      "32: o is not what its manifest says",
      "32: the archive lacks run-1/2",
      expect.stringContaining("32: the archive lacks the fill"),
      expect.stringContaining("32: the archive lacks the fill"),
    ]);
  });
});

describe("the report", () => {
  const fact = sampleFact("fill", 1);
  const day = dayOf(factTimeUs(fact));
  const chain = items({});

  function desk(counts: object, hash: unknown): BucketDesk {
    const made = new BucketDesk(new CloudFaults(1));
    made.create(PREFIX, PLACE);
    const put = (bucket: "archive" | "audit", Key: string, value: unknown): void => {
      const Body = new TextEncoder().encode(JSON.stringify(value));
      made.run("PutObjectCommand", { Bucket: bucketName(PREFIX, bucket, PLACE), Key, Body });
    };
    put("archive", reportObjectKey(ENGINE, day), { facts: counts });
    put("audit", auditRootKey(ENGINE, day), { chains: { limits: { seq: 1, hash } } });
    return made;
  }

  test("counts what the journal holds, over chains that are as they were", () => {
    const [item] = chain;
    const whole = desk({ fill: 1 }, item?.hash);
    expect(reportFaults(whole, day, [fact], { limits: chain })).toEqual([]);
    expect(reportFaults(whole, day, [], { limits: chain })).toEqual([
      "32: the report has 1 of 0 facts of kind fill",
    ]);
    expect(reportFaults(desk({}, "0"), day, [fact], { limits: chain })).toEqual([
      "32: the report has 0 of 1 facts of kind fill",
      "20: the root names limits item 1 by another hash",
    ]);
    expect(reportFaults(whole, "2030-01-01", [], {})[0]).toContain("no report or no root");
  });
});

describe("a grave alert", () => {
  const kernel = new Kernel();
  const incidents = incidentsOf([sampleFact("kill", 1)]);
  const [incidentId = ""] = incidents.keys();
  const attempt = (over: Partial<Attempt> = {}): Attempt => ({
    channel: "telegram",
    incidentId,
    text: "",
    sender: kernel.makeProcess("send-alerts.1"),
    isTaken: true,
    isAnswered: true,
    ...over,
  });

  test("reaches somebody, and nobody twice without need", () => {
    expect(incidentId).not.toBe("");
    expect(alertFaults(incidents, [attempt()], [])).toEqual([]);
    expect(alertFaults(incidents, [attempt({ isTaken: false })], [])[0]).toContain("nobody");
    expect(alertFaults(incidents, [attempt(), attempt()], [])[0]).toContain("told again");
    expect(alertFaults(incidents, [attempt(), attempt({ channel: "discord" })], [])).toEqual([]);
  });

  test("may come twice where nobody could know that it had come", () => {
    const dead = kernel.makeProcess("send-alerts.2");
    kernel.kill(dead);
    expect(alertFaults(incidents, [attempt({ sender: dead }), attempt()], [])).toEqual([]);
    expect(alertFaults(incidents, [attempt({ isAnswered: false }), attempt()], [])).toEqual([]);
    const line = "send-alerts.1 send-alerts error a record cannot be kept {}";
    expect(alertFaults(incidents, [attempt(), attempt()], [line])).toEqual([]);
  });
});
