// Goal: each reading of the gate is a fact of the world, and what is not known is never a comfortable zero.
import { describe, expect, test } from "vitest";
import {
  emptyAccountReading,
  emptyBookReading,
  emptyInstrumentReading,
} from "../../../../hotpath/core/risk/view.ts";
import { WorldRiskView } from "../../../../hotpath/core/trade/risk-view.ts";
import { MS, type RigOptions, SECOND, START_US, TradeRig } from "./rig.ts";

type Scene = { readonly rig: TradeRig; readonly view: WorldRiskView };

function sceneOf(options: RigOptions = {}, isReady = true): Scene {
  const rig = new TradeRig(options);
  if (isReady) rig.ready();
  const { accounts, instruments, orders, standing } = rig.trade;
  const subject = { accounts, instruments, ledger: orders.table.ledger, standing };
  return { rig, view: new WorldRiskView(rig.world, subject) };
}

function bookOf({ view }: Scene, instrument = 0) {
  const reading = emptyBookReading();
  view.readBook(instrument, reading);
  return reading;
}

function accountOf({ view }: Scene, venue = 0) {
  const reading = emptyAccountReading();
  view.readAccount(venue, reading);
  return reading;
}

function instrumentOf({ view }: Scene, instrument = 0) {
  const reading = emptyInstrumentReading();
  view.readInstrument(instrument, reading);
  return reading;
}

describe("a book", () => {
  test("is read from the book, its session and the time", () => {
    const scene = sceneOf();
    scene.rig.world.nowUs += 7 * MS;
    expect(bookOf(scene)).toMatchObject({
      isLive: true,
      epoch: 1,
      sessionEpoch: 1,
      ageUs: 7 * MS,
      exchangeAgeUs: -1,
      bidTicks: 9_999_900,
      askTicks: 10_000_100,
    });
  });

  test.each<readonly [string, (rig: TradeRig) => void]>([
    ["is void", (rig) => rig.slot("BTCUSDT").book.void()],
    ["is being repaired", (rig) => Object.assign(rig.slot("BTCUSDT"), { phase: "waiting" })],
    [
      "has a session that is not live",
      (rig) => Object.assign(rig.world.sessions[0] ?? {}, { state: "closed" }),
    ],
  ])("that %s is not live", (_, spoil) => {
    const scene = sceneOf();
    spoil(scene.rig);
    expect(bookOf(scene).isLive).toBe(false);
  });

  test("of no instrument is not live, whatever was read before", () => {
    const scene = sceneOf();
    const reading = emptyBookReading();
    scene.view.readBook(0, reading);
    scene.view.readBook(99, reading);
    expect(reading.isLive).toBe(false);
  });

  test("has a venue's age only where clock and stream have told of one", () => {
    const scene = sceneOf();
    const [session] = scene.rig.world.sessions;
    if (session === undefined) throw new Error("there is one");
    session.exchangeMaxUs = START_US;
    session.transportUs = 4 * MS;
    expect(bookOf(scene).exchangeAgeUs).toBe(4 * MS);
    Object.assign(scene.rig.world.venues[0] ?? {}, { clockMeasuredUs: 0 });
    expect(bookOf(scene).exchangeAgeUs).toBe(-1);
  });

  test("that is void has no touch, no depth and no middle", () => {
    const scene = sceneOf();
    expect(scene.view.touchSumTicks(0)).toBe(20_000_000);
    scene.rig.slot("BTCUSDT").book.void();
    expect(scene.view.touchSumTicks(0)).toBeNaN();
    expect(scene.view.visibleLots(0, "buy", 1)).toBeNaN();
    const { book } = scene.rig.slot("BTCUSDT");
    book.startBuffering();
    book.bids.reset(0);
    expect(bookOf(scene)).toMatchObject({
      isLive: false,
      bidTicks: Number.NaN,
      askTicks: Number.NaN,
    });
    expect(scene.view.touchSumTicks(99)).toBeNaN();
    expect(scene.view.visibleLots(99, "buy", 1)).toBeNaN();
  });

  test("shows the lots that an order could take down or up to its price", () => {
    const scene = sceneOf();
    scene.rig.book(
      "BTCUSDT",
      [
        [9_999_900, 5],
        [9_999_800, 7],
      ],
      [
        [10_000_100, 3],
        [10_000_200, 4],
      ],
    );
    const lots = (side: "buy" | "sell", ticks: number): number =>
      scene.view.visibleLots(0, side, ticks);
    expect([lots("buy", 10_000_099), lots("buy", 10_000_100), lots("buy", 10_000_200)]).toEqual([
      0, 3, 7,
    ]);
    expect([lots("sell", 9_999_901), lots("sell", 9_999_900), lots("sell", 9_999_700)]).toEqual([
      0, 5, 12,
    ]);
  });
});

describe("an instrument", () => {
  test("is read with its rules and the account's own fee", () => {
    const scene = sceneOf();
    expect(instrumentOf(scene)).toMatchObject({
      name: "binance-spot:BTCUSDT",
      isTrading: true,
      takerPpb: 1_000_000,
      feePaidIn: "received",
      rulesAgeUs: scene.rig.world.nowUs - START_US,
    });
  });

  test("without a fee that was told has none", () => {
    expect(instrumentOf(sceneOf({}, false)).takerPpb).toBeNaN();
  });

  test("that is none has no name, no rules and no fee", () => {
    expect(instrumentOf(sceneOf(), 99)).toMatchObject({
      name: "",
      isTrading: false,
      rulesAgeUs: Number.NaN,
      takerPpb: Number.NaN,
    });
  });

  test("follows its refreshed rules, and an older answer changes nothing", () => {
    const scene = sceneOf();
    const { rig } = scene;
    const { filters } = rig.trade.instruments[0] ??
      rig.world.instruments[0] ?? { filters: undefined };
    if (filters === undefined) throw new Error("it has filters");
    const refreshed = { type: "instrumentRefreshed", instrument: 0, filters } as const;
    rig.event({ ...refreshed, status: "halted", rulesUs: rig.nowUs });
    expect(instrumentOf(scene)).toMatchObject({ isTrading: false, rulesAgeUs: 0 });
    rig.event({ ...refreshed, status: "trading", rulesUs: rig.nowUs - 1 });
    expect(instrumentOf(scene).isTrading).toBe(false);
    rig.event({ ...refreshed, instrument: 99, status: "trading", rulesUs: rig.nowUs });
    rig.event({ ...refreshed, status: "limitOnly", rulesUs: rig.nowUs });
    expect(instrumentOf(scene).isTrading).toBe(true);
  });
});

describe("an account", () => {
  test("is read with its phase, its clock and its mode", () => {
    const scene = sceneOf();
    const [account] = scene.rig.trade.accounts;
    expect(accountOf(scene)).toMatchObject({
      name: "binance-spot",
      tradingMode: "simulated",
      mode: "active",
      isReady: true,
      readySinceUs: account?.readyUs,
      blockedReason: "",
      clockErrorUs: 1000,
      leaseRemainingUs: Number.POSITIVE_INFINITY,
      deadMan: "none",
    });
  });

  test("that was never opened is not ready, since no time at all", () => {
    expect(accountOf(sceneOf({}, false))).toMatchObject({
      isReady: false,
      readySinceUs: Number.NaN,
    });
  });

  test("of no venue is off, suspended and without a clock", () => {
    expect(accountOf(sceneOf(), 9)).toMatchObject({
      name: "",
      tradingMode: "off",
      mode: "suspended",
      isReady: false,
      clockOffsetUs: Number.NaN,
      clockErrorUs: Number.NaN,
      deadMan: "none",
    });
  });

  test("whose clock was never measured has no offset", () => {
    const scene = sceneOf();
    Object.assign(scene.rig.world.venues[0] ?? {}, { clockMeasuredUs: 0 });
    expect(accountOf(scene)).toMatchObject({ clockOffsetUs: Number.NaN, clockErrorUs: Number.NaN });
  });

  test("has a dead man's switch that is armed once it was, and not while it is closed", () => {
    const scene = sceneOf({ venue: { hasDeadMan: true } });
    expect(accountOf(scene).deadMan).toBe("armed");
    scene.rig.event({ type: "accountClosed", ...scene.rig.stamp(), reason: "cut" });
    expect(accountOf(scene).deadMan).toBe("disarmed");
    const paper = sceneOf({
      venue: { hasDeadMan: true, mode: "paper", paperBalances: { USDT: "1000" } },
    });
    expect(accountOf(paper).deadMan).toBe("none");
  });

  test("that was never read has no balances, and not balances of zero", () => {
    const { view } = sceneOf({}, false);
    expect([view.free(0, "USDT"), view.total(0, "USDT"), view.position(0, "USDT")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("has what is free, held and come since the start", () => {
    const { rig, view } = sceneOf();
    rig.opportunity();
    const total = rig.amount("10000");
    expect(view.total(0, "USDT")).toBe(total);
    expect(view.position(0, "USDT")).toBe(0n);
    expect(view.free(0, "USDT")).toBeLessThan(total);
    rig.fillWhole();
    expect(view.position(0, "USDT")).toBeLessThan(0n);
    expect(view.free(0, "XYZ")).toBe(0n);
  });
});

describe("the venue's filters", () => {
  test("name what an order breaks, with a middle and without one", () => {
    const { rig, view } = sceneOf();
    rig.opportunity();
    expect(view.filterFault(rig.order)).toBe("");
    expect(view.filterFault({ ...rig.order, lots: 1 })).toBe("notionalMin");
    expect(view.filterFault({ ...rig.order, instrument: 99 })).toBe("no rules");
    rig.slot("BTCUSDT").book.void();
    expect(view.filterFault(rig.order)).toBe("");
    rig.advance(SECOND);
  });
});
