// Goal: what trading was is found again on the disk, whatever the last process did not get to write.
// Method: journals of the real recorder, the real intent log and real files; what is missing is left out.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CTL_EVENT, CTL_RUN_HEADER } from "../../contracts/journal.ts";
import { standardConfig } from "../../hotpath/config.ts";
import { applyControl } from "../../hotpath/core/engine.ts";
import { clientIdOf } from "../../hotpath/core/order/client-id.ts";
import type { OrderOptions } from "../../hotpath/core/order/order-options.ts";
import { importOrders } from "../../hotpath/core/order/order-state.ts";
import type { Orders } from "../../hotpath/core/order/orders.ts";
import type { CycleRecord, PlaceOrder, TradeCommand } from "../../hotpath/core/trade/commands.ts";
import type { AccountEvent, TradeEvent } from "../../hotpath/core/trade/events.ts";
import { readTrading, type TradingState } from "../../hotpath/core/trade/restored.ts";
import { TriangleTrader } from "../../hotpath/core/trade/trader.ts";
import { orderOptionsOf } from "../../hotpath/core/trade/trading.ts";
import { makeWorld } from "../../hotpath/core/world.ts";
import { ByteRing, createRingMemory } from "../../hotpath/io/byte-ring.ts";
import { realDisk } from "../../hotpath/io/journal/disk.ts";
import { createStatusMemory, Recorder } from "../../hotpath/io/journal/recorder.ts";
import { beginRun } from "../../hotpath/io/journal/run.ts";
import { JournalFeed } from "../../hotpath/io/journal-feed.ts";
import { INTENT_OPTIONS, IntentLog } from "../../hotpath/io/trade/intent-log.ts";
import { type HotPlan, worldPlanOf } from "../../hotpath/plan.ts";
import { raiseFenceOf, recoverTrading, tradedBefore, tradingFiles } from "../../hotpath/recover.ts";
import { tradingPlanOf } from "../../hotpath/trading-plan.ts";
import { VENUES } from "../../hotpath/venues/registry.ts";
import { fillRecord } from "../fixtures/publish/live-journal.ts";
import { cycleRecord, orderRecord } from "../fixtures/trading/record-fixture.ts";
import { planOf } from "./recorded-run.ts";

const US = 1_790_000_000_000_000;
const GIB = 1024 ** 3;

let root = "";
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-recover-"));
});
afterEach(() => {
  fs.rmSync(root, { recursive: true, force: true });
});

/** A plan in which the account of Binance spot trades. */
function plan(fence: number, symbols: readonly string[] = ["BTCUSDT", "ETHUSDT"]): HotPlan {
  const config = standardConfig();
  const venue = config.venues["binance-spot"];
  const { execution } = VENUES["binance-spot"];
  if (venue === undefined || execution === undefined) throw new Error("Binance spot trades");
  const trading = tradingPlanOf({
    config,
    venues: [{ index: 0, config: { ...venue.trading, mode: "simulated" }, execution }],
    fence,
    limitsVersion: 1,
    restored: "",
  });
  if (trading === undefined) throw new Error("an account trades");
  const market = planOf(symbols);
  const assets = (symbol: string) => ({ baseAsset: symbol.slice(0, -4), quoteAsset: "USDT" });
  const instruments = market.instruments.map((each) => ({ ...each, ...assets(each.symbol) }));
  return { ...market, instruments, trading };
}

function optionsOf(made: HotPlan): OrderOptions {
  if (made.trading === undefined) throw new Error("an account trades");
  return orderOptionsOf(made.trading, made);
}

function place(fence: number, command: number, over: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command,
    fence,
    clientId: clientIdOf(fence, command),
    side: "buy",
    timeInForce: "ioc",
    priceTicks: 5_000_000,
    lots: 1000,
    purpose: "open",
    cycle: command,
    leg: 0,
    stampUs: US,
    windowUs: 1_000_000,
    limitsVersion: 1,
    books: [],
    isTest: false,
    ...over,
  };
}

const ofAccount = { venue: 0, epoch: 1, recvUs: US } as const;

function opened(): readonly (TradeCommand | AccountEvent)[] {
  const balance = { asset: "USDT", free: "1000", held: "0", total: "1000" };
  return [
    { type: "readAccount", venue: 0, requestId: 1, tradesSinceUs: 0 },
    {
      ...ofAccount,
      type: "accountRead",
      requestId: 1,
      outcome: "read",
      balances: [balance],
      openOrders: [],
      fills: [],
      reason: "",
    },
  ];
}

function filled(clientId: string): readonly AccountEvent[] {
  const fill = {
    clientId,
    orderId: "77",
    instrument: 0,
    tradeId: `t-${clientId}`,
    side: "buy",
    priceTicks: 5_000_000,
    lots: 1000,
    fee: "0.5",
    feeAsset: "USDT",
    isMaker: false,
    exchangeUs: US,
  } as const;
  return [
    { ...ofAccount, type: "orderAccepted", clientId, orderId: "77" },
    { ...ofAccount, type: "orderFilled", source: "stream", fill },
  ];
}

type Written = TradeCommand | TradeEvent;

/** A journal in which this happened, and its last sequence; a run without a plan has no header. */
async function journal(
  runId: string,
  made: HotPlan | undefined,
  happened: readonly Written[],
): Promise<number> {
  const directory = path.join(root, runId);
  const begun = beginRun(realDisk, directory, { runId, firstSeq: 1 });
  if (!begun.ok) throw new Error(begun.error.reason);
  const memory = createRingMemory(1 << 22);
  const recorder = new Recorder({
    disk: realDisk,
    ring: new ByteRing(memory),
    status: new Float64Array(createStatusMemory()),
    root,
    directory,
    start: begun.start,
    options: {
      sync: "off",
      segmentBytes: 1 << 20,
      segmentUs: 3_600_000_000,
      retention: { retainBytes: GIB, retainUs: 1e15, reserveFreeBytes: 0 },
    },
    nowUs: () => US,
    emit: () => undefined,
  });
  const feed = new JournalFeed(new ByteRing(memory));
  if (made !== undefined) feed.recordControl(CTL_RUN_HEADER, 0, US, JSON.stringify(made));
  for (const [at, each] of happened.entries()) {
    const text = JSON.stringify(each);
    if ("recvUs" in each || each.type === "killRequested") {
      feed.recordControl(CTL_EVENT, at + 1, US + at, text);
    } else feed.recordCommand(at + 1, US + at, text);
  }
  await recorder.stop();
  return feed.seq;
}

function intents(fence: number, orders: readonly PlaceOrder[], isSynced = false): void {
  const folder = tradingFiles(root).intents;
  const log = new IntentLog({ ...INTENT_OPTIONS, folder, fence, isSynced });
  for (const order of orders) expect(log.append(order).kind).toBe("appended");
  log.close();
}

type Found = { orders: Orders; state: TradingState; folded: number; adopted: number };

function recovered(made: HotPlan, known?: Parameters<typeof recoverTrading>[1]): Found {
  const options = optionsOf(made);
  const result = recoverTrading(root, known, options);
  if (!result.ok) throw new Error(result.reason);
  const read = readTrading(result.restored);
  if (!read.ok) throw new Error(read.reason);
  const imported = importOrders(read.state.orders, options);
  if (imported.kind === "damaged") throw new Error(imported.reason);
  const { folded, adopted } = result;
  return { orders: imported.orders, state: read.state, folded, adopted };
}

function refusal(made: HotPlan): string {
  const result = recoverTrading(root, undefined, optionsOf(made));
  return result.ok ? "" : result.reason;
}

describe("the state of trading", () => {
  test("is nothing where there is nothing", () => {
    expect(recoverTrading(root, undefined, optionsOf(plan(1)))).toEqual({
      ok: true,
      restored: "",
      folded: 0,
      adopted: 0,
      untold: [],
      damaged: [],
    });
  });

  test("is nothing after runs that only watched, or ended before their first record", async () => {
    const { trading: _, ...watching } = plan(1);
    await journal("run-1", watching, []);
    await journal("run-2", undefined, []);
    expect(recoverTrading(root, undefined, optionsOf(plan(1)))).toMatchObject({ restored: "" });
  });

  test("holds what the journal has: orders, fills and balances", async () => {
    const [first, second] = [place(1, 1), place(1, 2, { instrument: 1 })];
    const happened = [...opened(), first, ...filled(first.clientId), second];
    await journal("run-1", plan(1), happened);
    const { orders, state, folded, adopted } = recovered(plan(2));
    expect([folded, adopted]).toEqual([5, 0]);
    expect(orders.table.get(first.clientId)).toMatchObject({ state: "filled", filledLots: 1000 });
    expect(orders.table.get(second.clientId)).toMatchObject({ state: "sent", instrument: 1 });
    // 0.01 at 50,000.00, and the fee.
    expect(orders.table.ledger.total(0, "USDT")).toBe(499_500_000_000_000_000_000n);
    expect(orders.table.ledger.total(0, "BTC")).toBe(10_000_000_000_000_000n);
    expect(state).toMatchObject({ cycleCount: 2, openCycles: [1, 2] });
  });

  test("does not hold a cycle that has ended", async () => {
    const cycle: CycleRecord = cycleRecord({ cycle: 1 });
    await journal("run-1", plan(1), [place(1, 1), { type: "recordCycle", cycle }]);
    expect(recovered(plan(2)).state.openCycles).toEqual([]);
  });

  test("follows cancels and questions, and forgets orders that were only tested", async () => {
    const order = place(1, 1);
    const name = { venue: 0, instrument: 0, clientId: order.clientId, orderId: "" };
    await journal("run-1", plan(1), [
      order,
      { type: "cancelOrder", ...name, stampUs: US },
      { type: "queryOrder", ...name, requestId: 5 },
      place(1, 2, { isTest: true }),
      { type: "killRequested", scope: "all", target: "", by: "anna", reason: "odd" },
    ]);
    const { orders, folded } = recovered(plan(2));
    expect(folded).toBe(3);
    expect(orders.table.get(order.clientId)?.cancelUs).toBe(US + 1);
    expect(orders.table.get(clientIdOf(1, 2))).toBeUndefined();
  });

  test("is the snapshot and what came after it, over several runs", async () => {
    const orders = [1, 2, 3].map((command) => place(1, command));
    const [first, second, third] = orders as [PlaceOrder, PlaceOrder, PlaceOrder];
    const seq = await journal("run-1", plan(1), [...opened(), first]);
    const text = JSON.stringify(recovered(plan(1)).state);
    await journal("run-2", plan(2), [place(2, 1, { clientId: clientIdOf(2, 1) })]);
    await journal("run-3", plan(3), filled(first.clientId));
    const { orders: found, folded } = recovered(plan(4), { runId: "run-1", seq, text });
    expect(folded).toBe(3);
    expect(found.table.get(first.clientId)).toMatchObject({ state: "filled" });
    expect(found.table.get(clientIdOf(2, 1))).toMatchObject({ state: "sent" });
    for (const { clientId } of [second, third]) expect(found.table.get(clientId)).toBeUndefined();
  });

  test("that does not read is refused", async () => {
    const result = recoverTrading(root, { runId: "r", seq: 0, text: "{" }, optionsOf(plan(1)));
    expect(result).toMatchObject({ ok: false });
    fs.mkdirSync(path.join(root, "run-1"));
    fs.writeFileSync(path.join(root, "run-1", "head"), "nothing of ours");
    expect(refusal(plan(1))).not.toBe("");
  });
});

describe("what a crash left untold", () => {
  const order = place(1, 1);
  const { clientId } = order;
  const ended: AccountEvent = {
    ...ofAccount,
    type: "orderReported",
    source: "stream",
    order: {
      clientId,
      orderId: "77",
      instrument: 0,
      side: "buy",
      state: "filled",
      lots: 1000,
      filledLots: 1000,
      priceTicks: 5_000_000,
      reason: "",
      exchangeUs: US,
    },
  };

  function untold(made: HotPlan) {
    const result = recoverTrading(root, undefined, optionsOf(made));
    if (!result.ok) throw new Error(result.reason);
    return result.untold;
  }

  test("is told by the next life: a fill and an order whose events are the journal's last words", async () => {
    await journal("run-1", plan(1), [...opened(), order, ...filled(clientId), ended]);
    const records = untold(plan(2));
    expect(records).toMatchObject([
      { type: "recordFill", fill: { clientId, tradeId: `t-${clientId}`, lots: 1000, fee: "0.5" } },
      { type: "recordOrder", order: { clientId, state: "filled", filledLots: 1000 } },
    ]);
    const next = plan(2);
    if (next.trading === undefined) throw new Error("an account trades");
    const world = makeWorld(worldPlanOf(next));
    TriangleTrader.inhabit(world, { ...next.trading, untold: records });
    const told: unknown[] = [];
    for (const atUs of [US + 1, US + 2]) {
      applyControl(world, { type: "timerFired" }, atUs);
      told.push(...world.outbox.splice(0).filter(({ type }) => type.startsWith("record")));
    }
    expect(told).toEqual(records);
  });

  test("is nothing where the records were written, or belong to a run that told none", async () => {
    const [fill, settled] = [
      { type: "recordFill", fill: fillRecord({ clientId, tradeId: `t-${clientId}` }) },
      { type: "recordOrder", order: orderRecord({ clientId }) },
    ] as const;
    const happened = [...opened(), order, ...filled(clientId), ended];
    await journal("run-1", plan(1), [...happened, fill, settled]);
    expect(untold(plan(2))).toEqual([]);
    fs.rmSync(path.join(root, "run-1"), { recursive: true });
    const { trading, ...market } = plan(1);
    if (trading === undefined) throw new Error("an account trades");
    await journal("run-1", { ...market, trading: { ...trading, tellsFills: false } }, happened);
    expect(untold(plan(2))).toEqual([]);
  });

  test("is told in the numbers of the run that tells it", async () => {
    const other = place(1, 1, { instrument: 1 });
    const [accepted, fill] = filled(other.clientId);
    if (accepted === undefined || fill?.type !== "orderFilled") throw new Error("both are told");
    const told = { ...fill, fill: { ...fill.fill, instrument: 1 } };
    await journal("run-1", plan(1), [...opened(), other, accepted, told]);
    const turned = plan(2, ["ETHUSDT", "BTCUSDT"]);
    expect(untold(turned)).toMatchObject([
      { type: "recordFill", fill: { instrument: 0 } },
      { type: "recordOrder", order: { instrument: 0 } },
    ]);
  });
});

describe("an intent that no journal has", () => {
  test("is adopted as unknown, because its order may have left", async () => {
    const [known, lost] = [place(1, 1), place(1, 2)];
    await journal("run-1", plan(1), [...opened(), known]);
    intents(1, [known, lost]);
    const { orders, adopted } = recovered(plan(2));
    expect(adopted).toBe(1);
    expect(orders.table.get(lost.clientId)).toMatchObject({ state: "unknown", isAdopted: true });
    expect(orders.table.get(known.clientId)).toMatchObject({ state: "sent" });
  });

  test("is not adopted twice, nor one that a snapshot knew and has forgotten", async () => {
    const lost = [place(1, 1), place(1, 2)];
    await journal("run-1", plan(1), opened());
    intents(1, lost);
    const text = JSON.stringify(recovered(plan(2)).state);
    intents(2, [place(2, 1), place(2, 2)]);
    const known = { runId: "run-2", seq: 0, text };
    await journal("run-2", plan(2), [place(2, 1)]);
    const { orders, adopted } = recovered(plan(3), known);
    expect(adopted).toBe(1);
    expect(orders.table.get(clientIdOf(2, 2))).toMatchObject({ state: "unknown" });
    expect(orders.table.get(clientIdOf(1, 2))).toMatchObject({ state: "unknown" });
  });

  test("of an order that was only tested is none", async () => {
    await journal("run-1", plan(1), []);
    intents(1, [place(1, 1, { isTest: true })]);
    expect(recoverTrading(root, undefined, optionsOf(plan(2)))).toMatchObject({ adopted: 0 });
  });

  function damage(): void {
    const folder = tradingFiles(root).intents;
    const file = path.join(folder, fs.readdirSync(folder)[0] ?? "");
    const bytes = fs.readFileSync(file);
    bytes[20] = 0;
    fs.writeFileSync(file, bytes);
  }

  test("in a damaged log is refused where it was synced, with its place", () => {
    intents(1, [place(1, 1), place(1, 2)], true);
    damage();
    expect(refusal(plan(2))).toContain("is damaged at byte 0");
  });

  test("behind damage that a dead machine may have left is adopted, and the damage is told", async () => {
    await journal("run-1", plan(1), opened());
    intents(1, [place(1, 1), place(1, 2)]);
    damage();
    const result = recoverTrading(root, undefined, optionsOf(plan(2)));
    expect(result).toMatchObject({
      adopted: 1,
      damaged: [expect.stringMatching(/has lost \d+ bytes at byte 0$/)],
    });
    expect(recovered(plan(2)).orders.table.get(clientIdOf(1, 2))).toMatchObject({
      state: "unknown",
    });
  });
});

describe("another configuration", () => {
  test("that numbers otherwise finds the same orders by name", async () => {
    const order = place(1, 1, { instrument: 1 });
    const lost = place(1, 2, { instrument: 1 });
    await journal("run-1", plan(1), [...opened(), order]);
    intents(1, [order, lost]);
    const { orders } = recovered(plan(2, ["ETHUSDT", "BTCUSDT"]));
    for (const { clientId } of [order, lost]) {
      expect(orders.table.get(clientId)).toMatchObject({ instrument: 0 });
    }
  });

  test("that no longer follows an instrument of an order is refused", async () => {
    await journal("run-1", plan(1), [place(1, 1, { instrument: 1 })]);
    expect(refusal(plan(2, ["BTCUSDT"]))).toContain(
      "of an instrument that is not followed any more",
    );
  });

  test("that no longer follows an instrument of an intent is refused", async () => {
    await journal("run-1", plan(1), []);
    intents(1, [place(1, 1, { instrument: 1 })]);
    expect(refusal(plan(2, ["BTCUSDT"]))).toContain(
      "of an instrument that is not followed any more",
    );
  });
});

describe("what the last life could trade", () => {
  test("is told by the header of its run", async () => {
    expect([...tradedBefore(root)]).toEqual([]);
    await journal("run-1", plan(1), []);
    expect([...tradedBefore(root)]).toEqual(["binance-spot:BTCUSDT", "binance-spot:ETHUSDT"]);
  });

  test("is told by the last run that traded, whatever died or watched behind it", async () => {
    await journal("run-1", plan(1, ["ETHUSDT"]), []);
    await journal("run-2", undefined, []);
    const { trading: _, ...watching } = plan(1);
    await journal("run-3", watching, []);
    expect([...tradedBefore(root)]).toEqual(["binance-spot:ETHUSDT"]);
  });

  test("is nothing where it only watched, had no time for a header, or cannot be read", async () => {
    const { trading: _, ...watching } = plan(1);
    await journal("run-1", watching, []);
    expect([...tradedBefore(root)]).toEqual([]);
    await journal("run-2", undefined, []);
    expect([...tradedBefore(root)]).toEqual([]);
    fs.mkdirSync(path.join(root, "run-3"));
    fs.writeFileSync(path.join(root, "run-3", "head"), "nothing of ours");
    expect([...tradedBefore(root)]).toEqual([]);
  });
});

describe("the fence", () => {
  test("grows at each start, above everything that was ever written", () => {
    expect(raiseFenceOf(root)).toEqual({ ok: true, fence: 1 });
    expect(raiseFenceOf(root)).toEqual({ ok: true, fence: 2 });
    intents(9, []);
    expect(raiseFenceOf(root)).toEqual({ ok: true, fence: 10 });
  });

  test("is refused where its file is damaged", () => {
    fs.writeFileSync(tradingFiles(root).fence, "7 seven");
    expect(raiseFenceOf(root)).toMatchObject({ ok: false });
  });
});
