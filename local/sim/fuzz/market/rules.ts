/**
 * Station: what venues publish of their instruments -> fuzzers of the readers of it.
 *
 * Steps and filters stay the venue's text, so the judge asks that each text of ours stands where the venue put
 * it, and that what is worked out (weights, multiples, steps of a precision) is what rationals say.
 */

import { boundsOf } from "../../../../hotpath/core/filters.ts";
import { instrumentOf } from "../../../../hotpath/core/instrument.ts";
import { VENUES } from "../../../../hotpath/venues/registry.ts";
import type { PublishedRules } from "../../../../hotpath/venues/venue.ts";
import type { Fuzzer } from "../fuzzer.ts";
import {
  bareOf,
  isPresent,
  itemsOf,
  Members,
  memberOf,
  readLooseTree,
  stringOf,
  type Tree,
} from "../oracle/json-tree.ts";
import { exactOf, isSameValue, isWhole } from "../oracle/numbers.ts";
import { readerBench } from "../reader-bench.ts";

type Row = PublishedRules["instruments"][number];
type RulesId = "binance-spot" | "binance-usdm" | "kraken" | "kucoin";

const BINANCE_FILTERS =
  '[{"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"},{"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000","stepSize":"0.00001000"},{"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"132.71","stepSize":"0.00000000"},{"filterType":"PERCENT_PRICE_BY_SIDE","bidMultiplierUp":"5","bidMultiplierDown":"0.2","askMultiplierUp":"5","askMultiplierDown":"0.2","avgPriceMins":5},{"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000"}]';
const BINANCE = `{"timezone":"UTC","serverTime":1565246363776,"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100}],"symbols":[{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","baseAssetPrecision":8,"quoteAsset":"USDT","quotePrecision":8,"quoteAssetPrecision":8,"filters":${BINANCE_FILTERS}},{"symbol":"ETHBTC","status":"BREAK","baseAsset":"ETH","quoteAsset":"BTC","quoteAssetPrecision":0,"filters":[{"filterType":"PRICE_FILTER","tickSize":"0.00001"},{"filterType":"LOT_SIZE","stepSize":"0.0001"},{"filterType":"MIN_NOTIONAL","notional":"5"}]}]}`;
const KRAKEN =
  '{"error":[],"result":{"XXBTZUSD":{"altname":"XBTUSD","wsname":"XBT/USD","base":"XXBT","quote":"ZUSD","pair_decimals":1,"cost_decimals":5,"lot_decimals":8,"ordermin":"0.00005","costmin":"0.5","tick_size":"0.1","status":"online"},"ETHEUR":{"wsname":"ETH/EUR","pair_decimals":2,"lot_decimals":8,"tick_size":"0.5","status":"cancel_only"},"DARK.d":{"altname":"DARK","pair_decimals":1,"lot_decimals":8},"OLD":{"wsname":"OLD/USD","pair_decimals":5,"lot_decimals":0}}}';
const KUCOIN =
  '{"code":"200000","data":[{"symbol":"BTC-USDT","name":"BTC-USDT","baseCurrency":"BTC","quoteCurrency":"USDT","feeCurrency":"USDT","market":"USDS","baseMinSize":"0.00001","quoteMinSize":"0.1","baseMaxSize":"10000000000","quoteMaxSize":"99999999","baseIncrement":"0.00000001","quoteIncrement":"0.000001","priceIncrement":"0.1","priceLimitRate":"0.1","minFunds":"0.1","isMarginEnabled":true,"enableTrading":true,"callauctionIsEnabled":false},{"symbol":"X-Y","priceIncrement":"0.01","baseIncrement":"1","priceLimitRate":"0.05","enableTrading":false}]}';

const CORPORA: Readonly<Record<RulesId, readonly string[]>> = {
  "binance-spot": [BINANCE],
  "binance-usdm": [BINANCE],
  kraken: [KRAKEN],
  kucoin: [KUCOIN],
};

const GUARDS: Readonly<Record<RulesId, string>> = {
  "binance-spot": "hotpath/venues/binance/rules.ts",
  "binance-usdm": "hotpath/venues/binance/rules.ts",
  kraken: "hotpath/venues/kraken/instruments.ts",
  kucoin: "hotpath/venues/kucoin/instruments.ts",
};

/** The fuzzer of one venue's published rules. */
export function rulesFuzzer(venue: RulesId): Fuzzer {
  return {
    name: `${venue} rules`,
    guards: GUARDS[venue],
    prepare: () =>
      readerBench<PublishedRules>({
        corpus: CORPORA[venue],
        makeReader: () => (input) => {
          const rules = VENUES[venue].parseRules(input);
          // What becomes of the texts next: steps, and the bounds of orders. Neither may throw either.
          for (const row of rules?.instruments ?? []) {
            const instrument = instrumentOf(row, 0);
            if (instrument !== undefined) boundsOf(instrument);
          }
          return rules;
        },
        judge: (rules, input) => {
          const tree = readLooseTree(input);
          if (tree === undefined) return "what is no JSON has rules";
          return judgeWeight(venue, rules, tree) ?? judgeRows(venue, rules.instruments, tree);
        },
      }),
  };
}

function judgeWeight(
  venue: RulesId,
  { weightPerMinute }: PublishedRules,
  tree: Tree,
): string | undefined {
  const isCount = Number.isSafeInteger(weightPerMinute) && weightPerMinute >= 0;
  if (!isCount) return "the weight of a minute is no number of anything";
  if (!venue.startsWith("binance") || weightPerMinute === 0) return undefined;
  const limits = itemsOf(memberOf(tree, "rateLimits")) ?? [];
  const isSaid = limits.some((limit) => {
    const minutes = exactOf(bareOf(memberOf(limit, "intervalNum")));
    const most = exactOf(bareOf(memberOf(limit, "limit")));
    if (minutes === undefined || most === undefined || minutes.units <= 0n) return false;
    const quotient =
      (most.units * 10n ** BigInt(minutes.places)) / (minutes.units * 10n ** BigInt(most.places));
    return quotient === BigInt(weightPerMinute);
  });
  return isSaid ? undefined : "the weight of a minute is not what was published";
}

function judgeRows(venue: RulesId, rows: readonly Row[], tree: Tree): string | undefined {
  const entries = entriesOf(venue, tree);
  for (const row of rows) {
    if (row.venue !== venue || row.id !== `${venue}:${row.symbol}`) return "a row has another name";
    const isSaid = entries.some((entry) => isOf(venue, row, entry));
    if (!isSaid) return "an instrument that was not published so";
  }
  return undefined;
}

function entriesOf(venue: RulesId, tree: Tree): readonly Tree[] {
  if (venue === "kraken") {
    const result = memberOf(tree, "result");
    return result instanceof Members ? result.values : [];
  }
  return itemsOf(memberOf(tree, venue === "kucoin" ? "data" : "symbols")) ?? [];
}

function isOf(venue: RulesId, row: Row, entry: Tree): boolean {
  switch (venue) {
    case "binance-spot":
    case "binance-usdm":
      return isOfBinance(row, entry);
    case "kraken":
      return isOfKraken(row, entry);
    case "kucoin":
      return isOfKucoin(row, entry);
  }
}

function textAt(tree: Tree | undefined, key: string): string {
  return stringOf(memberOf(tree, key)) ?? "";
}

function filterOf(entry: Tree, type: string): Tree | undefined {
  const filters = itemsOf(memberOf(entry, "filters"));
  return filters?.find((filter) => textAt(filter, "filterType") === type);
}

function isOfBinance(row: Row, entry: Tree): boolean {
  const { filters } = row;
  const price = filterOf(entry, "PRICE_FILTER");
  const lot = filterOf(entry, "LOT_SIZE");
  const notional = filterOf(entry, "NOTIONAL");
  const asset = memberOf(entry, "quoteAssetPrecision");
  const precision = bareOf(isPresent(asset) ? asset : memberOf(entry, "quotePrecision"));
  const increment = row.quoteIncrement ?? "";
  const isIncrement =
    increment === "" ||
    exactOf(increment)?.places === Number(precision) ||
    (increment === "1" && Number(precision) === 0);
  const isTrading = textAt(entry, "status") === "TRADING";
  return (
    row.symbol === stringOf(memberOf(entry, "symbol")) &&
    row.tickSize === stringOf(memberOf(price, "tickSize")) &&
    row.lotSize === stringOf(memberOf(lot, "stepSize")) &&
    row.isTrading === isTrading &&
    row.status === (isTrading ? "trading" : "halted") &&
    filters?.priceMin === textAt(price, "minPrice") &&
    filters.priceMax === textAt(price, "maxPrice") &&
    filters.quantityMin === textAt(lot, "minQty") &&
    filters.quantityMax === textAt(lot, "maxQty") &&
    filters.notionalMax === textAt(notional, "maxNotional") &&
    row.baseAsset === textAt(entry, "baseAsset") &&
    isIncrement
  );
}

const RENAMED: ReadonlyMap<string, string> = new Map([
  ["XBT", "BTC"],
  ["XDG", "DOGE"],
]);

function isOfKraken(row: Row, entry: Tree): boolean {
  const assets = textAt(entry, "wsname")
    .split("/")
    .map((asset) => RENAMED.get(asset) ?? asset);
  const places = bareOf(memberOf(entry, "pair_decimals"));
  const lotPlaces = bareOf(memberOf(entry, "lot_decimals"));
  const step = stringOf(memberOf(entry, "tick_size"));
  const status = memberOf(entry, "status");
  const isTick = step === undefined ? isLastPlace(row.tickSize) : isSameValue(row.tickSize, step);
  const isHalted = status !== undefined && (stringOf(status) ?? "") !== "online";
  return (
    row.symbol === assets.join("/") &&
    assets.length === 2 &&
    isTick &&
    exactOf(row.tickSize)?.places === Number(places) &&
    exactOf(row.lotSize)?.places === Number(lotPlaces) &&
    isLastPlace(row.lotSize) &&
    (row.status === "trading") === !isHalted &&
    row.filters?.quantityMin === textAt(entry, "ordermin")
  );
}

/** Whether a step is one of its last place, as "0.001" is. */
function isLastPlace(step: string): boolean {
  return exactOf(step)?.units === 1n;
}

function isOfKucoin(row: Row, entry: Tree): boolean {
  const { filters } = row;
  const isOpen = bareOf(memberOf(entry, "enableTrading")) === "true";
  const isAuction = bareOf(memberOf(entry, "callauctionIsEnabled")) === "true";
  return (
    row.symbol === stringOf(memberOf(entry, "symbol")) &&
    row.tickSize === stringOf(memberOf(entry, "priceIncrement")) &&
    row.lotSize === stringOf(memberOf(entry, "baseIncrement")) &&
    row.isTrading === (isOpen && !isAuction) &&
    filters?.quantityMin === textAt(entry, "baseMinSize") &&
    filters.quantityMax === textAt(entry, "baseMaxSize") &&
    isBand(textAt(entry, "priceLimitRate"), filters.buyPriceUp ?? "", filters.sellPriceDown ?? "")
  );
}

/** Whether a share and the two multiples of it add up: 1 + share, and 1 - share. */
function isBand(share: string, up: string, down: string): boolean {
  if (up === "" && down === "") return true;
  const [rate, above, below] = [exactOf(share), exactOf(up), exactOf(down)];
  if (rate === undefined || above === undefined || below === undefined) return false;
  const places = Math.max(rate.places, above.places, below.places);
  const [a, b, c] = [rate, above, below].map(
    (value) => value.units * 10n ** BigInt(places - value.places),
  );
  const one = 10n ** BigInt(places);
  return b === one + (a ?? 0n) && c === one - (a ?? 0n) && isWhole(String(places), places);
}
