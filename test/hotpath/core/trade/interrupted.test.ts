// Goal: a process that ends in the middle of a cycle leaves nothing that the next one does not take up, get
// out of and end, once.
import { describe, expect, test } from "vitest";
import { amountToText } from "../../../../hotpath/core/money/amount.ts";
import { exportTrading } from "../../../../hotpath/core/trade/trading-state.ts";
import { seeded } from "../order/fixture.ts";
import { type Badness, begin, FLAWLESS, live, ModelVenue } from "./model-venue.ts";
import { MS, SECOND, SYMBOLS, TradeRig } from "./rig.ts";

/** What becomes of the order that is out when the process ends. */
const OUTCOMES: Readonly<Record<string, Badness>> = {
  "was filled": FLAWLESS,
  "was filled in part": { ...FLAWLESS, short: 0.9 },
  "never arrived": { ...FLAWLESS, lost: 1, silent: 1 },
  "was refused": { ...FLAWLESS, refused: 1, silent: 1 },
};

type Scene = { readonly rig: TradeRig; readonly venue: ModelVenue };

/** Lives on until so many orders have been placed. */
function untilOrders({ rig, venue }: Scene, count: number): void {
  for (let ms = 0; ms < 5000 && rig.orders.length < count; ms++) live(rig, venue, MS, MS);
  venue.take();
  if (rig.orders.length < count) throw new Error(`no order ${count}`);
}

/** A cycle whose order number `at` (0 to 2 a leg, 3 an exit after a refused second leg) is out. */
function sceneAt(at: number, outcome: Badness): Scene {
  const rig = new TradeRig();
  const venue = new ModelVenue(rig, seeded(at + 1), FLAWLESS);
  begin(rig, venue, { USDT: "10000" });
  const scene = { rig, venue };
  const count = at === 3 ? 3 : at + 1;
  for (let placed = 1; placed <= count; placed++) {
    const isLast = placed === count;
    const isRefused = at === 3 && placed === 2;
    venue.badness = isLast ? outcome : FLAWLESS;
    if (isRefused) venue.badness = { ...FLAWLESS, refused: 1 };
    if (placed === 1) rig.opportunity();
    untilOrders(scene, placed);
    const truth = venue.truths.get(rig.order.clientId);
    for (let ms = 0; ms < 50 && !isLast && truth?.isIn === false; ms++) live(rig, venue, MS, MS);
  }
  expect(rig.order.purpose).toBe(at === 0 ? "open" : at === 3 ? "exit" : "finish");
  return scene;
}

/** Another process takes up what the first one left, and lives for a while among fair books. */
function restart({ rig, venue }: Scene, seconds: number): Scene {
  const next = new TradeRig({
    nowUs: rig.nowUs + SECOND,
    plan: { fence: rig.trade.plan.fence + 1, restored: exportTrading(rig.trade) },
  });
  venue.adopt(next);
  venue.badness = FLAWLESS;
  for (let second = 0; second < seconds; second++) {
    for (const symbol of SYMBOLS) next.fair(symbol);
    live(next, venue, SECOND, 100 * MS);
  }
  return { rig: next, venue };
}

/** Nothing is under way, and what we believe to hold is what the venue holds. */
function expectAtRest({ rig, venue }: Scene): void {
  const { table } = rig.trade.orders;
  expect(rig.trade.cycles).toEqual([]);
  expect(table.live.size).toBe(0);
  expect(venue.twice).toEqual([]);
  for (const [asset, amount] of venue.balances) expect(table.ledger.total(0, asset)).toBe(amount);
}

describe.each([0, 1, 2, 3])("a process that ends while order %d is out", (at) => {
  test.each(Object.keys(OUTCOMES))("that %s: its successor ends the cycle, once", (name) => {
    const scene = sceneAt(at, OUTCOMES[name] ?? FLAWLESS);
    const before = scene.rig.orders.length;
    const after = restart(scene, 40);
    expectAtRest(after);
    expect(after.rig.cycles).toHaveLength(1);
    const [cycle] = after.rig.cycles;
    expect(cycle).toMatchObject({
      cycle: 1,
      ending: "FAILED",
      reason: "interrupted: the process that began it has ended",
    });
    expect(cycle?.legs.slice(0, before)).toHaveLength(before);
    expect(after.rig.orders.every(({ purpose }) => purpose === "exit")).toBe(true);
    // Flat, but for what is less than can be sold; and that has a name.
    for (const asset of ["BTC", "ETH"]) {
      const left = after.venue.balances.get(asset) ?? 0n;
      expect(cycle?.residual[asset] ?? "0").toBe(amountToText(left));
    }
    const third = restart(after, 5);
    expectAtRest(third);
    expect(third.rig.orders).toEqual([]);
    expect(third.rig.cycles).toEqual([]);
  });

  test("and again while the successor recovers: the third one ends it, once", () => {
    const scene = sceneAt(at, FLAWLESS);
    const second = restart(scene, 0);
    live(second.rig, second.venue, 150 * MS, MS);
    const third = restart(second, 40);
    expectAtRest(third);
    expect(second.rig.cycles.length + third.rig.cycles.length).toBe(1);
  });
});

describe("a cycle of an earlier process", () => {
  test("waits until the account is in agreement before it gets out", () => {
    const scene = sceneAt(1, FLAWLESS);
    live(scene.rig, scene.venue, 10 * MS, MS);
    const next = new TradeRig({
      nowUs: scene.rig.nowUs,
      plan: { fence: 8, restored: exportTrading(scene.rig.trade) },
    });
    next.advance(5 * SECOND);
    expect(next.orders).toEqual([]);
    expect(next.trade.cycles).toMatchObject([{ step: "recovering", key: -1, corr: "7-1" }]);
  });

  test("whose order still rests is taken back, and ends with what it had filled", () => {
    const scene = sceneAt(0, { ...FLAWLESS, lost: 1, silent: 1 });
    const { clientId, lots, priceTicks } = scene.rig.order;
    const rig = new TradeRig({
      nowUs: scene.rig.nowUs,
      plan: { fence: 8, restored: exportTrading(scene.rig.trade) },
    });
    const order = {
      clientId,
      orderId: "77",
      instrument: 0,
      side: "buy",
      state: "open",
      lots,
      filledLots: 0,
      priceTicks,
      reason: "",
      exchangeUs: rig.nowUs,
    } as const;
    rig.advance(MS, MS);
    rig.event({ type: "accountReady", ...rig.stamp() });
    rig.fees(1_000_000);
    rig.read({ USDT: "10000" }, { openOrders: [order] });
    expect(rig.last("cancelOrder")).toMatchObject({ clientId, orderId: "77" });
    const ended = { ...order, state: "canceled" } as const;
    rig.event({ type: "orderReported", ...rig.stamp(), source: "stream", order: ended });
    rig.advance(2 * SECOND);
    rig.read({ USDT: "10000" });
    expect(rig.cycles).toMatchObject([{ ending: "FAILED", profit: "0", residual: {} }]);
    expect(rig.orders).toEqual([]);
  });

  test("keeps its slot and its instruments until it has ended", () => {
    const scene = sceneAt(1, FLAWLESS);
    const rig = new TradeRig({
      nowUs: scene.rig.nowUs,
      plan: { fence: 8, restored: exportTrading(scene.rig.trade) },
    });
    rig.ready({ USDT: "9000", BTC: "0.00999" });
    rig.opportunity();
    expect(rig.orders.filter(({ purpose }) => purpose === "open")).toEqual([]);
  });

  test("that left no order behind is nothing to recover", () => {
    const rig = new TradeRig();
    const state = JSON.parse(exportTrading(rig.trade));
    const restored = JSON.stringify({ ...state, openCycles: [4] });
    expect(new TradeRig({ plan: { fence: 8, restored } }).trade.cycles).toEqual([]);
  });
});
