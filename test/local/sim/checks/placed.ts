/**
 * An order in the turn of its decision, for tests of checkers.
 */
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";

/** A sound order, changed as said. */
export function placed(change: Partial<PlaceOrder> = {}): PlaceOrder {
  return {
    type: "placeOrder",
    venue: 0,
    instrument: 0,
    command: 1,
    fence: 1,
    clientId: "rk1-1",
    side: "buy",
    timeInForce: "ioc",
    priceTicks: 100,
    lots: 10,
    purpose: "open",
    cycle: 1,
    leg: 0,
    stampUs: 0,
    windowUs: 1_000_000,
    limitsVersion: 1,
    books: [],
    isTest: false,
    ...change,
  };
}
