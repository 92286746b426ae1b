// Goal: a run is called good only when something was proved, and its code says what was not.
import { describe, expect, test } from "vitest";
import { EXIT } from "../../bin/command.ts";
import { type EngineEnd, endingOfRun } from "../../bin/start-ending.ts";
import { noComparison } from "../../bin/truth.ts";
import type { Watched } from "../../bin/watch-engine.ts";
import type { TradingStatus } from "../../contracts/trading-status.ts";
import type { TradingTruth, VenueAccount } from "../../local/judge/trading-gap.ts";
import {
  accountStatus,
  bookStatus,
  engineStatus,
  tradingStatus,
} from "../fixtures/status/status-fixture.ts";

const FINAL = JSON.stringify({ booksLive: 0, booksTotal: 2, frames: 9, decisionsOnInvalidBook: 0 });

function watched(over: Partial<Watched> = {}): Watched {
  const comparison = { ...noComparison(), compared: 7 };
  return {
    reason: "time",
    status: engineStatus(),
    comparison,
    faults: [{ faultId: 1 }],
    view: null,
    ...over,
  };
}

function end(code: number, lastLine: string, truth: TradingTruth | null = null): EngineEnd {
  return { code, lastLine, truth };
}

describe("a good run", () => {
  test("ends with 0 and carries what the engine and the venues said", () => {
    const ending = endingOfRun(watched(), end(0, FINAL));
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.error).toBeUndefined();
    expect(ending.json).toMatchObject({
      frames: 9,
      wrongBooks: 0,
      comparisons: 7,
      unknownSequence: 0,
      decisionsOnInvalidBook: 0,
      faults: [{ faultId: 1 }],
      endedBy: "time",
    });
    expect(ending.lines).toEqual([
      "books live 2/2, frames 9, resyncs ?, 7 books compared, 0 wrong",
    ]);
  });

  test("counts the books that were live before the engine was told to end", () => {
    const books = [bookStatus("binance-spot:A"), bookStatus("binance-spot:B", { state: "void" })];
    const { json } = endingOfRun(watched({ status: engineStatus({ books }) }), end(0, FINAL));
    expect([json.booksLive, json.booksTotal]).toEqual([1, 2]);
  });

  test("on a live feed no truth is claimed", () => {
    const ending = endingOfRun(watched({ comparison: null }), end(0, FINAL));
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.json).toMatchObject({ wrongBooks: null, comparisons: null });
    expect(ending.lines[0]).not.toContain("compared");
  });

  test("a signal is a good way to end", () => {
    expect(endingOfRun(watched({ reason: "signal" }), end(0, FINAL)).exitCode).toBe(EXIT.ok);
  });
});

describe("a run that is not good", () => {
  const wrong = { instrument: "binance-spot:BTCUSDT", seq: 5, differences: [] };
  const table: readonly (readonly [string, Partial<Watched>, number, string, number, RegExp])[] = [
    [
      "a wrong book",
      { comparison: { ...noComparison(), compared: 7, wrong: [wrong] } },
      0,
      FINAL,
      1,
      /^binance-spot:BTCUSDT was wrong at its sequence 5$/,
    ],
    [
      "nothing compared",
      { comparison: noComparison() },
      0,
      FINAL,
      1,
      /^no live book could be compared/,
    ],
    [
      "a decision on an invalid book",
      {},
      0,
      FINAL.replace('Book":0', 'Book":3'),
      1,
      /^3 decisions were made/,
    ],
    [
      "an engine that halted",
      { status: engineStatus({ halted: "crossed" }) },
      4,
      FINAL,
      4,
      /halted: crossed$/,
    ],
    ["an engine that halted unseen", { status: null }, 4, "", 4, /^the engine halted/],
    ["an engine that vanished", { reason: "gone" }, 137, FINAL, 1, /ended by itself with 137$/],
    ["an engine that failed at its end", {}, 1, FINAL, 1, /^the engine ended with 1$/],
    ["no account", {}, 0, "", 1, /without account$/],
    ["only the first line", {}, 0, '{"admin":"http://127.0.0.1:1"}', 1, /without account$/],
    ["an account that is no record", {}, 0, "7", 1, /without account$/],
  ];

  test.each(table)("%s", (_name, over, code, line, exitCode, error) => {
    const ending = endingOfRun(watched(over), end(code, line));
    expect(ending.exitCode).toBe(exitCode);
    expect(ending.error).toMatch(error);
    expect(ending.json.endedBy).toBe(over.reason ?? "time");
  });

  test("of many wrong books the first ten are told", () => {
    const comparison = {
      ...noComparison(),
      compared: 40,
      wrong: Array.from({ length: 40 }, () => wrong),
    };
    const { json } = endingOfRun(watched({ comparison }), end(0, FINAL));
    expect(json.wrongBooks).toBe(40);
    expect(json.wrong).toHaveLength(10);
  });
});

describe("a run that trades", () => {
  const accounts = [
    accountStatus({ balances: { USDT: ["13.25", "0"] } }),
    accountStatus({ venue: "kraken", mode: "paper", balances: { USD: ["9", "0"] }, traded: {} }),
  ];
  const account: VenueAccount = {
    accountId: "main",
    free: { USDT: "13250000000000000000" },
    held: {},
    pnl: { USDT: "3250000000000000000" },
    orderCount: 44,
    openCount: 0,
    duplicates: [],
  };
  const idle = { ...account, free: {}, pnl: {}, orderCount: 0 };
  const truth = (over: Partial<VenueAccount> = {}, paper = idle): TradingTruth => ({
    "binance-spot": { accounts: [{ ...account, ...over }], unbalanced: {} },
    kraken: { accounts: [paper], unbalanced: {} },
  });
  const line = (over: Partial<TradingStatus["counts"]> = {}): string => {
    const status = tradingStatus({ accounts });
    const trading = { ...status, counts: { ...status.counts, ...over } };
    return JSON.stringify({ ...JSON.parse(FINAL), trading });
  };

  test("and agrees with its venues tells so, to the last unit", () => {
    const ending = endingOfRun(watched(), end(0, line(), truth()));
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.json).toMatchObject({
      modes: { "binance-spot": "simulated", kraken: "paper" },
      cycles: { filled: 12, failed: 2, aborted: 1 },
      orders: 44,
      fills: 51,
      denials: 5,
      unknownOpen: 0,
      duplicateVenueOrders: 0,
      pnlVsTruth: 0,
      positionDrift: 0,
      paperOrders: 0,
      ordersOnInvalidBook: 0,
    });
    expect(ending.json).not.toHaveProperty("trading");
    expect(ending.lines[0]).toContain("cycles 12 filled 2 failed 1 aborted, 44 orders 51 fills");
  });

  test("without truth claims none", () => {
    const ending = endingOfRun(watched(), end(0, line()));
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.json).toMatchObject({ pnlVsTruth: null, duplicateVenueOrders: null });
  });

  test.each([
    ["an order on an invalid book", line({ ordersOnInvalidBook: 1 }), truth(), /^1 orders were on/],
    [
      "an id accepted twice",
      line(),
      truth({ duplicates: [{ clientOrderId: "rk", count: 2 }] }),
      /^1 client ids were accepted more than once/,
    ],
    [
      "an order of a paper account",
      line(),
      truth({}, { ...idle, orderCount: 1 }),
      /^1 orders of a paper/,
    ],
    [
      "a profit that is off by one unit",
      line(),
      truth({ pnl: { USDT: "3250000000000000001" } }),
      /^the profit is off by 1 \(binance-spot USDT pnl/,
    ],
    [
      "a balance that is off by one unit",
      line(),
      truth({ held: { USDT: "1" } }),
      /^the balances are off by 1 /,
    ],
    ["an order nobody knows of", line({ unknownOpen: 2 }), truth(), /^the outcome of 2 orders/],
  ] as const)("and ends with %s has failed", (_name, lastLine, venues, error) => {
    const ending = endingOfRun(watched(), end(0, lastLine, venues));
    expect(ending.exitCode).toBe(EXIT.failed);
    expect(ending.error).toMatch(error);
  });

  test("and has a wrong book says that first", () => {
    const comparison = noComparison();
    const ending = endingOfRun(watched({ comparison }), end(0, line({ unknownOpen: 2 }), truth()));
    expect(ending.error).toContain("no live book");
  });
});
