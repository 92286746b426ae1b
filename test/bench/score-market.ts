/**
 * The universe of the benches of detection: 429 instruments and 1,966 directed cycles, of the shape that
 * big spot venues have: a few assets that everything is quoted in, and many that are quoted in them.
 */
import { type Instrument, instrumentOf } from "../../hotpath/core/instrument.ts";

const HUBS = ["USDT", "BTC", "ETH", "BNB", "USDC", "EUR"] as const;
/** Assets quoted in every hub, and in the first two only. */
const WIDE_ASSETS = 63;
const NARROW_ASSETS = 18;

/** Base and quote of each instrument; the hubs among themselves come first. */
export function marketPairs(): (readonly [base: string, quote: string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let a = 0; a < HUBS.length; a++) {
    for (let b = a + 1; b < HUBS.length; b++) pairs.push([HUBS[b] as string, HUBS[a] as string]);
  }
  for (let i = 0; i < WIDE_ASSETS; i++) for (const hub of HUBS) pairs.push([`W${i}`, hub]);
  for (let i = 0; i < NARROW_ASSETS; i++) {
    for (const hub of HUBS.slice(0, 2)) pairs.push([`N${i}`, hub]);
  }
  return pairs;
}

/** The instruments, with names of their own or those of made-up frames. */
export function marketInstruments(symbols: readonly string[] = []): Instrument[] {
  return marketPairs().map(([baseAsset, quoteAsset], index) => {
    const symbol = symbols[index] ?? `${baseAsset}${quoteAsset}`;
    const rules = { id: `binance-spot:${symbol}`, venue: "binance-spot", symbol } as const;
    const steps = { tickSize: "0.01", lotSize: "0.00001", baseAsset, quoteAsset };
    const instrument = instrumentOf({ ...rules, ...steps }, index);
    if (instrument === undefined) throw new Error("the steps are decimals");
    return instrument;
  });
}
