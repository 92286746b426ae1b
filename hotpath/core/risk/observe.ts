/**
 * Station: what a venue answers -> how well it answers: refusals, breakers, round trips.
 *
 * An answer is counted once, when it is the first word about its request; a word that changed nothing was
 * known. Refusals with a reason say that the endpoint works; silence, errors of the venue and throttling
 * say that it does not.
 */
import type { OrderChange } from "../order/change.ts";
import type { AccountEvent, RefusalClass } from "../trade/events.ts";
import type { VenueRisk } from "./venue-risk.ts";

/** Whether the endpoint has failed, by the class of its refusal. */
const IS_FAILURE: Readonly<Record<RefusalClass, boolean>> = {
  rejected: false,
  throttled: true,
  clock: false,
  credentials: false,
  duplicate: false,
  noSuchOrder: false,
  halted: false,
  unknown: true,
};

/** Takes an event of an account into account; events that answer nothing change nothing. */
export function observeAnswer(
  venue: VenueRisk,
  event: AccountEvent,
  change: OrderChange,
  nowUs: number,
): void {
  const { breakers, counters } = venue;
  switch (event.type) {
    case "orderAccepted":
    case "orderTested":
      if (change.isAbsorbed) return;
      breakers.orders.onAnswered();
      counters.countAnswer(false);
      observeRoundTrip(venue, event.recvUs, change);
      return;
    case "orderRefused": {
      if (change.isAbsorbed) return;
      const isFailure = IS_FAILURE[event.refusal.class];
      if (isFailure) breakers.orders.onFailed(nowUs);
      else breakers.orders.onAnswered();
      // Of unknown fate is not refused.
      if (event.refusal.class !== "unknown") counters.countAnswer(true);
      observeRoundTrip(venue, event.recvUs, change);
      return;
    }
    case "cancelAccepted":
      breakers.cancels.onAnswered();
      return;
    case "cancelRefused":
      if (IS_FAILURE[event.refusal.class]) breakers.cancels.onFailed(nowUs);
      else breakers.cancels.onAnswered();
      return;
    case "orderQueried":
    case "accountRead":
      if (event.outcome === "failed") breakers.reads.onFailed(nowUs);
      else breakers.reads.onAnswered();
      return;
    case "feesRead":
      breakers.reads.onAnswered();
      return;
    case "feesFailed":
      breakers.reads.onFailed(nowUs);
      return;
    default:
      return;
  }
}

function observeRoundTrip(venue: VenueRisk, recvUs: number, { order }: OrderChange): void {
  if (order === undefined) return;
  // An answer cannot come before its order left; a clock that was corrected could say so.
  venue.congestion.observe(Math.max(0, recvUs - order.sentUs));
}
