/**
 * Station: an order that the venue's order test has passed + the live book -> what would have become of it.
 *
 * The paper account differs from a real one in this file alone: its answers are made up here, from the
 * levels that are there when the test's answer comes, and go the same way as a venue's from then on: the
 * same rounding, fees, ledger and limits. A level is taken as it stands; nothing is taken from the book.
 */
import type { Ladder } from "../book/ladder.ts";
import { PAPER_ORDER_ID_PREFIX } from "../order/client-id.ts";
import type { PlaceOrder } from "./commands.ts";
import type { AccountEvent, FillView } from "./events.ts";
import { LEVELS_MAX } from "./leg-plan.ts";

const levelTicks = new Float64Array(LEVELS_MAX);
const levelLots = new Float64Array(LEVELS_MAX);

export type PaperOrder = Pick<
  PlaceOrder,
  "clientId" | "instrument" | "side" | "priceTicks" | "lots"
>;

type Stamp = { readonly venue: number; readonly epoch: number; readonly recvUs: number };

/** The venue's order id of a paper order: it can never be one of a real order. */
export function paperOrderId(order: PaperOrder): string {
  return PAPER_ORDER_ID_PREFIX + order.clientId;
}

/**
 * The events of an immediate-or-cancel order against one side of a book, in the order in which a venue
 * would tell them: accepted, each level a fill, then filled or expired.
 */
export function paperEvents(
  order: PaperOrder,
  taken: Ladder | undefined,
  from: Stamp,
): AccountEvent[] {
  const { clientId, instrument, side, priceTicks, lots } = order;
  const stamp = { venue: from.venue, epoch: from.epoch, recvUs: from.recvUs };
  const orderId = paperOrderId(order);
  const events: AccountEvent[] = [{ type: "orderAccepted", ...stamp, clientId, orderId }];
  const count =
    taken === undefined || taken.isEmpty ? 0 : taken.copyLevels(levelTicks, levelLots, LEVELS_MAX);
  let left = lots;
  for (let level = 0; level < count && left > 0; level++) {
    const ticks = levelTicks[level] as number;
    if (side === "buy" ? ticks > priceTicks : ticks < priceTicks) break;
    const filled = Math.min(left, levelLots[level] as number);
    left -= filled;
    const fill: FillView = {
      clientId,
      orderId,
      instrument,
      tradeId: `${orderId}-${level}`,
      side,
      priceTicks: ticks,
      lots: filled,
      fee: "",
      feeAsset: "",
      isMaker: false,
      exchangeUs: stamp.recvUs,
    };
    events.push({ type: "orderFilled", ...stamp, source: "stream", fill });
  }
  events.push({
    type: "orderReported",
    ...stamp,
    source: "stream",
    order: {
      clientId,
      orderId,
      instrument,
      side,
      state: left === 0 ? "filled" : "expired",
      lots,
      filledLots: lots - left,
      priceTicks,
      reason: left === 0 ? "" : "what was not filled at once expired",
      exchangeUs: stamp.recvUs,
    },
  });
  return events;
}
