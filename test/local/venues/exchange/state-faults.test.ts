// Goal: what happens at a venue by itself is real, is recorded, and ends when it should.
import { beforeEach, describe, expect, test } from "vitest";
import { BackEnd } from "../../../../local/venues/exchange/back-end.ts";
import { STATE_FAULT_KINDS } from "../../../../local/venues/exchange/faults.ts";
import { binanceFees } from "../../../../local/venues/exchange/fees.ts";
import { StateFaults } from "../../../../local/venues/exchange/state-faults.ts";
import { MAIN_ACCOUNT_ID, TradingSide } from "../../../../local/venues/exchange/trading-side.ts";
import { truthOf } from "../../../../local/venues/exchange/truth.ts";
import { assetValues } from "../../../../local/venues/market/listings.ts";
import { Random } from "../../../../local/venues/market/random.ts";
import { ACCOUNT, ONE, order, Rig } from "./rig.ts";

const SPEED = 10;
let rig: Rig;
let backEnd: BackEnd;
let states: StateFaults;

beforeEach(() => {
  rig = new Rig();
  const random = new Random(9, "states");
  backEnd = new BackEnd({ exchange: rig.exchange, random, speed: SPEED, rejectCodes: [] });
  states = new StateFaults(backEnd);
});

function pass(ms: number): void {
  rig.nowUs += ms * 1_000;
  backEnd.tick(rig.nowUs);
  states.tick(rig.nowUs);
}

const rulesOf = (symbol: string) => rig.exchange.rules[rig.market.indexOf(symbol) ?? 0];

describe("a state", () => {
  test.each(["halt", "break", "cancelOnly"] as const)("of %s ends after its time", (kind) => {
    expect(states.inject({ kind, symbol: "ETHUSDT", durationMs: 1_000 }, rig.nowUs)).toBe(true);
    expect(rulesOf("ETHUSDT")?.status).toBe(kind);
    pass(99);
    expect(rulesOf("ETHUSDT")?.status).toBe(kind);
    pass(1);
    expect(rulesOf("ETHUSDT")?.status).toBe("trading");
  });

  test("of the filters goes up and comes back", () => {
    const before = rulesOf("BTCUSDT")?.notionalMinAtto ?? 0n;
    states.inject({ kind: "filterChange", symbol: "BTCUSDT" }, rig.nowUs);
    expect(rulesOf("BTCUSDT")).toMatchObject({ notionalMinAtto: before * 2n, lotsMin: 2 });
    states.inject({ kind: "filterChange", symbol: "BTCUSDT" }, rig.nowUs);
    expect(rulesOf("BTCUSDT")).toMatchObject({ notionalMinAtto: before, lotsMin: 1 });
  });

  test("of the fees is one of three, and may come back", () => {
    const seen = new Set<bigint>();
    for (let at = 0; at < 30; at += 1) {
      states.inject({ kind: "feeChange" }, rig.nowUs);
      seen.add(rig.exchange.settlement.ratesOf(ACCOUNT, "BTCUSDT").taker);
    }
    expect([...seen].sort()).toEqual([100_000n, 150_000n, 50_000n]);
  });
});

describe("the account", () => {
  test("gets and loses money that is not of its trading", () => {
    const before = rig.exchange.ledger.free(ACCOUNT, "BTC");
    states.inject({ kind: "deposit", asset: "BTC" }, rig.nowUs);
    expect(rig.exchange.ledger.free(ACCOUNT, "BTC")).toBe(before + before / 100n);
    states.inject({ kind: "withdrawal", asset: "BTC", deltaAtto: -ONE }, rig.nowUs);
    expect(rig.exchange.ledger.free(ACCOUNT, "BTC")).toBe(before + before / 100n - ONE);
    states.inject({ kind: "withdrawal" }, rig.nowUs);
    expect(truthOf(rig.exchange).accounts[0]?.pnl).toMatchObject({ BTC: "0", USDT: "0" });
  });

  test("has orders from elsewhere, which take or rest and go again", () => {
    const wish = { kind: "foreignOrder", symbol: "BTCUSDT", durationMs: 1_000 } as const;
    for (let at = 0; at < 20; at += 1) states.inject(wish, rig.nowUs);
    const orders = rig.exchange.log.orders(ACCOUNT, null);
    expect(orders.map(({ clientOrderId }) => clientOrderId)).toContain("web_20");
    expect(new Set(orders.map(({ status }) => status))).toEqual(new Set(["open", "filled"]));
    pass(100);
    expect(rig.exchange.log.openOrders(ACCOUNT, null)).toEqual([]);
    rig.exchange.moveExternally(ACCOUNT, { asset: "USDT", deltaAtto: -ONE * ONE }, rig.nowUs);
    expect(states.inject({ kind: "foreignOrder", symbol: "BTCUSDT" }, rig.nowUs)).toBe(false);
  });

  test("loses its orders, its stream, its sessions", () => {
    rig.exchange.place(order({ price: rig.price(rig.best().bidTicks - 10) }), rig.nowUs);
    states.inject({ kind: "vanishedOrders" }, rig.nowUs);
    expect(rig.exchange.log.openOrders(ACCOUNT, null)).toEqual([]);
    let heardCount = 0;
    let cutCount = 0;
    backEnd.listen(ACCOUNT, {
      onEvent: () => {
        heardCount += 1;
      },
      onCut: () => {
        cutCount += 1;
      },
    });
    states.inject({ kind: "privateStreamDead", durationMs: 1_000 }, rig.nowUs);
    rig.exchange.place(order({ price: rig.price(rig.best().bidTicks - 10) }), rig.nowUs);
    expect(heardCount).toBe(0);
    pass(100);
    rig.exchange.place(order({ price: rig.price(rig.best().bidTicks - 10) }), rig.nowUs);
    expect(heardCount).toBeGreaterThan(0);
    states.inject({ kind: "privateStreamCut" }, rig.nowUs);
    expect(cutCount).toBe(1);
  });
});

describe("the rates", () => {
  test("let every kind happen about as often as they say, and none when they are zero", () => {
    backEnd.faults.rates = Object.fromEntries(STATE_FAULT_KINDS.map((kind) => [kind, 6]));
    for (let at = 0; at < 600; at += 1) pass(1_000);
    for (const kind of STATE_FAULT_KINDS) {
      expect(backEnd.faults.count(kind), kind).toBeGreaterThan(25);
      expect(backEnd.faults.count(kind), kind).toBeLessThan(110);
    }
    const count = states.records.length;
    backEnd.faults.rates = {};
    pass(600_000);
    expect(states.records.length).toBe(count);
    for (const sum of rig.exchange.ledger.sums().values()) expect(sum).toBe(0n);
  });

  test("hit nobody where there is nobody", () => {
    expect(states.inject({ kind: "halt", symbol: "NOSUCH" }, rig.nowUs)).toBe(false);
    expect(states.inject({ kind: "filterChange", symbol: "NOSUCH" }, rig.nowUs)).toBe(false);
    expect(states.inject({ kind: "foreignOrder", symbol: "NOSUCH" }, rig.nowUs)).toBe(false);
    expect(states.records).toEqual([]);
  });
});

describe("a trading side", () => {
  test("opens one account worth the same in every asset, or as it is told", () => {
    const common = {
      name: "test",
      seed: 1,
      fees: binanceFees(),
      quoteDigits: 8,
      speed: 1,
      rejectCodes: [],
      firstOrderId: 1,
      values: assetValues(),
    };
    const side = new TradingSide({ ...common, market: new Rig().market, balances: null });
    const value = (asset: string) =>
      (Number(side.exchange.ledger.free(MAIN_ACCOUNT_ID, asset)) / 1e18) *
      (assetValues().get(asset) ?? 0);
    expect(value("USDT")).toBeCloseTo(200_000, 3);
    expect(value("BTC")).toBeGreaterThan(150_000);
    side.tick(rig.nowUs);
    expect(side.truth()).toMatchObject({ unbalanced: {}, heedlessCount: 0, faultCounts: {} });
    const told = new TradingSide({
      ...common,
      market: new Rig().market,
      balances: new Map([["BTC", 3]]),
    });
    expect(told.exchange.ledger.free(MAIN_ACCOUNT_ID, "BTC")).toBe(3n * ONE);
    expect(told.exchange.ledger.free(MAIN_ACCOUNT_ID, "USDT")).toBe(0n);
  });
});
