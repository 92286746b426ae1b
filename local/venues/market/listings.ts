/**
 * Station: a count -> the rules of that many instruments.
 *
 * A fixed order of assets, each joined to every major quote asset in which its price has enough ticks,
 * so that any prefix of the list is full of triangles. Names look like the real ones because the wire
 * must; the prices are of no day in particular. It never draws: the list is the same for every seed.
 */
import type { InstrumentRules } from "./instrument.ts";

/** Start values in dollars. The dollar coins come last in no list: they only quote. */
const ASSET_VALUES: ReadonlyMap<string, number> = new Map([
  ["BTC", 94_250],
  ["ETH", 3_180],
  ["BNB", 912],
  ["SOL", 148],
  ["XRP", 2.31],
  ["ADA", 0.713],
  ["LTC", 97.4],
  ["AVAX", 21.6],
  ["LINK", 15.9],
  ["DOT", 3.87],
  ["BCH", 512],
  ["NEAR", 2.84],
  ["UNI", 7.92],
  ["AAVE", 203],
  ["ATOM", 4.15],
  ["TRX", 0.292],
  ["DOGE", 0.187],
  ["XMR", 344],
  ["ZEC", 421],
  ["DASH", 88.3],
  ["ETC", 17.8],
  ["FIL", 2.06],
  ["ICP", 5.21],
  ["INJ", 7.48],
  ["APT", 3.29],
  ["SUI", 2.17],
  ["TAO", 361],
  ["RENDER", 2.43],
  ["XLM", 0.279],
  ["ALGO", 0.172],
  ["QNT", 86.5],
  ["COMP", 41.2],
  ["USDT", 1],
  ["USDC", 0.9998],
  ["USD", 1],
]);

const SPOT_QUOTES = ["USDT", "BTC", "ETH", "BNB"] as const;
const KRAKEN_QUOTES = ["USD", "BTC", "ETH"] as const;
/** Dollars and what stands for them: they quote and are not quoted. */
const COINS_ONLY_QUOTED = ["USDT", "USDC", "USD"];
const USDM_QUOTES = ["USDT", "USDC"] as const;
/** A price has at least this many ticks (and less than ten times as many, where eight digits allow). */
const PRICE_TICKS_MIN = 20_000;
/** Below this a book of a thousand levels a side has no room; the pair is not listed. */
const PRICE_TICKS_FLOOR = 10_000;
const DIGITS_MAX = 8;
/** A usual level is worth about this many dollars, and has about this many lots. */
const LEVEL_VALUE_USD = 4_000;
const LEVEL_LOTS_MIN = 200;
/** Levels spread over this many times their number of ticks, where the price leaves room. */
const RANGE_FACTOR = 3;
const RANGE_SHARE_MAX = 0.4;

/** Assets and what one of each is worth at the start, in dollars. */
export function assetValues(): ReadonlyMap<string, number> {
  return ASSET_VALUES;
}

/** Digits after the point that give a price (or a quantity) at least `min` units. */
function digitsFor(value: number, min: number): number {
  let digits = 0;
  while (digits < DIGITS_MAX && value * 10 ** digits < min) digits += 1;
  return digits;
}

function rulesOf(base: string, quote: string, levelsPerSide: number): InstrumentRules | undefined {
  const baseValue = ASSET_VALUES.get(base) ?? 0;
  const price = baseValue / (ASSET_VALUES.get(quote) ?? 1);
  const priceDigits = digitsFor(price, PRICE_TICKS_MIN);
  const startTicks = Math.round(price * 10 ** priceDigits);
  if (startTicks < PRICE_TICKS_FLOOR) return undefined;
  const lotDigits = digitsFor(LEVEL_VALUE_USD / baseValue, LEVEL_LOTS_MIN);
  const medianLots = Math.round((LEVEL_VALUE_USD / baseValue) * 10 ** lotDigits);
  const roomTicks = Math.floor(startTicks * RANGE_SHARE_MAX);
  const rangeTicks = Math.min(RANGE_FACTOR * levelsPerSide, roomTicks);
  // At most half of the prices in range are taken, or there would be nothing left to add.
  const placed = Math.min(levelsPerSide, Math.floor(rangeTicks / 2));
  const symbol = `${base}${quote}`;
  const shape = { startTicks, medianLots, levelsPerSide: placed, rangeTicks };
  return { symbol, base, quote, priceDigits, lotDigits, ...shape };
}

/** Every instrument that can be listed against `quotes`, in the order in which they are listed. */
function allRules(quotes: readonly string[], levelsPerSide: number): InstrumentRules[] {
  const rules: InstrumentRules[] = [];
  for (const base of ASSET_VALUES.keys()) {
    for (const quote of quotes) {
      // A quote asset is itself quoted only in what comes before it: ETHBTC, never BTCETH.
      const isBackward = quotes.includes(base) && quotes.indexOf(base) <= quotes.indexOf(quote);
      if (isBackward || COINS_ONLY_QUOTED.includes(base)) continue;
      const found = rulesOf(base, quote, levelsPerSide);
      if (found !== undefined) rules.push(found);
    }
  }
  return rules;
}

/** The first `count` spot instruments; fewer when the list has no more. */
export function spotListings(count: number, levelsPerSide: number): InstrumentRules[] {
  return allRules(SPOT_QUOTES, levelsPerSide).slice(0, count);
}

/** The first `count` spot instruments in KuCoin's spelling. */
export function kucoinListings(count: number, levelsPerSide: number): InstrumentRules[] {
  const rules = spotListings(count, levelsPerSide);
  return rules.map((one) => ({ ...one, symbol: `${one.base}-${one.quote}` }));
}

/** The first `count` instruments of Kraken, which quotes in dollars, in the spelling of its streams. */
export function krakenListings(count: number, levelsPerSide: number): InstrumentRules[] {
  const rules = allRules(KRAKEN_QUOTES, levelsPerSide).slice(0, count);
  return rules.map((one) => ({ ...one, symbol: `${one.base}/${one.quote}` }));
}

/** The first `count` perpetuals, all dollar-margined; fewer when the list has no more. */
export function usdmListings(count: number, levelsPerSide: number): InstrumentRules[] {
  const rules = allRules(USDM_QUOTES, levelsPerSide);
  const inUsdt = rules.filter((one) => one.quote === "USDT");
  const inUsdc = rules.filter((one) => one.quote === "USDC");
  return [...inUsdt, ...inUsdc].slice(0, count);
}
