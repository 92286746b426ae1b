/**
 * Station: core, what every order of a cycle has in common: how it is sized, noted, and waited for.
 */
import { assert } from "../../../contracts/assert.ts";
import type { Side } from "../../../contracts/trade.ts";
import type { Order } from "../order/order.ts";
import type { OrderContext } from "../risk/view.ts";
import type { BookSlot, World } from "../world.ts";
import type { Cycle } from "./cycle.ts";
import { type LegPlan, planLeg } from "./leg-plan.ts";
import type { Trading } from "./trading.ts";

/** What kills name. */
export const STRATEGY = "triangle";
/** What cannot be done now (a book is void, a control blocks) is tried again after this, then twice... */
const TRY_AGAIN_US = 20_000;
const TRY_AGAIN_US_MAX = 500_000;

type Ways = { readonly inputAsset: string; readonly outputAsset: string };

/** Notes an order of this cycle as on its way, and waits for it. */
export function addOrder(
  cycle: Cycle,
  order: Order,
  signalTicks: number,
  fireTicks: number,
  { inputAsset, outputAsset }: Ways,
): void {
  cycle.orders.push({
    leg: order.leg,
    instrument: order.instrument,
    side: order.side,
    clientId: order.clientId,
    inputAsset,
    outputAsset,
    lots: order.lots,
    limitTicks: order.priceTicks,
    signalTicks,
    fireTicks,
    state: order.state,
    filledLots: 0,
    input: 0n,
    output: 0n,
    fees: new Map(),
    firedUs: order.sentUs,
    ackUs: 0,
    fillUs: 0,
    endUs: 0,
  });
  cycle.waitingFor = order.clientId;
  cycle.waitingSinceUs = order.sentUs;
  cycle.waits = 0;
  cycle.deniedBy = "";
}

/** What the gate wants to know of an order beside the order itself. */
export function contextOf(cycle: Cycle): OrderContext {
  return {
    opportunity: cycle.opportunity,
    strategy: STRATEGY,
    edgePpm: cycle.edgePpm,
    cycleSinceUs: cycle.signalUs,
  };
}

/** The order that passes an amount on through one book now; undefined for less than one lot. */
export function legPlan(
  trade: Trading,
  slot: BookSlot,
  side: Side,
  input: bigint,
  collarPpm: number,
): LegPlan | undefined {
  const { index } = slot.instrument;
  const instrument = trade.instruments[index];
  assert(instrument !== undefined, "every book has rules");
  const taken = side === "buy" ? slot.book.asks : slot.book.bids;
  const fee = trade.accounts[slot.venue]?.fees.get(index);
  const onTopPpb = fee?.paidIn === "quote" ? Math.max(0, fee.takerPpb) : 0;
  return planLeg(instrument, side, taken, input, onTopPpb, collarPpm);
}

/** Whether an order may be decided upon this book. */
export function isUsable({ book, phase }: BookSlot): boolean {
  return book.state === "live" && phase === "idle" && !book.bids.isEmpty && !book.asks.isEmpty;
}

/** Looks again later, and ever more rarely. */
export function waitAWhile(world: World, cycle: Cycle): void {
  cycle.retryUs = world.nowUs + Math.min(TRY_AGAIN_US * 2 ** cycle.waits, TRY_AGAIN_US_MAX);
  cycle.waits++;
}
