/**
 * Station: one market -> a whole simulated Kraken on two loopback ports.
 *
 * The composition of this room's parts, and the few operations that concern all of it: listening, going
 * down and coming back. It draws nothing and decides no fault.
 */
import type { Socket } from "node:net";
import type { Micros } from "../../../contracts/time.ts";
import type { Delays } from "../delays.ts";
import { DialLimiter } from "../dial-door.ts";
import { MAIN_ACCOUNT_ID, type TradingSide } from "../exchange/trading-side.ts";
import { Listener } from "../listener.ts";
import type { Market } from "../market/market.ts";
import type { VenueSession } from "../session.ts";
import type { KeyChange, SnapshotFault, VenueEndpoints, VenueModel } from "../venue-model.ts";
import { type FeedOptions, KrakenFeed } from "./feed.ts";
import { onPublicRequest } from "./rest.ts";
import { KrakenStreamDesk } from "./stream-desk.ts";
import { KrakenKeys } from "./trading/keys.ts";
import { PRIVATE_PATH, PrivateDesk } from "./trading/private-desk.ts";
import { isPrivate, onPrivateRequest, type PrivateHost } from "./trading/private-rest.ts";

/** "About 150 attempts in a rolling ten minutes" (spot-ws-intro, 2026-08-22). */
const DIAL_WINDOW_US = 600_000_000;

export type KrakenVenueOptions = {
  readonly market: Market;
  readonly clock: () => Micros;
  readonly delays: Delays;
  readonly feed: FeedOptions;
  readonly sessionLifeMs: number;
  readonly dialsMax: number;
  readonly restPort: number;
  readonly wsPort: number;
  /** The trading side, where orders can be placed. */
  readonly trading: TradingSide | null;
};

/** One simulated Kraken: REST, streams, and the market behind them. */
export class KrakenVenue implements VenueModel {
  readonly id = "kraken" as const;
  readonly hasServerShutdown = false;
  readonly hasChecksums = true;
  readonly market: Market;
  readonly feed: KrakenFeed;
  readonly streams: KrakenStreamDesk;
  /** Kraken has no request weight: nothing is ever used. */
  readonly limiter = { limit: 0, usedWeight: () => 0 };
  readonly trading: TradingSide | undefined;
  readonly #keys: KrakenKeys | null;
  readonly #desk: PrivateDesk | null;
  readonly #restListener: Listener;
  readonly #wsListener: Listener;
  #downCount = 0;

  constructor(options: KrakenVenueOptions) {
    const { market, clock, delays, sessionLifeMs } = options;
    this.market = market;
    this.feed = new KrakenFeed(market, options.feed);
    const dials = new DialLimiter(options.dialsMax, DIAL_WINDOW_US);
    this.streams = new KrakenStreamDesk({ feed: this.feed, clock, delays, dials, sessionLifeMs });
    const side = options.trading;
    this.trading = side ?? undefined;
    this.#keys = side === null ? null : new KrakenKeys(MAIN_ACCOUNT_ID);
    const host: PrivateHost | null =
      side === null || this.#keys === null ? null : { market, side, keys: this.#keys, clock };
    this.#desk = host === null ? null : new PrivateDesk({ ...host, delays, dials, sessionLifeMs });
    this.#restListener = new Listener((request, response) => {
      if (host !== null && isPrivate(request)) {
        void onPrivateRequest(host, request, response).catch(() => response.destroy());
        return;
      }
      const tradingRules = side?.exchange.rules;
      onPublicRequest({ market, clock, tradingRules }, request, response);
    }, options.restPort);
    this.#wsListener = new Listener((_request, response) => {
      response.writeHead(426, { "Content-Type": "text/plain" });
      response.end("Upgrade Required");
    }, options.wsPort);
    this.#wsListener.server.on("upgrade", (request, socket, head) => {
      // The listener speaks plain TCP, so what Node types as a Duplex is a Socket.
      // What refuses dials (fault `refuse`) refuses them at every door.
      const isOpen = this.#desk !== null && this.streams.refusalCount === 0;
      const desk = isOpen && PrivateDesk.isDialed(request) ? this.#desk : this.streams;
      desk?.onUpgrade(request, socket as Socket, head);
    });
  }

  get endpoints(): VenueEndpoints {
    const rest = `http://127.0.0.1:${this.#restListener.port}`;
    const ws = `ws://127.0.0.1:${this.#wsListener.port}`;
    if (this.#keys === null) return { rest, ws };
    const stream = `${ws}${PRIVATE_PATH}`;
    return {
      rest,
      ws,
      trading: { rest, stream, orders: stream, keys: { hmac: this.#keys.handed } },
    };
  }

  /** Snapshots come in the stream, so their faults are the stream's. */
  get rest(): VenueModel["rest"] {
    return {
      snapshotCount: this.streams.snapshotCount,
      tooManyCount: 0,
      bannedCount: 0,
      arm: (index: number, fault: SnapshotFault) => this.streams.arm(index, fault),
    };
  }

  /** The market's update that a book of that time holds. */
  truthSeq(index: number, seq: number): number | undefined {
    return this.feed.truthSeq(index, seq);
  }

  async open(): Promise<void> {
    const results = await Promise.allSettled([this.#restListener.open(), this.#wsListener.open()]);
    const failed = results.find((result) => result.status === "rejected");
    // Both are settled before anybody hears of a failure, so that what is open can be closed.
    if (failed !== undefined) throw failed.reason;
  }

  /** Lets the market live and the channels speak; frames of one tick leave in one write a session. */
  tick(nowUs: Micros): void {
    const sessions = this.#allSessions();
    for (const session of sessions) session.socket.cork();
    this.trading?.tick(nowUs);
    this.feed.tick(nowUs);
    for (const session of sessions) session.socket.uncork();
  }

  /** Sessions that hear the book of a symbol, or all of them when no symbol is named. */
  sessionsOf(symbol: string | null): VenueSession[] {
    const sessions = this.#allSessions();
    if (symbol === null) return sessions;
    const index = this.market.indexOf(symbol);
    return sessions.filter((session) =>
      [...session.subscriptions].some((one) => one.index === index),
    );
  }

  /** Sessions of the public streams, then those of the private one. */
  #allSessions(): VenueSession[] {
    return [...this.streams.sessions, ...(this.#desk?.sessions.keys() ?? [])];
  }

  /** Revokes its key. */
  changeKeys(change: KeyChange): void {
    this.#keys?.change(change);
  }

  /** Kraken announces nothing. */
  announceShutdown(): void {}

  /** Takes the whole venue down, and every socket with it. */
  async goDown(): Promise<void> {
    this.#downCount += 1;
    this.streams.cutAll();
    this.#desk?.cutAll();
    await Promise.all([this.#restListener.close(), this.#wsListener.close()]);
  }

  /** Comes back on the same ports with the same books. */
  async comeBack(): Promise<void> {
    this.#downCount -= 1;
    if (this.#downCount > 0) return;
    this.market.leap();
    await this.open();
  }

  /** Ends the venue for good. */
  async close(): Promise<void> {
    // Going down once more than it comes back, it stays down whatever restart is under way.
    await this.goDown();
  }
}
