/**
 * Station: HTTP request -> pool weight -> the venue's answer, or its refusal.
 *
 * Tickets, symbols, time, status and order books as the venue serves them, codes and headers included. What
 * concerns the account is handed on. Faults of snapshots live here because a snapshot is what they damage.
 */
import type { Micros } from "../../../contracts/time.ts";
import { after } from "../delays.ts";
import type { TradingRules } from "../exchange/rules.ts";
import type { Level } from "../market/book.ts";
import { bookAt, oldestKnownSeq } from "../market/truth.ts";
import {
  type AnswerHttp,
  type HttpAnswer,
  type HttpRequest,
  pathOf,
  queryOf,
} from "../transport.ts";
import type { SnapshotFault } from "../venue-model.ts";
import type { Feed } from "./feed.ts";
import type { Pool, PoolVerdict } from "./limits.ts";
import { symbolsBody } from "./symbols.ts";
import type { Tickets } from "./tickets.ts";
import { depthBody, wireMs } from "./wire.ts";

export type Answer = {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
  /** The pool is used up for so long, whatever it says of itself. */
  readonly resetMs?: number;
  /** An overload says nothing of the pool. */
  readonly hasNoBudget?: boolean;
};

/** One request as the account's side needs it; the target was signed as it is. */
export type AccountRequest = HttpRequest & {
  readonly query: URLSearchParams;
  readonly path: string;
};

type Tell = (answer: Answer) => void;

/** What answers for the account; undefined for a path that it does not know. */
export type AccountDesk = {
  /** The refusal of a bad signature, or undefined for a good one. */
  readonly refusalOf: (request: AccountRequest) => Answer | undefined;
  readonly weightOf: (request: AccountRequest) => number | undefined;
  /** Tells nothing when the answer is lost. */
  readonly answer: (request: AccountRequest, tell: Tell) => void;
};

export type RestHost = {
  readonly feed: Feed;
  readonly clock: () => Micros;
  readonly publicPool: Pool;
  readonly spotPool: Pool;
  readonly tickets: Tickets;
  readonly account: AccountDesk;
  readonly wsUrl: () => string;
  /** What the exchange enforces, where there is one. */
  readonly rulesAt: (index: number) => TradingRules | undefined;
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  /** Draws the injected delay of one snapshot, 0 when there is none. */
  readonly snapshotDelayMs: () => number;
};

/** How many changes an old snapshot lies behind the stream, where the log still knows that. */
const OLD_CHANGES_COUNT = 600;
const BODY_503 = "<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>";
const ALL_LEVELS = 1_000_000;

/** Weights in the pool of each path (client libraries of 2026; the venue's pages agree where they say). */
const PUBLIC_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ["GET /api/v1/timestamp", 3],
  ["GET /api/v1/status", 3],
  ["GET /api/v2/symbols", 4],
  ["GET /api/v1/market/orderbook/level2_20", 2],
  ["GET /api/v1/market/orderbook/level2_100", 4],
  ["POST /api/v1/bullet-public", 10],
]);
const SIGNED_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ["GET /api/v3/market/orderbook/level2", 3],
  ["POST /api/v1/bullet-private", 10],
]);

/** An answer that worked. */
export function okAnswer(data: string): Answer {
  return { status: 200, body: `{"code":"200000","data":${data}}` };
}

/** A refusal in the venue's words; most come with HTTP status 200. */
export function refusal(code: string, msg: string, status = 200): Answer {
  return { status, body: JSON.stringify({ code, msg }) };
}

/** The REST side of the venue. */
export class RestDesk {
  readonly #host: RestHost;
  readonly #faults = new Map<number, SnapshotFault[]>();
  tooManyCount = 0;
  /** This venue bans nobody; it goes on saying 429. */
  readonly bannedCount = 0;
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
    const { target, method, address } = request;
    const path = pathOf(target);
    const asked = { ...request, path, query: new URLSearchParams(queryOf(target)) };
    const route = `${method} ${path}`;
    const publicWeight = PUBLIC_WEIGHTS.get(route);
    const { publicPool, spotPool, account, clock } = this.#host;
    const spotWeight = SIGNED_WEIGHTS.get(route) ?? account.weightOf(asked);
    if (publicWeight === undefined && spotWeight === undefined) {
      answer(httpAnswer(refusal("404000", "Url not exists", 404), undefined));
      return;
    }
    const isPublic = publicWeight !== undefined;
    const refused = isPublic ? undefined : account.refusalOf(asked);
    if (refused !== undefined) {
      answer(httpAnswer(refused, undefined));
      return;
    }
    const pool = isPublic ? publicPool : spotPool;
    const verdict = pool.charge(address, publicWeight ?? spotWeight ?? 0, clock());
    if (verdict.isAllowed) this.#answer(route, asked, (said) => answer(httpAnswer(said, verdict)));
    else {
      this.tooManyCount += 1;
      answer(httpAnswer(refusal("429000", "Too Many Requests", 429), verdict));
    }
  }

  #answer(route: string, asked: AccountRequest, tell: Tell): void {
    const { clock, feed, account } = this.#host;
    switch (route) {
      case "GET /api/v1/timestamp":
        tell(okAnswer(String(wireMs(clock()))));
        break;
      case "GET /api/v1/status":
        tell(okAnswer('{"status":"open","msg":""}'));
        break;
      case "GET /api/v2/symbols":
        tell(okAnswer(symbolsBody(feed.market.instruments, this.#host.rulesAt)));
        break;
      case "POST /api/v1/bullet-public":
        tell(this.#ticket("public"));
        break;
      case "POST /api/v1/bullet-private":
        tell(this.#ticket("private"));
        break;
      case "GET /api/v1/market/orderbook/level2_20":
        this.#depth(asked.query, 20, tell);
        break;
      case "GET /api/v1/market/orderbook/level2_100":
        this.#depth(asked.query, 100, tell);
        break;
      case "GET /api/v3/market/orderbook/level2":
        this.#depth(asked.query, ALL_LEVELS, tell);
        break;
      default:
        account.answer(asked, tell);
    }
  }

  #ticket(kind: "public" | "private"): Answer {
    const { tickets, clock, wsUrl, pingMs, pongTimeoutMs } = this.#host;
    const endpoint = `${wsUrl()}/`;
    const server = { endpoint, encrypt: false, protocol: "websocket" };
    const pace = { pingInterval: pingMs, pingTimeout: pongTimeoutMs };
    const token = tickets.issue(kind, clock());
    return okAnswer(JSON.stringify({ token, instanceServers: [{ ...server, ...pace }] }));
  }

  #depth(query: URLSearchParams, limit: number, tell: Tell): void {
    const index = this.#host.feed.market.indexOf(query.get("symbol") ?? "");
    if (index === undefined) {
      tell(refusal("900001", "symbol not exists"));
      return;
    }
    this.snapshotCount += 1;
    const fault = this.#takeFault(index);
    const slowMs = fault?.kind === "slowSnapshot" ? fault.durationMs : 0;
    const delayMs = this.#host.snapshotDelayMs() + slowMs;
    // Half of the delay passes on the way in, half on the way out, as on a real path.
    after(delayMs / 2, () => {
      const answer =
        fault?.kind === "snapshot503"
          ? { status: 503, body: BODY_503, type: "text/html" }
          : { status: 200, body: this.#snapshot(index, limit, fault?.kind === "oldSnapshot") };
      after(delayMs / 2, () => {
        if (fault?.count === 0) fault.done();
        tell(answer);
      });
    });
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
    const { book, log, lastSeq } = instrument;
    if (isOld && log.headCount > 0) {
      const position = Math.max(log.tailCount, log.headCount - OLD_CHANGES_COUNT);
      const oldSeq = Math.max(log.seqAt(position) - 1, oldestKnownSeq(instrument));
      const old = bookAt(instrument, oldSeq);
      const best = (levels: readonly Level[]) => levels.slice(0, limit);
      if (old !== undefined) {
        const sides = { bids: best(old.bids), asks: best(old.asks) };
        return depthBody(instrument, { seq: old.seq, ...sides }, clock());
      }
    }
    const sides = { bids: book.levels("bid", limit), asks: book.levels("ask", limit) };
    return depthBody(instrument, { seq: lastSeq, ...sides }, clock());
  }
}

/** An answer with what the gateway says of the pool, where it was asked and has something to say. */
function httpAnswer(answer: Answer, verdict: PoolVerdict | undefined): HttpAnswer {
  const { status, body, type = "application/json", resetMs, hasNoBudget } = answer;
  const headers: Record<string, string> = { "Content-Type": type };
  if (verdict !== undefined && hasNoBudget !== true) {
    headers["gw-ratelimit-limit"] = String(verdict.limit);
    headers["gw-ratelimit-remaining"] = String(verdict.remaining);
    headers["gw-ratelimit-reset"] = String(verdict.resetMs);
  }
  if (resetMs !== undefined) {
    headers["gw-ratelimit-remaining"] = "0";
    headers["gw-ratelimit-reset"] = String(resetMs);
  }
  return { status, headers, body };
}
