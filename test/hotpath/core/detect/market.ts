/** Made-up venues for the tests and benches of detection: instruments that join drawn pairs of assets. */
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";

/** An instrument with a tick of 1 and a lot of 1. */
export function pairOf(baseAsset: string, quoteAsset: string, index: number): Instrument {
  const symbol = `${baseAsset}${quoteAsset}`;
  const instrument = instrumentOf(
    {
      id: `binance-spot:${symbol}`,
      venue: "binance-spot",
      symbol,
      tickSize: "1",
      lotSize: "1",
      baseAsset,
      quoteAsset,
    },
    index,
  );
  if (instrument === undefined) throw new Error("1 is a step");
  return instrument;
}

/** `count` different pairs of `assets` assets, named from A`first` on; the first three form a triangle. */
export function makeMarket(
  random: () => number,
  assets: number,
  count: number,
  first = 0,
): Instrument[] {
  const pairs = new Map<string, readonly [number, number]>();
  for (const [a, b] of [
    [1, 0],
    [2, 1],
    [2, 0],
  ] as const) {
    pairs.set(`${Math.min(a, b)} ${Math.max(a, b)}`, [a, b]);
  }
  while (pairs.size < count) {
    const a = Math.floor(random() * assets);
    const b = Math.floor(random() ** 2 * assets);
    const key = `${Math.min(a, b)} ${Math.max(a, b)}`;
    if (a !== b && !pairs.has(key)) pairs.set(key, [a, b]);
  }
  return [...pairs.values()].map(([a, b], i) => pairOf(`A${first + a}`, `A${first + b}`, i));
}
