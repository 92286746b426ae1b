/**
 * Station: before the first live frame. The two sides of a made-up diff, in the spelling that both Binance
 * dialects share: from none to eight levels, deletes among them, prices and sizes of changing width.
 *
 * They are for a book whose best prices are 100.10 and 200.10, and never cross it.
 */
const LEVELS = 9;
/** The first two levels of a step change the touch itself, the others are within so many ticks of it. */
const TOUCH_TICKS = 3;
const NEAR_TICKS = 200;
const BEST_BID_TICKS = 10_010;
const BEST_ASK_TICKS = 20_010;
const TICKS_PER_UNIT = 100;
const SIZES = 1500;

/** `"b":[...],"a":[...]` of a step; `zeros` follow each decimal, as a venue prints them. */
export function warmUpSides(step: number, zeros: string): string {
  const bids: string[] = [];
  const asks: string[] = [];
  for (let i = 0; i < step % LEVELS; i++) {
    const away = (step * 7 + i * 13) % (i < 2 ? TOUCH_TICKS : NEAR_TICKS);
    const size = (step + i) % 3 === 0 ? "0.00" : `${1 + ((step * 31 + i * 17) % SIZES)}.25`;
    const bid = ((BEST_BID_TICKS - away) / TICKS_PER_UNIT).toFixed(2);
    const ask = ((BEST_ASK_TICKS + away) / TICKS_PER_UNIT).toFixed(2);
    bids.push(`["${bid}${zeros}","${size}${zeros}"]`);
    if (i !== 1) asks.push(`["${ask}${zeros}","${size}${zeros}"]`);
  }
  return `"b":[${bids.join(",")}],"a":[${asks.join(",")}]`;
}
