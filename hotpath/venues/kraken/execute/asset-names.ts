/**
 * Station: names of assets and pairs in REST bodies -> those of WebSocket v2, which are the house's.
 *
 * REST still marks the class of the oldest assets by a letter ("XXBT", "ZUSD") and calls two of them by
 * old names; pairs are spelled in several ways. A name that is not among the old ones is taken as it is:
 * "ZETA" is no euro. (AssetPairs of 2021-04-17; `get-extended-balance`, 2026-08-22.)
 */
import type { Instrument } from "../../../core/instrument.ts";

const OLD_COINS = ["XBT", "ETH", "LTC", "XRP", "XLM", "ZEC", "ETC", "XMR", "REP", "MLN", "XDG"];
const OLD_MONEY = ["USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CHF", "KRW"];

/** Assets that v2 calls by another name altogether. */
const RENAMED_ASSETS: ReadonlyMap<string, string> = new Map([
  ["XBT", "BTC"],
  ["XDG", "DOGE"],
]);

const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ...OLD_COINS.map((name) => [`X${name}`, name] as const),
  ...OLD_MONEY.map((name) => [`Z${name}`, name] as const),
]);

/** The v2 name of an asset in a REST body. */
export function assetOf(name: string): string {
  const short = LONG_NAMES.get(name) ?? name;
  return RENAMED_ASSETS.get(short) ?? short;
}

/** Every way in which REST may spell an asset. */
function spellings(asset: string): readonly string[] {
  const names = [asset];
  for (const [old, renamed] of RENAMED_ASSETS) if (renamed === asset) names.push(old);
  for (const [long, short] of LONG_NAMES) if (names.includes(short)) names.push(long);
  return names;
}

/** Instruments by every spelling of their pair. */
export function pairIndex(instruments: readonly Instrument[]): ReadonlyMap<string, Instrument> {
  const index = new Map<string, Instrument>();
  for (const instrument of instruments) {
    const [base = "", quote = ""] = instrument.symbol.split("/");
    for (const left of spellings(base)) {
      for (const right of spellings(quote)) {
        index.set(left + right, instrument);
        index.set(`${left}/${right}`, instrument);
      }
    }
  }
  return index;
}
