/**
 * Station: one order -> what its fills moved of two assets, and what its rest may still take.
 */
import type { Instrument } from "../instrument.ts";
import { lotsToAmount, notionalAmount } from "../money/notional.ts";
import type { FeeView } from "../trade/events.ts";
import { buyReserve } from "./fees.ts";
import { exposedLots, type Order } from "./order.ts";

/** Signed amounts of base and quote that the fills of an order moved, without fees. */
export function movesOf(order: Order, instrument: Instrument): { base: bigint; quote: bigint } {
  const lots = lotsToAmount(instrument, order.filledLots);
  const synthetic = notionalAmount(instrument, order.priceTicks, order.syntheticLots);
  const cost = order.quoteFilled + synthetic;
  return order.side === "buy" ? { base: lots, quote: -cost } : { base: -lots, quote: cost };
}

/** What the rest of an order can take at worst, of quote for a buy and of base for a sell. */
export function reserveOf(order: Order, instrument: Instrument, rate: FeeView | undefined): bigint {
  const lots = exposedLots(order);
  if (lots === 0) return 0n;
  if (order.side === "sell") return lotsToAmount(instrument, lots);
  return buyReserve(instrument, order.priceTicks, lots, rate);
}
