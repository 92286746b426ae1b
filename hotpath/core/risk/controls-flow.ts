/**
 * Station: gate, the controls over how often and after what: losses, repetitions, refusals, unknowns, rates.
 *
 * A count is compared as it will be with this order in it, so that many orders which reach a limit
 * together find it as one by one they would: each is counted before the next one is judged.
 */

import { unitsOf } from "./limits.ts";
import type { RatedCommand } from "./rate-rule.ts";
import type { Scene } from "./scene.ts";

/** Three legs, and two orders to get out with. */
const ORDERS_OF_A_CYCLE = 5;

/** PT10. Loss of the UTC day, as cycles ended and residuals were marked. */
export function dayLost({ venue, limits, nowUs }: Scene): string {
  const result = venue.counters.dayResult(nowUs);
  if (result >= 0n) return "";
  const loss = -result;
  if (loss <= limits.amounts.dailyLossMax) return "";
  return `lost ${unitsOf(loss)} today, the most is ${limits.limits.dailyLossMax}`;
}

/** PT11. Fall from the highest result, and losses in a row. */
export function drawnDown({ venue, limits }: Scene): string {
  const drawdown = venue.counters.drawdown();
  if (drawdown > limits.amounts.drawdownMax) {
    return `${unitsOf(drawdown)} below the highest result, the most is ${limits.limits.drawdownMax}`;
  }
  const { lossesInARow } = venue.counters;
  const { consecutiveLossesMax } = limits.limits;
  if (lossesInARow <= consecutiveLossesMax) return "";
  return `${lossesInARow} losses in a row, the most is ${consecutiveLossesMax}`;
}

/** PT12. Our own throttle, whatever the venue would allow. Exits know only the ceilings (PT05). */
export function tooManyOrders({ venue, limits, nowUs }: Scene): string {
  const { ordersPerSecondMax, ordersPerMinuteMax, ordersPerDayMax } = limits.limits;
  const { counters } = venue;
  const perSecond = counters.in("ordersPerSecond", nowUs);
  if (!(perSecond < ordersPerSecondMax)) return `${perSecond} orders this second are the most`;
  const perMinute = counters.in("ordersPerMinute", nowUs);
  if (!(perMinute < ordersPerMinuteMax)) return `${perMinute} orders this minute are the most`;
  const perDay = counters.in("ordersPerDay", nowUs);
  return perDay < ordersPerDayMax ? "" : `${perDay} orders today are the most`;
}

/** PT13. Too many cancels for each order: nothing new is added, and cancels themselves stay free. */
export function tooManyCancels({ venue, limits, nowUs }: Scene): string {
  const { cancelRatioMax } = limits.limits;
  const cancels = venue.counters.in("cancelsPerRatio", nowUs);
  const orders = Math.max(1, venue.counters.in("ordersPerRatio", nowUs));
  if (cancels <= orders * cancelRatioMax) return "";
  return `${cancels} cancels for ${orders} orders in ten minutes, the most is ${cancelRatioMax} each`;
}

/** PT14. Cycles that ran without a person looking. */
export function tooManyCycles({ venue, limits, nowUs }: Scene): string {
  const { cyclesPerHourMax, cyclesPerDayMax } = limits.limits;
  const perHour = venue.counters.in("cyclesPerHour", nowUs);
  if (!(perHour < cyclesPerHourMax)) return `${perHour} cycles this hour are the most`;
  const perDay = venue.counters.in("cyclesPerDay", nowUs);
  return perDay < cyclesPerDayMax ? "" : `${perDay} cycles today are the most`;
}

/** PT15. The same order within the window, or a second cycle for one opportunity, ever. */
export function repeated({
  order,
  context,
  purpose,
  venue,
  limits,
  lastOrders,
  nowUs,
}: Scene): string {
  const { opportunity } = venue.counters;
  // Opportunities are numbered as they are found, so all up to the newest that was taken are gone.
  if (purpose === "open" && context.opportunity > 0 && context.opportunity <= opportunity) {
    return `opportunity ${context.opportunity} is not newer than ${opportunity}, which was taken`;
  }
  const sinceUs = nowUs - limits.limits.duplicateWindowUs;
  return lastOrders.fault(order.instrument, order.side, order.priceTicks, order.lots, sinceUs);
}

/** PT16. A command is sent once, ever: numbers only grow under one fence, and fences only grow. */
export function commandUsed({ order, venue }: Scene): string {
  const { fence, command } = venue.counters;
  if (order.fence < fence) return `fence ${order.fence} is below ${fence}, which has sent already`;
  if (order.fence > fence || order.command > command) return "";
  return `command ${order.command} is not above ${command}, which was sent`;
}

/** PT27. Orders of which nobody knows what became of them. */
export function tooManyUnknown({ venue, limits }: Scene): string {
  const { unknownOrderCount } = venue.exposure;
  const { unknownOrdersMax } = limits.limits;
  if (unknownOrderCount <= unknownOrdersMax) return "";
  return `${unknownOrderCount} orders of unknown outcome, the most is ${unknownOrdersMax}`;
}

/** PT28. The venue refuses too much of what we send. */
export function rejectStorm({ venue, limits }: Scene): string {
  const { rejectsInARow, rejectsOf50 } = venue.counters;
  const { rejectsInARowMax, rejectShareOf50Max } = limits.limits;
  if (rejectsInARow > rejectsInARowMax) {
    return `${rejectsInARow} refusals in a row, the most is ${rejectsInARowMax}`;
  }
  if (rejectsOf50 <= rejectShareOf50Max) return "";
  return `${rejectsOf50} refusals of the last 50, the most is ${rejectShareOf50Max}`;
}

/** I05. The venue's own limits, with our share of them; nothing is above these, not even an exit. */
export function rateExhausted({ order, venue, nowUs }: Scene): string {
  const command: RatedCommand = order.isTest ? "testOrder" : "placeOrder";
  if (venue.rates.isBanned) return "the venue has banned us";
  // Whoever begins a cycle must be able to finish it, and to get out twice if it goes wrong.
  const count = order.purpose === "open" ? ORDERS_OF_A_CYCLE : 1;
  return venue.rates.whyNot(command, order.instrument, nowUs, count);
}

/** I01. The endpoint that takes orders does not answer. */
export function breakerOpen({ venue, nowUs }: Scene): string {
  if (venue.orders.mayPass(nowUs)) return "";
  return `the breaker of orders is ${venue.orders.state} after ${venue.orders.failures} failures`;
}

/** E09. Answers take too long for a cycle to be finished in time. */
export function congested({ venue }: Scene): string {
  const { congestion } = venue;
  if (!congestion.isCongested) return "";
  return `round trips take ${Math.round(congestion.meanUs)} us on average; exits only`;
}

/** E10. The guard over the whole account. */
export function guarded({ venue, purpose }: Scene): string {
  const { level, reason } = venue.portfolio;
  if (level === "healthy") return "";
  // Caution and critical let what has begun come to its end; terminal does not.
  if (purpose === "finish" && level !== "terminal") return "";
  return `portfolio ${level}: ${reason}`;
}
