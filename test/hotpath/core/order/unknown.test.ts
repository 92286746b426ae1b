// Goal: no time alone ends an order; two late answers that agree do, and each question comes when it is due.
import { describe, expect, test } from "vitest";
import type { Order } from "../../../../hotpath/core/order/order.ts";
import {
  backoffUs,
  closedUs,
  divideRules,
  fillStep,
  INQUIRY_RULES,
  verdictOf,
} from "../../../../hotpath/core/order/unknown.ts";
import {
  accepted,
  filled,
  id,
  makeOrders,
  place,
  placed,
  queried,
  refused,
  reported,
  S,
  START_US,
  view,
} from "./fixture.ts";

/** W + 2 eps + S and the lag of the source. */
const CLOSED_US = START_US + (1 + 1 + 10 + 5) * S;

function unknownOrder(orders = makeOrders()): { orders: typeof orders; order: Order } {
  const order = placed(orders);
  orders.applyEvent(refused(1, "unknown"), START_US);
  return { orders, order };
}

function ask(orders: ReturnType<typeof makeOrders>, order: Order, nowUs: number): void {
  orders.markQuery(order, nowUs);
  orders.applyEvent(queried(order, "notFound", {}, nowUs + 1000), nowUs + 1000);
}

describe("an order whose outcome is unknown", () => {
  test("closes after its window, twice the clock's error, the back end and the lag", () => {
    const { order } = unknownOrder();
    expect(closedUs(order, INQUIRY_RULES)).toBe(CLOSED_US);
  });

  test("is never ended by time, silence or failed questions", () => {
    const { orders, order } = unknownOrder();
    for (let nowUs = START_US; nowUs < START_US + 3_600 * S; nowUs += 10 * S) {
      if (orders.takeDue(nowUs, []).length > 0) {
        orders.applyEvent(queried(order, "failed", {}, nowUs), nowUs);
      }
    }
    expect(order.state).toBe("unknown");
    expect(orders.table.ledger.reserved(0, "USDT") > 0n).toBe(true);
  });

  test("is not accepted after two answers, asked late enough and far enough apart", () => {
    const { orders, order } = unknownOrder();
    ask(orders, order, CLOSED_US);
    expect(order.state).toBe("unknown");
    ask(orders, order, CLOSED_US + 2 * S);
    expect(order).toMatchObject({ state: "notAccepted", cause: "notFoundTwice" });
    expect(orders.table.ledger.reserved(0, "USDT")).toBe(0n);
    expect(orders.nextDueUs()).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    ["one asked a microsecond before the close", CLOSED_US - 1, CLOSED_US + 2 * S],
    ["two a microsecond too close together", CLOSED_US, CLOSED_US + 2 * S - 1],
  ])("stays unknown after %s", (_, firstUs, secondUs) => {
    const { orders, order } = unknownOrder();
    ask(orders, order, firstUs);
    ask(orders, order, secondUs);
    expect(order.state).toBe("unknown");
  });

  test("asked before the close and answered after it, proves nothing", () => {
    const { orders, order } = unknownOrder();
    orders.markQuery(order, CLOSED_US - 1);
    orders.applyEvent(queried(order, "notFound", {}, CLOSED_US + S), CLOSED_US + S);
    ask(orders, order, CLOSED_US + 4 * S);
    expect(order.state).toBe("unknown");
    ask(orders, order, CLOSED_US + 6 * S);
    expect(order.state).toBe("notAccepted");
  });

  test("does not count the answer to a question that was given up", () => {
    const { orders, order } = unknownOrder();
    orders.markQuery(order, CLOSED_US);
    const late = queried(order, "notFound", {}, CLOSED_US);
    orders.markQuery(order, CLOSED_US + S);
    orders.applyEvent(late, CLOSED_US + S);
    expect(order.inquiry.notFoundCount).toBe(0);
  });

  test("that is found lives on, and the count of answers begins anew", () => {
    const { orders, order } = unknownOrder();
    ask(orders, order, CLOSED_US);
    orders.markQuery(order, CLOSED_US + S);
    const found = queried(order, "found", { order: view(1, { state: "open" }) }, CLOSED_US + S);
    expect(orders.applyEvent(found, CLOSED_US + S).becameOpen).toBe(true);
    expect(order.inquiry.notFoundCount).toBe(0);
  });

  test("with a fill or a name is never concluded not to have been accepted", () => {
    const { orders, order } = unknownOrder();
    orders.table.nameOrder(order, "v1");
    ask(orders, order, CLOSED_US);
    ask(orders, order, CLOSED_US + 2 * S);
    expect(order.state).toBe("unknown");
    expect(verdictOf(order, INQUIRY_RULES)).toBe("gone");
  });

  test("that the venue accepts after all comes back, with an alarm", () => {
    const { orders, order } = unknownOrder();
    ask(orders, order, CLOSED_US);
    ask(orders, order, CLOSED_US + 2 * S);
    const change = orders.applyEvent(accepted(), CLOSED_US + 3 * S);
    expect(change.anomalies.map(({ name }) => name)).toEqual(["revived"]);
    expect(order.state).toBe("open");
  });

  test("is remembered for a while after it was given up, though nothing was ever heard of it", () => {
    const { orders, order } = unknownOrder();
    ask(orders, order, CLOSED_US);
    ask(orders, order, CLOSED_US + 2 * S);
    orders.releaseCycle(order.cycle);
    orders.applyPlace(place(2, { cycle: 0 }), CLOSED_US + 121 * S);
    expect(orders.table.get(order.clientId)).toBe(order);
    orders.applyPlace(place(3, { cycle: 0 }), CLOSED_US + 123 * S);
    expect(orders.table.get(order.clientId)).toBeUndefined();
  });

  test("is asked about at once, then with a growing pause, then at the close", () => {
    const { orders, order } = unknownOrder();
    const asked: number[] = [];
    for (let i = 0; i < 14 && order.state === "unknown"; i++) {
      const dueUs = orders.nextDueUs();
      expect(orders.takeDue(dueUs, [])).toEqual([order]);
      asked.push(dueUs - START_US);
      orders.applyEvent(queried(order, "notFound", {}, dueUs), dueUs);
    }
    expect(asked).toEqual(
      [0, 0.25, 0.75, 1.75, 3.75, 7.75, 12.75, 17, 19].map((seconds) => seconds * S),
    );
    expect(order.state).toBe("notAccepted");
  });
});

describe("the lost-order loop", () => {
  test("makes an order unknown that nobody has spoken of, and asks", () => {
    const orders = makeOrders();
    const order = placed(orders);
    const dueUs = START_US + INQUIRY_RULES.quietUs;
    expect(orders.takeDue(dueUs - 1, [])).toEqual([]);
    expect(orders.takeDue(dueUs, [])).toEqual([order]);
    expect(order).toMatchObject({ state: "unknown", cause: "silence" });
    // The question is under way: it is asked again only when its answer does not come.
    expect(orders.takeDue(dueUs + 1, [])).toEqual([]);
    expect(orders.nextDueUs()).toBe(dueUs + INQUIRY_RULES.answerUs);
  });

  test("asks about one that should have ended at once, and leaves it open", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(accepted(), START_US);
    expect(orders.takeDue(START_US + INQUIRY_RULES.quietUs, [])).toEqual([order]);
    expect(order.state).toBe("open");
  });

  test("asks about one that rests at a slower pace", () => {
    const orders = makeOrders();
    const order = placed(orders, 1, { timeInForce: "gtc" });
    orders.applyEvent(accepted(), START_US);
    expect(orders.nextDueUs()).toBe(START_US + INQUIRY_RULES.restCheckUs);
    expect(orders.takeDue(START_US + INQUIRY_RULES.restCheckUs, [])).toEqual([order]);
  });

  test("asks about an ended order whose trades have not come", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(reported(1, { state: "filled", filledLots: 10 }), START_US);
    expect(orders.takeDue(START_US + INQUIRY_RULES.backoffUs, [])).toEqual([order]);
    expect(order.state).toBe("filled");
  });

  test("gives each question a number of its own", () => {
    const orders = makeOrders();
    const numbers = [1, 2, 3].map((command) => {
      const order = placed(orders, command);
      return orders.markQuery(order, START_US);
    });
    expect(numbers).toEqual([1, 2, 3]);
  });
});

describe("a fill that does not come", () => {
  const TIMEOUT_US = 3 * S;
  const AFTER_US = START_US + TIMEOUT_US;

  test("is waited for, asked about, canceled, and then only the venue ends it", () => {
    const orders = makeOrders();
    const order = placed(orders, 1, { timeInForce: "gtc" });
    orders.applyEvent(accepted(), START_US);
    expect(fillStep(order, INQUIRY_RULES, TIMEOUT_US, AFTER_US - 1)).toBe("wait");
    expect(fillStep(order, INQUIRY_RULES, TIMEOUT_US, AFTER_US)).toBe("query");
    orders.markQuery(order, AFTER_US);
    expect(fillStep(order, INQUIRY_RULES, TIMEOUT_US, AFTER_US + 1)).toBe("wait");
    orders.applyEvent(queried(order, "found", { order: view(1) }, AFTER_US + S), AFTER_US + S);
    expect(fillStep(order, INQUIRY_RULES, TIMEOUT_US, AFTER_US + S)).toBe("cancel");
    orders.markCancel(order, AFTER_US + S);
    expect(fillStep(order, INQUIRY_RULES, TIMEOUT_US, AFTER_US + S)).toBe("wait");
    expect(fillStep(order, INQUIRY_RULES, TIMEOUT_US, orders.nextDueUs())).toBe("query");
    orders.applyEvent(reported(1, { state: "canceled", filledLots: 0 }), AFTER_US + 2 * S);
    expect(fillStep(order, INQUIRY_RULES, TIMEOUT_US, AFTER_US + 9 * S)).toBe("done");
  });

  test("is canceled again where the venue says, long after the first cancel, that it rests", () => {
    const orders = makeOrders();
    const order = placed(orders, 1, { timeInForce: "gtc" });
    orders.applyEvent(accepted(), START_US);
    const step = (nowUs: number) => fillStep(order, INQUIRY_RULES, TIMEOUT_US, nowUs);
    const hear = (nowUs: number) => {
      orders.markQuery(order, nowUs);
      orders.applyEvent(queried(order, "found", { order: view(1) }, nowUs), nowUs);
    };
    hear(AFTER_US);
    expect(step(AFTER_US)).toBe("cancel");
    orders.markCancel(order, AFTER_US + 1);
    const againUs = AFTER_US + 1 + 5 * INQUIRY_RULES.quietUs;
    // Nothing was heard since: the cancel may be on its way.
    expect(step(againUs + 1)).not.toBe("cancel");
    hear(againUs);
    expect(step(againUs - 1)).not.toBe("cancel");
    expect(step(againUs)).toBe("cancel");
  });

  test("is no longer waited for when it came", () => {
    const orders = makeOrders();
    const order = placed(orders);
    orders.applyEvent(filled(1, "a", { lots: 10 }), START_US);
    expect(fillStep(order, INQUIRY_RULES, TIMEOUT_US, AFTER_US)).toBe("done");
    expect(orders.table.get(id(1))?.state).toBe("filled");
  });

  test("of an unknown order is asked about and never canceled blindly", () => {
    const { orders, order } = unknownOrder();
    const steps = new Set<string>();
    for (let nowUs = AFTER_US; nowUs < AFTER_US + 10 * S; nowUs += S) {
      const step = fillStep(order, INQUIRY_RULES, TIMEOUT_US, nowUs);
      steps.add(step);
      if (step !== "query") continue;
      orders.markQuery(order, nowUs);
      orders.applyEvent(queried(order, "failed", {}, nowUs), nowUs);
    }
    expect([...steps].sort()).toEqual(["query", "wait"]);
  });
});

describe("the rules", () => {
  test("divided by ten are ten times as fast, and never nothing", () => {
    const fast = divideRules(INQUIRY_RULES, 10);
    expect(fast.backEndUs).toBe(1_000_000);
    expect(Math.min(...Object.values(divideRules(INQUIRY_RULES, 1e12)))).toBe(1);
    expect(() => divideRules(INQUIRY_RULES, 0)).toThrow();
  });

  test("let the pause between questions grow to its most and no further", () => {
    expect(backoffUs(INQUIRY_RULES, 0)).toBe(250_000);
    expect(backoffUs(INQUIRY_RULES, 3)).toBe(1_000_000);
    expect(backoffUs(INQUIRY_RULES, 1_000)).toBe(5_000_000);
  });
});
