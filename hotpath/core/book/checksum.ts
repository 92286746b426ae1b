/**
 * Station: the port between a venue's checksum rule and the book that it proves.
 *
 * Venues without sequence numbers sign each message with a checksum of the book as it is after it. The
 * rule is the venue's and lives in its folder; what a mismatch means is decided in `in-stream.ts` and is
 * the same for all: the book is void in the same tick.
 */
import type { Instrument } from "../instrument.ts";
import type { Book } from "./book.ts";

/** The checksum of a book as a signed 32-bit integer. Asked after every message; allocates nothing. */
export type BookChecksum = (book: Book) => number;

/**
 * What a venue says of books whose snapshots come in the stream itself, at the head of each subscription.
 * Such a book is repaired by subscribing anew, and never fetched.
 */
export type InStreamBooks = {
  /** One rule for each instrument, because each keeps what it has computed. */
  readonly makeChecksum: (instrument: Instrument) => BookChecksum;
  /**
   * Levels of a side that the checksum proves. What lies deeper may be wrong unseen, so no order counts on it.
   */
  readonly levelsProven: number;
};
