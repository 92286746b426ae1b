/**
 * Station: truth -> the text of KuCoin's messages.
 *
 * Built by hand, as the other venues' are, because thousands leave each second. Key order follows the
 * examples of the venue's own client library. It never decides what is sent to whom.
 */
import { US_PER_MS } from "../../../contracts/time.ts";
import { decimalText } from "../binance/decimal-text.ts";
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

function rowTexts(instrument: MarketInstrument, levels: readonly ChangedLevel[]): string[] {
  const { priceDigits, lotDigits } = instrument.rules;
  return levels.map(
    ({ ticks, lots, seq }) =>
      `["${shortText(ticks, priceDigits)}","${shortText(lots, lotDigits)}","${seq}"]`,
  );
}

function push(topic: string, subject: string, data: string): string {
  return `{"topic":"${topic}","type":"message","subject":"${subject}","data":${data}}`;
}

/** A delta; `symbol` is the instrument's own, unless a fault says otherwise. */
export function deltaText(
  instrument: MarketInstrument,
  { asks, bids, bare, first, last }: Delta,
  { symbol, eventUs }: { symbol: string; eventUs: number },
): string {
  const bareRows = bare.map((seq) => `["0","0","${seq}"]`);
  const askRows = [...rowTexts(instrument, asks), ...bareRows].join(",");
  const changes = `{"asks":[${askRows}],"bids":[${rowTexts(instrument, bids).join(",")}]}`;
  const range = `"sequenceEnd":${last},"sequenceStart":${first}`;
  return push(
    `/market/level2:${instrument.rules.symbol}`,
    "trade.l2update",
    `{"changes":${changes},${range},"symbol":"${symbol}","time":${wireMs(eventUs)}}`,
  );
}

function touchText(instrument: MarketInstrument, side: Side): string {
  const { book, rules } = instrument;
  const ticks = side === "bid" ? book.bestBidTicks : book.bestAskTicks;
  if (ticks === 0) return "[]";
  const lots = shortText(book.lotsAt(side, ticks), rules.lotDigits);
  return `["${shortText(ticks, rules.priceDigits)}","${lots}"]`;
}

/** The best bid and ask as they stand. */
export function level1Text(instrument: MarketInstrument, eventUs: number): string {
  const sides = `"asks":${touchText(instrument, "ask")},"bids":${touchText(instrument, "bid")}`;
  const data = `{${sides},"timestamp":${wireMs(eventUs)}}`;
  return push(`/spotMarket/level1:${instrument.rules.symbol}`, "level1", data);
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
