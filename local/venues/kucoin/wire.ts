/**
 * Station: truth -> the text of KuCoin's messages.
 *
 * Built by hand, as the other venues' are, because thousands leave each second. Key order follows the
 * examples of the venue's own client library. It never decides what is sent to whom.
 */
import { US_PER_MS } from "../../../contracts/time.ts";
import { DecimalTexts, decimalText } from "../binance/decimal-text.ts";
import type { Level, Side } from "../market/book.ts";
import type { MarketInstrument } from "../market/instrument.ts";
import type { MarketTrade } from "../market/order-flow.ts";

/** Trades are counted from here: above 2^53, as the venue's are since 2024. */
export const FIRST_TRADE_ID = 11_067_996_711_960_577n;

/** Microseconds -> the whole milliseconds of the wire. */
export function wireMs(us: number): number {
  return Math.floor(us / US_PER_MS);
}

/** `units / 10^digits` without the zeros at its end, as this venue writes numbers. */
export function shortText(units: number, digits: number): string {
  const text = decimalText(units, digits, digits);
  if (digits === 0) return text;
  let end = text.length;
  while (text[end - 1] === "0") end -= 1;
  if (text[end - 1] === ".") end -= 1;
  return text.slice(0, end);
}

/** What every push of one instrument is made from. */
export type WireInstrument = {
  readonly instrument: MarketInstrument;
  readonly texts: DecimalTexts;
};

/** The texts of one instrument's numbers, kept, since prices near the touch repeat all the time. */
export function shortTexts({ rules, book }: MarketInstrument): DecimalTexts {
  return new DecimalTexts(rules, { ...rules, windowTicks: book.windowTicks }, shortText);
}

/** One changed level: its price, what rests there now, and the update that changed it last. */
export type ChangedLevel = { readonly ticks: number; readonly lots: number; readonly seq: number };

export type Delta = {
  readonly asks: readonly ChangedLevel[];
  readonly bids: readonly ChangedLevel[];
  /** Sequences that moved without a level to show for it. */
  readonly bare: readonly number[];
  readonly first: number;
  readonly last: number;
};

function rowTexts(texts: DecimalTexts, levels: readonly ChangedLevel[]): string[] {
  return levels.map(
    ({ ticks, lots, seq }) => `["${texts.price(ticks)}","${texts.lots(lots)}","${seq}"]`,
  );
}

function push(topic: string, subject: string, data: string): string {
  return `{"topic":"${topic}","type":"message","subject":"${subject}","data":${data}}`;
}

/** A delta; `symbol` is the instrument's own, unless a fault says otherwise. */
export function deltaText(
  { instrument, texts }: WireInstrument,
  { asks, bids, bare, first, last }: Delta,
  { symbol, eventUs }: { symbol: string; eventUs: number },
): string {
  const bareRows = bare.map((seq) => `["0","0","${seq}"]`);
  const askRows = [...rowTexts(texts, asks), ...bareRows].join(",");
  const changes = `{"asks":[${askRows}],"bids":[${rowTexts(texts, bids).join(",")}]}`;
  const range = `"sequenceEnd":${last},"sequenceStart":${first}`;
  return push(
    `/market/level2:${instrument.rules.symbol}`,
    "trade.l2update",
    `{"changes":${changes},${range},"symbol":"${symbol}","time":${wireMs(eventUs)}}`,
  );
}

function touchText({ instrument, texts }: WireInstrument, side: Side): string {
  const { book } = instrument;
  const ticks = side === "bid" ? book.bestBidTicks : book.bestAskTicks;
  if (ticks === 0) return "[]";
  return `["${texts.price(ticks)}","${texts.lots(book.lotsAt(side, ticks))}"]`;
}

/** The best bid and ask as they stand. */
export function level1Text(wire: WireInstrument, eventUs: number): string {
  const sides = `"asks":${touchText(wire, "ask")},"bids":${touchText(wire, "bid")}`;
  const data = `{${sides},"timestamp":${wireMs(eventUs)}}`;
  return push(`/spotMarket/level1:${wire.instrument.rules.symbol}`, "level1", data);
}

/** One fill on the tape; `side` is the taker's. */
export function matchText(
  instrument: MarketInstrument,
  trade: MarketTrade,
  eventUs: number,
): string {
  const { symbol, priceDigits, lotDigits } = instrument.rules;
  const id = (FIRST_TRADE_ID + BigInt(trade.tradeId)).toString();
  const price = shortText(trade.ticks, priceDigits);
  const size = shortText(trade.lots, lotDigits);
  const side = trade.isBuyerMaker ? "sell" : "buy";
  const ids = `"makerOrderId":"m${id}","price":"${price}","sequence":"${id}","side":"${side}"`;
  const rest = `"size":"${size}","symbol":"${symbol}","takerOrderId":"t${id}"`;
  const data = `{${ids},${rest},"time":"${eventUs}000","tradeId":"${id}","type":"match"}`;
  return push(`/market/match:${symbol}`, "trade.l3match", data);
}

/** The body of a depth request. */
export function depthBody(
  instrument: MarketInstrument,
  book: { seq: number; bids: readonly Level[]; asks: readonly Level[] },
  eventUs: number,
): string {
  const { priceDigits, lotDigits } = instrument.rules;
  const rows = (levels: readonly Level[]) =>
    levels
      .map(
        ([ticks, lots]) => `["${shortText(ticks, priceDigits)}","${shortText(lots, lotDigits)}"]`,
      )
      .join(",");
  const sides = `"bids":[${rows(book.bids)}],"asks":[${rows(book.asks)}]`;
  const data = `{"time":${wireMs(eventUs)},"sequence":"${book.seq}",${sides}}`;
  return `{"code":"200000","data":${data}}`;
}
