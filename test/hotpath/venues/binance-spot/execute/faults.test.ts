// Goal: whatever goes wrong between the desk and its venue, each order is told as what is known of it.
// Method: production host and desk against the simulated venue, which lets one fault happen at a time.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import type { FillView } from "../../../../../hotpath/core/trade/events.ts";
import type { TradingFaultRequest } from "../../../../../local/venues/trading-plan.ts";
import { openPlace, type Place, SimulatedAccount } from "./simulated-rig.ts";

let place: Place;
let account: SimulatedAccount;
let fence = 100;

beforeAll(async () => {
  place = await openPlace(13);
});

afterAll(async () => place.venues.stop());

beforeEach(async () => {
  fence++;
  account = new SimulatedAccount(place, "ed25519", fence);
  await account.open();
});

afterEach(async () => account.close());

function inject(kind: TradingFaultRequest["kind"], more: TradingFaultRequest = {}): void {
  const wish = place.venues.trading.inject({ venue: "binance-spot", kind, ...more });
  expect(wish).toMatchObject({ kind: "done" });
}

/** An order that takes what is at the ask. */
function taking(part: Partial<PlaceOrder> = {}): PlaceOrder {
  return account.next({ priceTicks: Math.round(place.askTicks * 1.02), ...part });
}

/** An order that rests far below the book. */
function resting(): PlaceOrder {
  const order = account.next({ priceTicks: Math.round(place.askTicks * 0.95), timeInForce: "gtc" });
  return { ...order, lots: order.lots * 2 };
}

function fillsOf(source: "answer" | "stream"): readonly FillView[] {
  return account
    .of("orderFilled")
    .flatMap((event) => (event.source === source ? [event.fill] : []));
}

function query(order: PlaceOrder, requestId: number): void {
  const { clientId } = order;
  account.host.execute({
    type: "queryOrder",
    venue: 0,
    instrument: 0,
    clientId,
    orderId: "",
    requestId,
  });
}

describe("placing", () => {
  test("an answer that is lost leaves the stream, and nothing is sent again", async () => {
    inject("ackLost");
    const order = taking();
    account.host.execute(order);
    await expect.poll(() => fillsOf("stream").length).toBeGreaterThan(0);
    expect(account.of("orderAccepted")).toEqual([]);
    expect(account.of("orderRefused")).toEqual([]);
    query(order, 1);
    expect(await account.until("orderQueried")).toMatchObject({ outcome: "found" });
  });

  test("a request that is lost is answered by nobody, and a query finds nothing", async () => {
    inject("requestLost");
    const order = taking();
    account.host.execute(order);
    query(order, 1);
    expect(await account.until("orderQueried")).toMatchObject({ outcome: "notFound" });
    expect(account.of("orderAccepted")).toEqual([]);
    // What is on its way when the connection is given up is unknown.
    account.host.execute({ type: "closeAccount", venue: 0, epoch: 1, reason: "enough" });
    expect(account.of("orderRefused")).toMatchObject([
      { clientId: order.clientId, refusal: { class: "unknown", code: "closed" } },
    ]);
  });

  test.each(["errorExecuted", "errorNotExecuted"] as const)(
    "a server error (%s) is unknown, and only a query tells which",
    async (kind) => {
      inject(kind);
      const order = taking();
      account.host.execute(order);
      expect((await account.until("orderRefused")).refusal).toMatchObject({ class: "unknown" });
      query(order, 1);
      const outcome = kind === "errorExecuted" ? "found" : "notFound";
      expect(await account.until("orderQueried")).toMatchObject({ outcome });
    },
  );

  test("an answer that comes twice is told once", async () => {
    inject("duplicateAck");
    account.host.execute(taking());
    await account.until("orderAccepted");
    // The next answer comes after both.
    account.host.execute(taking({ isTest: true }));
    await account.until("orderTested");
    expect(account.of("orderAccepted")).toHaveLength(1);
    expect(account.of("accountContradicted")).toEqual([]);
  });

  test("fills that come before the answer are told as they come, by one trade id", async () => {
    inject("fillBeforeAck");
    account.host.execute(taking());
    await account.until("orderAccepted");
    const types = account.events.map(({ type }) => type);
    expect(types.indexOf("orderFilled")).toBeLessThan(types.indexOf("orderAccepted"));
    const ids = (fills: readonly FillView[]): readonly string[] =>
      fills.map((each) => each.tradeId);
    expect(ids(fillsOf("answer"))).toEqual(ids(fillsOf("stream")));
  });

  test("an order outside its window is certainly not there", async () => {
    inject("timestampRefused");
    account.host.execute(taking());
    expect((await account.until("orderRefused")).refusal).toMatchObject({ class: "clock" });
  });
});

describe("canceling", () => {
  test.each([
    ["cancelRequestLost", undefined],
    ["cancelError", "unknown"],
    ["cancelAfterFill", "noSuchOrder"],
  ] as const)("with %s nothing is taken for canceled", async (kind, meaning) => {
    const order = resting();
    account.host.execute(order);
    const { clientId } = order;
    const { orderId } = await account.until("orderAccepted");
    account.events.length = 0;
    inject(kind);
    account.host.execute({
      type: "cancelOrder",
      venue: 0,
      instrument: 0,
      clientId,
      orderId,
      stampUs: order.stampUs,
    });
    if (meaning !== undefined) {
      expect((await account.until("cancelRefused")).refusal).toMatchObject({ class: meaning });
    }
    expect(account.of("cancelAccepted")).toEqual([]);
    if (kind === "cancelAfterFill")
      await expect.poll(() => fillsOf("stream").length).toBeGreaterThan(0);
    else account.host.execute({ type: "cancelAll", venue: 0, instrument: 0 });
  });
});

describe("the private stream", () => {
  test("a fill that is told twice has one trade id", async () => {
    inject("duplicateFill");
    account.host.execute(taking());
    await expect.poll(() => fillsOf("stream").length).toBeGreaterThan(1);
    expect(new Set(fillsOf("stream").map(({ tradeId }) => tradeId)).size).toBeLessThan(
      fillsOf("stream").length,
    );
  });

  test("a deposit is told as a move of so much", async () => {
    inject("deposit", { asset: "USDT", amount: "12.5" });
    await expect
      .poll(() => account.of("balanceReported").map(({ cause, delta }) => [cause, Number(delta)]))
      .toContainEqual(["transfer", 12.5]);
  });

  test("an order of somebody else is told without our prefix", async () => {
    inject("foreignOrder");
    const reported = await account.until("orderReported");
    expect(reported.order.clientId.startsWith("rk")).toBe(false);
  });

  test("a stream that is cut ends the account, and a new one is ready again", async () => {
    inject("privateStreamCut");
    await account.until("accountClosed");
    account.events.length = 0;
    await account.open(2);
    account.host.execute(taking());
    expect((await account.until("orderAccepted")).epoch).toBe(2);
  });
});

describe("refusals", () => {
  // Limits outlast a test, so each has a venue of its own.
  beforeEach(async () => {
    await account.close();
    await place.venues.stop();
    place = await openPlace(17);
    account = new SimulatedAccount(place, "hmac", ++fence);
    await account.open();
  });

  test.each([
    ["rateLimited", false],
    ["banned", true],
  ] as const)("%s tells how long the venue wants silence", async (kind, isBan) => {
    inject(kind);
    const order = taking();
    account.host.execute(order);
    const silenced = await account.until("venueSilenced");
    expect(silenced.isBan).toBe(isBan);
    expect(silenced.untilUs).toBeGreaterThan(silenced.recvUs);
    expect((await account.until("orderRefused")).refusal).toMatchObject({ class: "throttled" });
  });

  test("every code of the venue's catalog is listed", async () => {
    inject("rejectCode", { count: 40 });
    for (let i = 0; i < 40; i++) {
      const order = taking();
      account.host.execute(order);
      await expect
        .poll(() => account.of("orderRefused").some(({ clientId }) => clientId === order.clientId))
        .toBe(true);
    }
    const refusals = account.of("orderRefused").map(({ refusal }) => refusal);
    expect(refusals.filter(({ isListed }) => !isListed)).toEqual([]);
    expect(new Set(refusals.map(({ code, text }) => `${code} ${text}`)).size).toBeGreaterThan(5);
  });
});
