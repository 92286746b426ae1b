/**
 * Station: what a person (or the control plane for a person) asks -> kills, releases, limits, draining.
 */
import { worseMode } from "../mode.ts";
import { explainVenue } from "../order/balance-check.ts";
import type { World } from "../world.ts";
import { alarm } from "./alarms.ts";
import { cancelLive } from "./cancel-live.ts";
import type { OperatorEvent } from "./events.ts";
import { abortCycles } from "./executor.ts";
import { carryOutKills } from "./killing.ts";
import { putOut } from "./put-out.ts";
import { type Trading, updateBudgets } from "./trading.ts";

const NOWHERE = { venue: -1, instrument: -1 } as const;

export function applyOperatorEvent(world: World, trade: Trading, event: OperatorEvent): void {
  switch (event.type) {
    case "killRequested": {
      const { scope, target, by, reason } = event;
      trade.risk.kill({ scope, target, by, reason }, world.nowUs);
      carryOutKills(world, trade);
      return;
    }
    case "killReleased":
      release(world, trade, event);
      return;
    case "limitsChanged": {
      const taken = trade.risk.takeLimits(event.limits, event.version);
      if (taken.ok) {
        // What the new limits keep back is not offered to the next opportunity.
        for (const { venue } of trade.plan.venues) updateBudgets(trade, venue);
        return;
      }
      const text = `version ${event.version} refused: ${taken.fault.field} ${taken.fault.reason}`;
      alarm(world, 2, "limitsRefused", NOWHERE, text);
      return;
    }
    case "drainRequested":
      drain(world, trade, event);
      return;
    case "modeRequested":
      allowMode(world, trade, event);
      return;
    case "cancelAllRequested":
      cancelAll(world, trade, event.venue);
      return;
    case "flattenRequested":
      flatten(world, trade, event);
      return;
  }
}

function release(
  world: World,
  trade: Trading,
  event: Extract<OperatorEvent, { type: "killReleased" }>,
): void {
  const { scope, target, by, reason } = event;
  if (trade.risk.release(scope, target, by) !== "released") return;
  if (scope === "all" || scope === "venue") explainVenues(world, trade, target);
  world.outbox.push({ type: "recordKill", scope, target, isKilled: false, by, reason });
}

/** Whoever releases a venue (or, without a target, all) has seen what its account had closed it for. */
function explainVenues(world: World, trade: Trading, target: string): void {
  for (const [venue, account] of trade.accounts.entries()) {
    if (account === undefined || (target !== "" && world.venues[venue]?.id !== target)) continue;
    explainVenue(trade.orders.table, venue);
    account.blockedReason = "";
  }
}

/**
 * No new cycle from here; what is under way goes to its end or gets out, by the policy. Orders need not be
 * taken back: ours end by themselves at once, and what else was found at the venue is being canceled already.
 */
function drain(
  world: World,
  trade: Trading,
  { policy, by }: Extract<OperatorEvent, { type: "drainRequested" }>,
): void {
  if (trade.drain !== undefined) return;
  trade.drain = { policy, by, sinceUs: world.nowUs };
  if (policy === "flatten" || policy === "cancelOnly") abortCycles(trade, "draining", () => true);
}

/** Nothing looser than this from here on. What is under way goes on as far as the mode lets it. */
function allowMode(
  world: World,
  trade: Trading,
  { mode, by, reason }: Extract<OperatorEvent, { type: "modeRequested" }>,
): void {
  const { standing } = trade;
  if (standing.modeMax === mode) return;
  const text = `${standing.modeMax} -> ${mode} by ${by}: ${reason}`;
  standing.modeMax = mode;
  alarm(world, 3, "operatorMode", NOWHERE, text);
}

function cancelAll(world: World, trade: Trading, target: string): void {
  const isMeant = (venue: number) => target === "" || world.venues[venue]?.id === target;
  cancelLive(world, trade, ({ venue }) => isMeant(venue));
  for (const { venue, cancelAll: scope, mode } of trade.plan.venues) {
    // What we do not know of cannot be named; a paper account has nothing there.
    if (scope !== "account" || mode === "paper" || !isMeant(venue)) continue;
    putOut(world, trade, { type: "cancelAll", venue, instrument: -1 });
  }
}

/** Cycles get out of what they hold; the mode lets them, and lets nothing else begin. */
function flatten(
  world: World,
  trade: Trading,
  { by, reason }: Extract<OperatorEvent, { type: "flattenRequested" }>,
): void {
  const mode = worseMode(trade.standing.modeMax, "exitsOnly");
  allowMode(world, trade, { type: "modeRequested", mode, by, reason });
  abortCycles(trade, `flattened: ${reason}`, () => true);
  cancelLive(world, trade, () => true);
}

/** Whether a drain has come to its end: no cycle under way, no order that may still be executed. */
export function isDrained(trade: Trading): boolean {
  if (trade.drain === undefined) return false;
  // A successor gets out of what cycles hold; it need not find orders that may still be executed.
  if (trade.drain.policy === "handOver") return trade.orders.table.live.size === 0;
  return trade.cycles.length === 0 && trade.orders.table.live.size === 0;
}
