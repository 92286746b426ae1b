/**
 * Station: HTTP request -> request weight -> the venue's answer, or its refusal.
 *
 * Depth, exchangeInfo, time and ping as the venues serve them, errors and headers included. Faults of
 * snapshots live here because a snapshot is what they damage. It never touches a stream.
 */
import type { Micros } from "../../../contracts/time.ts";
import { after } from "../delays.ts";
import type { TradingRules } from "../exchange/rules.ts";
import type { Level } from "../market/book.ts";
import { bookAt, oldestKnownSeq } from "../market/truth.ts";
import type { AnswerHttp, HttpRequest } from "../transport.ts";
import type { SnapshotFault } from "../venue-model.ts";
import type { Dialect } from "./dialect.ts";
import { exchangeInfoText } from "./exchange-info.ts";
import type { Feed } from "./feed.ts";
import type { WeightLimiter } from "./limits.ts";
import type { OrderLimit } from "./order-limits.ts";
import { snapshotText, wireMs } from "./wire.ts";

export type RestHost = {
  readonly dialect: Dialect;
  readonly feed: Feed;
  readonly clock: () => Micros;
  readonly limiter: WeightLimiter;
  /** Draws the injected delay of one snapshot, 0 when there is none. */
  readonly snapshotDelayMs: () => number;
  /** What `exchangeInfo` tells of trading, where orders can be placed. */
  readonly tradingRulesOf: ((symbol: string) => TradingRules | undefined) | undefined;
  readonly orderLimits: readonly OrderLimit[] | undefined;
};

/** How many changes an old snapshot lies behind the stream, where the log still knows that. */
const OLD_CHANGES_COUNT = 600;
const BODY_503 = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>";

type Answer = { readonly status: number; readonly body: string; readonly type?: string };
type Tell = (answer: Answer) => void;

function refusal(code: number, msg: string, status = 400): Answer {
  return { status, body: JSON.stringify({ code, msg }) };
}

/** The symbols that a request names by `symbol` or by `symbols`, or undefined when unreadable. */
function symbolsOf(query: URLSearchParams): readonly string[] | "all" | undefined {
  const one = query.get("symbol");
  if (one !== null) return [one];
  const list = query.get("symbols");
  if (list === null) return "all";
  if (!/^\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}")*\]$/.test(list)) return undefined;
  return [...new Set(JSON.parse(list) as string[])];
}

/** The REST side of one venue. */
export class RestDesk {
  readonly #host: RestHost;
  readonly #faults = new Map<number, SnapshotFault[]>();
  /** Refusals given since the start, by status. */
  tooManyCount = 0;
  bannedCount = 0;
  snapshotCount = 0;

  constructor(host: RestHost) {
    this.#host = host;
  }

  /** Lets the next snapshots of an instrument go wrong. */
  arm(index: number, fault: SnapshotFault): void {
    this.#faults.set(index, [...(this.#faults.get(index) ?? []), fault]);
  }

  /** Answers one request. */
  onRequest(request: HttpRequest, answer: AnswerHttp): void {
    const url = new URL(request.target, "http://127.0.0.1");
    const headers: Record<string, string> = {};
    const tell: Tell = ({ status, body, type = "application/json;charset=UTF-8" }) =>
      answer({ status, headers: { ...headers, "Content-Type": type }, body });
    const path = url.pathname.startsWith(`${this.#host.dialect.restRoot}/`)
      ? url.pathname.slice(this.#host.dialect.restRoot.length)
      : "";
    if (request.method !== "GET") {
      tell(refusal(-1_000, "Method not allowed.", 405));
      return;
    }
    const weight = this.#weightOf(path, url.searchParams);
    if (weight === undefined) {
      const body = "<html><body><h1>404 Not Found</h1></body></html>";
      tell({ status: 404, body, type: "text/html" });
      return;
    }
    const refused = this.#charge(request.address, headers, weight);
    if (refused === undefined) this.#answer(path, url.searchParams, tell);
    else tell(refused);
  }

  #weightOf(path: string, query: URLSearchParams): number | undefined {
    const { dialect } = this.#host;
    if (path === "/ping" || path === "/time") return 1;
    if (path === "/exchangeInfo") return dialect.exchangeInfoWeight;
    if (path !== "/depth") return undefined;
    const limit = Number(query.get("limit") ?? dialect.depthLimitDefault);
    const step = dialect.depthWeights.find((one) => limit <= one.limitMax);
    return (step ?? dialect.depthWeights.at(-1))?.weight;
  }

  #charge(address: string, headers: Record<string, string>, weight: number): Answer | undefined {
    const { limiter, clock } = this.#host;
    const verdict = limiter.charge(address, weight, clock());
    if (verdict.kind === "banned") {
      this.bannedCount += 1;
      headers["Retry-After"] = String(verdict.retryAfterS);
      const until = `IP banned until ${wireMs(verdict.untilUs)}`;
      return refusal(-1_003, `Way too much request weight used; ${until}.`, 418);
    }
    headers["X-MBX-USED-WEIGHT"] = String(verdict.usedWeight);
    headers["X-MBX-USED-WEIGHT-1M"] = String(verdict.usedWeight);
    if (verdict.kind === "ok") return undefined;
    this.tooManyCount += 1;
    headers["Retry-After"] = String(verdict.retryAfterS);
    const limit = `current limit is ${limiter.limitPerMinute} request weight per 1 MINUTE`;
    return refusal(-1_003, `Too much request weight used; ${limit}.`, 429);
  }

  #answer(path: string, query: URLSearchParams, tell: Tell): void {
    const { clock } = this.#host;
    if (path === "/ping") tell({ status: 200, body: "{}" });
    else if (path === "/time") tell({ status: 200, body: `{"serverTime":${wireMs(clock())}}` });
    else if (path === "/depth") this.#depth(query, tell);
    else tell(this.#exchangeInfo(query));
  }

  #exchangeInfo(query: URLSearchParams): Answer {
    const symbols = symbolsOf(query);
    if (symbols === undefined) return refusal(-1_100, "Illegal characters found in a parameter.");
    const text = this.exchangeInfo(symbols === "all" ? [] : symbols);
    return text === undefined ? refusal(-1_121, "Invalid symbol.") : { status: 200, body: text };
  }

  /** The text of `exchangeInfo` for these symbols (all when none); undefined for an unknown one. */
  exchangeInfo(symbols: readonly string[]): string | undefined {
    const { dialect, feed, clock, limiter, tradingRulesOf, orderLimits } = this.#host;
    const listings = feed.market.instruments.map((instrument) => instrument.rules);
    const named =
      symbols.length === 0 ? listings : listings.filter(({ symbol }) => symbols.includes(symbol));
    if (named.length < symbols.length) return undefined;
    const now = { eventUs: clock(), weightPerMinuteMax: limiter.limitPerMinute };
    return exchangeInfoText(dialect, named, { ...now, tradingRulesOf, orderLimits });
  }

  #depth(query: URLSearchParams, tell: Tell): void {
    const asked = this.#parseDepth(query);
    if ("status" in asked) {
      tell(asked);
      return;
    }
    this.snapshotCount += 1;
    const fault = this.#takeFault(asked.index);
    const slowMs = fault?.kind === "slowSnapshot" ? fault.durationMs : 0;
    const delayMs = this.#host.snapshotDelayMs() + slowMs;
    // Half of the delay passes on the way in, half on the way out, as on a real path.
    after(delayMs / 2, () => {
      const isOld = fault?.kind === "oldSnapshot";
      const answer =
        fault?.kind === "snapshot503"
          ? { status: 503, body: BODY_503, type: "text/html" }
          : { status: 200, body: this.#snapshot(asked.index, asked.limit, isOld) };
      after(delayMs / 2, () => {
        if (fault?.count === 0) fault.done();
        tell(answer);
      });
    });
  }

  #parseDepth(query: URLSearchParams): Answer | { index: number; limit: number } {
    const { dialect, feed } = this.#host;
    const symbol = query.get("symbol") ?? "";
    if (symbol === "") {
      const rule = "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.";
      return refusal(-1_102, rule);
    }
    if (!/^[A-Z0-9-_.]{1,20}$/.test(symbol)) {
      const rule = "legal range is '^[A-Z0-9-_.]{1,20}$'.";
      return refusal(-1_100, `Illegal characters found in parameter 'symbol'; ${rule}`);
    }
    const index = feed.market.indexOf(symbol);
    if (index === undefined) return refusal(-1_121, "Invalid symbol.");
    const text = query.get("limit") ?? String(dialect.depthLimitDefault);
    if (!/^[0-9]{1,20}$/.test(text)) {
      const rule = "legal range is '^[0-9]{1,20}$'.";
      return refusal(-1_100, `Illegal characters found in parameter 'limit'; ${rule}`);
    }
    const limit = Number(text);
    if (dialect.depthLimits !== null && !dialect.depthLimits.includes(limit)) {
      return refusal(-4_021, `${text} is not valid depth limit.`);
    }
    if (limit === 0) return refusal(-1_130, "Data sent for parameter 'limit' is not valid.");
    return { index, limit: Math.min(limit, dialect.depthWeights.at(-1)?.limitMax ?? limit) };
  }

  #takeFault(index: number): SnapshotFault | undefined {
    const faults = this.#faults.get(index);
    const [fault] = faults ?? [];
    if (faults === undefined || fault === undefined) return undefined;
    fault.count -= 1;
    if (fault.count === 0) faults.shift();
    return fault;
  }

  #snapshot(index: number, limit: number, isOld: boolean): string {
    const { feed, clock } = this.#host;
    const instrument = feed.market.instrumentAt(index);
    const wire = feed.wireAt(index);
    const eventUs = clock();
    if (isOld) {
      const { log } = instrument;
      const position = Math.max(log.tailCount, log.headCount - OLD_CHANGES_COUNT);
      const oldSeq = log.headCount === 0 ? instrument.lastSeq : log.seqAt(position) - 1;
      const old = bookAt(instrument, Math.max(oldSeq, oldestKnownSeq(instrument)));
      if (old !== undefined) {
        const best = (levels: readonly Level[]) => levels.slice(0, limit);
        const { seq, bids, asks } = old;
        return snapshotText(wire, { seq, bids: best(bids), asks: best(asks), eventUs });
      }
    }
    const { book, lastSeq } = instrument;
    const bids = book.levels("bid", limit);
    const asks = book.levels("ask", limit);
    return snapshotText(wire, { seq: lastSeq, bids, asks, eventUs });
  }
}
