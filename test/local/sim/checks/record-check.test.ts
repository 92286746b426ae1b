// Goal: an order has one end and a trade one record; a life that lost its memory may only prove what was refused.
import { expect, test } from "vitest";
import type { FillRecord, OrderRecord } from "../../../../hotpath/core/trade/commands.ts";
import { RecordCheck } from "../../../../local/sim/checks/record-check.ts";

const ORDER: OrderRecord = {
  venue: 0,
  instrument: 1,
  clientId: "rk1-1",
  orderId: "",
  cycle: 1,
  leg: 0,
  side: "buy",
  state: "rejected",
  cause: "",
  priceTicks: 1,
  lots: 5,
  filledLots: 0,
};

const FILL: FillRecord = {
  venue: 0,
  instrument: 1,
  clientId: "rk1-1",
  orderId: "7",
  tradeId: "9",
  side: "buy",
  priceTicks: 1,
  lots: 5,
  quote: "1",
  fee: "0",
  feeAsset: "USD",
  isMaker: false,
  cycle: 1,
  leg: 0,
  exchangeUs: 1,
  recvUs: 1,
};

function watched() {
  const cries: string[] = [];
  const check = new RecordCheck((invariant, sentence) => cries.push(`${invariant}: ${sentence}`));
  check.onLife();
  const end = (state: OrderRecord["state"]): void =>
    check.onRecord({ type: "recordOrder", order: { ...ORDER, state } });
  return { cries, check, end };
}

test("another end in the same life is told, also one that means the same to the venue", () => {
  const { cries, end } = watched();
  end("rejected");
  end("notAccepted");
  expect(cries).toEqual(["9: rk1-1 ended as rejected, then as notAccepted"]);
});

test("a life that knows of no refusal may prove the order absent, and nothing else", () => {
  const { cries, check, end } = watched();
  end("rejected");
  check.onLife();
  end("notAccepted");
  expect(cries).toEqual([]);
  check.onLife();
  end("filled");
  expect(cries).toEqual(["9: rk1-1 ended as notAccepted, then as filled"]);
});

test("an order that lives again after it was filled is told", () => {
  const { cries, end } = watched();
  end("filled");
  end("filled");
  expect(cries).toHaveLength(1);
});

test("a trade is counted once in a life", () => {
  const { cries, check } = watched();
  check.onRecord({ type: "recordFill", fill: FILL });
  check.onLife();
  check.onRecord({ type: "recordFill", fill: FILL });
  expect(cries).toEqual([]);
  check.onRecord({ type: "recordFill", fill: FILL });
  expect(cries).toHaveLength(1);
});

test("an order that is asked for twice has two intents", () => {
  const { cries, check } = watched();
  check.onPlaced("rk1-1");
  check.onPlaced("rk1-1");
  expect(cries).toEqual(["2: rk1-1 has two intents"]);
});
