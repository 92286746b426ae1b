/** Names that rooms without shared memory agree on. */

/** Every venue this house knows. A name added here fails to compile until `registry.ts` has it. */
export const VENUE_IDS = ["binance-spot", "binance-usdm", "kucoin", "kraken"] as const;

export type VenueId = (typeof VENUE_IDS)[number];

/** `venue:SYMBOL`, the one spelling of an instrument outside its venue folder. */
export type InstrumentId = `${VenueId}:${string}`;

/** Whether `name` is a venue of this house. */
export function isVenueId(name: string): name is VenueId {
  return (VENUE_IDS as readonly string[]).includes(name);
}
