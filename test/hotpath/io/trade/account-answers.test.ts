// Goal: what came of a read is told whole or as a failure with its reason, and silence is never an answer.
import { expect, test } from "vitest";
import type { FillView, OrderView } from "../../../../hotpath/core/trade/events.ts";
import {
  accountRead,
  orderQueried,
  unheard,
} from "../../../../hotpath/io/trade/account-answers.ts";

const ORDER: OrderView = {
  clientId: "rk00001-00000001",
  orderId: "7",
  instrument: 3,
  side: "buy",
  state: "filled",
  lots: 2,
  filledLots: 2,
  priceTicks: 10,
  reason: "",
  exchangeUs: 1,
};
const FILLS: readonly FillView[] = [];
const COMMAND = { requestId: 9, clientId: ORDER.clientId };

test("an order that was found comes with its fills", () => {
  const read = { kind: "read", value: { order: ORDER, fills: FILLS }, recvUs: 5 } as const;
  expect(orderQueried(COMMAND, read)).toEqual({
    type: "orderQueried",
    ...COMMAND,
    outcome: "found",
    order: ORDER,
    fills: FILLS,
    reason: "",
  });
});

test.each(["notFound", "failed"] as const)("an order that was %s comes without", (kind) => {
  expect(orderQueried(COMMAND, { kind, reason: "why" })).toEqual({
    type: "orderQueried",
    ...COMMAND,
    outcome: kind,
    order: undefined,
    fills: [],
    reason: "why",
  });
});

test("an account is told whole, with what was left out", () => {
  const lists = { balances: [], openOrders: [ORDER], fills: FILLS };
  const read = { kind: "read", value: { ...lists, note: "of a day" }, recvUs: 5 } as const;
  expect(accountRead(4, read)).toEqual({
    type: "accountRead",
    requestId: 4,
    outcome: "read",
    ...lists,
    reason: "of a day",
  });
});

test.each(["notFound", "failed"] as const)("an account that was %s is a failure", (kind) => {
  expect(accountRead(4, { kind, reason: "why" })).toEqual({
    type: "accountRead",
    requestId: 4,
    outcome: "failed",
    balances: [],
    openOrders: [],
    fills: [],
    reason: "why",
  });
});

test("silence proves nothing, and is no surprise", () => {
  const silence = { class: "unknown", code: "timeout", text: "", isListed: true };
  expect(unheard("timeout")).toEqual(silence);
});
