/**
 * Station: core, what the keeper of the lease tells, and time -> trading goes on, winds down, or ends.
 *
 * The loop counts the lease by itself. When less is left than a request needs, nothing more leaves and what
 * is open is taken back; when nothing is left, the engine ends. No word from outside is needed for either,
 * so a supervisor or a table that is away can only end trading, never prolong it.
 */
import type { World } from "../world.ts";
import { alarm } from "./alarms.ts";
import { cancelLive } from "./cancel-live.ts";
import type { LeaseEvent } from "./events.ts";
import { abortCycles } from "./executor.ts";
import type { TradingPlan } from "./plan.ts";
import { leaseRemainingUs, type Standing } from "./standing.ts";
import type { Trading } from "./trading.ts";

const NOWHERE = { venue: -1, instrument: -1 } as const;

/** Takes up a renewal or the loss. A renewal never shortens what was granted, and a loss is final. */
export function applyLeaseEvent(world: World, trade: Trading, event: LeaseEvent): void {
  const { standing, plan } = trade;
  if (plan.lease === undefined) return;
  if (event.type === "leaseLost") {
    standing.leaseUntilUs = world.nowUs;
    endTrading(world, standing, event.reason);
    return;
  }
  // A right that has ended does not come back: who holds it again does so under another fence. And a word
  // that waited until it was out of date is no word.
  if (isLeaseOver(standing, world.nowUs) || event.untilUs <= world.nowUs) return;
  standing.leaseUntilUs = Math.max(standing.leaseUntilUs, event.untilUs);
  standing.openFromUs = event.openFromUs;
  standing.isLeaseEnding = isShort(standing, plan, world.nowUs);
}

/** What the lease wants done by time alone. Called after every control event. */
export function checkLease(world: World, trade: Trading): void {
  const { standing, plan } = trade;
  if (plan.lease === undefined || standing.leaseUntilUs === 0) return;
  if (isLeaseOver(standing, world.nowUs)) {
    // An engine that is being stopped ends by itself.
    if (!world.stopping) endTrading(world, standing, "it was not renewed in time");
    return;
  }
  if (standing.isLeaseEnding || !isShort(standing, plan, world.nowUs)) return;
  standing.isLeaseEnding = true;
  abortCycles(trade, "the lease runs out", () => true);
  cancelLive(world, trade, () => true);
  const leftUs = leaseRemainingUs(standing, world.nowUs);
  alarm(world, 1, "leaseShort", NOWHERE, `the lease was not renewed and has ${leftUs} us left`);
}

/** When the lease wants a timer. */
export function leaseDueUs({ standing, plan }: Trading): number {
  const isCounted = plan.lease !== undefined && standing.leaseUntilUs > 0 && !standing.isLeaseOver;
  if (!isCounted) return Number.POSITIVE_INFINITY;
  if (standing.isLeaseEnding) return standing.leaseUntilUs;
  return standing.leaseUntilUs - (plan.lease?.marginUs ?? 0) + 1;
}

function isLeaseOver({ leaseUntilUs }: Standing, nowUs: number): boolean {
  return leaseUntilUs > 0 && nowUs >= leaseUntilUs;
}

function isShort(standing: Standing, { lease }: TradingPlan, nowUs: number): boolean {
  return leaseRemainingUs(standing, nowUs) < (lease?.marginUs ?? 0);
}

function endTrading(world: World, standing: Standing, reason: string): void {
  if (standing.isLeaseOver) return;
  standing.isLeaseOver = true;
  world.outbox.push({ type: "halt", reason: `leaseLost: ${reason}` });
}
