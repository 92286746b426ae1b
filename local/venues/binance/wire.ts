/**
 * Station: the venue's state -> its messages, field by field as the venue writes them.
 *
 * Text is joined by hand from texts that exist already: at ten thousand frames a second, building
 * objects for `JSON.stringify` would be most of the work. Key order follows recordings of 2024, the
 * fields `ps` and `st` the venue's pages as read on 2026-11-20. It never decides what is sent to whom.
 */
import { US_PER_MS } from "../../../contracts/time.ts";
import type { Level, Side } from "../market/book.ts";
import type { FoldedChanges } from "../market/fold.ts";
import type { MarketInstrument } from "../market/instrument.ts";
import type { MarketTrade } from "../market/order-flow.ts";
import type { DecimalTexts } from "./decimal-text.ts";

/** The two families of messages; they differ in fields, digits and sequence rules. */
export type WireFamily = "spot" | "usdm";

/** What every message of one instrument is made from. */
export type WireInstrument = {
  readonly family: WireFamily;
  readonly instrument: MarketInstrument;
  readonly texts: DecimalTexts;
};

/** The span of ids of one depth frame, and the last id of the frame before it. */
export type SeqSpan = {
  readonly first: number;
  readonly last: number;
  readonly previousLast: number;
};

/** Microseconds -> the whole milliseconds of the wire. */
export function wireMs(us: number): number {
  return Math.floor(us / US_PER_MS);
}

function levelText(texts: DecimalTexts, ticks: number, lots: number): string {
  return `["${texts.price(ticks)}","${texts.lots(lots)}"]`;
}

/** Changed levels of one side. Spot lists bids downward, USD-M lists both sides upward. */
function changedLevels(wire: WireInstrument, side: Side, ascending: readonly number[]): string {
  const { book } = wire.instrument;
  const isDownward = side === "bid" && wire.family === "spot";
  let text = "";
  for (let i = 0; i < ascending.length; i += 1) {
    const ticks = ascending[isDownward ? ascending.length - 1 - i : i] ?? 0;
    const level = levelText(wire.texts, ticks, book.lotsAt(side, ticks));
    text += text === "" ? level : `,${level}`;
  }
  return text;
}

/** The levels of one depth frame, encoded once however often the frame is sent. */
export type DepthLevels = { readonly bids: string; readonly asks: string };

/** Texts of the levels that a depth frame names. */
export function depthLevels(wire: WireInstrument, folded: FoldedChanges): DepthLevels {
  return {
    bids: changedLevels(wire, "bid", folded.bidTicks),
    asks: changedLevels(wire, "ask", folded.askTicks),
  };
}

/** Puts one level that the truth does not have in front of a side (fault `crossedBook`). */
export function withExtraBid(
  wire: WireInstrument,
  levels: DepthLevels,
  extra: { ticks: number; lots: number },
): DepthLevels {
  const level = levelText(wire.texts, extra.ticks, extra.lots);
  return { ...levels, bids: levels.bids === "" ? level : `${level},${levels.bids}` };
}

/** A depth frame. `symbol` is the instrument's own, unless a fault says otherwise. */
export function depthText(
  wire: WireInstrument,
  levels: DepthLevels,
  head: { eventUs: number; span: SeqSpan; symbol: string },
): string {
  const { span, symbol } = head;
  const ms = wireMs(head.eventUs);
  const sides = `"b":[${levels.bids}],"a":[${levels.asks}]`;
  if (wire.family === "spot") {
    return `{"e":"depthUpdate","E":${ms},"s":"${symbol}","U":${span.first},"u":${span.last},${sides}}`;
  }
  const ids = `"U":${span.first},"u":${span.last},"pu":${span.previousLast}`;
  return `{"e":"depthUpdate","E":${ms},"T":${ms},"s":"${symbol}",${ids},${sides},"ps":"${symbol}","st":1}`;
}

/** The best bid and ask after every update up to the instrument's last one. */
export function bookTickerText(wire: WireInstrument, eventUs: number): string {
  const { book, rules, lastSeq } = wire.instrument;
  const { texts } = wire;
  const bid = book.bestBidTicks;
  const ask = book.bestAskTicks;
  const best =
    `"b":"${texts.price(bid)}","B":"${texts.lots(book.lotsAt("bid", bid))}",` +
    `"a":"${texts.price(ask)}","A":"${texts.lots(book.lotsAt("ask", ask))}"`;
  if (wire.family === "spot") return `{"u":${lastSeq},"s":"${rules.symbol}",${best}}`;
  const ms = wireMs(eventUs);
  const tail = `"T":${ms},"E":${ms},"ps":"${rules.symbol}","st":1`;
  return `{"e":"bookTicker","u":${lastSeq},"s":"${rules.symbol}",${best},${tail}}`;
}

/** One fill on the tape. */
export function tradeText(wire: WireInstrument, trade: MarketTrade, eventUs: number): string {
  const ms = wireMs(eventUs);
  const { symbol } = wire.instrument.rules;
  const what = `"p":"${wire.texts.price(trade.ticks)}","q":"${wire.texts.lots(trade.lots)}"`;
  const id = `"t":${trade.tradeId}`;
  if (wire.family === "spot") {
    return `{"e":"trade","E":${ms},"s":"${symbol}",${id},${what},"T":${ms},"m":${trade.isBuyerMaker},"M":true}`;
  }
  return `{"e":"trade","E":${ms},"T":${ms},"s":"${symbol}",${id},${what},"X":"MARKET","m":${trade.isBuyerMaker},"st":1}`;
}

/** The fills of one aggressor at one price, as one message; `trades` is not empty. */
export function aggTradeText(
  wire: WireInstrument,
  trades: readonly MarketTrade[],
  eventUs: number,
): string {
  const ms = wireMs(eventUs);
  const { symbol } = wire.instrument.rules;
  const [first] = trades;
  const last = trades.at(-1);
  if (first === undefined || last === undefined) return "";
  const lots = wire.texts.lots(trades.reduce((sum, trade) => sum + trade.lots, 0));
  const price = `"a":${first.aggregateId},"p":"${wire.texts.price(first.ticks)}","q":"${lots}"`;
  const ids = `"f":${first.tradeId},"l":${last.tradeId},"T":${ms},"m":${first.isBuyerMaker}`;
  const head = `{"e":"aggTrade","E":${ms},"s":"${symbol}"`;
  if (wire.family === "spot") return `${head},${price},${ids},"M":true}`;
  return `${head},${price},"nq":"${lots}",${ids},"st":1}`;
}

/** The mark price; funding is flat here, because nobody in this house pays it. */
export function markPriceText(
  wire: WireInstrument,
  mark: { text: string; eventUs: number; nextFundingUs: number },
): string {
  const { symbol } = wire.instrument.rules;
  const prices = `"p":"${mark.text}","i":"${mark.text}","P":"${mark.text}","r":"0.00010000"`;
  const times = `"ap":"${mark.text}","T":${wireMs(mark.nextFundingUs)}`;
  return `{"e":"markPriceUpdate","E":${wireMs(mark.eventUs)},"s":"${symbol}",${prices},${times},"st":1}`;
}

function levelTexts(texts: DecimalTexts, levels: readonly Level[]): string {
  return levels.map(([ticks, lots]) => levelText(texts, ticks, lots)).join(",");
}

/** The answer to a depth request. */
export function snapshotText(
  wire: WireInstrument,
  snapshot: { seq: number; bids: readonly Level[]; asks: readonly Level[]; eventUs: number },
): string {
  const bids = levelTexts(wire.texts, snapshot.bids);
  const asks = levelTexts(wire.texts, snapshot.asks);
  const ms = wireMs(snapshot.eventUs);
  const times = wire.family === "spot" ? "" : `"E":${ms},"T":${ms},`;
  return `{"lastUpdateId":${snapshot.seq},${times}"bids":[${bids}],"asks":[${asks}]}`;
}

/** The envelope of combined streams. */
export function combinedText(streamName: string, data: string): string {
  return `{"stream":"${streamName}","data":${data}}`;
}

/** The venue's notice before it cuts a session (spot only). */
export function serverShutdownText(eventUs: number, isCombined: boolean): string {
  const data = `{"e":"serverShutdown","E":${wireMs(eventUs)}}`;
  return isCombined ? combinedText("!serverShutdown", data) : data;
}
