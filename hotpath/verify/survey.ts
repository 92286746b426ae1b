/**
 * Station: recording -> what it is about: venue, symbols, their steps, and every quote in it.
 *
 * The first of two passes. Steps are taken from the venue's rules where a file of them is given, and
 * inferred from the texts otherwise: the finest digit that ever stands in a price is the tick.
 */
import type { VenueId } from "../../contracts/ids.ts";
import { type RecordedLine, RecordingError } from "./recording.ts";
import { seeKrakenMessage } from "./survey-kraken.ts";
import { type Told, toldByKucoin } from "./survey-kucoin.ts";
import type { SymbolSurvey } from "./symbol-survey.ts";

/**
 * For which updates a quote speaks: `latest` until the next one comes (a venue that tells every change), or
 * `same` for the update of its own sequence only (one that tells now and then).
 */
export type QuoteReach = "latest" | "same";

export type Survey = {
  readonly venue: VenueId;
  readonly quoteReach: QuoteReach;
  readonly symbols: ReadonlyMap<string, SymbolSurvey>;
  readonly records: number;
};

type Fields = Readonly<Record<string, unknown>>;

/** Numbers of so many digits are exact in a double. */
const EXACT_DIGITS_MAX = 15;

/** Reads the whole recording once. Throws `RecordingError` when no venue is recognised in it. */
export async function surveyRecording(
  file: string,
  lines: AsyncIterable<RecordedLine>,
): Promise<Survey> {
  const surveyor = new Surveyor();
  let records = 0;
  for await (const line of lines) {
    records++;
    surveyor.see(line);
  }
  if (surveyor.deltas === 0) {
    throw new RecordingError(
      `${file}: no depth update of a venue known here was found in ${records} records`,
    );
  }
  const { venue, quoteReach, symbols } = surveyor;
  return { venue, quoteReach, symbols, records };
}

class Surveyor {
  readonly symbols = new Map<string, SymbolSurvey>();
  venue: VenueId = "binance-spot";
  quoteReach: QuoteReach = "latest";
  deltas = 0;

  see({ kind, text, url }: RecordedLine): void {
    if (kind === "other") return;
    const message = fieldsOf(parse(text));
    if (message === undefined) return;
    if (kind === "rest") this.#seeSnapshot(message, url);
    else if (message.channel !== undefined || message.result !== undefined) this.#seeKraken(text);
    else this.#seeFrame(message);
  }

  #seeKraken(text: string): void {
    const updates = seeKrakenMessage(text, (symbol) => this.#of(symbol));
    if (updates > 0) this.venue = "kraken";
    this.deltas += updates;
  }

  #seeFrame(message: Fields): void {
    const told = toldByKucoin(message);
    if (told !== undefined) {
      this.#seeTold(told);
      return;
    }
    const data = fieldsOf(message.data);
    if (data === undefined || typeof message.stream !== "string") return;
    const channel = message.stream.slice(message.stream.indexOf("@") + 1);
    if (typeof data.s !== "string") return;
    if (channel.startsWith("depth")) {
      this.deltas++;
      // `pu` exists on USD-M only.
      if (data.pu !== undefined) this.venue = "binance-usdm";
      const survey = this.#of(data.s);
      survey.deltas++;
      seeLevels(survey, data.b);
      seeLevels(survey, data.a);
    } else if (channel === "bookTicker") this.#seeQuote(data);
    else if (channel === "trade" || channel === "aggTrade") {
      seePrice(this.#of(data.s), data.p);
      seeQuantity(this.#of(data.s), data.q);
    }
  }

  #seeTold(told: Told): void {
    this.venue = "kucoin";
    this.quoteReach = "same";
    const survey = this.#of(told.symbol);
    switch (told.kind) {
      case "delta":
        this.deltas++;
        survey.deltas++;
        for (const side of told.sides) seeLevels(survey, side);
        return;
      case "trade":
        seePrice(survey, told.price);
        seeQuantity(survey, told.quantity);
        return;
      case "quote": {
        for (const price of told.prices) seePrice(survey, price);
        for (const quantity of told.quantities) seeQuantity(survey, quantity);
        const [bid, ask] = told.prices.map(String) as [string, string];
        const [bidLots, askLots] = told.quantities.map(String) as [string, string];
        survey.quotes.set(told.id, [bid, bidLots, ask, askLots]);
        return;
      }
    }
  }

  #seeQuote({ s, u, b, B, a, A }: Fields): void {
    if (typeof s !== "string" || typeof u !== "number") return;
    const survey = this.#of(s);
    seePrice(survey, b);
    seePrice(survey, a);
    seeQuantity(survey, B);
    seeQuantity(survey, A);
    survey.quotes.set(u, [String(b), String(B), String(a), String(A)]);
  }

  #seeSnapshot(message: Fields, url: string): void {
    const symbol = snapshotSymbol(url, this.symbols);
    // KuCoin puts every answer in an envelope.
    const { bids, asks } = fieldsOf(message.data) ?? message;
    if (symbol === undefined || !Array.isArray(bids)) return;
    const survey = this.#of(symbol);
    survey.snapshots++;
    seeLevels(survey, bids);
    seeLevels(survey, asks);
  }

  #of(symbol: string): SymbolSurvey {
    const known = this.symbols.get(symbol);
    if (known !== undefined) return known;
    const survey: SymbolSurvey = {
      symbol,
      priceDecimals: 0,
      quantityDecimals: 0,
      quantityWholeDigits: 0,
      deltas: 0,
      snapshots: 0,
      depth: 0,
      quotes: new Map(),
    };
    this.symbols.set(symbol, survey);
    return survey;
  }
}

/** Whose snapshot a REST body is: the address says it, or there is only one symbol in the file. */
export function snapshotSymbol(
  url: string,
  symbols: ReadonlyMap<string, unknown>,
): string | undefined {
  const named = /[?&]symbol=([^&]+)/.exec(url)?.[1];
  if (named !== undefined) return named;
  return symbols.size === 1 ? [...symbols.keys()][0] : undefined;
}

function seeLevels(survey: SymbolSurvey, levels: unknown): void {
  if (!Array.isArray(levels)) return;
  for (const level of levels as readonly unknown[]) {
    if (!Array.isArray(level)) continue;
    seePrice(survey, level[0]);
    seeQuantity(survey, level[1]);
  }
}

function seePrice(survey: SymbolSurvey, text: unknown): void {
  survey.priceDecimals = Math.max(survey.priceDecimals, decimalsOf(text));
}

function seeQuantity(survey: SymbolSurvey, text: unknown): void {
  survey.quantityDecimals = Math.max(survey.quantityDecimals, decimalsOf(text));
  const whole = typeof text === "string" ? (/^\d+/.exec(text)?.[0].length ?? 0) : 0;
  survey.quantityWholeDigits = Math.max(survey.quantityWholeDigits, whole);
}

/** Places after the point up to the last digit that is not zero. */
export function decimalsOf(text: unknown): number {
  if (typeof text !== "string") return 0;
  return /^\d+\.(\d*?)0*$/.exec(text)?.[1]?.length ?? 0;
}

/** Decimals of the inferred lot: those that were seen, as far as the largest quantity stays exact. */
export function lotDecimalsOf({ quantityDecimals, quantityWholeDigits }: SymbolSurvey): number {
  return Math.max(0, Math.min(quantityDecimals, EXACT_DIGITS_MAX - quantityWholeDigits));
}

/** The step of so many decimals, as venues write it: 2 is "0.01". */
export function stepText(decimals: number): string {
  return decimals === 0 ? "1" : `0.${"1".padStart(decimals, "0")}`;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null ? (value as Fields) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A damaged message is refused and counted in the second pass, by the production decoder.
    return undefined;
  }
}
