/**
 * Station: a reason to stop -> kill, cancels, aborted cycles, all in the turn that took it (RELIABILITY 3.1).
 *
 * After this turn no order of the scope passes the gate. What was written before is followed to its end:
 * a request that has left is taken back by name, and by cancel-all where the venue has it.
 */
import type { Kill } from "../risk/kill.ts";
import type { World } from "../world.ts";
import { alarm } from "./alarms.ts";
import { cancelLive } from "./cancel-live.ts";
import { abortCycles } from "./executor.ts";
import { STRATEGY } from "./order-step.ts";
import { putOut } from "./put-out.ts";
import type { Trading } from "./trading.ts";

/** Carries out every kill that is new, whoever asked for it: a person, or a control by itself. */
export function carryOutKills(world: World, trade: Trading): void {
  for (const kill of trade.risk.takeNewKills()) carryOut(world, trade, kill);
}

function carryOut(world: World, trade: Trading, kill: Kill): void {
  const { scope, target, by, reason } = kill;
  world.outbox.push({ type: "recordKill", scope, target, isKilled: true, by, reason });
  abortCycles(trade, `killed: ${reason}`, (cycle) =>
    cycle.orders.some((order) => isHit(world, trade, kill, cycle.venue, order.instrument)),
  );
  const venues = cancelLive(world, trade, (order) =>
    isHit(world, trade, kill, order.venue, order.instrument),
  );
  if (scope !== "all" && scope !== "venue") return;
  for (const venue of venues) {
    if (trade.accounts[venue]?.plan.cancelAll !== "account") continue;
    putOut(world, trade, { type: "cancelAll", venue, instrument: -1 });
  }
}

function isHit(
  world: World,
  trade: Trading,
  { scope, target }: Kill,
  venue: number,
  instrument: number,
): boolean {
  switch (scope) {
    case "all":
      return true;
    case "venue":
      return world.venues[venue]?.id === target;
    case "strategy":
      // One strategy sends orders: whoever kills it by its name kills its orders.
      return target === STRATEGY;
    case "instrument":
      return trade.instruments[instrument]?.id === target;
  }
}

/** What must not happen, and did: told, and where it says that our picture is wrong, a kill. */
export function onAnomaly(
  world: World,
  trade: Trading,
  name: string,
  where: { readonly venue: number; readonly instrument: number },
  text: string,
  severity: 1 | 2 | 3 = 1,
): void {
  trade.counts.anomalies++;
  alarm(world, severity, name, where, text);
  trade.risk.onAnomaly(where.venue, name, text, world.nowUs);
}
