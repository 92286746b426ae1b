/**
 * Station: gate, the controls over what is believed of the market and over the order's price.
 *
 * Everything is compared so that NaN fails: a reference that is missing blocks. Prices are compared as
 * doubles of whole ticks, which is exact; shares are parts per million of the mid.
 */
import type { BookStamp } from "../trade/commands.ts";
import type { ReferenceReading } from "./reference.ts";
import type { Scene } from "./scene.ts";
import type { BookReading } from "./view.ts";

const PPM = 1_000_000;

/** PT17. Every book that was decided upon is live, current, heard of and unchanged since. */
export function staleBook(scene: Scene): string {
  const { order, book, otherBook, view } = scene;
  const own = bookFault(scene, book);
  if (own !== "") return own;
  for (const stamp of order.books) {
    let read = book;
    if (stamp.instrument !== order.instrument) {
      view.readBook(stamp.instrument, otherBook);
      read = otherBook;
      const other = bookFault(scene, otherBook);
      if (other !== "") return `book ${stamp.instrument}: ${other}`;
    }
    if (!isAsStamped(stamp, read)) {
      return `book ${stamp.instrument} was ${stamp.epoch}/${stamp.seq} at the decision and is ${read.epoch}/${read.seq}`;
    }
  }
  return "";
}

function isAsStamped(stamp: BookStamp, book: BookReading): boolean {
  return stamp.epoch === book.epoch && stamp.seq === book.seq;
}

function bookFault({ limits, purpose }: Scene, book: BookReading): string {
  const { bookAgeUsMax, exchangeAgeUsMax, queueDelayUsMax } = limits.limits;
  if (!book.isLive) return "the book is not live";
  if (book.epoch !== book.sessionEpoch) {
    return `the book is of epoch ${book.epoch}, the session of ${book.sessionEpoch}`;
  }
  if (!(book.bidTicks < book.askTicks)) {
    return `the book is crossed or empty: ${book.bidTicks} / ${book.askTicks}`;
  }
  if (!(book.ageUs <= bookAgeUsMax)) {
    return `nothing heard for ${book.ageUs} us, the most is ${bookAgeUsMax}`;
  }
  // Being slow is a reason not to begin; it is none to stay in what one wants to leave.
  if (purpose === "exit") return "";
  if (!(book.exchangeAgeUs <= exchangeAgeUsMax)) {
    return `messages come ${book.exchangeAgeUs} us old, the most is ${exchangeAgeUsMax}`;
  }
  if (book.queueDelayUs <= queueDelayUsMax) return "";
  return `queue delay is ${book.queueDelayUs} us, the most is ${queueDelayUsMax}`;
}

/** PT18. The market moves and quotes like one; what looks impossible is a fault of data, not a chance. */
export function unreasonable(scene: Scene): string {
  const { order, book, reference, references, otherBook, otherReference, nowUs } = scene;
  const own = movesOddly(scene, book, reference);
  if (own !== "" || scene.purpose !== "open") return own;
  // Every leg's book is looked at before the first: one that is not known yet would strand the cycle.
  for (const { instrument } of order.books) {
    if (instrument === order.instrument) continue;
    scene.view.readBook(instrument, otherBook);
    references.observeAndRead(instrument, otherBook, nowUs, otherReference);
    const other = movesOddly(scene, otherBook, otherReference);
    if (other !== "") return `book ${instrument}: ${other}`;
  }
  return "";
}

function movesOddly(
  { limits }: Scene,
  book: BookReading,
  reference: Readonly<ReferenceReading>,
): string {
  const { jumpPpm, jumpSigmas, spreadPpm } = limits.limits;
  const jump = reference.jump * PPM;
  if (Number.isNaN(jump)) return "not seen for long enough to know how it moves";
  if (!(jump <= jumpPpm)) return `moved ${jump} ppm within a second, the most is ${jumpPpm}`;
  if (jumpSigmas > 0 && !(reference.jumpSigmas <= jumpSigmas)) {
    return `moved ${reference.jumpSigmas} times the usual, the most is ${jumpSigmas}`;
  }
  const spread = ((book.askTicks - book.bidTicks) * 2 * PPM) / (book.askTicks + book.bidTicks);
  return spread <= spreadPpm ? "" : `the spread is ${spread} ppm, the most is ${spreadPpm}`;
}

/** PT35. Volatility or spread far above the usual: what was learned of this market does not hold now. */
export function unrest({ reference, limits }: Scene): string {
  const { volatilityFactor } = limits.limits;
  if (reference.unrest <= volatilityFactor) return "";
  return `volatility or spread is ${reference.unrest} times the usual, the most is ${volatilityFactor}`;
}

/** PT25. Every order carries a price and a quantity; there are no market orders. */
export function naked({ order }: Scene): string {
  if (!Number.isSafeInteger(order.priceTicks) || order.priceTicks <= 0) {
    return `the price is no positive number of ticks: ${order.priceTicks}`;
  }
  if (!Number.isSafeInteger(order.lots) || order.lots <= 0) {
    return `the quantity is no positive number of lots: ${order.lots}`;
  }
  return "";
}

/** PT03. The price against the mid of now; getting out may go as far as the collar of a period. */
export function outsideCollar({ order, book, limits, purpose }: Scene): string {
  const { collarPpm, periodCollarPpm } = limits.limits;
  const collar = purpose === "exit" ? periodCollarPpm : collarPpm;
  return priceFault(order.priceTicks, book.bidTicks + book.askTicks, collar, "the mid");
}

/** PT04. The price against the mean of the last minute. */
export function outsidePeriodCollar({ order, reference, limits }: Scene): string {
  const { periodCollarPpm } = limits.limits;
  return priceFault(order.priceTicks, reference.meanSumTicks, periodCollarPpm, "a minute's mean");
}

/** `sum` is twice the reference, which keeps a mid between two ticks exact. */
function priceFault(priceTicks: number, sum: number, collarPpm: number, name: string): string {
  const distance = Math.abs(2 * priceTicks - sum) * PPM;
  if (distance <= sum * collarPpm) return "";
  const ppm = distance / sum;
  return `the price is ${ppm} ppm from ${name}, the most is ${collarPpm}`;
}

/** PT19. An edge this good is a fault of data. */
export function edgeImplausible({ context, limits }: Scene): string {
  const { edgePpmMax } = limits.limits;
  if (context.edgePpm <= edgePpmMax) return "";
  return `the edge is ${context.edgePpm} ppm, the most that is believed is ${edgePpmMax}`;
}

/** PT24. Own orders on the other side that this one would meet. */
export function selfTrade({ order, venue }: Scene): string {
  for (const own of venue.exposure.ordersOf(order.instrument)) {
    if (own.side === order.side || own.remainingLots === 0) continue;
    const meets =
      order.side === "buy"
        ? order.priceTicks >= own.priceTicks
        : order.priceTicks <= own.priceTicks;
    if (meets) return `would meet our own order ${own.clientId} at ${own.priceTicks}`;
  }
  return "";
}
