// Goal: what was told of trading is counted right, and kept within bounds.
import { expect, test } from "vitest";
import { RecordKeeper } from "../../../hotpath/trading/record-keeper.ts";
import {
  alarmRecord,
  cycleRecord,
  denialRecord,
  opportunityRecord,
  orderRecord,
} from "../../fixtures/trading/record-fixture.ts";

test("every record is kept under its path, with its tick and time", () => {
  const keeper = new RecordKeeper();
  keeper.add({ type: "recordCycle", cycle: cycleRecord() }, 1, 10);
  keeper.add({ type: "recordOrder", order: orderRecord() }, 2, 20);
  keeper.add({ type: "recordOpportunity", opportunity: opportunityRecord() }, 3, 30);
  keeper.add({ type: "recordDenial", denial: denialRecord() }, 4, 40);
  keeper.add({ type: "recordAlarm", alarm: alarmRecord() }, 5, 50);
  expect(keeper.of("cycles")).toEqual([{ tick: 1, atUs: 10, ...cycleRecord() }]);
  expect(keeper.of("orders")).toEqual([{ tick: 2, atUs: 20, ...orderRecord() }]);
  expect(keeper.of("opportunities")).toEqual([{ tick: 3, atUs: 30, ...opportunityRecord() }]);
  expect(keeper.of("denials")).toEqual([{ tick: 4, atUs: 40, ...denialRecord() }]);
  expect(keeper.of("alarms")).toEqual([{ tick: 5, atUs: 50, ...alarmRecord() }]);
});

test("counts go on where the list is full", () => {
  const keeper = new RecordKeeper();
  for (let n = 1; n <= 1500; n++) {
    const control = n % 3 === 0 ? "PT17" : "PT19";
    keeper.add({ type: "recordDenial", denial: denialRecord({ cycle: n, control }) }, n, n);
  }
  expect(keeper.of("denials")).toHaveLength(1000);
  expect(keeper.of("denials")[0]).toMatchObject({ cycle: 501 });
  expect(keeper.counts.denials).toEqual({ PT17: 500, PT19: 1000 });
});

test("counts are by ending, state, decision and kind", () => {
  const keeper = new RecordKeeper();
  for (const ending of ["FILLED", "FILLED", "ABORTED"] as const) {
    keeper.add({ type: "recordCycle", cycle: cycleRecord({ ending }) }, 1, 1);
  }
  for (const state of ["filled", "expired", "filled"] as const) {
    keeper.add({ type: "recordOrder", order: orderRecord({ state }) }, 1, 1);
  }
  keeper.add(
    { type: "recordOpportunity", opportunity: opportunityRecord({ decision: "denied" }) },
    1,
    1,
  );
  keeper.add({ type: "recordAlarm", alarm: alarmRecord({ kind: "drift" }) }, 1, 1);
  expect(keeper.counts).toEqual({
    cycles: { FILLED: 2, FAILED: 0, ABORTED: 1 },
    orders: { filled: 2, expired: 1 },
    opportunities: { denied: 1 },
    denials: {},
    alarms: { drift: 1 },
  });
});

test("profit adds up exactly, by venue and asset", () => {
  const keeper = new RecordKeeper();
  for (const profit of ["0.1", "0.2", "-0.05", "0.000000000000000001"]) {
    keeper.add({ type: "recordCycle", cycle: cycleRecord({ profit }) }, 1, 1);
  }
  keeper.add({ type: "recordCycle", cycle: cycleRecord({ venue: 1, profit: "7" }) }, 1, 1);
  keeper.add({ type: "recordCycle", cycle: cycleRecord({ profit: "not a number" }) }, 1, 1);
  expect(keeper.profit((venue) => `venue${venue}`)).toEqual({
    "venue0:USDT": "0.250000000000000001",
    "venue1:USDT": "7",
  });
});
