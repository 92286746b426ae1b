// Goal: whatever a second reconciliation emits or moves is told. Method: statuses and records as the engine gives them.
import { expect, test } from "vitest";
import type { TradingStatus } from "../../../../contracts/trading-status.ts";
import type { TradeRecord } from "../../../../hotpath/core/trade/commands.ts";
import { TwiceCheck } from "../../../../local/sim/checks/twice-check.ts";

const ALARM: Extract<TradeRecord, { type: "recordAlarm" }> = {
  type: "recordAlarm",
  alarm: { severity: 2, kind: "lateFill", venue: 0, instrument: 1, text: "rk1-1" },
};
const DENIAL: TradeRecord = {
  type: "recordDenial",
  denial: {
    venue: 0,
    instrument: 1,
    cycle: 0,
    leg: 0,
    control: "PT06",
    reason: "",
    limitsVersion: 1,
  },
};

function statusOf(usd: string): TradingStatus {
  const account = { venue: "kraken", balances: { USD: [usd, "0"] }, traded: {} };
  return { accounts: [account], profit: {} } as unknown as TradingStatus;
}

test("nothing is wrong where nothing happens, and what the market brings is nothing", () => {
  const check = new TwiceCheck();
  check.onRecord(ALARM);
  check.begin(statusOf("5"));
  check.onRecord(DENIAL);
  expect(check.end(statusOf("5"))).toBe("");
});

test("a record that a second reading emits is told", () => {
  const check = new TwiceCheck();
  check.begin(statusOf("5"));
  check.onRecord(ALARM);
  expect(check.end(statusOf("5"))).toMatch(/^reading the accounts again has emitted .*lateFill/);
});

test("somebody else's order that is filled meanwhile is no doing of a reading", () => {
  const check = new TwiceCheck();
  check.begin(statusOf("5"));
  check.onRecord({ ...ALARM, alarm: { ...ALARM.alarm, kind: "foreignFill" } });
  expect(check.end(statusOf("6"))).toBe("");
});

test("a balance that a second reading moves is told", () => {
  const check = new TwiceCheck();
  check.begin(statusOf("5"));
  expect(check.end(statusOf("6"))).toMatch(
    /^reading the accounts again has moved .*"5".* to .*"6"/,
  );
});
