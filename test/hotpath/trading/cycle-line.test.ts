// Goal: the report line of a cycle is, field by field, the one that old scripts parse.
// Method: a golden line, and a parser of that form that every line must go through.
import { describe, expect, test } from "vitest";
import { type Instrument, instrumentOf } from "../../../hotpath/core/instrument.ts";
import { cycleLine } from "../../../hotpath/trading/cycle-line.ts";
import { cycleRecord, legRecord } from "../../fixtures/trading/record-fixture.ts";

const AT_US = Date.UTC(2026, 4, 26, 17, 55, 53, 719) * 1000;

function instruments(): Instrument[] {
  return ["FLUX-USDT", "FLUX-USDC", "USDC-USDT"].map((symbol, index) => {
    const [baseAsset = "", quoteAsset = ""] = symbol.split("-");
    const steps = { tickSize: "0.00001", lotSize: "0.0001", baseAsset, quoteAsset };
    const made = instrumentOf(
      { id: `binance-spot:${symbol}`, venue: "binance-spot", symbol, ...steps },
      index,
    );
    if (made === undefined) throw new Error("the steps are good");
    return made;
  });
}

/** The line as the old scripts take it apart. */
function parse(line: string): Record<string, string> {
  const head = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (FILLED|FAILED|ABORTED) \| /.exec(line);
  const fields: Record<string, string> = { at: head?.[1] ?? "", ending: head?.[2] ?? "" };
  const rest = line.slice(head?.[0].length ?? 0);
  for (const [, name = "", value = ""] of rest.matchAll(/(\w+)=(\[[^\]]*\]|.*?)(?: \| |$)/g)) {
    fields[name] = value;
  }
  return fields;
}

describe("the line of a cycle", () => {
  test("that was filled is the golden one", () => {
    expect(cycleLine(cycleRecord(), instruments(), AT_US)).toBe(
      "2026-05-26T17:55:53.719Z FILLED | corr=3-17 | triangle=['USDT','FLUX','USDC'] | " +
        "predicted_bps=34.45 | effective_bps=-149.94 | book_ts=1779818153600 | profit=-0.0749 | " +
        "timings=[L0:fired=0.1ms/ack=81.2ms/fill=82.9ms/end=83.0ms, " +
        "L1:fired=84.0ms/ack=70.0ms/fill=71.0ms/end=71.5ms, " +
        "L2:fired=160.0ms/ack=60.0ms/fill=61.0ms/end=61.5ms, total=222.0ms] | " +
        "fills=[L0:buy FLUX-USDT USDT->FLUX 64.53@0.0774(fee=0 USDT lat=82.9ms), " +
        "L1:sell FLUX-USDC FLUX->USDC 64.5@0.07783(fee=0.005 USDC lat=71.0ms), " +
        "L2:sell USDC-USDT USDC->USDT 5@0.999(fee=0.001 USDT+0.00002 BNB lat=61.0ms)] | " +
        "books=[0.0774/0.0772 | 0.07796/0.07783 | 0.9991/0.999]",
    );
  });

  test("has every field of the form, in its order", () => {
    const fields = parse(cycleLine(cycleRecord(), instruments(), AT_US));
    expect(Object.keys(fields)).toEqual([
      ...["at", "ending", "corr", "triangle", "predicted_bps", "effective_bps", "book_ts"],
      ...["profit", "timings", "fills", "books"],
    ]);
    expect(fields).toMatchObject({ ending: "FILLED", corr: "3-17", profit: "-0.0749" });
    expect(fields.books).toBe("[0.0774/0.0772 | 0.07796/0.07783 | 0.9991/0.999]");
  });

  test.each([
    ["FAILED", "error", "leg 1 was rejected"],
    ["ABORTED", "reason", "book went void"],
  ] as const)("that %s says why at its end", (ending, name, words) => {
    const never = { firedUs: 1500, ackUs: -1, fillUs: -1, endUs: -1 };
    const legs = [legRecord(0), { ...legRecord(1), filledLots: 0, timings: never }];
    const record = cycleRecord({ ending, reason: words, legs });
    const fields = parse(cycleLine(record, instruments(), AT_US));
    expect(fields).toMatchObject({ ending, [name]: words });
    expect(fields.fills).toBe("[L0:buy FLUX-USDT USDT->FLUX 64.53@0.0774(fee=0 USDT lat=82.9ms)]");
    expect(fields.timings).toContain("L1:fired=1.5ms/ack=-/fill=-/end=-");
  });

  test("of whole lots keeps its zeros, and an instrument without assets its symbol", () => {
    const bare = instrumentOf(
      {
        id: "kraken:X",
        venue: "binance-spot",
        symbol: "XBT/USD",
        tickSize: "1",
        lotSize: "1",
      } as never,
      0,
    );
    const record = cycleRecord({ legs: [{ ...legRecord(0), filledLots: 100, fees: {} }] });
    expect(cycleLine(record, bare === undefined ? [] : [bare], AT_US)).toContain(
      "L0:buy XBT/USD USDT->FLUX 100@0.0774(fee=0  lat=82.9ms)",
    );
  });
});
