/**
 * Station: the messages of Kraken's WebSocket v2, in the venue's own words.
 *
 * Only what this house reads or writes has a name here. Prices and quantities are bare JSON numbers whose
 * text counts; ids of connections exceed 2^53. Pages and dates: README.md.
 */

/** The public channels that we read. */
export const CHANNEL = { book: "book", ticker: "ticker", trade: "trade" } as const;

/** Depths a side that `book` may be subscribed with (book page, 2026-08-22). */
export const BOOK_DEPTHS = [10, 25, 100, 500, 1000] as const;

/** The checksum is over so many levels a side, whatever the depth (book-checksum-v2, 2026-08-22). */
export const CHECKSUM_LEVELS = 10;

/** The state of the whole venue in the `status` channel (status page, 2026-08-22). */
export const SYSTEM_STATES = ["online", "cancel_only", "maintenance", "post_only"] as const;

/** Assets whose REST name differs from the one in v2 symbols, beside the letter that marks a class. */
const RENAMED_ASSETS: ReadonlyMap<string, string> = new Map([
  ["XBT", "BTC"],
  ["XDG", "DOGE"],
]);

/** The smallest depth on offer that holds `levels`, or the deepest there is. */
export function bookDepthFor(levels: number): number {
  return BOOK_DEPTHS.find((depth) => depth >= levels) ?? 1000;
}

/** A REST name such as "XBT/USD" in the spelling of v2: "BTC/USD". */
export function v2Symbol(wsname: string): string {
  return wsname
    .split("/")
    .map((asset) => RENAMED_ASSETS.get(asset) ?? asset)
    .join("/");
}
