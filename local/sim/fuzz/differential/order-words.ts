/**
 * Station: bytes -> what a venue may say of one of three orders, under names that are right or not.
 */
import { clientIdOf } from "../../../../hotpath/core/order/client-id.ts";
import type { FillView, OrderView } from "../../../../hotpath/core/trade/events.ts";
import type { ByteOps } from "./byte-ops.ts";

export const FENCE = 7;
export const START_US = 1_800_000_000_000_000;
/** The first two are placed; the third has our name and is known to the venue alone. */
export const NAMES = [1, 2, 3].map((command) => clientIdOf(FENCE, command));
export const TERMS = [
  { side: "buy", priceTicks: 10_000, lots: 10 },
  { side: "sell", priceTicks: 10_010, lots: 6 },
  { side: "buy", priceTicks: 9_990, lots: 4 },
] as const;

const SAID = [
  ...(["received", "open", "partiallyFilled", "filled"] as const),
  ...(["canceled", "expired", "rejected", "open"] as const),
] as const;

/** The venue's name of an order: mostly its own, else none or that of another. */
export function orderIdFrom(ops: ByteOps, which: number): string {
  const way = ops.below(16);
  if (way > 2) return `v${which}`;
  return way === 0 ? "" : `v${ops.below(4)}`;
}

/** Both names as they are told: ours mostly, sometimes only the venue's, sometimes a stranger's. */
function namesFrom(ops: ByteOps, which: number): Pick<OrderView, "clientId" | "orderId"> {
  const way = ops.below(8);
  const clientId = way === 0 ? "" : way === 1 ? "web_1" : (NAMES[which] as string);
  return { clientId, orderId: orderIdFrom(ops, which) };
}

export function viewFrom(ops: ByteOps): OrderView {
  const which = ops.below(3) as 0 | 1 | 2;
  const { side, lots, priceTicks } = TERMS[which];
  const way = ops.below(32);
  return {
    ...namesFrom(ops, which),
    instrument: way === 0 ? -1 : way === 1 ? 1 : 0,
    side: way < 8 ? undefined : way === 8 ? opposite(side) : side,
    state: SAID[ops.below(SAID.length)] as OrderView["state"],
    lots: way === 9 ? -1 : lots,
    filledLots: ops.below(lots + 3) - 1,
    priceTicks,
    reason: "",
    exchangeUs: START_US,
  };
}

export function tradeFrom(ops: ByteOps): FillView {
  const which = ops.below(3) as 0 | 1 | 2;
  const { side, priceTicks } = TERMS[which];
  const way = ops.below(32);
  const isFeeKnown = ops.below(2) === 0;
  return {
    ...namesFrom(ops, which),
    instrument: way === 0 ? -1 : way === 1 ? 1 : 0,
    tradeId: `t${ops.below(5)}`,
    side: way === 2 ? opposite(side) : side,
    priceTicks: priceTicks + (way % 4),
    lots: way === 3 ? 0 : 1 + ops.below(5),
    fee: isFeeKnown ? "0.001" : "",
    feeAsset: isFeeKnown ? "USDT" : "",
    isMaker: way % 2 === 0,
    exchangeUs: START_US,
  };
}

function opposite(side: "buy" | "sell"): "buy" | "sell" {
  return side === "buy" ? "sell" : "buy";
}
