// Goal: the account of a session is one whole JSON file beside the journal, or a refusal that leaves nothing open.
import { expect, test } from "vitest";
import { type SessionReport, writeSessionReport } from "../../../hotpath/trading/session-report.ts";
import { MemoryDisk } from "../io/journal/memory-disk.ts";

const REPORT: SessionReport = {
  runId: "run-1",
  startedUs: 1,
  endedUs: 2,
  endedBy: "SIGTERM",
  isSettled: true,
  modes: { kraken: "active" },
  fence: 3,
  limitsVersion: 4,
  counts: {
    cycles: { FILLED: 1, FAILED: 0, ABORTED: 0 },
    orders: { filled: 3 },
    opportunities: { fired: 1 },
    denials: {},
    alarms: {},
  },
  totals: {
    opportunities: 1,
    filled: 1,
    failed: 0,
    aborted: 0,
    cyclesOpen: 0,
    orders: 3,
    fills: 3,
    denials: 0,
    denialsByControl: {},
    unknownOpen: 0,
    ordersOnInvalidBook: 0,
    anomalies: 0,
  },
  profit: { "kraken:EUR": "0.10" },
  balancesStart: {},
  balancesEnd: {},
  ordersOpen: [],
  kills: [],
};

test("what is written reads the same", () => {
  const disk = new MemoryDisk();
  const file = writeSessionReport("/j", REPORT, disk);
  expect(file).toBe("/j/run-1.session.json");
  expect(JSON.parse(new TextDecoder().decode(disk.readWhole(file)))).toEqual(REPORT);
  expect(disk.openHandles).toBe(0);
});

test("a disk that takes it in part refuses it", () => {
  const disk = new MemoryDisk();
  disk.writeBytesMax = 10;
  expect(() => writeSessionReport("/j", REPORT, disk)).toThrow("short write: 10 of");
  expect(disk.openHandles).toBe(0);
});
