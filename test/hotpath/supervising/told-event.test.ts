// Goal: listeners of the admin port hear of transitions by name, and of nothing else.
import { expect, test } from "vitest";
import type { FromHotThread } from "../../../hotpath/hot-thread-messages.ts";
import { toldEvent } from "../../../hotpath/supervising/told-event.ts";

const PLAN = { venues: [{ id: "kraken" }], instruments: [{ id: "kraken:BTC/USD" }] } as never;
const STAMP = { tick: 7, atUs: 9 };

test.each([
  [
    {
      type: "change",
      ...STAMP,
      command: { type: "recordMode", venue: 0, from: "active", to: "exitsOnly", reason: "r" },
    },
    "mode",
    { venue: "kraken", to: "exitsOnly", tick: 7 },
  ],
  [
    {
      type: "change",
      ...STAMP,
      command: { type: "recordSession", session: 0, epoch: 2, change: "live", reason: "" },
    },
    "session",
    { epoch: 2 },
  ],
  [
    {
      type: "change",
      ...STAMP,
      command: { type: "recordVoid", instrument: 0, epoch: 2, seq: 3, cause: "sequenceGap" },
    },
    "void",
    { instrument: "kraken:BTC/USD" },
  ],
  [{ type: "resync", record: { resyncId: 1 } }, "resync", { resyncId: 1 }],
  [
    {
      type: "trade",
      ...STAMP,
      command: { type: "recordKill", scope: "all", target: "", isKilled: true },
    },
    "kill",
    { scope: "all", atUs: 9 },
  ],
  [
    {
      type: "trade",
      ...STAMP,
      command: { type: "recordAlarm", alarm: { venue: -1, instrument: 0, kind: "k" } },
    },
    "alarm",
    { venue: "", instrument: "kraken:BTC/USD" },
  ],
  [
    { type: "trade", ...STAMP, command: { type: "recordCycle", cycle: { venue: 0, corr: "1-2" } } },
    "cycle",
    { venue: "kraken", corr: "1-2" },
  ],
  [{ type: "halted", reason: "broken" }, "halted", { reason: "broken" }],
])("%j is told", (message, name, data) => {
  const told = toldEvent(message as unknown as FromHotThread, PLAN);
  expect(told?.name).toBe(name);
  expect(told?.data).toMatchObject(data);
});

test.each([
  { type: "slowTick", kind: "x", tick: 1, durationUs: 2 },
  { type: "trade", ...STAMP, command: { type: "recordOpportunity" } },
])("%j is not told", (message) => {
  expect(toldEvent(message as unknown as FromHotThread, PLAN)).toBeUndefined();
});
