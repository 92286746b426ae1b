/**
 * Station: a book after each step -> whether its best bid and ask are what they were.
 *
 * Streams of quotes speak only when the touch has moved. Numbers are compared and no text is made, since
 * this is asked after every step of every instrument, whether anybody listens or not.
 */
import type { Book } from "./book.ts";

/** The touch of one book as it was last looked at. */
export class Touch {
  #bidTicks = 0;
  #bidLots = 0;
  #askTicks = 0;
  #askLots = 0;

  /** Looks at the book; true when price or quantity of either side differs from the last look. */
  hasMoved(book: Book): boolean {
    const { bestBidTicks: bidTicks, bestAskTicks: askTicks } = book;
    const bidLots = book.lotsAt("bid", bidTicks);
    const askLots = book.lotsAt("ask", askTicks);
    const isSamePrice = bidTicks === this.#bidTicks && askTicks === this.#askTicks;
    if (isSamePrice && bidLots === this.#bidLots && askLots === this.#askLots) return false;
    this.#bidTicks = bidTicks;
    this.#bidLots = bidLots;
    this.#askTicks = askTicks;
    this.#askLots = askLots;
    return true;
  }
}
