/**
 * Station: one market -> a whole simulated KuCoin on two loopback ports.
 *
 * The composition of the wire rooms, and the few operations that concern all of it: listening, going down
 * and coming back. It draws nothing and decides no fault.
 */
import type { Socket } from "node:net";
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { DialLimiter } from "../binance/limits.ts";
import { Listener } from "../binance/listener.ts";
import type { VenueSession } from "../binance/session.ts";
import type { Delays } from "../delays.ts";
import type { Market } from "../market/market.ts";
import type { Random } from "../market/random.ts";
import type { VenueEndpoints, VenueModel } from "../venue-model.ts";
import { Feed, type FeedOptions } from "./feed.ts";
import { Pool } from "./limits.ts";
import { type AccountDesk, RestDesk, refusal } from "./rest.ts";
import { StreamDesk } from "./stream-desk.ts";
import { Tickets } from "./tickets.ts";

/** "30 connections per minute". */
const DIALS_MAX = 30;
const DIAL_WINDOW_US = 60 * US_PER_S;
/** Pools of VIP 0 (page "rate-limit", 2025-11). */
const PUBLIC_POOL_WEIGHT = 2_000;
const SPOT_POOL_WEIGHT = 4_000;
const PING_MS = 18_000;
const PONG_TIMEOUT_MS = 10_000;

export type KucoinOptions = {
  readonly market: Market;
  readonly clock: () => Micros;
  readonly delays: Delays;
  readonly feed: FeedOptions;
  readonly random: Random;
  /** 0 leaves the venue its own. */
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  readonly sessionLifeMs: number;
  readonly restPort: number;
  readonly wsPort: number;
};

/** Without an account every signed request is refused. */
const NO_ACCOUNT: AccountDesk = {
  refusalOf: () => refusal("400003", "KC-API-KEY not exists", 401),
  weightOf: () => undefined,
  answer: async () => refusal("404000", "Url not exists", 404),
};

/** The simulated KuCoin. */
export class SimulatedKucoin implements VenueModel {
  readonly id = "kucoin";
  readonly hasServerShutdown = false;
  readonly market: Market;
  readonly feed: Feed;
  readonly rest: RestDesk;
  readonly streams: StreamDesk;
  readonly #pool = new Pool(PUBLIC_POOL_WEIGHT);
  readonly #tickets: Tickets;
  readonly #restListener: Listener;
  readonly #wsListener: Listener;
  /** How many reasons there are to be down; restarts may overlap. */
  #downCount = 0;

  constructor(options: KucoinOptions) {
    const { market, clock, delays, random, sessionLifeMs } = options;
    this.market = market;
    this.feed = new Feed(market, options.feed);
    this.#tickets = new Tickets(random, sessionLifeMs * US_PER_MS);
    const pingMs = options.pingMs === 0 ? PING_MS : options.pingMs;
    const pongTimeoutMs = options.pongTimeoutMs === 0 ? PONG_TIMEOUT_MS : options.pongTimeoutMs;
    const { feed } = this;
    const tickets = this.#tickets;
    this.streams = new StreamDesk({
      feed,
      clock,
      delays,
      tickets,
      dials: new DialLimiter(DIALS_MAX, DIAL_WINDOW_US),
      rules: { pingMs, pongTimeoutMs, sessionLifeMs },
      privateTopics: { join: () => undefined },
    });
    this.rest = new RestDesk({
      feed,
      clock,
      tickets,
      pingMs,
      pongTimeoutMs,
      publicPool: this.#pool,
      spotPool: new Pool(SPOT_POOL_WEIGHT),
      account: NO_ACCOUNT,
      wsUrl: () => this.endpoints.ws,
      snapshotDelayMs: () => delays.draw("snapshotMs"),
    });
    this.#restListener = new Listener((request, response) => {
      void this.rest.onRequest(request, response).catch(() => response.destroy());
    }, options.restPort);
    this.#wsListener = new Listener((_request, response) => {
      response.writeHead(426, { "Content-Type": "text/plain" });
      response.end("Upgrade Required");
    }, options.wsPort);
    this.#wsListener.server.on("upgrade", (request, socket, head) => {
      // The listener speaks plain TCP, so what Node types as a Duplex is a Socket.
      this.streams.onUpgrade(request, socket as Socket, head);
    });
  }

  get endpoints(): VenueEndpoints {
    return {
      rest: `http://127.0.0.1:${this.#restListener.port}`,
      ws: `ws://127.0.0.1:${this.#wsListener.port}`,
    };
  }

  get limiter(): VenueModel["limiter"] {
    return this.#pool;
  }

  /** Starts to listen. */
  async open(): Promise<void> {
    const results = await Promise.allSettled([this.#restListener.open(), this.#wsListener.open()]);
    const failed = results.find((result) => result.status === "rejected");
    // Both are settled before anybody hears of a failure, so that what is open can be closed.
    if (failed !== undefined) throw failed.reason;
  }

  /** Lets the market live and the streams speak; frames of one tick leave in one write a session. */
  tick(nowUs: Micros): void {
    for (const session of this.streams.sessions) session.socket.cork();
    this.feed.tick(nowUs);
    for (const session of this.streams.sessions) session.socket.uncork();
  }

  /** Sessions that hear the book of a symbol, or all of them when no symbol is named. */
  sessionsOf(symbol: string | null): VenueSession[] {
    const sessions = [...this.streams.sessions];
    if (symbol === null) return sessions;
    return sessions.filter((session) => session.streamNames.has(`/market/level2:${symbol}`));
  }

  /** This venue announces nothing; see `hasServerShutdown`. */
  announceShutdown(): void {}

  /** Takes the whole venue down, and every socket with it; the tickets given out are void. */
  async goDown(): Promise<void> {
    this.#downCount += 1;
    this.streams.cutAll();
    this.#tickets.clear();
    await Promise.all([this.#restListener.close(), this.#wsListener.close()]);
  }

  /** Comes back on the same ports with the same books, the sequences having leapt. */
  async comeBack(): Promise<void> {
    this.#downCount -= 1;
    if (this.#downCount > 0) return;
    this.market.leap();
    this.feed.restart();
    await this.open();
  }

  /** Ends the venue for good. */
  async close(): Promise<void> {
    // Going down once more than it comes back, it stays down whatever restart is under way.
    await this.goDown();
  }
}
