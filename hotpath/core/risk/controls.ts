/**
 * Station: the ordered table of controls, the gate as data. Cheap and general ones come first, so that a
 * kill is what a person reads when several controls would deny.
 *
 * `purposes` says which orders a control judges: o begins something, f finishes what has begun (the next
 * leg of a cycle), x gets out. An exit is spared whatever would keep us in what we want to leave: limits of
 * loss, counts, volatility and size are reasons not to begin. It is not spared what protects the account
 * from ourselves: kills, the lease, used commands, duplicates, ceilings, filters, balances, a price.
 *
 * A later leg is judged like a beginning, except where only the beginning was a choice: what it passes on
 * is held already, and a denial would only have the same quantity sold by an exit a moment later.
 */
import * as flow from "./controls-flow.ts";
import * as price from "./controls-price.ts";
import * as size from "./controls-size.ts";
import * as standing from "./controls-standing.ts";
import type { Scene } from "./scene.ts";
import type { PlacePurpose } from "./view.ts";

export type Control = {
  /** Its number in the list of controls (RELIABILITY section 5), or of the feature it comes from. */
  readonly id: string;
  readonly purposes: "ofx" | "of" | "o";
  /** "" lets pass; otherwise why not, with the numbers. */
  readonly check: (scene: Scene) => string;
};

export const CONTROLS: readonly Control[] = [
  { id: "PT32", purposes: "ofx", check: standing.killed },
  { id: "PT37", purposes: "ofx", check: standing.wrongVersion },
  { id: "PT16", purposes: "ofx", check: flow.commandUsed },
  { id: "PT31", purposes: "ofx", check: standing.leaseShort },
  { id: "PT20", purposes: "ofx", check: standing.notPermitted },
  { id: "PT21", purposes: "ofx", check: standing.notTrading },
  { id: "E06", purposes: "ofx", check: standing.accountNotReady },
  { id: "PT30", purposes: "of", check: standing.clockOff },
  { id: "PT33", purposes: "o", check: standing.deadManUnarmed },
  { id: "PT34", purposes: "o", check: standing.inQuarantine },
  { id: "PT25", purposes: "ofx", check: price.naked },
  { id: "PT17", purposes: "ofx", check: price.staleBook },
  { id: "PT18", purposes: "of", check: price.unreasonable },
  { id: "PT35", purposes: "o", check: price.unrest },
  { id: "PT03", purposes: "ofx", check: price.outsideCollar },
  { id: "PT04", purposes: "o", check: price.outsidePeriodCollar },
  { id: "PT19", purposes: "o", check: price.edgeImplausible },
  { id: "PT23", purposes: "ofx", check: size.filtered },
  { id: "PT01", purposes: "of", check: size.orderTooLarge },
  { id: "PT34", purposes: "o", check: size.aboveRamp },
  { id: "PT02", purposes: "o", check: size.tooDeep },
  { id: "PT26", purposes: "of", check: size.legTooRisky },
  { id: "PT05", purposes: "ofx", check: size.aboveCeiling },
  { id: "PT06", purposes: "of", check: size.tooManyOpen },
  { id: "PT07", purposes: "of", check: size.tooMuchOpen },
  { id: "PT08", purposes: "of", check: size.positionTooLarge },
  { id: "PT09", purposes: "of", check: size.grossTooLarge },
  { id: "PT22", purposes: "ofx", check: size.balanceShort },
  { id: "PT24", purposes: "ofx", check: price.selfTrade },
  { id: "PT10", purposes: "o", check: flow.dayLost },
  { id: "PT11", purposes: "o", check: flow.drawnDown },
  { id: "PT13", purposes: "o", check: flow.tooManyCancels },
  { id: "PT14", purposes: "o", check: flow.tooManyCycles },
  { id: "PT27", purposes: "o", check: flow.tooManyUnknown },
  { id: "PT28", purposes: "o", check: flow.rejectStorm },
  { id: "E10", purposes: "of", check: flow.guarded },
  { id: "E09", purposes: "of", check: flow.congested },
  { id: "I01", purposes: "of", check: flow.breakerOpen },
  { id: "PT15", purposes: "ofx", check: flow.repeated },
  { id: "PT12", purposes: "of", check: flow.tooManyOrders },
  { id: "I05", purposes: "ofx", check: flow.rateExhausted },
];

const LETTERS: Readonly<Record<PlacePurpose, string>> = { open: "o", finish: "f", exit: "x" };

/** The controls that judge orders of one purpose, in their order. */
export function controlsFor(controls: readonly Control[], purpose: PlacePurpose): Control[] {
  return controls.filter(({ purposes }) => purposes.includes(LETTERS[purpose]));
}
