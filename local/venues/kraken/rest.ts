/**
 * Station: HTTP request -> the public answers of Kraken's REST interface.
 *
 * AssetPairs, Time, SystemStatus and Depth; every answer is HTTP 200 with an `error` array, as at the
 * venue. One request a second and address is the public pace; it is not enforced here, because nothing in
 * the engine asks REST more than once.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_S } from "../../../contracts/time.ts";
import type { TradingRules } from "../exchange/rules.ts";
import type { Market } from "../market/market.ts";
import type { AnswerHttp, HttpRequest } from "../transport.ts";
import { assetPair, priceText, quantityText, timeText } from "./wire-text.ts";

const DEPTH_LEVELS_MAX = 500;

export type KrakenRestHost = {
  readonly market: Market;
  readonly clock: () => Micros;
  /** What orders must obey, by position of the instrument; undefined where none can be placed. */
  readonly tradingRules: readonly TradingRules[] | undefined;
};

/** The body of a public path, or undefined where the venue has none. */
export function publicAnswer(host: KrakenRestHost, url: URL): unknown {
  const { market, clock, tradingRules } = host;
  switch (url.pathname) {
    case "/0/public/Time": {
      const unixtime = Math.floor(clock() / US_PER_S);
      const rfc1123 = new Date(unixtime * 1_000).toUTCString();
      return { error: [], result: { unixtime, rfc1123 } };
    }
    case "/0/public/SystemStatus":
      return { error: [], result: { status: "online", timestamp: timeText(clock()) } };
    case "/0/public/AssetPairs": {
      const pairs = market.instruments.map(({ rules }, index) =>
        assetPair(rules, tradingRules?.[index]),
      );
      return { error: [], result: Object.fromEntries(pairs) };
    }
    case "/0/public/Depth":
      return depthAnswer(host, url.searchParams);
    default:
      return undefined;
  }
}

function depthAnswer({ market, clock }: KrakenRestHost, query: URLSearchParams): unknown {
  const name = query.get("pair") ?? "";
  const index = market.instruments.findIndex(({ rules }) => {
    const [altname] = assetPair(rules);
    return altname === name || rules.symbol === name;
  });
  const instrument = market.instruments[index];
  if (instrument === undefined) return { error: ["EQuery:Unknown asset pair"] };
  const asked = Number(query.get("count") ?? 100);
  const count = Math.min(DEPTH_LEVELS_MAX, asked >= 1 ? Math.floor(asked) : 100);
  const { book, rules } = instrument;
  const atS = Math.floor(clock() / US_PER_S);
  const side = (which: "bid" | "ask") =>
    book
      .levels(which, count)
      .map(([ticks, lots]) => [priceText(rules, ticks), quantityText(rules, lots), atS]);
  const [altname] = assetPair(rules);
  return { error: [], result: { [altname]: { asks: side("ask"), bids: side("bid") } } };
}

/** Answers one request. */
export function onPublicRequest(
  host: KrakenRestHost,
  request: HttpRequest,
  answer: AnswerHttp,
): void {
  const url = new URL(request.target, "http://127.0.0.1");
  const found = request.method === "GET" ? publicAnswer(host, url) : undefined;
  const body = JSON.stringify(found ?? { error: ["EGeneral:Unknown method"] });
  const status = found === undefined ? 404 : 200;
  answer({ status, headers: { "Content-Type": "application/json" }, body });
}
