/**
 * Station: one order before the gate, with everything that a control may look at. One scene for each gate,
 * filled anew for each order, so that judging allocates nothing.
 *
 * A control is a plain function of the scene: "" lets pass, any other text is the reason of the denial.
 */

import type { Instrument } from "../instrument.ts";
import { notionalAmount } from "../money/notional.ts";
import type { PlaceOrder } from "../trade/commands.ts";
import type { LastOrders } from "./duplicates.ts";
import type { Kills } from "./kill.ts";
import { type LimitsInForce, unitsOf } from "./limits.ts";
import type { ReferenceReading, References } from "./reference.ts";
import type { VenueRisk } from "./venue-risk.ts";
import type {
  AccountReading,
  BookReading,
  InstrumentReading,
  OrderContext,
  PlacePurpose,
  RiskView,
} from "./view.ts";

export type Scene = {
  nowUs: number;
  order: PlaceOrder;
  context: OrderContext;
  purpose: PlacePurpose;
  limits: LimitsInForce;
  view: RiskView;
  kills: Kills;
  lastOrders: LastOrders;
  venue: VenueRisk;
  rules: Instrument;
  readonly book: BookReading;
  /** For the books of the other legs. */
  readonly otherBook: BookReading;
  readonly instrument: InstrumentReading;
  readonly account: AccountReading;
  readonly reference: ReferenceReading;
  references: References;
  /** For the books of the other legs. */
  readonly otherReference: ReferenceReading;
  /** Worth of the order at its worst price in whole reference units; NaN where nothing values it. */
  worth: number;
  /** The same exactly, worked out only where the double is too near to a limit. */
  exactWorth: bigint | undefined;
};

/** Doubles this near to a limit do not decide: ten thousand times what they can be wrong by. */
export const SCREEN_MARGIN = 1e-9;

/** Whether `value` is at most `limit` beyond the doubt of doubles. False for NaN. */
export function isClearlyWithin(value: number, limit: number): boolean {
  return value <= limit - limit * SCREEN_MARGIN;
}

/** The worst price that the order may be filled at, for its worth: a sell may meet a better bid. */
export function worstTicks(scene: Scene): number {
  const { order, book } = scene;
  if (order.side === "buy") return order.priceTicks;
  return book.bidTicks > order.priceTicks ? book.bidTicks : order.priceTicks;
}

/** Worth of the order at its worst price, screened; see `Scene.worth`. */
export function worthOf(scene: Scene): number {
  const { order, rules, venue } = scene;
  const price = worstTicks(scene) * rules.tickUnits * scaleOf(rules.priceDecimals);
  const quantity = order.lots * rules.lotUnits * scaleOf(rules.quantityDecimals);
  return price * quantity * venue.valuation.rate(rules.quoteAsset);
}

const SCALES: readonly number[] = Array.from({ length: 19 }, (_, places) => 1 / 10 ** places);

/** 10 to the power of minus `decimals`, for screening. */
export function scaleOf(decimals: number): number {
  return SCALES[decimals] ?? Number.NaN;
}

/** The exact worth, rounded up; undefined where no live book values it. */
export function exactWorthOf(scene: Scene): bigint | undefined {
  if (scene.exactWorth !== undefined) return scene.exactWorth;
  if (Number.isNaN(scene.worth)) return undefined;
  const { order, rules, venue } = scene;
  const notional = notionalAmount(rules, worstTicks(scene), order.lots, "ceil");
  scene.exactWorth = venue.valuation.value(rules.quoteAsset, notional);
  return scene.exactWorth;
}

/** Why the order, on top of `taken`, is above a limit; "" when it is not. */
export function worthFault(
  scene: Scene,
  taken: bigint,
  limit: bigint,
  screen: number,
  name: string,
): string {
  if (isClearlyWithin(unitsOf(taken) + scene.worth, screen)) return "";
  const exact = exactWorthOf(scene);
  if (exact === undefined) return "no live book values the order in the reference asset";
  if (taken + exact <= limit) return "";
  return `${name}: ${unitsOf(taken)} taken + ${unitsOf(exact)} > ${unitsOf(limit)}`;
}
