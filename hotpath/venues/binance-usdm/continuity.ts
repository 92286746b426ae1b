/**
 * Station: delta -> continuity, for Binance USD-M diff. depth streams. Pure.
 *
 * The venue's steps ("How to manage a local order book correctly", USD-M websocket market streams, read
 * 2026-11): drop `u` below the snapshot's id; the first event must span it; from then on each event's
 * `pu` equals the `u` of the one before. Ids jump here, so `U` proves nothing in the chain.
 */
import { CONTINUITY, type ContinuityRule } from "../../core/book/continuity.ts";

export const usdmContinuity: ContinuityRule = (
  bookSeq,
  isBridging,
  seqFirst,
  seqLast,
  seqPrevious,
) => {
  if (seqLast < seqFirst) return CONTINUITY.broken;

  // Step 3: an event that ended before the snapshot is already in it. Ending exactly on it changes
  // nothing, but such an event is the bridge (step 4 allows `u >= lastUpdateId`), so it is taken.
  if (seqLast < bookSeq) return CONTINUITY.stale;

  if (isBridging) {
    // Step 4: `U <= lastUpdateId <= u`. An event whose predecessor ended at or before the snapshot
    // bridges it as well, because everything after `pu` is in the event; without this a symbol that
    // changes seldom could never be joined (docs/decisions/0007-usdm-bridge.md).
    const bridges = seqFirst <= bookSeq || (seqPrevious > 0 && seqPrevious <= bookSeq);
    return bridges ? CONTINUITY.next : CONTINUITY.gap;
  }

  if (seqLast === bookSeq) return CONTINUITY.stale;

  // Step 5: `pu` equals the previous event's `u`. A larger one says that events are missing; a smaller
  // one overlaps the book without matching it, which the venue's numbering never does.
  if (seqPrevious === bookSeq) return CONTINUITY.next;
  return seqPrevious > bookSeq ? CONTINUITY.gap : CONTINUITY.broken;
};
