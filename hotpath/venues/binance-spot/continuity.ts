/**
 * Station: delta -> continuity, for Binance spot diff. depth streams. Pure.
 *
 * The steps are the venue's own ("How to manage a local order book correctly", web-socket-streams.md,
 * as corrected 2025-11-12). Snapshot `lastUpdateId` and event `u` advance the same counter, so one rule
 * serves the first delta after a snapshot and every delta after that.
 */
import { CONTINUITY, type ContinuityRule } from "../../core/book/continuity.ts";

export const spotContinuity: ContinuityRule = (bookSeq, _isBridging, seqFirst, seqLast) => {
  // An event that ends before it begins is no event of this counter.
  if (seqLast < seqFirst) return CONTINUITY.broken;

  // Update rule, step 1: an event whose `u` is below the book's id is ignored. Equal is ignored too,
  // as in the snapshot procedure: the book already holds it.
  if (seqLast <= bookSeq) return CONTINUITY.stale;

  // Update rule, step 2: an event whose `U` is above the book's id + 1 means that events were missed.
  if (seqFirst > bookSeq + 1) return CONTINUITY.gap;

  // An event may begin inside the book and end after it: quantities are absolute, so the overlap is
  // harmless.
  return CONTINUITY.next;
};
