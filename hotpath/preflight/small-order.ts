/**
 * Station: instrument + price -> the smallest order that its filters let through, as a test.
 *
 * It says `isTest`, and the host that carries it has no intent log: it cannot reach a matcher.
 */
import { boundsOf } from "../core/filters.ts";
import type { Instrument } from "../core/instrument.ts";
import type { PlaceOrder } from "../core/trade/commands.ts";
import type { Execution } from "../venues/execution.ts";

const TEST_WINDOW_US = 5_000_000;

/** Half more than the least that the filters let through. */
export function smallOrder(
  instrument: Instrument,
  priceTicks: number,
  stampUs: number,
  { features }: Execution,
): PlaceOrder {
  const { lotsMin, stepsMin } = boundsOf(instrument);
  const lots = Math.max(1, lotsMin, Math.ceil((stepsMin / priceTicks) * 1.5));
  return {
    type: "placeOrder",
    venue: 0,
    instrument: instrument.index,
    command: 1,
    fence: 0,
    clientId: "rk00000-00000001",
    side: "buy",
    timeInForce: "ioc",
    priceTicks,
    lots,
    purpose: "open",
    cycle: 0,
    leg: 0,
    stampUs,
    windowUs: Math.min(TEST_WINDOW_US, features.windowUsMax),
    limitsVersion: 0,
    books: [],
    isTest: true,
  };
}
