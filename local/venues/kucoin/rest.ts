/**
 * Station: HTTP request -> pool weight -> the venue's answer, or its refusal.
 *
 * Tickets, symbols, time, status and order books as the venue serves them, codes and headers included. What
 * concerns the account is handed on. Faults of snapshots live here because a snapshot is what they damage.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Micros } from "../../../contracts/time.ts";
import type { TradingRules } from "../exchange/rules.ts";
import type { Level } from "../market/book.ts";
import { bookAt, oldestKnownSeq } from "../market/truth.ts";
import type { SnapshotFault } from "../venue-model.ts";
import type { Feed } from "./feed.ts";
import type { Pool } from "./limits.ts";
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

/** One request as the account's side needs it. */
export type AccountRequest = {
  readonly method: string;
  /** With its query, as it was signed. */
  readonly target: string;
  readonly query: URLSearchParams;
  readonly path: string;
  readonly header: (name: string) => string;
  readonly body: string;
};

/** What answers for the account; undefined for a path that it does not know. */
export type AccountDesk = {
  /** The refusal of a bad signature, or undefined for a good one. */
  readonly refusalOf: (request: AccountRequest) => Answer | undefined;
  readonly weightOf: (request: AccountRequest) => number | undefined;
  /** Never resolves when the answer is lost. */
  readonly answer: (request: AccountRequest) => Promise<Answer>;
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
const BODY_BYTES_MAX = 64 * 1_024;
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
  async onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await read(request);
    const who = request.socket.remoteAddress ?? "";
    const route = `${asked.method} ${asked.path}`;
    const publicWeight = PUBLIC_WEIGHTS.get(route);
    const { publicPool, spotPool, account, clock } = this.#host;
    const spotWeight = SIGNED_WEIGHTS.get(route) ?? account.weightOf(asked);
    if (publicWeight === undefined && spotWeight === undefined) {
      this.#send(response, refusal("404000", "Url not exists", 404));
      return;
    }
    const isPublic = publicWeight !== undefined;
    const refused = isPublic ? undefined : account.refusalOf(asked);
    if (refused !== undefined) {
      this.#send(response, refused);
      return;
    }
    const pool = isPublic ? publicPool : spotPool;
    const verdict = pool.charge(who, publicWeight ?? spotWeight ?? 0, clock());
    response.setHeader("gw-ratelimit-limit", verdict.limit);
    response.setHeader("gw-ratelimit-remaining", verdict.remaining);
    response.setHeader("gw-ratelimit-reset", verdict.resetMs);
    if (!verdict.isAllowed) {
      this.tooManyCount += 1;
      this.#send(response, refusal("429000", "Too Many Requests", 429));
      return;
    }
    this.#send(response, await this.#answer(route, asked));
  }

  async #answer(route: string, asked: AccountRequest): Promise<Answer> {
    const { clock, feed, account } = this.#host;
    switch (route) {
      case "GET /api/v1/timestamp":
        return okAnswer(String(wireMs(clock())));
      case "GET /api/v1/status":
        return okAnswer('{"status":"open","msg":""}');
      case "GET /api/v2/symbols":
        return okAnswer(symbolsBody(feed.market.instruments, this.#host.rulesAt));
      case "POST /api/v1/bullet-public":
        return this.#ticket("public");
      case "POST /api/v1/bullet-private":
        return this.#ticket("private");
      case "GET /api/v1/market/orderbook/level2_20":
        return await this.#depth(asked.query, 20);
      case "GET /api/v1/market/orderbook/level2_100":
        return await this.#depth(asked.query, 100);
      case "GET /api/v3/market/orderbook/level2":
        return await this.#depth(asked.query, ALL_LEVELS);
      default:
        return await account.answer(asked);
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

  async #depth(query: URLSearchParams, limit: number): Promise<Answer> {
    const index = this.#host.feed.market.indexOf(query.get("symbol") ?? "");
    if (index === undefined) return refusal("900001", "symbol not exists");
    this.snapshotCount += 1;
    const fault = this.#takeFault(index);
    const slowMs = fault?.kind === "slowSnapshot" ? fault.durationMs : 0;
    const delayMs = this.#host.snapshotDelayMs() + slowMs;
    // Half of the delay passes on the way in, half on the way out, as on a real path.
    if (delayMs > 0) await sleep(delayMs / 2);
    const answer =
      fault?.kind === "snapshot503"
        ? { status: 503, body: BODY_503, type: "text/html" }
        : { status: 200, body: this.#snapshot(index, limit, fault?.kind === "oldSnapshot") };
    if (delayMs > 0) await sleep(delayMs / 2);
    if (fault?.count === 0) fault.done();
    return answer;
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

  #send(response: ServerResponse, answer: Answer): void {
    if (response.destroyed) return;
    if (answer.hasNoBudget === true) {
      for (const name of ["limit", "remaining", "reset"]) {
        response.removeHeader(`gw-ratelimit-${name}`);
      }
    }
    if (answer.resetMs !== undefined) {
      response.setHeader("gw-ratelimit-remaining", 0);
      response.setHeader("gw-ratelimit-reset", answer.resetMs);
    }
    response.writeHead(answer.status, { "Content-Type": answer.type ?? "application/json" });
    response.end(answer.body);
  }
}

async function read(request: IncomingMessage): Promise<AccountRequest> {
  const target = request.url ?? "/";
  const url = new URL(target, "http://127.0.0.1");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_BYTES_MAX) throw new Error("the body is too large");
    chunks.push(chunk as Buffer);
  }
  const header = (name: string): string => {
    const value = request.headers[name.toLowerCase()];
    return typeof value === "string" ? value : "";
  };
  return {
    method: request.method ?? "",
    target,
    query: url.searchParams,
    path: url.pathname,
    header,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}
