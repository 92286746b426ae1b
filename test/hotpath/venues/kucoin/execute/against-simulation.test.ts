// Goal: the desk trades at the simulated venue as it would at the real one: over real sockets, with every
// order told of from acknowledgment to fill, and books of both sides that agree to the last unit.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Instrument, instrumentOf } from "../../../../../hotpath/core/instrument.ts";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import type { TradeEvent } from "../../../../../hotpath/core/trade/events.ts";
import { Absence, nowUs } from "../../../../../hotpath/io/clock.ts";
import { DeskHost } from "../../../../../hotpath/io/trade/desk-host.ts";
import { INTENT_OPTIONS, IntentLog } from "../../../../../hotpath/io/trade/intent-log.ts";
import { dialOf } from "../../../../../hotpath/io/web-socket.ts";
import { kucoinExecution } from "../../../../../hotpath/venues/kucoin/execute.ts";
import { parseKucoinRules } from "../../../../../hotpath/venues/kucoin/instruments.ts";
import { startVenues, type VenuesHandle } from "../../../../../local/venues/start.ts";

let venues: VenuesHandle;
let host: DeskHost;
let folder: string;
let events: TradeEvent[];
let instruments: Instrument[];
let command = 0;

async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 4000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`never: ${what}; told ${JSON.stringify(events)}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

type Of<Type extends TradeEvent["type"]> = Extract<TradeEvent, { type: Type }>;

function told<Type extends TradeEvent["type"]>(type: Type): Of<Type>[] {
  return events.filter((event): event is Of<Type> => event.type === type);
}

async function readInstruments(rest: string): Promise<Instrument[]> {
  const body = await (await fetch(`${rest}/api/v2/symbols`)).arrayBuffer();
  const rules = parseKucoinRules(new Uint8Array(body))?.instruments ?? [];
  return rules.flatMap((row, index) => instrumentOf(row, index) ?? []);
}

async function start(orders: "socket" | "rest"): Promise<void> {
  const { trading } = venues.endpoints.kucoin ?? {};
  const keys = trading?.keys.hmac;
  if (trading === undefined || keys === undefined) throw new Error("the venue trades");
  instruments = await readInstruments(trading.rest);
  host = new DeskHost({
    venue: 0,
    instruments,
    addresses: { rest: trading.rest, stream: "", orders: orders === "rest" ? "" : trading.orders },
    keys,
    makeDesk: kucoinExecution.makeDesk,
    emit: (event) => events.push(event),
    intents: new IntentLog({ folder, fence: 1, ...INTENT_OPTIONS }),
    dial: dialOf(new Absence()),
    dialTimeoutMs: 2000,
    warmPath: "/api/v1/timestamp",
    warmMs: 30_000,
    restConnections: 2,
    onBroken: (reason) => {
      throw new Error(reason);
    },
    guard: (act) => act(),
  });
  host.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 3_000_000 });
  await until(() => told("accountReady").length > 0, "ready");
}

function order(part: Partial<PlaceOrder>): PlaceOrder {
  command++;
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command,
    fence: 1,
    clientId: `rk00001-${command.toString(36).padStart(8, "0")}`,
    side: "buy",
    timeInForce: "ioc",
    priceTicks: 1,
    lots: 1,
    purpose: "open",
    cycle: 1,
    leg: 0,
    stampUs: nowUs(),
    windowUs: 1_000_000,
    limitsVersion: 1,
    books: [],
    isTest: false,
    ...part,
  } as PlaceOrder;
}

/** Best bid and ask, as the public book tells them, and a usual quantity. */
async function touch(instrument: Instrument) {
  const rest = venues.endpoints.kucoin?.rest ?? "";
  const url = `${rest}/api/v1/market/orderbook/level2_20?symbol=${instrument.symbol}`;
  const { data } = (await (await fetch(url)).json()) as {
    data: { bids: string[][]; asks: string[][] };
  };
  const ticks = (text = "") => Math.round(Number(text) / Number(instrument.tickSize));
  const lots = (text = "") => Math.round(Number(text) / Number(instrument.lotSize));
  return {
    bid: ticks(data.bids[0]?.[0]),
    ask: ticks(data.asks[0]?.[0]),
    lots: lots(data.asks[0]?.[1]),
  };
}

beforeEach(async () => {
  events = [];
  folder = mkdtempSync(join(tmpdir(), "kucoin-desk-"));
  venues = await startVenues({
    spotInstruments: 1,
    usdmInstruments: 1,
    krakenInstruments: 1,
    kucoinInstruments: 4,
    diffsPerSecond: 40,
    pingMs: 200,
    pongTimeoutMs: 400,
  });
});

afterEach(async () => {
  await host?.close();
  await venues.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(["socket", "rest"] as const)("orders over %s", (orders) => {
  beforeEach(async () => start(orders));

  test("an order that takes is accepted, filled and ended, and the balance says so", async () => {
    const [instrument] = instruments as [Instrument];
    const { ask, lots } = await touch(instrument);
    const placed = order({ priceTicks: ask + 50, lots: Math.max(1, Math.floor(lots / 2)) });
    host.execute(placed);
    await until(
      () => told("orderReported").some(({ order: { state } }) => state === "filled"),
      "filled",
    );
    expect(told("orderAccepted").map(({ clientId }) => clientId)).toEqual([placed.clientId]);
    const fills = told("orderFilled").map(({ fill }) => fill);
    expect(fills.reduce((sum, { lots: count }) => sum + count, 0)).toBe(placed.lots);
    expect(
      fills.every(
        ({ clientId, fee, isMaker }) => clientId === placed.clientId && fee === "" && !isMaker,
      ),
    ).toBe(true);
    expect(told("balanceReported").some(({ cause }) => cause === "trade")).toBe(true);
    host.execute({
      type: "queryOrder",
      venue: 0,
      instrument: 0,
      clientId: placed.clientId,
      orderId: "",
      requestId: 7,
    });
    await until(() => told("orderQueried").length > 0, "queried");
    const [queried] = told("orderQueried");
    expect(queried).toMatchObject({
      requestId: 7,
      outcome: "found",
      order: { state: "filled", filledLots: placed.lots },
    });
    expect(
      queried?.fills.map(({ tradeId, lots: count, priceTicks }) => [tradeId, count, priceTicks]),
    ).toEqual(
      expect.arrayContaining(
        fills.map(({ tradeId, lots: count, priceTicks }) => [tradeId, count, priceTicks]),
      ),
    );
    expect(
      queried?.fills.every(({ fee, feeAsset }) => fee !== "" && feeAsset === instrument.quoteAsset),
    ).toBe(true);
    expect(told("accountContradicted")).toEqual([]);
  });

  test("an order that rests is canceled once, by either of its names", async () => {
    const [instrument] = instruments as [Instrument];
    const { bid, lots } = await touch(instrument);
    const placed = order({ timeInForce: "gtc", priceTicks: bid - 60, lots: Math.max(1, lots) });
    host.execute(placed);
    await until(
      () => told("orderReported").some(({ order: { state } }) => state === "open"),
      "open",
    );
    host.execute({
      type: "readAccount",
      venue: 0,
      requestId: 9,
      tradesSinceUs: nowUs() - 60_000_000,
    });
    await until(() => told("accountRead").length > 0, "read");
    expect(told("accountRead")[0]).toMatchObject({
      outcome: "read",
      openOrders: [{ clientId: placed.clientId, state: "open" }],
    });
    const orderId = told("orderAccepted")[0]?.orderId ?? "";
    host.execute({
      type: "cancelOrder",
      venue: 0,
      instrument: 0,
      clientId: placed.clientId,
      orderId,
      stampUs: nowUs(),
    });
    await until(
      () => told("orderReported").some(({ order: { state } }) => state === "canceled"),
      "canceled",
    );
    await until(() => told("cancelAccepted").length > 0, "the cancel's own answer");
    host.execute({
      type: "cancelOrder",
      venue: 0,
      instrument: 0,
      clientId: placed.clientId,
      orderId: "",
      stampUs: nowUs(),
    });
    await until(() => told("cancelRefused").length > 0, "refused");
    expect(told("cancelRefused")[0]?.refusal).toMatchObject({
      class: "noSuchOrder",
      isListed: true,
    });
  });

  test("a late order is refused by its window, and an unknown one is not found", async () => {
    const [instrument] = instruments as [Instrument];
    const { ask } = await touch(instrument);
    host.execute(order({ priceTicks: ask, stampUs: nowUs() - 3_000_000, windowUs: 1_000_000 }));
    await until(() => told("orderRefused").length > 0, "refused");
    expect(told("orderRefused")[0]?.refusal).toMatchObject({ class: "clock", isListed: true });
    host.execute({
      type: "queryOrder",
      venue: 0,
      instrument: 0,
      clientId: "rk00001-zzzzzzzz",
      orderId: "",
      requestId: 1,
    });
    await until(() => told("orderQueried").length > 0, "queried");
    expect(told("orderQueried")[0]).toMatchObject({ outcome: "notFound", fills: [] });
  });

  test("a test order reaches no matcher; one beyond the balance is refused", async () => {
    const [instrument] = instruments as [Instrument];
    const { ask, lots } = await touch(instrument);
    host.execute(order({ priceTicks: ask, lots: Math.max(1, lots), isTest: true }));
    await until(() => told("orderTested").length > 0, "tested");
    host.execute(order({ priceTicks: ask, lots: lots * 5000 }));
    await until(() => told("orderRefused").length > 0, "refused");
    expect(told("orderRefused")[0]?.refusal.class).toBe("rejected");
    expect(told("orderReported")).toEqual([]);
  });
});

describe("the account", () => {
  beforeEach(async () => start("socket"));

  test("tells its fees, and every instrument's are there", async () => {
    host.execute({ type: "readFees", venue: 0 });
    await until(() => told("feesRead").length > 0, "fees");
    expect(told("feesRead")[0]?.fees).toHaveLength(instruments.length);
    expect(told("feesRead")[0]?.fees[0]).toMatchObject({
      makerPpb: 1_000_000,
      takerPpb: 1_000_000,
      paidIn: "quote",
    });
  });

  test("lives through pings, and tells its usage", async () => {
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(told("accountClosed")).toEqual([]);
    expect(told("usageReported").length).toBeGreaterThan(0);
  });

  test("cancels all that is ours and nothing that is foreign", async () => {
    const [instrument] = instruments as [Instrument];
    const { bid, lots } = await touch(instrument);
    for (let i = 0; i < 3; i++) {
      host.execute(
        order({ timeInForce: "gtc", priceTicks: bid - 60 - i, lots: Math.max(1, lots) }),
      );
    }
    await until(() => told("orderAccepted").length === 3, "three orders");
    host.execute({ type: "cancelAll", venue: 0, instrument: -1 });
    await until(
      () =>
        told("orderReported").filter(({ order: { state } }) => state === "canceled").length === 3,
      "canceled",
    );
  });

  test("is closed when a connection ends, and what was on its way is unknown", async () => {
    venues.inject({ kind: "cut", venue: "kucoin" });
    await until(() => told("accountClosed").length > 0, "closed");
    host.execute(order({ priceTicks: 1 }));
    expect(told("orderNotSent")).toHaveLength(1);
    host.execute({ type: "openAccount", venue: 0, epoch: 2, timeoutUs: 3_000_000 });
    await until(() => told("accountReady").length === 2, "ready again");
  });

  test("arms the dead man's switch, which cancels what rests", async () => {
    host.execute({ type: "armDeadMan", venue: 0, timeoutUs: 5_000_000 });
    host.execute({ type: "armDeadMan", venue: 0, timeoutUs: 0 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told("accountGap")).toEqual([]);
  });
});
