/**
 * Station: records -> the remote record of each order's life: accepted, sent, acked, unknown, terminal.
 *
 * A host that is lost takes its journal with it. What is needed to find an order at its venue, and to take
 * it up as unknown, is therefore copied to the table of commands, by names and not by indexes.
 */
import type { OrderRecordState } from "../../contracts/operator-command.ts";
import type { Micros } from "../../contracts/time.ts";
import type { OrderPurpose, OrderState, Side } from "../../contracts/trade.ts";
import type { PlaceOrder, TimeInForce } from "../core/trade/commands.ts";
import type { Names } from "./names.ts";

/** An order as it was given out: enough to spell the same order again in another process. */
export type PlacedOrder = {
  readonly venue: string;
  readonly instrument: string;
  readonly fence: number;
  readonly command: number;
  readonly side: Side;
  readonly timeInForce: TimeInForce;
  readonly price: string;
  readonly quantity: string;
  readonly priceTicks: number;
  readonly lots: number;
  /** Of the run that placed it: ticks and lots mean nothing without them. */
  readonly tickSize: string;
  readonly lotSize: string;
  readonly purpose: OrderPurpose;
  readonly cycle: number;
  readonly leg: number;
  readonly stampUs: Micros;
  readonly windowUs: Micros;
  readonly limitsVersion: number;
  readonly isTest: boolean;
};

/** One step of one order. Steps may be told again and in any order: the furthest one counts. */
export type OrderStep = {
  readonly clientId: string;
  readonly state: OrderRecordState;
  readonly atUs: Micros;
  readonly runId: string;
  /** The venue's; "" while it is not known. */
  readonly orderId: string;
  /** How it was given out, where this step knows it. */
  readonly placed?: PlacedOrder;
  /** How it ended, at the last step. */
  readonly ended?: {
    readonly state: OrderState;
    readonly filledQuantity: string;
    readonly cause: string;
  };
};

/** What is kept of an order that is given out. */
export function placedOrder(
  names: Names,
  order: Omit<PlaceOrder, "type" | "clientId" | "books">,
): PlacedOrder {
  const { venue, instrument, priceTicks, lots } = order;
  const rules = names.plan.instruments[instrument];
  return {
    venue: names.venue(venue) ?? "",
    instrument: names.instrument(instrument),
    fence: order.fence,
    command: order.command,
    side: order.side,
    timeInForce: order.timeInForce,
    price: names.price(instrument, priceTicks),
    quantity: names.quantity(instrument, lots),
    priceTicks,
    lots,
    tickSize: rules?.tickSize ?? "",
    lotSize: rules?.lotSize ?? "",
    purpose: order.purpose,
    cycle: order.cycle,
    leg: order.leg,
    stampUs: order.stampUs,
    windowUs: order.windowUs,
    limitsVersion: order.limitsVersion,
    isTest: order.isTest,
  };
}
