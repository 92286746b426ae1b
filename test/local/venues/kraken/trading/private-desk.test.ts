// Goal: the desk of Kraken and the simulated venue agree on every word of an order's life, over real
// sockets and signed REST, faults of both ways included.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import { DeskClient } from "../desk-client.ts";
import { type Rig, startKraken } from "../rig.ts";

let rig: Rig;
let client: DeskClient;

beforeEach(async () => {
  rig = await startKraken();
  client = await new DeskClient(rig).opened();
});

afterEach(async () => {
  client.close();
  await rig.stop();
});

let command = 0;

/** An order for some lots of the first instrument, far through the touch or far behind it. */
function order(changes: Partial<PlaceOrder> = {}): PlaceOrder {
  command++;
  const { book, rules } = rig.market.instrumentAt(0);
  const side = changes.side ?? "buy";
  const through = side === "buy" ? book.bestAskTicks + 20 : book.bestBidTicks - 20;
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command,
    fence: 1,
    clientId: `rk00001-${command.toString(36).padStart(8, "0")}`,
    side,
    timeInForce: "ioc",
    priceTicks: through,
    lots: Math.ceil(rules.medianLots / 50),
    purpose: "open",
    cycle: 1,
    leg: 0,
    stampUs: rig.clock(),
    windowUs: 2_000_000,
    limitsVersion: 1,
    books: [],
    isTest: false,
    ...changes,
  };
}

/** A price at which an order rests for the life of a test. */
function resting(): Partial<PlaceOrder> {
  const { book } = rig.market.instrumentAt(0);
  return { timeInForce: "gtc", priceTicks: book.bestBidTicks - 60 };
}

describe("an account that opens", () => {
  test("is ready when both snapshots have come, and its balances are known", async () => {
    const told = await client.find("balanceReported");
    const { exchange } = rig.venue.trading ?? {};
    const totals = exchange?.ledger.balances("main").map(({ asset }) => asset);
    expect(told.balances.map(({ asset }) => asset).sort()).toEqual(totals?.sort());
    expect(told.balances.every(({ total }) => /^\d+(\.\d+)?$/.test(total))).toBe(true);
  });

  test("is heard while nothing happens", async () => {
    await client.find("accountHeard");
  });
});

describe("an order", () => {
  test("that takes is accepted, filled to the last lot and ended, with the ledger's own fees", async () => {
    const placed = order();
    client.desk.execute(placed);
    const accepted = await client.find("orderAccepted");
    expect(accepted.clientId).toBe(placed.clientId);
    expect(accepted.orderId).toMatch(/^O\d+$/);
    const ended = await client.find("orderReported", ({ order: { state } }) => state === "filled");
    expect(ended.order).toMatchObject({ clientId: placed.clientId, filledLots: placed.lots });
    const fills = client.events.flatMap((event) =>
      event.type === "orderFilled" ? [event.fill] : [],
    );
    expect(fills.reduce((sum, { lots }) => sum + lots, 0)).toBe(placed.lots);
    const trades = rig.venue.trading?.exchange.log.trades("main", null) ?? [];
    expect(fills).toHaveLength(trades.length);
    expect(fills[0]).toMatchObject({ feeAsset: "USD", isMaker: false, side: "buy", instrument: 0 });
    await client.find("balanceReported", ({ cause }) => cause === "trade");
  });

  test("that cannot fill is canceled at once, and one too small is refused with its reason", async () => {
    const { book } = rig.market.instrumentAt(0);
    const far = order({ priceTicks: book.bestBidTicks - 50 });
    client.desk.execute(far);
    const ended = await client.find(
      "orderReported",
      ({ order: { state } }) => state !== "received" && state !== "open",
    );
    expect(ended.order).toMatchObject({ clientId: far.clientId, filledLots: 0 });
    const poor = order({ lots: 1_000_000_000 });
    client.desk.execute(poor);
    const refused = await client.find("orderRefused", ({ clientId }) => clientId === poor.clientId);
    expect(refused.refusal).toMatchObject({ class: "rejected", isListed: true });
  });

  test("for a test is validated and never entered", async () => {
    const tried = order({ isTest: true });
    client.desk.execute(tried);
    await client.find("orderTested", ({ clientId }) => clientId === tried.clientId);
    expect(rig.venue.trading?.exchange.log.orders("main", null)).toEqual([]);
    const poor = order({ isTest: true, lots: 1_000_000_000 });
    client.desk.execute(poor);
    await client.find("orderRefused", ({ clientId }) => clientId === poor.clientId);
  });

  test("that comes behind its deadline is refused by the engine", async () => {
    const late = order({ stampUs: rig.clock() - 5_000_000, windowUs: 500_000 });
    client.desk.execute(late);
    const { refusal } = await client.find("orderRefused");
    expect(refusal).toMatchObject({ class: "clock", code: "EService:Deadline elapsed" });
  });

  test("without an open account has certainly not been sent", async () => {
    client.desk.execute({ type: "closeAccount", venue: 0, epoch: 1, reason: "test" });
    const unsent = order();
    client.desk.execute(unsent);
    const told = await client.find("orderNotSent");
    expect(told.clientId).toBe(unsent.clientId);
  });
});

describe("what rests", () => {
  test("is canceled by its client id, once, and then is not known any more", async () => {
    const rests = order(resting());
    client.desk.execute(rests);
    await client.find("orderReported", ({ order: { state } }) => state === "open");
    const name = { venue: 0, instrument: 0, clientId: rests.clientId, orderId: "" };
    client.desk.execute({ type: "cancelOrder", ...name, stampUs: rig.clock() });
    await client.find("cancelAccepted");
    await client.find("orderReported", ({ order: { state } }) => state === "canceled");
    client.desk.execute({ type: "cancelOrder", ...name, stampUs: rig.clock() });
    const { refusal } = await client.find("cancelRefused");
    expect(refusal.class).toBe("noSuchOrder");
  });

  test("is all canceled at once, and what is foreign stays", async () => {
    const mine = [order(resting()), order(resting()), order(resting())];
    const foreign = order({ ...resting(), clientId: "someone-else" });
    for (const each of [...mine, foreign]) client.desk.execute(each);
    for (const { clientId } of [...mine, foreign]) {
      await client.find("orderAccepted", (event) => event.clientId === clientId);
    }
    client.desk.execute({ type: "cancelAll", venue: 0, instrument: -1 });
    for (const { clientId } of mine) {
      await client.find(
        "orderReported",
        ({ order: each }) => each.clientId === clientId && each.state === "canceled",
      );
    }
    const left = rig.venue.trading?.exchange.log.openOrders("main", null) ?? [];
    expect(left.map(({ clientOrderId }) => clientOrderId)).toEqual(["someone-else"]);
  });

  test("is canceled by the dead man's switch when nobody sets it again", async () => {
    const rests = order(resting());
    client.desk.execute(rests);
    await client.find("orderAccepted");
    client.desk.execute({ type: "armDeadMan", venue: 0, timeoutUs: 1_000_000 });
    const ended = await client.find(
      "orderReported",
      ({ order: { state } }) => state === "canceled",
    );
    expect(ended.order.reason).toBe("Cancel all orders after");
  });
});

describe("what is asked", () => {
  test("an order is found open, found filled with its trades, and not found when it never was", async () => {
    const rests = order(resting());
    const takes = order();
    for (const each of [rests, takes]) client.desk.execute(each);
    await client.find("orderReported", ({ order: { state } }) => state === "filled");
    const ask = async (clientId: string, requestId: number) => {
      const name = { venue: 0, instrument: 0, clientId, orderId: "" };
      client.desk.execute({ type: "queryOrder", ...name, requestId });
      return await client.find("orderQueried", (event) => event.requestId === requestId);
    };
    expect(await ask(rests.clientId, 1)).toMatchObject({
      outcome: "found",
      order: { state: "open" },
      fills: [],
    });
    const filled = await ask(takes.clientId, 2);
    expect(filled).toMatchObject({
      outcome: "found",
      order: { state: "filled", filledLots: takes.lots },
    });
    expect(filled.fills.reduce((sum, { lots }) => sum + lots, 0)).toBe(takes.lots);
    const streamed = client.events.flatMap((event) =>
      event.type === "orderFilled" ? [event.fill.tradeId] : [],
    );
    expect(filled.fills.map(({ tradeId }) => tradeId).sort()).toEqual(streamed.sort());
    expect(await ask("rk00001-zzzzzzzz", 3)).toMatchObject({
      outcome: "notFound",
      order: undefined,
    });
  });

  test("the account has its holds, its open orders and its trades", async () => {
    const rests = order(resting());
    for (const each of [rests, order()]) client.desk.execute(each);
    await client.find("orderReported", ({ order: { state } }) => state === "filled");
    client.desk.execute({ type: "readAccount", venue: 0, requestId: 9, tradesSinceUs: 0 });
    const read = await client.find("accountRead");
    expect(read.outcome).toBe("read");
    expect(read.openOrders.map(({ clientId }) => clientId)).toEqual([rests.clientId]);
    const usd = read.balances.find(({ asset }) => asset === "USD");
    expect(Number(usd?.held)).toBeGreaterThan(0);
    expect(read.fills.length).toBeGreaterThan(0);
    expect(read.fills.every(({ clientId }) => clientId.startsWith("rk"))).toBe(true);
  });

  test("fees are the account's own, for every instrument", async () => {
    client.desk.execute({ type: "readFees", venue: 0 });
    const { fees } = await client.find("feesRead");
    expect(fees).toEqual(
      client.instruments.map(({ index, quoteAsset: feeAsset }) => ({
        instrument: index,
        makerPpb: 2_500_000,
        takerPpb: 4_000_000,
        paidIn: "quote",
        feeAsset,
      })),
    );
  });
});

describe("what goes wrong", () => {
  test("an acknowledgement that never comes makes the order unknown, and the stream still tells it", async () => {
    const side = rig.venue.trading;
    if (side !== undefined) side.backEnd.faults.rates = { ackLost: 1 };
    const lost = order({ windowUs: 500_000 });
    client.desk.execute(lost);
    const ended = await client.find("orderReported", ({ order: { state } }) => state === "filled");
    expect(ended.order.clientId).toBe(lost.clientId);
    const refused = client.events.filter(({ type }) => type === "orderRefused");
    expect(refused).toEqual([]);
  });

  test("a server's error proves nothing", async () => {
    const side = rig.venue.trading;
    if (side !== undefined) side.backEnd.faults.rates = { errorExecuted: 1 };
    client.desk.execute(order());
    const { refusal } = await client.find("orderRefused");
    expect(refusal).toMatchObject({ class: "unknown", isListed: true });
  });

  test("a connection that is cut loses what was under way, and a new epoch begins with a new token", async () => {
    for (const session of rig.venue.sessionsOf(null)) session.cut();
    await client.find("accountClosed");
    await client.opened(2);
    const rests = order(resting());
    client.desk.execute(rests);
    await client.find("orderAccepted", ({ epoch }) => epoch === 2);
  });

  test("a key that was revoked opens nothing", async () => {
    client.desk.execute({ type: "closeAccount", venue: 0, epoch: 1, reason: "test" });
    rig.venue.changeKeys({ isRevoked: true });
    client.desk.execute({ type: "openAccount", venue: 0, epoch: 2, timeoutUs: 5_000_000 });
    const closed = await client.find("accountClosed", ({ epoch }) => epoch === 2);
    expect(closed.reason).toContain("EAPI:Invalid key");
  });
});
