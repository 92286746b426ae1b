// Goal: each trading fault does what its name says to the wire, and nothing to the truth.
import { beforeEach, describe, expect, test } from "vitest";
import type { CancelAnswer, PlaceAnswer } from "../../../../local/venues/exchange/answers.ts";
import { BACK_END_MS_MAX, BackEnd } from "../../../../local/venues/exchange/back-end.ts";
import {
  CANCEL_FAULT_KINDS,
  PLACE_FAULT_KINDS,
  STREAM_FAULT_KINDS,
} from "../../../../local/venues/exchange/faults.ts";
import { NOW } from "../../../../local/venues/exchange/order-log.ts";
import type { ExchangeEvent, OrderRequest } from "../../../../local/venues/exchange/orders.ts";
import { Random } from "../../../../local/venues/market/random.ts";
import { ACCOUNT, order, Rig, START_US } from "./rig.ts";

const SPEED = 10;
let rig: Rig;
let backEnd: BackEnd;
let heard: ExchangeEvent[];
let answers: (PlaceAnswer | CancelAnswer)[];
let cutCount: number;

beforeEach(() => {
  rig = new Rig();
  backEnd = new BackEnd({
    exchange: rig.exchange,
    random: new Random(5, "faults"),
    speed: SPEED,
    rejectCodes: ["-1003", "-1008"],
  });
  heard = [];
  answers = [];
  cutCount = 0;
  backEnd.listen(ACCOUNT, {
    onEvent: (event) => heard.push(event),
    onCut: () => {
      cutCount += 1;
    },
  });
});

function taker(change: Partial<OrderRequest> = {}): OrderRequest {
  return order({ timeInForce: "IOC", price: rig.price(rig.best().askTicks + 5), ...change });
}

function resting(change: Partial<OrderRequest> = {}): OrderRequest {
  return order({ price: rig.price(rig.best().bidTicks - 50), ...change });
}

function place(request: OrderRequest): void {
  backEnd.place(request, rig.nowUs, (answer) => answers.push(answer));
}

function cancel(clientOrderId: string): void {
  backEnd.cancel({ accountId: ACCOUNT, key: { clientOrderId } }, rig.nowUs, (answer) =>
    answers.push(answer),
  );
}

function pass(ms: number): void {
  rig.nowUs += ms * 1_000;
  backEnd.tick(rig.nowUs);
}

const kinds = () => answers.map(({ kind }) => kind);
const types = () =>
  heard.filter((one) => one.type !== "balancesChanged").map((one) => one.type.slice(5));
const accepted = () => rig.exchange.log.orders(ACCOUNT, null).length;

describe("without a fault", () => {
  test("an order is answered, then told", () => {
    let heardBefore = -1;
    backEnd.place(taker(), rig.nowUs, () => {
      heardBefore = heard.length;
    });
    expect(heardBefore).toBe(0);
    expect(types()).toEqual(["Accepted", "Filled"]);
  });

  test("a listener that left hears nothing", () => {
    const leave = backEnd.listen(ACCOUNT, { onEvent: () => heard.push(), onCut: () => {} });
    expect(backEnd.streams.listenerCount(ACCOUNT)).toBe(2);
    leave();
    expect(backEnd.streams.listenerCount(ACCOUNT)).toBe(1);
  });
});

describe("a place request", () => {
  test.each([
    ["requestLost", [], 0, []],
    ["ackLost", [], 1, ["Accepted", "Filled"]],
    ["errorExecuted", ["serverError"], 1, ["Accepted", "Filled"]],
    ["errorNotExecuted", ["serverError"], 0, []],
    ["duplicateAck", ["accepted", "accepted"], 1, ["Accepted", "Filled"]],
    ["fillBeforeAck", [], 1, ["Accepted", "Filled"]],
    ["rejectCode", ["venueCode"], 0, []],
    ["rateLimited", ["rateLimited"], 0, []],
    ["banned", ["rateLimited"], 0, []],
    ["timestampRefused", ["timestampRefused"], 0, []],
  ] as const)("with %s", (kind, answered, acceptedCount, told) => {
    backEnd.faults.arm(kind, 1);
    place(taker());
    expect(kinds()).toEqual(answered);
    expect(accepted()).toBe(acceptedCount);
    expect(types()).toEqual(told);
    expect(backEnd.faults.count(kind)).toBe(1);
  });

  test("whose fill comes before the answer is answered all the same", () => {
    backEnd.faults.arm("fillBeforeAck", 1);
    place(taker());
    pass(200 / SPEED);
    expect(kinds()).toEqual(["accepted"]);
  });

  test("that rests loses its answer too", () => {
    backEnd.faults.arm("ackLost", 1);
    place(resting());
    expect(rig.exchange.log.openOrders(ACCOUNT, null)).toHaveLength(1);
    expect(kinds()).toEqual([]);
  });

  test("that comes late is placed within its window or refused, and never after the bound", () => {
    backEnd.faults.arm("lateAcceptance", 40);
    for (let at = 0; at < 40; at += 1) {
      place(resting({ quantity: "0.001", notAfterUs: rig.nowUs + 1_000_000 }));
    }
    expect(accepted()).toBe(0);
    pass(60_000 / SPEED);
    const orders = rig.exchange.log.orders(ACCOUNT, null);
    expect(orders.length).toBeGreaterThan(5);
    const refused = answers.filter((one) => one.kind === "rejected");
    expect(refused.length).toBeGreaterThan(5);
    for (const one of refused) expect(one).toMatchObject({ reason: "windowClosed" });
    expect(orders.length + refused.length).toBe(40);
    const bound = START_US + (BACK_END_MS_MAX * 1_000) / SPEED;
    for (const one of orders) expect(one.placedUs).toBeLessThanOrEqual(bound + 60_000_000);
  });

  test("that is wrong is refused at once even when it would have been late", () => {
    backEnd.faults.arm("lateAcceptance", 8);
    for (let at = 0; at < 8; at += 1) place(resting({ quantity: "0.0000001" }));
    pass(60_000);
    expect(kinds()).toEqual(new Array(8).fill("rejected"));
  });

  test("meets every reject code in turn", () => {
    backEnd.faults.arm("rejectCode", 3);
    for (let at = 0; at < 3; at += 1) place(taker());
    expect(answers).toEqual(
      ["-1003", "-1008", "-1003"].map((code) => ({ kind: "venueCode", code })),
    );
  });

  test("after a 429 is refused and counted until the time is over", () => {
    backEnd.faults.arm("rateLimited", 1);
    place(taker());
    place(taker());
    expect(kinds()).toEqual(["rateLimited", "rateLimited"]);
    expect(backEnd.limits.heedlessCount).toBe(1);
    pass(5_000 / SPEED);
    place(taker());
    expect(kinds().at(-1)).toBe("accepted");
  });
});

describe("a cancel request", () => {
  const open = () => rig.exchange.log.openOrders(ACCOUNT, null).length;

  test.each([
    ["cancelRequestLost", [], 1],
    ["cancelAckLost", [], 0],
  ] as const)("with %s", (kind, answered, openCount) => {
    place(resting({ clientOrderId: "one" }));
    answers.length = 0;
    backEnd.faults.arm(kind, 1);
    cancel("one");
    expect(kinds()).toEqual(answered);
    expect(open()).toBe(openCount);
  });

  test("with a server error may have been executed or not", () => {
    backEnd.faults.arm("cancelError", 30);
    for (let at = 0; at < 30; at += 1) {
      place(resting({ clientOrderId: `one${at}`, quantity: "0.001" }));
      cancel(`one${at}`);
    }
    expect(open()).toBeGreaterThan(5);
    expect(open()).toBeLessThan(25);
    expect(answers.filter(({ kind }) => kind === "serverError")).toHaveLength(30);
  });

  test("may be acknowledged before the fill that came first", () => {
    place(resting({ clientOrderId: "one" }));
    heard.length = 0;
    backEnd.faults.arm("cancelLateFill", 1);
    cancel("one");
    expect(types()).toEqual(["Ended"]);
    pass(300 / SPEED);
    expect(types()).toEqual(["Ended", "Filled"]);
    const [told] = rig.exchange.log.orders(ACCOUNT, null);
    expect(told).toMatchObject({ status: "canceled", tradeCount: 1 });
  });

  test("may find the order filled", () => {
    place(resting({ clientOrderId: "one" }));
    answers.length = 0;
    backEnd.faults.arm("cancelAfterFill", 1);
    cancel("one");
    expect(answers).toEqual([{ kind: "refused", reason: "notOpen" }]);
    expect(rig.exchange.log.orders(ACCOUNT, null)[0]?.status).toBe("filled");
  });

  test("for all orders loses its answer or its request", () => {
    place(resting());
    const all = () =>
      backEnd.cancelAll({ accountId: ACCOUNT, symbol: null }, rig.nowUs, () => answers.push());
    backEnd.faults.arm("cancelRequestLost", 1);
    all();
    expect(open()).toBe(1);
    backEnd.faults.arm("cancelAckLost", 1);
    all();
    expect(open()).toBe(0);
  });
});

describe("the message of a fill", () => {
  test.each([
    ["missingFill", ["Accepted"]],
    ["duplicateFill", ["Accepted", "Filled", "Filled"]],
    ["duplicateFillNewId", ["Accepted", "Filled", "Filled"]],
    ["lateFill", ["Accepted"]],
    ["reorderFills", ["Accepted"]],
  ] as const)("with %s", (kind, told) => {
    backEnd.faults.arm(kind, 1);
    place(taker({ quantity: "0.0001" }));
    expect(types()).toEqual(told);
    const ids = heard.flatMap((one) => (one.type === "orderFilled" ? [one.trade.tradeId] : []));
    expect(new Set(ids).size).toBe(kind === "duplicateFillNewId" ? 2 : Math.min(1, ids.length));
    pass(2_000 / SPEED);
    expect(types().filter((one) => one === "Filled").length).toBe(
      { missingFill: 0, duplicateFill: 2, duplicateFillNewId: 2, lateFill: 1, reorderFills: 1 }[
        kind
      ],
    );
  });

  test("changes places with the next one", () => {
    backEnd.faults.arm("reorderFills", 1);
    place(taker({ quantity: "2", timeInForce: "IOC", price: rig.price(rig.best().askTicks + 80) }));
    const ids = heard.flatMap((one) => (one.type === "orderFilled" ? [one.trade.tradeId] : []));
    expect(ids.length).toBeGreaterThan(1);
    expect(ids).not.toEqual([...ids].sort((a, b) => a - b));
  });

  test("of an end may be followed by an older state", () => {
    backEnd.faults.arm("staleStatus", 2);
    place(taker({ quantity: "0.0001" }));
    expect(types()).toEqual(["Accepted", "Filled", "Accepted"]);
    heard.length = 0;
    place(resting({ clientOrderId: "one" }));
    cancel("one");
    expect(types()).toEqual(["Accepted", "Ended", "Accepted"]);
    expect(heard.at(-2)).toMatchObject({ order: { status: "open", filledLots: 0 } });
  });

  test("does not reach a dead stream, and a cut one is told so", () => {
    backEnd.streams.kill(ACCOUNT, rig.nowUs + 1_000);
    place(taker());
    expect(heard).toEqual([]);
    pass(1);
    place(taker());
    expect(heard.length).toBeGreaterThan(0);
    expect(backEnd.streams.cut(ACCOUNT)).toBe(1);
    expect(cutCount).toBe(1);
  });
});

describe("a query", () => {
  test("may be answered as of a moment ago, or not at all", () => {
    expect(backEnd.query(rig.nowUs)).toEqual({ kind: "asOf", asOfUs: NOW });
    backEnd.faults.arm("queryError", 1);
    backEnd.faults.arm("laggingQuery", 1);
    pass(10_000);
    place(resting({ clientOrderId: "one" }));
    const lagging = backEnd.query(rig.nowUs);
    expect(lagging.kind).toBe("asOf");
    const asOfUs = lagging.kind === "asOf" ? lagging.asOfUs : 0;
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "one" }, asOfUs)).toBeUndefined();
    expect(rig.exchange.log.order(ACCOUNT, { clientOrderId: "one" })).toBeDefined();
    expect(backEnd.query(rig.nowUs).kind).toBe("serverError");
  });
});

describe("a storm", () => {
  test("of every fault at once happens by its rates and leaves the money exact", () => {
    const all = [...PLACE_FAULT_KINDS, ...CANCEL_FAULT_KINDS, ...STREAM_FAULT_KINDS];
    // A ban would silence the rest of the storm.
    const families = all.filter((kind) => kind !== "banned" && kind !== "rateLimited");
    backEnd.faults.rates = Object.fromEntries(families.map((kind) => [kind, 0.05]));
    for (let at = 0; at < 600; at += 1) {
      const request = at % 2 === 0 ? taker({ quantity: "0.001" }) : resting({ quantity: "0.001" });
      place(request);
      if (at % 4 === 1) cancel(request.clientOrderId);
      pass(200);
      rig.live(1);
    }
    for (const kind of families) expect(backEnd.faults.count(kind), kind).toBeGreaterThan(0);
    for (const sum of rig.exchange.ledger.sums().values()) expect(sum).toBe(0n);
    expect(rig.exchange.log.duplicates(ACCOUNT)).toEqual([]);
  });
});
