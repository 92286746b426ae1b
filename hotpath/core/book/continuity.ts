/**
 * Station: the port between a venue's sequence rule and the book that depends on it.
 *
 * The rule is the venue's and lives in its folder; what a break means is decided here and is the same
 * for all: the book is void in the same tick.
 */

/** What a delta is to the book it meets. Numbers, because this is asked for every delta. */
export const CONTINUITY = {
  /** It follows: apply it. */
  next: 0,
  /** The book already holds it: ignore it, and count. */
  stale: 1,
  /** Something between the book and this delta is missing. */
  gap: 2,
  /** The venue contradicts its own numbering. */
  broken: 3,
} as const;

export type Continuity = (typeof CONTINUITY)[keyof typeof CONTINUITY];

/**
 * A venue's rule. `isBridging` is true for the first delta after a snapshot, where some venues ask for
 * something else than in the chain. `seqPrevious` is 0 where the venue sends none.
 */
export type ContinuityRule = (
  bookSeq: number,
  isBridging: boolean,
  seqFirst: number,
  seqLast: number,
  seqPrevious: number,
) => Continuity;
