/**
 * Station: gate, the controls over how much: of one order, of what is open, of what is held.
 *
 * Exposure is the worst case: position and every order that may still fill, known or not, and this one.
 * Doubles screen; whatever is near a limit is compared in exact integers.
 */
import {
  EXIT_ORDERS_PER_MINUTE_CEILING,
  EXIT_ORDERS_PER_SECOND_CEILING,
} from "../../../contracts/risk-limits.ts";
import { lotsToAmount, notionalAmount } from "../money/notional.ts";
import { CEILING_AMOUNTS, unitsOf } from "./limits.ts";
import { isClearlyWithin, type Scene, scaleOf, worthFault } from "./scene.ts";

const PPM = 1_000_000n;
const PPB = 1_000_000_000n;

/** Taken off for the fee of an exit while the account's own fee is not known: one percent. */
const FEE_PPB_WORST = 10_000_000;

/** Screens from the ceilings, which are far above what doubles doubt. */
const ORDER_CEILING = unitsOf(CEILING_AMOUNTS.orderNotionalMax);
const OPEN_CEILING = unitsOf(CEILING_AMOUNTS.openNotionalMax);

/**
 * PT01. Worth of one order; smaller while the account is young (PT34, second half). A later leg passes on
 * what was bought within the limit: it may be worth more by as much as prices may have moved meanwhile.
 */
export function orderTooLarge(scene: Scene): string {
  const { limits, purpose } = scene;
  const limit = limits.amounts.orderNotionalMax;
  if (purpose === "open") {
    return worthFault(scene, 0n, limit, limits.screens.orderNotionalMax, "order notional");
  }
  const moved = limit + (limit * BigInt(limits.limits.periodCollarPpm)) / PPM;
  return worthFault(scene, 0n, moved, unitsOf(moved), "notional of a later leg");
}

/** PT34, second half. Orders stay small for a while after the account was first reconciled. */
export function aboveRamp(scene: Scene): string {
  const { limits, venue, nowUs } = scene;
  const { quarantineUs, rampUs, rampSizePpm } = limits.limits;
  if (nowUs - venue.firstReadyUs >= quarantineUs + rampUs) return "";
  const limit = (limits.amounts.orderNotionalMax * BigInt(rampSizePpm)) / PPM;
  return worthFault(scene, 0n, limit, unitsOf(limit), "order notional in the ramp");
}

/** PT05. The ceilings in the code, whatever the limits in force say. Exits have no other bound. */
export function aboveCeiling(scene: Scene): string {
  const { venue, purpose, nowUs } = scene;
  const { orderNotionalMax, openNotionalMax } = CEILING_AMOUNTS;
  const own = worthFault(scene, 0n, orderNotionalMax, ORDER_CEILING, "ceiling of an order");
  if (own !== "") return own;
  if (purpose !== "exit") {
    const taken = venue.exposure.openWorth;
    return worthFault(scene, taken, openNotionalMax, OPEN_CEILING, "ceiling of what is open");
  }
  const perSecond = venue.counters.in("ordersPerSecond", nowUs);
  const perMinute = venue.counters.in("ordersPerMinute", nowUs);
  const isWithin =
    perSecond < EXIT_ORDERS_PER_SECOND_CEILING && perMinute < EXIT_ORDERS_PER_MINUTE_CEILING;
  return isWithin
    ? ""
    : `${perSecond} orders this second and ${perMinute} this minute are too many`;
}

/** PT02. Share of what is visible on the other side, as far as the collar, that the order would take. */
export function tooDeep({ order, book, limits, view }: Scene): string {
  const { orderDepthSharePpm, collarPpm } = limits.limits;
  const away = order.side === "buy" ? collarPpm : -collarPpm;
  const farthest = ((book.bidTicks + book.askTicks) / 2) * (1 + away / 1_000_000);
  const visible = view.visibleLots(order.instrument, order.side, farthest);
  if (order.lots * 1_000_000 <= visible * orderDepthSharePpm) return "";
  return `${order.lots} lots of ${visible} visible are above ${orderDepthSharePpm} ppm`;
}

/** PT06. Orders that may still fill, of the instrument and of the account. */
export function tooManyOpen({ order, limits, venue }: Scene): string {
  const { openOrdersPerInstrumentMax, openOrdersMax } = limits.limits;
  const here = venue.exposure.ordersOf(order.instrument).length;
  if (!(here < openOrdersPerInstrumentMax)) {
    return `${here} open orders of the instrument, the most is ${openOrdersPerInstrumentMax}`;
  }
  const all = venue.exposure.openOrderCount;
  return all < openOrdersMax ? "" : `${all} open orders, the most is ${openOrdersMax}`;
}

/** PT07. Worth of all that is open, with this order. */
export function tooMuchOpen(scene: Scene): string {
  const { limits, venue } = scene;
  const { unvaluedOrderCount } = venue.exposure;
  if (unvaluedOrderCount > 0) return `${unvaluedOrderCount} open orders have no live value`;
  return worthFault(
    scene,
    venue.exposure.openWorth,
    limits.amounts.openNotionalMax,
    limits.screens.openNotionalMax,
    "open notional",
  );
}

/** PT08. What the account would hold of the asset that the order receives, were all orders to fill. */
export function positionTooLarge(scene: Scene): string {
  const { order, rules, venue, limits } = scene;
  const asset = venue.exposure.asset(order.side === "buy" ? rules.baseAsset : rules.quoteAsset);
  if (asset.isHome) return "";
  const worth = asset.worth + receivedWorth(scene, asset.asset);
  // The worth that is kept may be a second old: only what is far within is not worked out.
  if (worth <= limits.screens.positionNotionalMax * 0.9) return "";
  const exact = venue.valuation.value(asset.asset, asset.held + asset.incoming + received(scene));
  if (exact === undefined) return `no live book values ${asset.asset}`;
  if (exact <= limits.amounts.positionNotionalMax) return "";
  return `position of ${asset.asset} would be worth ${unitsOf(exact)} > ${limits.limits.positionNotionalMax}`;
}

/** What the order adds to the asset that it receives. */
function received({ order, rules }: Scene): bigint {
  if (order.side === "buy") return lotsToAmount(rules, order.lots);
  return notionalAmount(rules, order.priceTicks, order.lots, "ceil");
}

function receivedWorth(scene: Scene, asset: string): number {
  const { order, rules, venue } = scene;
  if (order.side === "sell") return scene.worth;
  const lots = order.lots * rules.lotUnits * scaleOf(rules.quantityDecimals);
  return lots * venue.valuation.rate(asset);
}

/** PT09. Worth of everything that the account holds or may come to hold beyond its home assets. */
export function grossTooLarge(scene: Scene): string {
  const { order, rules, venue, limits } = scene;
  const name = order.side === "buy" ? rules.baseAsset : rules.quoteAsset;
  if (venue.exposure.asset(name).isHome) return "";
  const screened = venue.exposure.grossWorth + receivedWorth(scene, name);
  if (screened <= limits.screens.grossExposureMax * 0.9) return "";
  const gross = venue.exposure.exactGross();
  const added = venue.valuation.value(name, received(scene));
  if (gross === undefined || added === undefined)
    return "an asset of the account has no live value";
  if (gross + added <= limits.amounts.grossExposureMax) return "";
  return `gross exposure ${unitsOf(gross)} + ${unitsOf(added)} > ${limits.limits.grossExposureMax}`;
}

/** PT22. The balance pays for the order at its worst, its fee and what is kept in reserve. */
export function balanceShort(scene: Scene): string {
  const { order, rules, view, limits, purpose, instrument } = scene;
  const isKnown = instrument.takerPpb >= 0 && instrument.takerPpb < 1_000_000_000;
  if (!isKnown && purpose !== "exit") return "the account's fee is not known";
  const spent = order.side === "buy" ? rules.quoteAsset : rules.baseAsset;
  const free = view.free(order.venue, spent);
  if (free === undefined) return `the balance of ${spent} is not known`;
  const feePpb = isKnown ? instrument.takerPpb : FEE_PPB_WORST;
  const reserve = purpose === "open" ? (limits.reserve.get(spent) ?? 0n) : 0n;
  const screened = spentUnits(scene) * (1 + feePpb / 1e9) + unitsOf(reserve);
  if (isClearlyWithin(screened, unitsOf(free))) return "";
  const needed = spentBy(scene, feePpb) + reserve;
  if (needed <= free) return "";
  return `${unitsOf(needed)} ${spent} are needed with fee and reserve, ${unitsOf(free)} are free`;
}

/** The same without its fee, in whole units: to screen with. */
function spentUnits({ order, rules }: Scene): number {
  const quantity = order.lots * rules.lotUnits * scaleOf(rules.quantityDecimals);
  if (order.side === "sell") return quantity;
  return quantity * order.priceTicks * rules.tickUnits * scaleOf(rules.priceDecimals);
}

/** What the order takes from the balance: a fee that is taken out of what is received costs nothing here. */
function spentBy({ order, rules, instrument }: Scene, feePpb: number): bigint {
  if (order.side === "sell") return lotsToAmount(rules, order.lots);
  const notional = notionalAmount(rules, order.priceTicks, order.lots, "ceil");
  if (instrument.feePaidIn !== "quote") return notional;
  return notional + (notional * BigInt(Math.ceil(feePpb)) + PPB - 1n) / PPB;
}

/** PT23. The venue's own filters, by rules that are fresh enough to begin something upon. */
export function filtered({ order, instrument, limits, view, purpose }: Scene): string {
  const { rulesAgeUsMax } = limits.limits;
  if (purpose === "open" && !(instrument.rulesAgeUs <= rulesAgeUsMax)) {
    return `the venue's rules are ${instrument.rulesAgeUs} us old, the most is ${rulesAgeUsMax}`;
  }
  const fault = view.filterFault(order);
  return fault === "" ? "" : `filter ${fault}`;
}

/** PT26. What is between two legs may not be too much, nor wait too long. */
export function legTooRisky(scene: Scene): string {
  const { limits, purpose, context, nowUs } = scene;
  if (purpose === "open") {
    const { legNotionalMax } = limits.screens;
    return worthFault(scene, 0n, limits.amounts.legNotionalMax, legNotionalMax, "leg notional");
  }
  const { legTimeUsMax } = limits.limits;
  const sinceUs = nowUs - context.cycleSinceUs;
  if (sinceUs <= legTimeUsMax) return "";
  return `the cycle is open for ${sinceUs} us, the most is ${legTimeUsMax}`;
}
