// Goal: what is grave and was not told, or was told twice, is found; what another life tells again is not.
import { expect, test } from "vitest";
import type { TradingStatus } from "../../../../contracts/trading-status.ts";
import type { AlarmRecord, TradeRecord } from "../../../../hotpath/core/trade/commands.ts";
import { ToldCheck } from "../../../../local/sim/checks/told-check.ts";

const KILL: TradeRecord = {
  type: "recordKill",
  scope: "venue",
  target: "kraken",
  isKilled: true,
  by: "control:PT27",
  reason: "3 orders of unknown outcome",
};
const SHOWN: Pick<TradingStatus, "kills"> = {
  kills: [{ scope: "venue", target: "kraken", by: KILL.by, reason: KILL.reason, atUs: 1 }],
};
const ALARM: AlarmRecord = { severity: 1, kind: "residual", venue: 0, instrument: -1, text: "c1" };

function bench() {
  const found: string[] = [];
  const check = new ToldCheck((invariant, sentence) => found.push(`${invariant}: ${sentence}`));
  return { found, check };
}

test("a kill that is told is told once while it holds", () => {
  const { found, check } = bench();
  check.onRecord(KILL);
  check.look("", SHOWN);
  check.onRecord({ ...KILL, isKilled: false });
  check.onRecord(KILL);
  check.onLife();
  check.onRecord(KILL);
  expect(found).toEqual([]);
  check.onRecord(KILL);
  expect(found).toEqual(["30: the kill of venue kraken was told twice"]);
});

test("another reason for what is killed already is other news, and is told once too", () => {
  const { found, check } = bench();
  check.onRecord(KILL);
  for (const reason of ["a foreign order", "a foreign order"]) check.onRecord({ ...KILL, reason });
  expect(found).toEqual(["30: the kill of venue kraken was told twice"]);
});

test("a kill of the engine's own that holds and was never told is found; a person's is known to the person", () => {
  const { found, check } = bench();
  const [own] = SHOWN.kills;
  check.look("", { kills: own === undefined ? [] : [{ ...own, by: "simulated operator" }] });
  expect(found).toEqual([]);
  check.look("", SHOWN);
  expect(found).toEqual([
    "30: nobody was told of the kill of venue kraken by control:PT27: 3 orders of unknown outcome",
  ]);
});

test("a kill that a restored state still has was told by the life before", () => {
  const { found, check } = bench();
  check.onRecord(KILL);
  check.onRecord({ ...KILL, isKilled: false });
  check.onLife();
  check.look("", SHOWN);
  expect(found).toEqual([]);
});

test("a halt is told, and once in a life", () => {
  const { found, check } = bench();
  check.look("an invariant", null);
  check.onHalted("an invariant");
  check.look("an invariant", null);
  check.onHalted("an invariant");
  check.onLife();
  check.onHalted("another one");
  expect(found).toEqual([
    "30: it has halted and told nobody: an invariant",
    "30: one life has halted again: an invariant",
  ]);
});

test("a grave alarm is raised once; lesser ones and those about other people's orders may come again", () => {
  const { found, check } = bench();
  const raise = (alarm: AlarmRecord) => check.onRecord({ type: "recordAlarm", alarm });
  raise(ALARM);
  raise({ ...ALARM, text: "c2" });
  for (let n = 0; n < 2; n++) raise({ ...ALARM, severity: 2, kind: "lateFill" });
  for (let n = 0; n < 2; n++) raise({ ...ALARM, kind: "foreignOrder" });
  expect(found).toEqual([]);
  raise(ALARM);
  expect(found).toEqual(["30: the alarm residual 0 -1 c1 was raised twice"]);
});
