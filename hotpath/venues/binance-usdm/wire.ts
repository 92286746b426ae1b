/**
 * Station: the letters that only Binance USD-M uses.
 *
 * What both dialects share stands in `../binance/wire.ts`; `pu` is this venue's chain: the last update id
 * of the event before, on the same stream.
 */
export const PREVIOUS_UPDATE_KEY = "pu";
