/**
 * Station: delta -> continuity, for KuCoin's `trade.l2update`. Pure.
 *
 * The steps are the venue's own ("Orderbook - Increment", docs-new/3470068w0, and "Level-2 Market Data" of
 * the older page). Snapshot `sequence` and the deltas' `sequenceStart` and `sequenceEnd` are one counter.
 * There is no checksum.
 */
import { CONTINUITY, type ContinuityRule } from "../../core/book/continuity.ts";

export const kucoinContinuity: ContinuityRule = (bookSeq, _isBridging, seqFirst, seqLast) => {
  // A message that ends before it begins is no message of this counter.
  if (seqLast < seqFirst) return CONTINUITY.broken;

  // "sequenceEnd(new) > sequenceEnd(old)": what ends inside the book brings nothing new.
  if (seqLast <= bookSeq) return CONTINUITY.stale;

  // "sequenceStart(new) <= sequenceEnd(old) + 1": a later start means that something was missed.
  if (seqFirst > bookSeq + 1) return CONTINUITY.gap;

  // Equal and overlapping ranges are legal: each level's own sequence tells what the book holds already.
  return CONTINUITY.next;
};
