/**
 * Station: symbols of recordings -> the triangles that their instruments form, and between which assets.
 *
 * Base and quote come from the venue's rules where a file of them is given, or from a symbol that separates
 * them (BTC/USD, BTC-USDT). Symbols written in one word are cut wherever the three of a triangle fit
 * together: BTCUSDT, ETHBTC and ETHUSDT fit in one way only.
 */

/** The two assets of one symbol. */
export type Pair = { readonly symbol: string; readonly base: string; readonly quote: string };

export type PairTriangle = {
  /** Three assets, beginning with the one that the most of them are quoted in. */
  readonly assets: readonly [string, string, string];
  /** Of assets 0-1, 1-2 and 2-0. */
  readonly pairs: readonly [Pair, Pair, Pair];
};

/** Assets by symbol, from the venue's published rules. */
export type KnownAssets = ReadonlyMap<
  string,
  { readonly baseAsset?: string; readonly quoteAsset?: string }
>;

const ASSET_LETTERS_MIN = 2;

/** Every three symbols are tried: with more than these nobody has one triangle in mind. */
export const SYMBOLS_MAX = 64;

/**
 * Where symbols can be cut in more than one way, the way that uses more of these is meant: assets that
 * others are quoted in (exchangeInfo of 2021-10-12 and 2026-11-20, quote assets of more than ten symbols).
 */
const QUOTE_ASSETS: ReadonlySet<string> = new Set(
  (
    "USDT USDC BUSD FDUSD TUSD DAI USD EUR GBP TRY BRL AUD JPY RUB UAH NGN BTC XBT ETH BNB XRP TRX DOGE " +
    "SOL KCS"
  ).split(" "),
);

/** Every way to read `symbol` as two assets. */
export function pairsOf(symbol: string, known: KnownAssets): Pair[] {
  const row = known.get(symbol);
  if (row?.baseAsset !== undefined && row.baseAsset !== "" && row.quoteAsset !== undefined) {
    return [{ symbol, base: row.baseAsset, quote: row.quoteAsset }];
  }
  const parts = symbol.split(/[/\-_]/);
  const [base, quote] = parts;
  if (parts.length === 2 && base !== undefined && quote !== undefined) {
    return [{ symbol, base, quote }];
  }
  const cuts = symbol.length - 2 * ASSET_LETTERS_MIN + 1;
  return Array.from({ length: Math.max(0, cuts) }, (_, i) => {
    const at = i + ASSET_LETTERS_MIN;
    return { symbol, base: symbol.slice(0, at), quote: symbol.slice(at) };
  });
}

/** Every triangle among the symbols; where three of them can be read in several ways, the likeliest. */
export function findPairTriangles(symbols: readonly string[], known: KnownAssets): PairTriangle[] {
  if (symbols.length > SYMBOLS_MAX) return [];
  const readings = symbols.map((symbol) => pairsOf(symbol, known));
  const found: PairTriangle[] = [];
  for (let a = 0; a < readings.length; a++) {
    for (let b = a + 1; b < readings.length; b++) {
      for (let c = b + 1; c < readings.length; c++) {
        const triangle = likeliest(readings[a] ?? [], readings[b] ?? [], readings[c] ?? []);
        if (triangle !== undefined) found.push(triangle);
      }
    }
  }
  return found;
}

function likeliest(
  first: readonly Pair[],
  second: readonly Pair[],
  third: readonly Pair[],
): PairTriangle | undefined {
  let best: PairTriangle | undefined;
  for (const a of first) {
    for (const b of second) {
      const shared = sharedAsset(a, b);
      if (shared === undefined) continue;
      const c = third.find((pair) => isBetween(pair, otherOf(a, shared), otherOf(b, shared)));
      if (c === undefined) continue;
      const made = arrange([a, b, c]);
      if (best === undefined || likelihood(made) > likelihood(best)) best = made;
    }
  }
  return best;
}

/** The one asset of both; undefined for none, or for the same two. */
function sharedAsset(a: Pair, b: Pair): string | undefined {
  const shared = [a.base, a.quote].filter((asset) => asset === b.base || asset === b.quote);
  return shared.length === 1 ? shared[0] : undefined;
}

function otherOf({ base, quote }: Pair, asset: string): string {
  return base === asset ? quote : base;
}

function isBetween({ base, quote }: Pair, one: string, other: string): boolean {
  return (base === one && quote === other) || (base === other && quote === one);
}

function likelihood({ assets }: PairTriangle): number {
  return assets.filter((asset) => QUOTE_ASSETS.has(asset)).length;
}

/** Puts the triangle in order: from the asset that is most often quote, its bases by name. */
function arrange(pairs: readonly [Pair, Pair, Pair]): PairTriangle {
  const quoted = (asset: string): number => pairs.filter(({ quote }) => quote === asset).length;
  const assets = [...new Set(pairs.flatMap(({ base, quote }) => [base, quote]))].sort();
  const start = assets.reduce((best, asset) => (quoted(asset) > quoted(best) ? asset : best));
  const rest = assets.filter((asset) => asset !== start);
  // The one that prices the other comes first: USDT>BTC>ETH, because ETH is quoted in BTC.
  rest.sort((a, b) => quoted(b) - quoted(a));
  const [second = "", third = ""] = rest;
  const between = (one: string, other: string): Pair =>
    pairs.find((pair) => isBetween(pair, one, other)) ?? pairs[0];
  return {
    assets: [start, second, third],
    pairs: [between(start, second), between(second, third), between(third, start)],
  };
}
