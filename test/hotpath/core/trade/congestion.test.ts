// Goal: an account whose venue was slow trades again when the venue answers in time, though it sent nothing.
import { expect, test } from "vitest";
import { WINDOW_COUNT } from "../../../../hotpath/core/risk/congestion.ts";
import { MS, SECOND, TradeRig } from "./rig.ts";

const BALANCES = { USDT: "10000" };

/** A rig that is ready, at a venue whose orders were answered after three seconds. */
function congested(): TradeRig {
  const rig = new TradeRig();
  rig.ready(BALANCES);
  const { congestion } = rig.trade.risk.venue(0);
  for (let answer = 0; answer < WINDOW_COUNT; answer++) congestion.observe(3 * SECOND);
  return rig;
}

/** Lets time pass, the account's stream being alive, until the account is to be read. */
function untilAsked(rig: TradeRig): void {
  const before = rig.last("readAccount")?.requestId;
  for (let second = 0; rig.last("readAccount")?.requestId === before; second++) {
    expect(second, "seconds without a reading").toBeLessThan(120);
    rig.event({ type: "accountHeard", ...rig.stamp() });
    rig.advance(SECOND, SECOND);
  }
}

/** Lets the account be read so often, each time answered after `answerUs`. */
function readings(rig: TradeRig, count: number, answerUs: number): void {
  for (let reading = 0; reading < count; reading++) {
    untilAsked(rig);
    rig.advance(answerUs, answerUs);
    rig.read(BALANCES);
  }
}

test("a venue that was slow is opened at again after a window of good readings, and not before", () => {
  const rig = congested();
  const { congestion } = rig.trade.risk.venue(0);
  readings(rig, WINDOW_COUNT - 1, 100 * MS);
  expect(congestion.isCongested).toBe(true);
  rig.opportunity();
  expect(rig.opportunities.at(-1)?.reason).toContain("E09");
  readings(rig, 1, 100 * MS);
  expect(congestion.isCongested).toBe(false);
});

test("a slow or failed reading leads nowhere", () => {
  const rig = congested();
  const { congestion } = rig.trade.risk.venue(0);
  readings(rig, WINDOW_COUNT - 1, 100 * MS);
  readings(rig, 1, 3 * SECOND);
  readings(rig, WINDOW_COUNT - 1, 100 * MS);
  expect(congestion.isCongested).toBe(true);
  untilAsked(rig);
  rig.read({}, { outcome: "failed", reason: "away" });
  expect(congestion.isCongested).toBe(true);
});

test("slow readings close nothing that orders have not closed", () => {
  const rig = new TradeRig();
  rig.ready(BALANCES);
  readings(rig, WINDOW_COUNT, 3 * SECOND);
  expect(rig.trade.risk.venue(0).congestion.isCongested).toBe(false);
});
