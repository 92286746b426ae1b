/**
 * Station: what a cycle holds and should not -> orders that get out of it, or a residual that has a name.
 *
 * One asset after the other, straight to the start asset, with a limit at a collar: never at any price. What
 * is too little to be sold is dust; what could be sold and was not is stranded, and wakes somebody.
 */
import { assert } from "../../../contracts/assert.ts";
import { isSettled } from "../order/order.ts";
import type { World } from "../world.ts";
import { type Cycle, noteOrder } from "./cycle.ts";
import { endCycle } from "./end.ts";
import { marketBetween } from "./market-between.ts";
import { addOrder, contextOf, isUsable, legPlan, STRATEGY, waitAWhile } from "./order-step.ts";
import { sendOrder, stampOf } from "./send.ts";
import type { Trading } from "./trading.ts";

/** How long a cycle waits for a book to come back before what it holds is a residual. */
const WAIT_MAX_US = 30_000_000;

/** Gets out of whatever the cycle still holds between, one asset after the other; then it ends. */
export function settle(world: World, trade: Trading, cycle: Cycle): void {
  cycle.step = "exit";
  cycle.waitingFor = "";
  cycle.retryUs = 0;
  for (const [asset, amount] of [...cycle.holdings]) {
    if (asset === cycle.startAsset || amount <= 0n) continue;
    const step = tryExit(world, trade, cycle, asset, amount);
    if (step === "sent") return;
    if (step === "wait") {
      if (world.nowUs - cycle.waitingSinceUs < WAIT_MAX_US / trade.plan.timeDivisor) {
        waitAWhile(world, cycle);
        return;
      }
      cycle.isStranded = true;
    }
  }
  endCycle(world, trade, cycle);
}

/** `dust`: too little to be sold. `never`: policy, kill or the number of tries forbid it. */
type ExitStep = "sent" | "wait" | "dust" | "never";

function tryExit(
  world: World,
  trade: Trading,
  cycle: Cycle,
  asset: string,
  amount: bigint,
): ExitStep {
  const market = marketBetween(trade.instruments, world, cycle.venue, asset, cycle.startAsset);
  if (market === undefined) return "dust";
  const { instrument, side } = market;
  const slot = world.slots[instrument.index];
  assert(slot !== undefined, "every instrument has a book");
  const isUsed = isUsable(slot);
  const plan = isUsed ? legPlan(trade, slot, side, amount, trade.plan.exitCollarPpm) : undefined;
  if (isUsed && (plan === undefined || trade.risk.isBelowMinimum(instrument, side, plan))) {
    return "dust";
  }
  const tries = cycle.exitsOf.get(asset) ?? 0;
  const isGivenUp =
    trade.plan.singleLegPolicy === "hold" ||
    trade.drain?.policy === "cancelOnly" ||
    tries >= trade.plan.exitTriesMax;
  if (isGivenUp || trade.risk.mayNotExit(cycle.venue, instrument, STRATEGY)) {
    cycle.isStranded = true;
    return "never";
  }
  if (plan === undefined) return "wait";
  const sent = sendOrder(
    world,
    trade,
    {
      venue: cycle.venue,
      instrument: instrument.index,
      side,
      priceTicks: plan.limitTicks,
      lots: plan.lots,
      purpose: "exit",
      cycle: cycle.number,
      leg: 3 + cycle.exitTries,
      books: [stampOf(world, instrument.index)],
      deniedBy: cycle.deniedBy,
    },
    contextOf(cycle),
  );
  if (!sent.ok) {
    cycle.deniedBy = sent.denial.control;
    return "wait";
  }
  cycle.exitTries++;
  cycle.exitsOf.set(asset, tries + 1);
  addOrder(cycle, sent.order, plan.touchTicks, plan.touchTicks, {
    inputAsset: asset,
    outputAsset: cycle.startAsset,
  });
  return "sent";
}

/** A cycle of an earlier process: once all its orders are settled, what they left is got out of. */
export function settleRecovered(world: World, trade: Trading, cycle: Cycle): void {
  const { table } = trade.orders;
  let isOpen = false;
  for (const mine of cycle.orders) {
    const order = table.get(mine.clientId);
    if (order === undefined) continue;
    noteOrder(cycle, mine, order);
    if (!isSettled(order)) isOpen = true;
  }
  if (isOpen || trade.accounts[cycle.venue]?.phase !== "ready") return;
  cycle.waitingSinceUs = world.nowUs;
  settle(world, trade, cycle);
}
