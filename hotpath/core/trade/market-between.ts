/**
 * Station: two assets of one venue -> the instrument that turns the first into the second, and how.
 */
import type { Side } from "../../../contracts/trade.ts";
import type { Instrument } from "../instrument.ts";
import type { World } from "../world.ts";

export type Market = { readonly instrument: Instrument; readonly side: Side };

/** The first instrument of the venue between the two; undefined when there is none. */
export function marketBetween(
  instruments: readonly Instrument[],
  world: Pick<World, "slots">,
  venue: number,
  from: string,
  to: string,
): Market | undefined {
  for (const instrument of instruments) {
    if (world.slots[instrument.index]?.venue !== venue) continue;
    const { baseAsset, quoteAsset } = instrument;
    if (baseAsset === from && quoteAsset === to) return { instrument, side: "sell" };
    if (baseAsset === to && quoteAsset === from) return { instrument, side: "buy" };
  }
  return undefined;
}
