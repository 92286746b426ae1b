// Goal: a trade finds the client id of its order, and only symbols that matter are read.
import { expect, test } from "vitest";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { AccountMemory, ownOrders } from "../../../../hotpath/io/trade/account-memory.ts";

function instrument(index: number): Instrument {
  const symbol = `A${index}USDT`;
  const rules = {
    id: `binance-spot:${symbol}`,
    venue: "binance-spot",
    symbol,
    tickSize: "0.01",
    lotSize: "0.01",
  } as const;
  return instrumentOf({ ...rules, id: `binance-spot:${symbol}` }, index) as Instrument;
}

const some = (count: number): Instrument[] =>
  Array.from({ length: count }, (_, i) => instrument(i));

test("instruments are found by index and symbol, over the holes of the world's list", () => {
  const memory = new AccountMemory([undefined, instrument(1), undefined, instrument(3)]);
  expect(memory.instruments.map(({ index }) => index)).toEqual([1, 3]);
  expect(memory.instrumentAt(3)).toBe(memory.bySymbol.get("A3USDT"));
  expect(() => memory.instrumentAt(2)).toThrow(/names an instrument of its venue/);
});

test("trades of forty instruments are read, and of more only of those where something was", () => {
  expect(new AccountMemory(some(40)).tradedInstruments()).toHaveLength(40);
  const many = new AccountMemory(some(41));
  expect(many.tradedInstruments()).toEqual([]);
  many.touch(7);
  expect(many.tradedInstruments().map(({ index }) => index)).toEqual([7]);
});

test("the first name of an order stays, and no name is none", () => {
  const memory = new AccountMemory([]);
  memory.learn({ orderId: "1", clientId: "" });
  expect(memory.clientIdOf("1")).toBe("");
  memory.learn({ orderId: "1", clientId: "rk-a" });
  memory.learn({ orderId: "1", clientId: "rk-b" });
  expect(memory.clientIdOf("1")).toBe("rk-a");
});

test("the oldest names are forgotten first", () => {
  const memory = new AccountMemory([], 2);
  for (const id of ["1", "2", "3"]) memory.learn({ orderId: id, clientId: `rk-${id}` });
  expect(["1", "2", "3"].map((id) => memory.clientIdOf(id))).toEqual(["", "rk-2", "rk-3"]);
});

test("foreign orders, and those of instruments that nobody follows, are not ours to cancel", () => {
  const order = {
    clientId: "rk00001-00000001",
    orderId: "7",
    instrument: 3,
    side: "buy",
    state: "open",
    lots: 2,
    filledLots: 0,
    priceTicks: 10,
    reason: "",
    exchangeUs: 1,
  } as const;
  const foreign = { ...order, clientId: "web_1" };
  expect(ownOrders([foreign, order, { ...order, instrument: -1 }])).toEqual([order]);
});
