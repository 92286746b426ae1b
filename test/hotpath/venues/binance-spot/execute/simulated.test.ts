// Goal: the desk and a venue that was written from the same pages by other hands understand each other.
// Method: the production host and desk over real sockets against the simulated venue, with each kind of key.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Instrument, instrumentOf } from "../../../../../hotpath/core/instrument.ts";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import type { AccountEvent, TradeEvent } from "../../../../../hotpath/core/trade/events.ts";
import { Absence, nowUs } from "../../../../../hotpath/io/clock.ts";
import { DeskHost } from "../../../../../hotpath/io/trade/desk-host.ts";
import { INTENT_OPTIONS, IntentLog } from "../../../../../hotpath/io/trade/intent-log.ts";
import { sealKeys } from "../../../../../hotpath/io/trade/keys.ts";
import { binanceSpotExecution } from "../../../../../hotpath/venues/binance-spot/execute.ts";
import { binanceSpot } from "../../../../../hotpath/venues/binance-spot/index.ts";
import { startVenues, type VenuesHandle } from "../../../../../local/venues/start.ts";
import { order } from "./desk-rig.ts";

let venues: VenuesHandle;
let instrument: Instrument;
let askTicks: number;

beforeAll(async () => {
  venues = await startVenues({
    seed: 7,
    spotInstruments: 6,
    usdmInstruments: 0,
    faultsPerMinute: 0,
  });
  const { rest } = venues.endpoints["binance-spot"];
  const body = await (await fetch(`${rest}/api/v3/exchangeInfo`)).arrayBuffer();
  const rules = binanceSpot.parseRules(new Uint8Array(body))?.instruments[0];
  const made = rules === undefined ? undefined : instrumentOf(rules, 0);
  if (made === undefined) throw new Error("the simulated venue publishes its rules");
  instrument = made;
  const depth = await fetch(`${rest}/api/v3/depth?symbol=${instrument.symbol}&limit=100`);
  const levels = binanceSpot
    .makeDecoder([instrument])
    .decodeSnapshot(new Uint8Array(await depth.arrayBuffer()), instrument);
  if (levels === undefined) throw new Error("the simulated venue shows its book");
  askTicks = levels.ticks[levels.bidCount] ?? 0;
});

afterAll(async () => venues.stop());

let folder = "";
let host: DeskHost;
let intents: IntentLog;
let events: AccountEvent[];
let command = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "desk-"));
  intents = new IntentLog({ ...INTENT_OPTIONS, folder, fence: 1 });
  events = [];
});

afterEach(async () => {
  await host.close();
  intents.close();
  rmSync(folder, { recursive: true });
});

async function open(kind: string): Promise<void> {
  const { trading } = venues.endpoints["binance-spot"];
  const keys = trading?.keys[kind];
  if (trading === undefined || keys === undefined) throw new Error("the venue hands out keys");
  host = new DeskHost({
    venue: 0,
    instruments: [instrument],
    addresses: trading,
    keys: sealKeys(keys),
    makeDesk: binanceSpotExecution.makeDesk,
    emit: (event: TradeEvent) => {
      if ("epoch" in event) events.push(event);
    },
    intents,
    absence: new Absence(),
    dialTimeoutMs: 2000,
    warmPath: "",
    warmMs: 1000,
    restConnections: 1,
    onBroken: (reason) => {
      throw new Error(reason);
    },
    guard: (act) => act(),
  });
  host.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 5_000_000 });
  await until("accountReady");
}

async function until<T extends AccountEvent["type"]>(
  type: T,
): Promise<Extract<AccountEvent, { type: T }>> {
  const found = (): AccountEvent | undefined => events.find((event) => event.type === type);
  await expect.poll(found, { message: `${type}, after ${JSON.stringify(events)}` }).toBeDefined();
  return found() as Extract<AccountEvent, { type: T }>;
}

function next(part: Partial<PlaceOrder>): PlaceOrder {
  command++;
  const clientId = `rk00001-${command.toString(36).padStart(8, "0")}`;
  const lots = Math.ceil(
    20 /
      (askTicks * instrument.tickUnits * 10 ** -instrument.priceDecimals) /
      (instrument.lotUnits * 10 ** -instrument.quantityDecimals),
  );
  return order({ instrument: 0, command, clientId, lots, stampUs: nowUs(), ...part });
}

describe.each(["hmac", "ed25519"])("with a key of kind %s", (kind) => {
  test("an order that crosses is filled, by its answer and by the stream alike", async () => {
    await open(kind);
    const placed = next({ priceTicks: Math.round(askTicks * 1.02) });
    host.execute(placed);
    expect((await until("orderAccepted")).clientId).toBe(placed.clientId);
    await until("balanceReported");
    const fills = events.filter((event) => event.type === "orderFilled");
    const bySource = (source: string): readonly string[] =>
      fills
        .filter((each) => each.source === source)
        .map(({ fill }) => `${fill.tradeId} ${fill.lots} ${fill.fee} ${fill.feeAsset}`);
    expect(bySource("answer").length).toBeGreaterThan(0);
    await expect.poll(() => bySource("stream")).toEqual(bySource("answer"));
    expect(
      events.filter(({ type }) => type === "accountContradicted" || type === "accountGap"),
    ).toEqual([]);
    events.length = 0;
    host.execute({
      type: "queryOrder",
      venue: 0,
      instrument: 0,
      clientId: placed.clientId,
      orderId: "",
      requestId: 1,
    });
    const queried = await until("orderQueried");
    expect(queried).toMatchObject({
      outcome: "found",
      order: { state: "filled", filledLots: placed.lots },
    });
    expect(queried.fills.reduce((sum, { lots }) => sum + lots, 0)).toBe(placed.lots);
  });

  test("an order far away expires at once, or rests and is canceled", async () => {
    await open(kind);
    const away = next({ priceTicks: Math.round(askTicks * 0.95) });
    host.execute({ ...away, lots: away.lots * 2 });
    await expect
      .poll(() => events.filter((event) => event.type === "orderReported").at(-1))
      .toMatchObject({ order: { state: "expired", filledLots: 0 } });
    events.length = 0;
    const resting = next({ priceTicks: away.priceTicks, lots: away.lots * 2, timeInForce: "gtc" });
    host.execute(resting);
    await expect
      .poll(() => events.filter((event) => event.type === "orderReported").at(-1))
      .toMatchObject({ order: { state: "open" } });
    events.length = 0;
    host.execute({ type: "cancelAll", venue: 0, instrument: -1 });
    expect((await until("cancelAccepted")).clientId).toBe(resting.clientId);
    await expect
      .poll(() => events.filter((event) => event.type === "orderReported").length)
      .toBeGreaterThanOrEqual(1);
    expect(
      events.filter((event) => event.type === "orderReported").map(({ order: view }) => view.state),
    ).toContain("canceled");
  });

  test("an order test has no effect, and refusals have their classes", async () => {
    await open(kind);
    host.execute(next({ priceTicks: askTicks, isTest: true }));
    await until("orderTested");
    host.execute(next({ priceTicks: askTicks, lots: 100_000_000_000 }));
    expect((await until("orderRefused")).refusal).toMatchObject({
      class: "rejected",
      isListed: true,
    });
    events.length = 0;
    host.execute(next({ priceTicks: askTicks, stampUs: nowUs() - 3_000_000 }));
    expect((await until("orderRefused")).refusal).toMatchObject({ class: "clock", code: "-1021" });
    events.length = 0;
    host.execute({
      type: "queryOrder",
      venue: 0,
      instrument: 0,
      clientId: "rk00001-zzzzzzzz",
      orderId: "",
      requestId: 2,
    });
    expect(await until("orderQueried")).toMatchObject({ outcome: "notFound" });
    host.execute({
      type: "cancelOrder",
      venue: 0,
      instrument: 0,
      clientId: "rk00001-zzzzzzzz",
      orderId: "",
      stampUs: nowUs(),
    });
    expect((await until("cancelRefused")).refusal).toMatchObject({ class: "noSuchOrder" });
  });

  test("the account and its fees are read", async () => {
    await open(kind);
    host.execute({
      type: "readAccount",
      venue: 0,
      requestId: 3,
      tradesSinceUs: nowUs() - 60_000_000,
    });
    const read = await until("accountRead");
    expect(read).toMatchObject({ outcome: "read", reason: "" });
    expect(read.balances.length).toBeGreaterThan(0);
    host.execute({ type: "readFees", venue: 0 });
    expect((await until("feesRead")).fees[0]).toMatchObject({ instrument: 0, takerPpb: 1_000_000 });
  });
});
