// Goal: no sequence of words, however absurd, breaks the laws of an order. Method: random walks of one order
// after another through every event kind; 10^5 of them always, 10^6 with RECKONER_LONG=1.
import { describe, expect, test } from "vitest";
import { ORDER_STATES, type OrderState } from "../../../../contracts/trade.ts";
import { lotsToAmount } from "../../../../hotpath/core/money/notional.ts";
import { ANOMALIES } from "../../../../hotpath/core/order/change.ts";
import { totalOf } from "../../../../hotpath/core/order/ledger.ts";
import { isTerminal, type Order, tradedLots } from "../../../../hotpath/core/order/order.ts";
import type { Orders } from "../../../../hotpath/core/order/orders.ts";
import { isLive, neverExisted } from "../../../../hotpath/core/order/transitions.ts";
import type { AccountEvent, RefusalClass } from "../../../../hotpath/core/trade/events.ts";
import {
  ATTO,
  accepted,
  cancelRefused,
  filled,
  INSTRUMENTS,
  id,
  makeOrders,
  placed,
  queried,
  refused,
  reported,
  START_US,
  seeded,
  trade,
  view,
} from "./fixture.ts";

const WALKS = process.env.RECKONER_LONG === "1" ? 1_000_000 : 100_000;
const LIMIT_MS = process.env.RECKONER_LONG === "1" ? 900_000 : 60_000;
const WORDS = 8;
const REFUSALS: readonly RefusalClass[] = [
  "rejected",
  "throttled",
  "clock",
  "credentials",
  "duplicate",
  "noSuchOrder",
  "halted",
  "unknown",
];
const SAID = [
  "received",
  "open",
  "partiallyFilled",
  "filled",
  "canceled",
  "expired",
  "rejected",
] as const;

type Chance = () => number;

function oneOf<T>(list: readonly T[], chance: Chance): T {
  return list[Math.floor(chance() * list.length)] as T;
}

/** Any word that a venue could say of order `command`, sensible or not. */
function anyWord(order: Order, chance: Chance): AccountEvent {
  const { command } = order;
  const tradeId = `${command}-${Math.floor(chance() * 4)}`;
  const lots = 1 + Math.floor(chance() * 6);
  const said = {
    state: oneOf(SAID, chance),
    filledLots: Math.floor(chance() * 13) - 1,
    orderId: chance() < 0.05 ? `w${command}` : `v${command}`,
    clientId: chance() < 0.2 ? "" : id(command),
  };
  switch (Math.floor(chance() * 11)) {
    case 0:
      return accepted(command);
    case 1:
      return refused(command, oneOf(REFUSALS, chance));
    case 2:
      return { ...accepted(), type: "orderNotSent", clientId: id(command), reason: "closed" };
    case 3:
      return { ...accepted(), type: "orderTested", clientId: id(command) };
    case 4:
      return { ...accepted(), type: "cancelAccepted", clientId: id(command) };
    case 5:
      return cancelRefused(command, oneOf(REFUSALS, chance));
    case 6:
      return queried(order, chance() < 0.5 ? "notFound" : "failed");
    case 7: {
      const fills = chance() < 0.5 ? [] : [trade(command, tradeId, { lots })];
      return queried(order, "found", { order: view(command, said), fills });
    }
    case 8:
      return filled(command, tradeId, { lots, fee: chance() < 0.5 ? "" : "0.001" });
    case 9:
      return filled(0, tradeId, { lots, orderId: `v${command}` });
    default:
      return reported(command, said, chance() < 0.5 ? "stream" : "query");
  }
}

/** Whether `from -> to` may happen by one word. */
function isLegal(from: OrderState, to: OrderState): boolean {
  if (from === to || isLive(from)) return from !== "open" || to !== "sent";
  if (neverExisted(from)) return to !== "sent";
  return to === "filled" && from !== "filled";
}

/** What the ledger must hold of all fills, worked out from the fills alone. */
function tradedBase(orders: Orders, all: readonly Order[]): bigint {
  const [instrument] = INSTRUMENTS;
  if (instrument === undefined) throw new Error("there is an instrument");
  let lots = 0;
  for (const order of all) lots += order.filledLots;
  for (const { fill } of orders.table.orphans.values()) lots += fill.lots;
  return lotsToAmount(instrument, lots);
}

/** Names of what the latest word was alarmed about. */
const said: string[] = [];

/** Says one word of the order and holds the laws against what it did. */
function sayOne(orders: Orders, order: Order, nowUs: number, chance: Chance): void {
  const from = order.state;
  const traded = tradedLots(order);
  const event = anyWord(order, chance);
  if (event.type === "orderQueried") orders.markQuery(order, nowUs);
  const change = orders.applyEvent(event, nowUs);
  said.length = 0;
  for (const { name } of change.anomalies) said.push(name);
  const isListedLive = orders.table.live.has(order);
  const laws: readonly (readonly [isKept: boolean, law: string])[] = [
    [isLegal(from, order.state), "a state follows by the table"],
    [tradedLots(order) >= traded, "what is traded never falls"],
    [order.reserved >= 0n, "a reserve is not negative"],
    [isTerminal(order) !== isListedLive, "live is who may be executed"],
    [!neverExisted(order.state) || order.filledLots === 0, "what never was has no fills"],
    [!change.becameTerminal || !isLive(order.state), "an end is an end"],
    [order.state !== "filled" || order.reserved === 0n || order.reportedLots > 0, "no reserve"],
  ];
  for (const [isKept, law] of laws) {
    if (!isKept) throw new Error(`${law}: ${from} -> ${order.state} by ${JSON.stringify(event)}`);
  }
}

describe("a walk through an order's life", () => {
  test("keeps every law, whatever is said", { timeout: LIMIT_MS }, () => {
    const chance = seeded(20_261_121);
    const reached = new Set<OrderState>();
    const alarmed = new Set<string>();
    let orders = makeOrders();
    let all: Order[] = [];
    for (let walk = 1; walk <= WALKS; walk++) {
      if (walk % 500 === 0) {
        expect(orders.table.ledger.position(0, "BTC")).toBe(tradedBase(orders, all));
        orders = makeOrders();
        all = [];
      }
      const order = placed(orders, walk, { isTest: chance() < 0.1 });
      all.push(order);
      for (let word = 0; word < WORDS; word++) {
        sayOne(orders, order, START_US + word * 1_000_000, chance);
        for (const name of said) alarmed.add(name);
        reached.add(order.state);
      }
    }
    expect([...reached].sort()).toEqual(
      ORDER_STATES.filter((state) => state !== "notAccepted").sort(),
    );
    for (const name of ["contradiction", "overfill", "revived", "twoOrderIds"]) {
      expect(alarmed).toContain(name);
      expect(ANOMALIES as readonly string[]).toContain(name);
    }
  });

  test("ends with equal sums, in whatever order the same words come", () => {
    const chance = seeded(5);
    for (let round = 0; round < 400; round++) {
      const words = [
        accepted(),
        reported(1, { state: "open", filledLots: 0 }),
        filled(1, "a", { lots: 2, priceTicks: 9_990 }),
        filled(1, "b", { lots: 3, priceTicks: 9_980, fee: "0.0007" }),
        filled(1, "b", { lots: 3, priceTicks: 9_980, fee: "0.0007" }),
        filled(0, "c", { lots: 1, priceTicks: 10_000, orderId: "v1" }),
        reported(1, { state: "partiallyFilled", filledLots: 5 }),
        reported(1, { state: "canceled", filledLots: 6 }),
      ];
      const orders = makeOrders();
      const order = placed(orders);
      while (words.length > 0) {
        const [word] = words.splice(Math.floor(chance() * words.length), 1);
        if (word !== undefined) orders.applyEvent(word, START_US);
      }
      expect(order).toMatchObject({ state: "canceled", filledLots: 6, reserved: 0n });
      const holding = orders.table.ledger.holding(0, "USDT");
      // (2 x 99.90 + 3 x 99.80 + 1 x 100.00) / 10,000 and fees of 0.0027.
      expect(totalOf(holding)).toBe(
        1000n * ATTO - (599_200n * ATTO) / 10_000_000n - (27n * ATTO) / 10_000n,
      );
      expect(orders.table.orphans.size).toBe(0);
    }
  });
});
