// Goal: what a look finds of an engine that is well, to be spoiled by each test.
import { AUDIT_GENESIS, type AuditChain, type AuditItem } from "../../../contracts/audit.ts";
import type { Heartbeat } from "../../../contracts/operator-command.ts";
import { sealedAudit } from "../../../functions/platform/hash.ts";
import type { Sight } from "../../../functions/watch-engine/logic.ts";

export const MINUTE_US = 60_000_000;
export const START_US = 29_833_333 * MINUTE_US;

const STATUS = {
  venues: [{ clockOffsetUs: -12_000 }, { clockOffsetUs: 3_000 }],
  trading: { accounts: [{ unknownOrders: 0 }, { unknownOrders: 0 }], kills: [] },
};

export function heartbeat(atUs: number, change: Partial<Heartbeat> = {}): Heartbeat {
  return {
    engine: "paper",
    runId: "run-a",
    fence: 3,
    atUs,
    startedUs: START_US,
    halted: "",
    isReady: true,
    limitsVersion: 0,
    ackedSeq: 100,
    publishedSeq: 90,
    statusJson: JSON.stringify(STATUS),
    ...change,
  };
}

/** A look `minute` minutes after the start. */
export function sight(minute: number, change: Partial<Sight> = {}): Sight {
  const atUs = START_US + minute * MINUTE_US;
  return {
    engine: "paper",
    atUs,
    heartbeat: heartbeat(atUs - 2_000_000),
    lease: {
      schemaVersion: 1,
      account: "paper",
      holder: "run-a",
      engine: "paper",
      fence: 3,
      renewals: 7,
      imageDigest: "d",
      schemaHash: "h",
    },
    limitsVersion: 0,
    auditFaultCount: 0,
    auditFault: "",
    ...change,
  };
}

/** A chain of `count` items that holds. */
export function chainOf(engine: string, chain: AuditChain, count: number): AuditItem[] {
  const items: AuditItem[] = [];
  for (let seq = 1; seq <= count; seq++) {
    const previousHash = items.at(-1)?.hash ?? AUDIT_GENESIS;
    items.push(
      sealedAudit({
        schemaVersion: 1,
        engine,
        chain,
        seq,
        kind: "kill",
        atUs: START_US + seq,
        by: "ada",
        approvedBy: "",
        reason: `reason ${seq}`,
        requestId: `q${seq}`,
        before: "null",
        after: "null",
        previousHash,
      }),
    );
  }
  return items;
}
