// Goal: what the report says of a day is what its facts add up to, and what is missing or doubled is stated.
import { describe, expect, test } from "vitest";
import type { FactKind, FactPayloads } from "../../../contracts/history.ts";
import type { HistoryRecord } from "../../../contracts/history-filter.ts";
import { costOf } from "../../../functions/build-report/cost.ts";
import { LedgerWatch } from "../../../functions/build-report/ledger.ts";
import { ResyncTally } from "../../../functions/build-report/slo.ts";
import { DayTally } from "../../../functions/build-report/tally.ts";
import { FACTS_START_US, sampleFact } from "../../fixtures/facts.ts";

const MINUTE_US = 60_000_000;

/** A fact that stands at `seq` of its run's journal. */
function at<Kind extends FactKind>(
  kind: Kind,
  seq: number,
  payload: Partial<FactPayloads[Kind]> = {},
  change: { readonly run_id?: string; readonly observed_at?: number } = {},
): HistoryRecord {
  const run = change.run_id ?? "run-a";
  const envelope = { ...change, event_id: `${run}:${seq}`, fact_id: `${run}-${kind}-${seq}` };
  return sampleFact(kind, seq, { ...envelope, payload } as never) as HistoryRecord;
}

function fill(seq: number, change: Partial<FactPayloads["fill"]> = {}): HistoryRecord {
  return at("fill", seq, {
    instrument: "binance-spot:BTCUSDT",
    side: "buy",
    quantity: "0.1",
    quote: "6000.01",
    fee: "0.0001",
    feeAsset: "BTC",
    mode: "paper",
    ...change,
  });
}

function position(seq: number, traded: Record<string, string>): HistoryRecord {
  return at("position", seq, { traded, mode: "paper" });
}

function tallied(records: readonly HistoryRecord[]) {
  const tally = new DayTally();
  const ledger = new LedgerWatch();
  const isPosition = ({ kind }: HistoryRecord): boolean => kind === "position";
  const positions = records.filter(isPosition);
  for (const record of [...positions, ...records.filter((each) => !isPosition(each))]) {
    if (!ledger.isNew(record)) continue;
    tally.add(record);
    ledger.add(record);
  }
  return { tally, findings: ledger.findings((instrument) => tally.pairOf(instrument)) };
}

describe("a day's sums", () => {
  test("of profit are what moved, less the fees, by mode", () => {
    const { tally } = tallied([
      fill(1),
      fill(2, { side: "sell", quantity: "0.05", quote: "3000.02", fee: "3", feeAsset: "USDT" }),
      fill(3, { mode: "live", fee: "0.01", feeAsset: "BNB" }),
    ]);
    const [live, paper] = tally.modes().modes;
    expect(paper).toMatchObject({
      mode: "paper",
      fills: 2,
      pnl: { BTC: "0.0499", USDT: "-3002.99" },
      fees: { BTC: "0.0001", USDT: "3" },
      volume: { "binance-spot:BTCUSDT": "9000.03" },
    });
    expect(live?.pnl).toEqual({ BNB: "-0.01", BTC: "0.1", USDT: "-6000.01" });
  });

  test("know the assets by the legs of cycles, by spelling, or say that they do not", () => {
    const { tally } = tallied([
      at("cycle", 1, { legs: [] }),
      fill(2, { instrument: "kucoin:BTC-USDT", fee: "0", feeAsset: "KCS" }),
      fill(3, { instrument: "binance-spot:ABCXYZ", fee: "0", feeAsset: "BNB" }),
      fill(4, { instrument: "binance-spot:USDTTRY", fee: "0", feeAsset: "BNB" }),
    ]);
    const { modes, findings } = tally.modes();
    expect(modes[0]?.pnl).toEqual({ BTC: "0.1", TRY: "-6000.01", USDT: "-5999.91" });
    expect(findings.map(({ text }) => text)).toEqual([
      "the assets of binance-spot:ABCXYZ are not known: its fills are missing from the profit",
    ]);
    const leg = {
      instrument: "binance-spot:ABCXYZ",
      side: "sell",
      inputAsset: "ABC",
      outputAsset: "XYZ",
    };
    tally.add(at("cycle", 5, { legs: [leg as never] }));
    expect(tally.modes().findings).toEqual([]);
  });

  test("of cycles, orders, denials and alerts are counts by name", () => {
    const { tally } = tallied([
      at("cycle", 1, { cycle: 1, predictedBps: "2", effectiveBps: "-1", profit: "-0.5" }),
      at("cycle", 2, { cycle: 2, predictedBps: "3", effectiveBps: "2", profit: "1" }),
      at("cycle", 3, { cycle: 3, ending: "ABORTED", profit: "0" }),
      at("order", 4, { state: "filled" }),
      at("order", 5, { state: "rejected" }),
      at("order", 6, { state: "open" }),
      at("denial", 7, { control: "PT10" }),
      at("alert", 8, { kind: "residual" }),
    ]);
    expect(tally.modes().modes[0]).toMatchObject({
      cycles: { ABORTED: 1, FILLED: 2 },
      cycleProfit: { USDT: "0.5" },
      predictedBpsMean: "2.5",
      effectiveBpsMean: "0.5",
    });
    expect(tally.fillRate()).toBe("0.5");
    expect(tally.denials.counts()).toEqual({ PT10: 1 });
    expect(tally.alerts.counts()).toEqual({ residual: 1 });
    expect(tally.facts.counts()).toMatchObject({ cycle: 3, order: 3 });
  });

  test("of latency are those of its worst minutes", () => {
    const minutes = [3, 1, 2].map((n) =>
      at("latency", n, { p50Us: n, p99Us: n * 10, maxUs: n * 100 }),
    );
    expect(tallied(minutes).tally.latency()).toEqual({
      minutes: 3,
      events: 30,
      medianOfP50Us: 2,
      worstP99Us: 30,
      maxUs: 300,
      tickMaxUs: 6,
    });
  });

  test("of no facts are empty and well", () => {
    const { tally, findings } = tallied([]);
    expect(findings).toEqual([]);
    expect(tally.modes()).toEqual({ modes: [], findings: [] });
    expect(tally.fillRate()).toBe("");
    expect(tally.latency().minutes).toBe(0);
  });
});

describe("time to correct resync", () => {
  test("is told by venue and cause, with the share within a second, starts left out", () => {
    const tally = new ResyncTally();
    for (let n = 1; n <= 100; n++)
      tally.add("kraken", { cause: "sequenceGap", totalUs: n * 10_000 });
    tally.add("kucoin", { cause: "noMarketFlow", totalUs: 5_000_000 });
    tally.add("kucoin", { cause: "start", totalUs: 60_000_000 });
    const report = tally.report();
    expect(report).toMatchObject({ count: 101, maxUs: 5_000_000, withinOneSecond: "0.99" });
    expect(report.lines).toEqual([
      {
        venue: "kraken",
        cause: "sequenceGap",
        count: 100,
        p50Us: 500_000,
        p99Us: 990_000,
        maxUs: 1_000_000,
      },
      {
        venue: "kucoin",
        cause: "noMarketFlow",
        count: 1,
        p50Us: 5_000_000,
        p99Us: 5_000_000,
        maxUs: 5_000_000,
      },
    ]);
    expect(new ResyncTally().report().withinOneSecond).toBe("");
  });
});

describe("the ledger of the engine", () => {
  const whole = [
    position(1, { BTC: "1" }),
    fill(2),
    fill(3, { side: "sell", fee: "1", feeAsset: "USDT" }),
    position(4, { BTC: "0.9999", USDT: "-1" }),
  ];

  test("that agrees with the fills is not mentioned, whatever lies outside of it", () => {
    expect(tallied([fill(0), ...whole, fill(9)]).findings).toEqual([]);
  });

  test("that knows of a fill which is missing is stated, to the last digit", () => {
    const findings = tallied(whole.filter(({ event_id: id }) => id !== "run-a:2")).findings;
    expect(findings).toEqual([
      {
        kind: "ledger",
        text: "fills and ledger of run run-a at binance-spot (paper) differ by -0.0999 BTC, 6000.01 USDT",
      },
    ]);
  });

  test("of one run says nothing of another's fills", () => {
    const other = sampleFact("fill", 3, { run_id: "run-b", event_id: "run-b:3", fact_id: "b" });
    expect(tallied([...whole, other as HistoryRecord]).findings).toEqual([]);
  });
});

describe("what is missing or doubled", () => {
  test("a fact that stands twice is counted once and stated", () => {
    const { tally, findings } = tallied([fill(2), fill(2)]);
    expect(tally.modes().modes[0]?.fills).toBe(1);
    expect(findings).toEqual([
      { kind: "duplicate", text: "fill run-a-fill-2 stands twice and was counted once" },
    ]);
  });

  test("a partition that is missing shows in numbers that count up and in minutes", () => {
    const cycles = [1, 2, 5].map((cycle) => at("cycle", cycle, { cycle }));
    const minutes = [0, 1, 2, 60, 61].map((n) =>
      at("latency", n, {}, { observed_at: FACTS_START_US + n * MINUTE_US }),
    );
    expect(tallied([...cycles, ...minutes]).findings.map(({ text }) => text)).toEqual([
      "2 between 1 and 5 of the numbers of the cycle of run run-a are missing or belong to another day",
      `run run-a tells of no minute of its loop from ${FACTS_START_US + 2 * MINUTE_US} to ${FACTS_START_US + 60 * MINUTE_US} us`,
    ]);
  });

  test("a thousand findings of one sort are twenty and a count", () => {
    const twice = Array.from({ length: 1000 }, (_, n) => [fill(n), fill(n)]).flat();
    const { findings } = tallied(twice);
    expect(findings).toHaveLength(21);
    expect(findings.at(-1)?.text).toBe("and 980 more like it");
  });
});

test("the cost of a day is exact to a billionth and grows with its facts", () => {
  const idle = costOf({});
  const busy = costOf({ fill: 1_000_000, latency: 1440 });
  expect(idle.usd).toMatch(/^0\.\d{9}$/);
  expect(busy.lines[0]).toEqual({ name: "writes to tables", count: 6_090_720, usd: "3.806700000" });
  expect(Number(busy.usd)).toBeGreaterThan(Number(idle.usd));
});
