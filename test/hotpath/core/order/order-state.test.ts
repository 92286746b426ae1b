// Goal: a saved state comes back as it was, and whatever is wrong with it is said instead of believed.
import { describe, expect, test } from "vitest";
import { foldInput } from "../../../../hotpath/core/order/fold.ts";
import type { OrderOptions } from "../../../../hotpath/core/order/order-options.ts";
import { exportOrders, importOrders } from "../../../../hotpath/core/order/order-state.ts";
import type { Orders } from "../../../../hotpath/core/order/orders.ts";
import { reconcile } from "../../../../hotpath/core/order/reconcile.ts";
import {
  ATTO,
  accepted,
  balances,
  FENCE,
  filled,
  INSTRUMENTS,
  id,
  instrument,
  makeOrders,
  OPTIONS,
  place,
  placed,
  QUOTE_FEE,
  queried,
  reading,
  refused,
  reported,
  S,
  START_US,
  seeded,
  view,
} from "./fixture.ts";

/** A state with something of everything in it. */
function rich(): Orders {
  const orders = makeOrders();
  orders.applyEvent(
    { type: "feesRead", venue: 0, epoch: 1, recvUs: START_US, fees: [QUOTE_FEE] },
    START_US,
  );
  placed(orders, 1);
  placed(orders, 2, { instrument: 1, side: "sell" });
  placed(orders, 3);
  placed(orders, 4, { timeInForce: "gtc" });
  const said = placed(orders, 5);
  orders.applyEvent(filled(2, "a", { instrument: 1, side: "sell", fee: "" }), START_US);
  orders.applyEvent(refused(3, "rejected"), START_US);
  orders.applyEvent(accepted(4), START_US);
  orders.applyEvent(reported(1, { state: "filled", filledLots: 10 }), START_US);
  orders.markQuery(said, START_US);
  const order = view(5, { state: "filled", filledLots: 10 });
  orders.applyEvent(queried(said, "found", { order }), START_US);
  orders.applyEvent(filled(0, "b", { orderId: "nobody" }), START_US);
  const wrong = { balances: balances({ USDT: "1", BTC: "1", ETH: "10" }) };
  reconcile(orders, reading(START_US + 60 * S, wrong));
  reconcile(orders, reading(START_US + 70 * S, { balances: balances({ USDT: "1", ETH: "9" }) }));
  orders.applyEvent(reported(0, { clientId: "web", orderId: "f", side: undefined }), START_US);
  orders.applyEvent(reported(0, { clientId: "app", orderId: "g", instrument: -1 }), START_US);
  return orders;
}

function imported(text: string, options: Partial<OrderOptions> = {}): string {
  const result = importOrders(text, { ...OPTIONS, ...options });
  return result.kind === "orders" ? "orders" : result.reason;
}

/** The saved state with one value replaced. */
function changed(change: (root: Record<string, never>) => void): string {
  const root = JSON.parse(exportOrders(rich())) as Record<string, never>;
  change(root);
  return JSON.stringify(root);
}

describe("a saved state", () => {
  test("comes back as it was, with everything that it holds", () => {
    const orders = rich();
    const text = exportOrders(orders);
    const result = importOrders(text, OPTIONS);
    if (result.kind !== "orders") throw new Error(result.reason);
    expect(exportOrders(result.orders)).toBe(text);
    expect(result.orders.table.ledger.reserved(0, "USDT")).toBe(
      orders.table.ledger.reserved(0, "USDT"),
    );
    expect(result.orders.table.ledger.total(0, "BTC")).toBe(orders.table.ledger.total(0, "BTC"));
    expect(result.orders.table.blocks[0]?.size).toBe(1);
    expect(result.orders.table.foreign.size).toBe(2);
    expect(result.orders.nextDueUs()).toBe(orders.nextDueUs());
  });

  test("belongs to the fence before, and begins the commands of a new one anew", () => {
    const result = importOrders(exportOrders(rich()), { ...OPTIONS, fence: FENCE + 1 });
    if (result.kind !== "orders") throw new Error(result.reason);
    expect(result.orders.table.commandMax).toBe(0);
    expect(result.orders.table.get(id(4))).toMatchObject({ state: "open", fence: FENCE });
    const order = result.orders.applyPlace(
      place(1, { fence: FENCE + 1, clientId: id(1, FENCE + 1) }),
      START_US,
    );
    expect(order.state).toBe("sent");
  });

  test("of a newer fence is refused: its owner may still be trading", () => {
    expect(imported(exportOrders(rich()), { fence: FENCE - 1 })).toMatch(/above the fence/);
  });

  test("finds its instruments under another numbering", () => {
    const [first, second] = INSTRUMENTS;
    if (first === undefined || second === undefined) throw new Error("there are two");
    const instruments = [
      { ...second, index: 0 },
      { ...first, index: 1 },
    ];
    const result = importOrders(exportOrders(rich()), { ...OPTIONS, instruments });
    if (result.kind !== "orders") throw new Error(result.reason);
    expect(result.orders.table.get(id(2))).toMatchObject({ instrument: 0, filledLots: 5 });
    expect(result.orders.table.get(id(1))).toMatchObject({ instrument: 1 });
    expect(result.orders.table.rates[1]).toMatchObject({ instrument: 1 });
    // The same trade is known under the new number too.
    const again = filled(2, "a", { instrument: 0, side: "sell" });
    expect(result.orders.applyEvent(again, START_US).newFills).toEqual([]);
  });

  test("with an open order of an instrument that is gone is refused with a sentence", () => {
    const [, second] = INSTRUMENTS;
    const instruments = second === undefined ? [] : [{ ...second, index: 0 }];
    expect(imported(exportOrders(rich()), { instruments })).toMatch(/BTCUSDT is not configured/);
  });

  test("with an open order in steps that have changed is refused with a sentence", () => {
    const [, second] = INSTRUMENTS;
    if (second === undefined) throw new Error("there are two");
    const other = { ...instrument("BTCUSDT", "BTC", "USDT", 0), lotSize: "0.001" };
    expect(imported(exportOrders(rich()), { instruments: [other, second] })).toMatch(/same steps/);
  });

  test("lets go of what ended, where its instrument or venue is gone", () => {
    const orders = makeOrders();
    placed(orders, 1, { instrument: 1 });
    orders.applyEvent(refused(1, "rejected"), START_US);
    orders.applyEvent(filled(0, "x", { instrument: 1, orderId: "nobody" }), START_US);
    const instruments = INSTRUMENTS.slice(0, 1);
    const text = exportOrders(orders);
    const result = importOrders(text, { ...OPTIONS, instruments });
    if (result.kind !== "orders") throw new Error(result.reason);
    expect(result.orders.table.count).toBe(0);
    expect(result.orders.table.ledger.position(0, "ETH")).toBe(ATTO / 2000n);
    const gone = importOrders(text, { ...OPTIONS, instruments: [], venues: [] });
    expect(gone.kind).toBe("orders");
  });
});

describe("a damaged state", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["null", "null"],
    ["another version", '{"version":2}'],
    ["no fields", '{"version":1}'],
  ])("is refused: %s", (_, text) => {
    expect(imported(text)).not.toBe("orders");
  });

  type Tree = { [key: string]: Tree } & { [index: number]: Tree };
  const wrong: readonly (readonly [string, (root: Tree) => unknown])[] = [
    [
      "an amount with a point",
      (root) => Object.assign(root.venues?.[0]?.holdings?.[0] ?? {}, { traded: "1.5" }),
    ],
    [
      "an amount as a number",
      (root) => Object.assign(root.venues?.[0]?.holdings?.[0] ?? {}, { traded: 1 }),
    ],
    ["a state that is none", (root) => Object.assign(root.orders?.[0] ?? {}, { state: "maybe" })],
    ["a negative count", (root) => Object.assign(root.orders?.[0] ?? {}, { lots: -1 })],
    ["a flag that is text", (root) => Object.assign(root.orders?.[0] ?? {}, { isTest: "no" })],
    ["a name that is a number", (root) => Object.assign(root.orders?.[0] ?? {}, { clientId: 7 })],
    [
      "a state that its sets do not share",
      (root) => Object.assign(root.orders?.[0] ?? {}, { state: "open" }),
    ],
    [
      "an order twice",
      (root) => Object.assign(root, { orders: [root.orders?.[0], root.orders?.[0]] }),
    ],
    [
      "a venue twice",
      (root) => Object.assign(root, { venues: [root.venues?.[0], root.venues?.[0]] }),
    ],
    ["a set with a stranger", (root) => Object.assign(root, { live: ["nobody"] })],
    ["a mark without a time", (root) => Object.assign(root.venues?.[0] ?? {}, { marks: [["a"]] })],
    ["a cycle without a number", (root) => Object.assign(root, { heldCycles: ["x"] })],
    ["fills that are no list", (root) => Object.assign(root.orders?.[0] ?? {}, { fills: {} })],
    ["orders that are no list", (root) => Object.assign(root, { orders: null })],
  ];
  test.each(wrong)("is refused: %s", (_, change) => {
    expect(imported(changed((root) => void change(root as unknown as Tree)))).not.toBe("orders");
  });

  test("cut off at any letter is refused, and never throws", () => {
    const text = exportOrders(rich());
    for (let at = 0; at < text.length; at += 7)
      expect(imported(text.slice(0, at))).not.toBe("orders");
  });

  test("with any letter changed is refused or read, and never throws", () => {
    const text = exportOrders(rich());
    const chance = seeded(8);
    for (let i = 0; i < 1_500; i++) {
      const at = Math.floor(chance() * text.length);
      const letter = '0:,"{}[]-x'.charAt(Math.floor(chance() * 10));
      expect(typeof imported(text.slice(0, at) + letter + text.slice(at + 1))).toBe("string");
    }
  });
});

describe("folding", () => {
  test("what is known already changes nothing, so that a tail may begin too early", () => {
    const orders = makeOrders();
    const inputs = [
      { kind: "place", command: place(1), nowUs: START_US },
      { kind: "event", event: accepted(1), nowUs: START_US },
      { kind: "event", event: filled(1, "a", { lots: 10 }), nowUs: START_US },
      { kind: "cancel", clientId: id(1), nowUs: START_US },
      { kind: "query", clientId: id(1), nowUs: START_US },
    ] as const;
    for (const input of inputs) foldInput(orders, input);
    const once = exportOrders(orders);
    for (const input of inputs) foldInput(orders, input);
    expect(orders.table.get(id(1))).toMatchObject({ state: "filled", filledLots: 10 });
    expect(exportOrders(orders).length).toBe(once.length);
  });

  test("takes every kind of input through the door it came by", () => {
    const orders = makeOrders();
    const nowUs = START_US;
    foldInput(orders, { kind: "place", command: place(1), nowUs });
    foldInput(orders, { kind: "intent", command: place(2), nowUs });
    foldInput(orders, { kind: "event", event: accepted(1), nowUs });
    foldInput(orders, { kind: "query", clientId: id(1), nowUs });
    foldInput(orders, { kind: "cancel", clientId: id(1), nowUs });
    foldInput(orders, { kind: "cancel", clientId: id(9), nowUs });
    foldInput(orders, { kind: "due", nowUs });
    foldInput(orders, { kind: "reading", reading: reading(nowUs, { fills: [] }) });
    expect(orders.table.get(id(1))).toMatchObject({ state: "open", cancelUs: nowUs });
    expect(orders.table.get(id(1))?.inquiry.requestId).toBe(1);
    expect(orders.table.get(id(2))).toMatchObject({ state: "unknown", isAdopted: true });
    expect(orders.table.get(id(2))?.inquiry.requestId).toBe(2);
  });
});
