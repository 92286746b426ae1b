// Goal: the books balance by construction, and a reported balance is compared, never believed.
import { describe, expect, test } from "vitest";
import { balanceTotal, Ledger, startsOf } from "../../../../hotpath/core/order/ledger.ts";
import { ATTO, balances } from "./fixture.ts";

function opened(): Ledger {
  const ledger = new Ledger();
  ledger.open(0, startsOf(balances({ USDT: "10", BTC: "0.5" })) ?? new Map());
  return ledger;
}

const none = () => ({ out: 0n, in: 0n });

describe("a ledger", () => {
  test("works a total out of start, trades, fees and outside moves", () => {
    const ledger = opened();
    ledger.add(0, "USDT", "traded", -3n * ATTO);
    ledger.add(0, "USDT", "fees", ATTO / 10n);
    ledger.add(0, "USDT", "external", 2n * ATTO);
    ledger.add(0, "USDT", "reserved", 4n * ATTO);
    expect(ledger.total(0, "USDT")).toBe((89n * ATTO) / 10n);
    expect(ledger.total(0, "BTC")).toBe(ATTO / 2n);
    expect(ledger.free(0, "USDT")).toBe((49n * ATTO) / 10n);
    expect(ledger.position(0, "USDT")).toBe((-11n * ATTO) / 10n);
    expect(ledger.total(1, "USDT")).toBe(0n);
  });

  test("is opened once, and takes into its start what was counted before", () => {
    const ledger = new Ledger();
    ledger.add(0, "BTC", "traded", ATTO);
    expect(ledger.isOpen(0)).toBe(false);
    ledger.open(0, new Map([["BTC", 5n * ATTO]]));
    expect(ledger.total(0, "BTC")).toBe(5n * ATTO);
    expect(() => ledger.open(0, new Map())).toThrow(/once/);
  });

  test("never frees more than was reserved", () => {
    const ledger = opened();
    ledger.add(0, "USDT", "reserved", 1n);
    expect(() => ledger.add(0, "USDT", "reserved", -2n)).toThrow(/reserved/);
  });

  test("compares each asset that one of the two knows", () => {
    const { drifts, unreadable } = opened().drift(
      0,
      [
        ...balances({ USDT: "10", ETH: "1", XRP: "0" }),
        { asset: "DOGE", total: "x", free: "", held: "" },
      ],
      none,
    );
    expect(drifts.map(({ asset, verdict }) => `${asset} ${verdict}`)).toEqual([
      "USDT equal",
      "ETH differs",
      "XRP equal",
      "BTC differs",
    ]);
    expect(unreadable).toEqual(["DOGE"]);
  });

  test.each([
    ["8", "inFlight"],
    ["7.999999999999999999", "differs"],
    ["11", "inFlight"],
    ["11.000000000000000001", "differs"],
  ])("of 10 with 2 out and 1 in on their way, %s is %s", (total, verdict) => {
    const may = () => ({ out: 2n * ATTO, in: ATTO });
    const { drifts } = opened().drift(0, balances({ USDT: total, BTC: "0.5" }), may);
    expect(drifts[0]?.verdict).toBe(verdict);
  });

  test("takes the first of two lines about one asset", () => {
    const { drifts } = opened().drift(
      0,
      [...balances({ USDT: "10", BTC: "0.5" }), ...balances({ USDT: "11" })],
      none,
    );
    expect(drifts.every(({ verdict }) => verdict === "equal")).toBe(true);
  });
});

describe("a reported balance", () => {
  test.each([
    [{ total: "1.5", free: "", held: "" }, (3n * ATTO) / 2n],
    [{ total: "", free: "1", held: "0.5" }, (3n * ATTO) / 2n],
    [{ total: "", free: "1", held: "" }, undefined],
    [{ total: "", free: "", held: "" }, undefined],
    [{ total: "", free: "1", held: "x" }, undefined],
    [{ total: "-1", free: "", held: "" }, undefined],
    [{ total: "1e3", free: "", held: "" }, undefined],
  ])("%j", (texts, total) => {
    expect(balanceTotal({ asset: "A", ...texts })).toBe(total);
  });

  test("that cannot be read makes no start", () => {
    expect(startsOf(balances({ A: "1", B: "?" }))).toBeUndefined();
  });
});
