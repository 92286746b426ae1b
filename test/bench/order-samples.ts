/** An order of the benches, with everything that one carries, and the instrument that it is of. */
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import { fastStepsText } from "../../hotpath/venues/binance-spot/execute/frames.ts";

const START_US = 1_700_000_000_000_000;

export function orderInstrument(): Instrument {
  const instrument = instrumentOf(
    {
      id: "binance-spot:BTCUSDT",
      venue: "binance-spot",
      symbol: "BTCUSDT",
      tickSize: "0.01",
      lotSize: "0.00001",
    },
    0,
  );
  if (instrument === undefined) throw new Error("the steps of a bench are good");
  return instrument;
}

/** Order `i`: price, size, time and id differ from one to the next. */
export function benchOrder(i: number): PlaceOrder {
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command: i,
    fence: 1,
    clientId: `rk00001-${i.toString(36).padStart(8, "0")}`,
    side: i % 2 === 0 ? "buy" : "sell",
    timeInForce: "ioc",
    priceTicks: 9_425_100 + (i % 1000),
    lots: 10_000 + (i % 777),
    purpose: "open",
    cycle: i,
    leg: 0,
    stampUs: START_US + i * 1000,
    windowUs: 1_000_000,
    limitsVersion: 1,
    books: [
      { instrument: 0, epoch: 1, seq: 10_000_000_000 + i, ageUs: 12 },
      { instrument: 1, epoch: 1, seq: 10_000_000_000 + i, ageUs: 15 },
      { instrument: 2, epoch: 1, seq: 10_000_000_000 + i, ageUs: 18 },
    ],
    isTest: false,
  };
}

const INSTRUMENT = orderInstrument();

/** The query of the same order over REST, unsigned (rest-api.md "New order", 2026-07-21). */
export function restQuery(order: PlaceOrder): string {
  const { priceDecimals, tickUnits, quantityDecimals, lotUnits } = INSTRUMENT;
  const price = fastStepsText(order.priceTicks, priceDecimals, tickUnits);
  const quantity = fastStepsText(order.lots, quantityDecimals, lotUnits);
  const side = order.side === "buy" ? "BUY" : "SELL";
  return `symbol=BTCUSDT&side=${side}&type=LIMIT&timeInForce=IOC&quantity=${quantity}&price=${price}&newClientOrderId=${order.clientId}&newOrderRespType=FULL&recvWindow=1000&timestamp=${Math.floor(order.stampUs / 1000)}`;
}
