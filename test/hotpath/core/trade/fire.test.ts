// Goal: an order waits for nothing: what is told of it, and what else the same touch has brought, come after.
import { describe, expect, test } from "vitest";
import { observeTouch } from "../../../../hotpath/core/decide/touch.ts";
import { MS, SECOND, TradeRig } from "./rig.ts";

/** Touches a book without concluding, as a loop does between its two looks at the outbox. */
function touchOnly(
  rig: TradeRig,
  symbol: Parameters<TradeRig["slot"]>[0],
  bid: number,
  ask: number,
): void {
  const { book } = rig.slot(symbol);
  const ticks = Float64Array.of(book.bids.bestTicks, bid, book.asks.bestTicks, ask);
  const lots = Float64Array.of(0, 10_000_000, 0, 10_000_000);
  book.apply(ticks, lots, 0, 2, 2, book.seq + 1);
  rig.hear();
  observeTouch(rig.world, rig.slot(symbol));
}

const typesOf = ({ world }: TradeRig): string[] => world.outbox.map(({ type }) => type);

/** BTC becomes cheap: both triangles that buy it first pay at once. */
function cheapBitcoin(rig: TradeRig): void {
  touchOnly(rig, "BTCUSDT", 9_900_000, 9_900_200);
}

describe("a touch that fires", () => {
  test("gives out the order alone, and everything else in the same tick when it is concluded", () => {
    const rig = new TradeRig();
    rig.ready();
    cheapBitcoin(rig);
    expect(typesOf(rig)).toEqual(["placeOrder"]);
    expect(rig.trade.cycles).toHaveLength(0);
    const { tick } = rig.world;
    rig.trader.conclude();
    expect(rig.world.tick).toBe(tick);
    expect(rig.trade.cycles).toHaveLength(1);
    expect(typesOf(rig).slice(0, 2)).toEqual(["placeOrder", "recordOpportunity"]);
  });

  test("leaves no candidate out: the second triangle is told of, and why it may not begin", () => {
    const rig = new TradeRig();
    rig.ready();
    cheapBitcoin(rig);
    rig.trader.conclude();
    const told = rig.world.outbox.flatMap((command) =>
      command.type === "recordOpportunity" ? [command.opportunity] : [],
    );
    expect(told.map(({ decision }) => decision)).toEqual(["fired", "suppressed"]);
    expect(told[1]?.reason).toBe("an instrument is in use");
    expect(new Set(told.map(({ triangle }) => triangle)).size).toBe(2);
  });

  test("and may fire again while it concludes, each cycle with its own order", () => {
    const rig = new TradeRig({ plan: { isolation: { instrument: false, primaryQuote: false } } });
    rig.ready();
    cheapBitcoin(rig);
    rig.trader.conclude();
    expect(typesOf(rig).filter((type) => type === "placeOrder")).toHaveLength(2);
    expect(rig.trade.cycles.map(({ number }) => number)).toEqual([1, 2]);
    expect(rig.trade.cycles.map(({ corr }) => corr)).toEqual(["7-1", "7-2"]);
    expect(rig.trade.cycles.map(({ opportunity }) => opportunity)).toEqual([1, 2]);
  });

  test("offers the next candidate what the first order has left of the balance", () => {
    const rig = new TradeRig({ plan: { isolation: { instrument: false, primaryQuote: false } } });
    rig.ready({ USDT: "1500" });
    cheapBitcoin(rig);
    rig.trader.conclude();
    const amounts = rig.trade.cycles.map(({ startAmount }) => Number(startAmount) / 1e18);
    expect(amounts).toHaveLength(2);
    expect(amounts[0]).toBeGreaterThan(900);
    expect(amounts[1]).toBeGreaterThan(400);
    expect(amounts[1]).toBeLessThanOrEqual(600);
  });

  test("must be concluded before the next one: a caller that forgets is stopped", () => {
    const rig = new TradeRig();
    rig.ready();
    cheapBitcoin(rig);
    expect(() => touchOnly(rig, "ETHUSDT", 499_960, 500_060)).toThrow("concluded in its own tick");
  });
});

describe("two triangles that rest", () => {
  test("are looked at again each in its time", () => {
    const rig = new TradeRig({ plan: { cooldownUs: SECOND / 2 } });
    rig.ready();
    const kill = { scope: "instrument", target: "binance-spot:BTCUSDT", reason: "" } as const;
    rig.event({ type: "killRequested", ...kill, by: "operator" });
    rig.opportunity();
    rig.advance(200 * MS);
    rig.touch("SOLUSDT", 20_150, 20_170);
    rig.advance(350 * MS);
    const denied = rig.opportunities.map(({ triangle }) => triangle);
    expect(denied).toEqual(["USDT>BTC>ETH", "USDT>BTC>SOL", "USDT>BTC>ETH"]);
    rig.event({ type: "killReleased", ...kill, by: "operator" });
    rig.advance(200 * MS);
    expect(rig.opportunities.slice(3)).toMatchObject([
      { triangle: "USDT>BTC>SOL", decision: "fired" },
    ]);
  });
});

describe("a touch that does not fire", () => {
  test("has nothing to conclude", () => {
    const rig = new TradeRig();
    rig.ready();
    touchOnly(rig, "BTCUSDT", 9_999_950, 10_000_050);
    rig.trader.conclude();
    expect(typesOf(rig)).toEqual([]);
    expect(rig.trade.cycles).toHaveLength(0);
  });
});
