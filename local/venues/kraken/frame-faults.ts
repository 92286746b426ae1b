/**
 * Station: one good message about a book -> the same, wrong in a way that a fault asks for.
 *
 * It knows what a wrong message looks like on this wire; when one is sent is the feed's to decide.
 */
import type { Book, Level } from "../market/book.ts";
import type { Random } from "../market/random.ts";
import type { BookChannel } from "./book-channel.ts";
import { type BookSides, checksumOf, type KrakenTexts } from "./wire-text.ts";

/** How far above the best ask a crossing bid is put. */
const CROSSING_TICKS = 40;

/** One message about a book, as it is or wrong on purpose. */
export type BookMessage = {
  readonly type: "snapshot" | "update";
  readonly sides: BookSides;
  readonly checksum: number;
  readonly symbol: string;
  readonly spoil: (text: string) => string;
};

/** A book whose best bid is above its best ask, signed as it stands: only the crossing is wrong. */
export function crossed(
  { book, texts }: { readonly book: Book; readonly texts: KrakenTexts },
  { told }: BookChannel,
  good: BookMessage,
): BookMessage {
  const extra: Level = [book.bestAskTicks + CROSSING_TICKS, texts.rules.medianLots];
  const checksum = checksumOf(texts, { bids: [extra, ...told.bids], asks: told.asks });
  const sides = { bids: [...good.sides.bids, extra], asks: good.sides.asks };
  return { ...good, sides, checksum };
}

/** One of three ways to damage a text: cut short, not JSON at all, or JSON with a wrong inside. */
export function spoiler(random: Random): (text: string) => string {
  const way = random.integer(3);
  const share = random.between(0.3, 0.9);
  if (way === 0) return (text) => text.slice(0, Math.floor(text.length * share));
  if (way === 1) return () => "\u0000\u0001 upstream connect error \u007f{]";
  return (text) => text.replace(/"bids":\[.*?\],"asks"/, '"bids":[{"price":1e999}],"asks"');
}
