/**
 * Station: the venues that trade -> their planted triangles and their trading faults, running.
 *
 * What there is of trading beside the venues themselves, in one piece: the desk that injects and tells
 * the truth, and a tick after the venues' own. Importing it does nothing.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { Micros } from "../../contracts/time.ts";
import { Random } from "./market/random.ts";
import { TrianglePlanter } from "./market/triangles.ts";
import type { VenuesOptions } from "./options.ts";
import { isTrading, TradingDesk } from "./trading-desk.ts";
import type { VenueModel } from "./venue-model.ts";

/** A rate in parts of a hundred million has this many units in a basis point. */
const RATE_UNITS_PER_BP = 10_000;

export type TradingRun = {
  readonly desk: TradingDesk;
  /** Call it after the venues' own ticks. */
  readonly tick: (nowUs: Micros) => void;
  readonly stop: () => void;
};

/** Makes what trading needs beside the venues themselves. */
export function tradingRunOf(
  venues: readonly VenueModel[],
  world: { readonly options: VenuesOptions; readonly clock: () => Micros },
): TradingRun {
  const { seed, trianglesPerMinute: perMinute } = world.options;
  const planters = new Map<VenueId, TrianglePlanter>();
  for (const { id, market, trading } of venues.filter(isTrading)) {
    const random = new Random(seed, `${id} planted triangles`);
    const { taker } = trading.exchange.settlement.fees.rates;
    const takerFeeBps = Number(taker) / RATE_UNITS_PER_BP;
    planters.set(id, new TrianglePlanter(market, { random, perMinute, takerFeeBps }));
  }
  const desk = new TradingDesk(venues, world.clock, (venue) => planters.get(venue)?.records ?? []);
  return {
    desk,
    tick: (nowUs) => {
      for (const planter of planters.values()) planter.tick(nowUs);
    },
    stop: () => desk.stop(),
  };
}
