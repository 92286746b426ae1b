// Goal: names of resources, the text of an audit item and the times of a lease are what all sides take them for.
import { describe, expect, test } from "vitest";
import { AUDIT_GENESIS, auditText } from "../../contracts/audit.ts";
import { dividedTimes, LEASE_TIMES, leaseMarginUs, takeoverWaitUs } from "../../contracts/lease.ts";
import { isCommandOver } from "../../contracts/operator-command.ts";
import {
  bucketName,
  commandQueueName,
  isResourcePrefix,
  queueName,
  tableName,
} from "../../contracts/resources.ts";

describe("names of resources", () => {
  test("a FIFO queue and its dead letters end as the service wants", () => {
    expect(queueName("reckoner", "alerts")).toBe("reckoner-alerts.fifo");
    expect(queueName("reckoner", "alerts", true)).toBe("reckoner-alerts-dead.fifo");
    expect(queueName("reckoner", "records", true)).toBe("reckoner-records-dead");
    expect(commandQueueName("reckoner", "tokyo-1")).toBe("reckoner-tokyo-1-commands.fifo");
  });

  test("tables and buckets carry the deployment's name", () => {
    expect(tableName("reckoner", "control")).toBe("reckoner-control");
    expect(bucketName("reckoner", "audit", "1234-eu")).toBe("reckoner-audit-1234-eu");
  });

  test("a prefix is a word", () => {
    expect(isResourcePrefix("reckoner-paper")).toBe(true);
    expect(["", "1a", "A", "a_b", "a".repeat(32)].some(isResourcePrefix)).toBe(false);
  });
});

test("every field of an audit item but its own hash is in the text that is hashed", () => {
  const item = {
    schemaVersion: 1,
    engine: "paper",
    chain: "limits",
    seq: 2,
    kind: "limits.put",
    atUs: 3,
    by: "a",
    approvedBy: "b",
    reason: "c",
    requestId: "d",
    before: "null",
    after: "{}",
    previousHash: AUDIT_GENESIS,
  } as const;
  const texts = Object.keys(item).map((field) => auditText({ ...item, [field]: "changed" }));
  expect(new Set([auditText(item), ...texts]).size).toBe(Object.keys(item).length + 1);
});

describe("times of a lease", () => {
  test("margin and wait are those of the protocol", () => {
    expect(leaseMarginUs(LEASE_TIMES)).toBe(2_500_000);
    expect(takeoverWaitUs(LEASE_TIMES)).toBe(12_000_000);
  });

  test("a drill divides all of them alike", () => {
    const times = dividedTimes(LEASE_TIMES, 10);
    expect(leaseMarginUs(times)).toBe(250_000);
    expect(takeoverWaitUs(times)).toBe(1_200_000);
    expect(times.renewEveryUs * 10).toBe(LEASE_TIMES.renewEveryUs);
    expect(times.backEndUs * 10).toBe(LEASE_TIMES.backEndUs);
  });
});

test("a command is over when nothing more will become of it", () => {
  const over = (["queued", "taken", "done", "refused", "expired"] as const).filter(isCommandOver);
  expect(over).toEqual(["done", "refused", "expired"]);
});
