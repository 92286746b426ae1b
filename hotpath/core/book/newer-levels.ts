/**
 * Station: delta -> book, where a venue numbers every level of a delta by itself.
 *
 * A delta may begin inside the book. Its levels that changed no later than the book are in it already, and
 * may even be older than what it holds, so only the newer ones are applied. Deltas that begin behind the
 * book never come here.
 */

/**
 * Moves the levels of `from .. from + count` that are newer than `bookSeq` together, to `to` (at or before
 * `from`), in the three arrays alike; how many there are.
 */
export function keepNewer(
  levels: {
    readonly ticks: Float64Array;
    readonly lots: Float64Array;
    readonly levelSeqs: Float64Array;
  },
  { from, count, to }: { readonly from: number; readonly count: number; readonly to: number },
  bookSeq: number,
): number {
  const { ticks, lots, levelSeqs } = levels;
  let kept = 0;
  for (let at = from; at < from + count; at++) {
    const seq = levelSeqs[at] as number;
    if (seq <= bookSeq) continue;
    ticks[to + kept] = ticks[at] as number;
    lots[to + kept] = lots[at] as number;
    levelSeqs[to + kept] = seq;
    kept++;
  }
  return kept;
}
