// Goal: balances and minutes of the loop become facts with ids that do not repeat, each minute once.
import { expect, test } from "vitest";
import { statusFacts } from "../../../hotpath/facts/status-facts.ts";
import { engineStatus, tradingStatus } from "../../fixtures/status/status-fixture.ts";

const SOURCE = { engine: "paper", runId: "run-1" } as const;
const MINUTE = {
  endedUs: 60_000_000,
  count: 10,
  p50Us: 20,
  p99Us: 90,
  p999Us: 120,
  maxUs: 400,
  tickP99Us: 30,
  tickMaxUs: 80,
};

test("each account is told with its balances and its own profit", () => {
  const trading = tradingStatus({ profit: { "binance-spot:USDT": "1.5", "kraken:USDT": "9" } });
  const status = engineStatus({ trading, nowUs: 70_000_000, loopMinutes: [] });
  const facts = statusFacts(SOURCE, status, 0);
  expect(facts).toHaveLength(trading.accounts.length);
  const [account] = trading.accounts;
  expect(facts[0]).toMatchObject({
    kind: "position",
    fact_id: `run-1.${account?.venue}.70000000`,
    venue: account?.venue,
    observed_at: 70_000_000,
    payload: {
      mode: account?.mode,
      balances: account?.balances,
      profit: { USDT: "1.5" },
      dayResult: account?.risk.dayResult,
    },
  });
});

test("a minute of the loop is told once, at its own time", () => {
  const loopMinutes = [MINUTE, { ...MINUTE, endedUs: 120_000_000 }];
  const status = engineStatus({ trading: null, nowUs: 130_000_000, loopMinutes });
  const all = statusFacts(SOURCE, status, 0);
  expect(all.map(({ kind, observed_at }) => [kind, observed_at])).toEqual([
    ["latency", 60_000_000],
    ["latency", 120_000_000],
  ]);
  expect(all[0]?.payload).toEqual({ ...MINUTE, endedUs: undefined });
  expect(new Set(all.map(({ event_id }) => event_id)).size).toBe(2);
  expect(statusFacts(SOURCE, status, 60_000_000).map(({ fact_id }) => fact_id)).toEqual([
    "run-1.loop.120000000",
  ]);
});
