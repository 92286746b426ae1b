/**
 * Station: one market -> a whole simulated Kraken behind whatever carries it.
 *
 * The composition of this room's parts, and the few operations that concern all of it: time, going
 * down and coming back. It draws nothing, decides no fault and opens no port.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { Delays } from "../delays.ts";
import { DialLimiter } from "../dial-door.ts";
import { MAIN_ACCOUNT_ID, type TradingSide } from "../exchange/trading-side.ts";
import type { Market } from "../market/market.ts";
import type { VenueSession } from "../session.ts";
import type { VenueTransport } from "../transport.ts";
import type {
  DrawBytes,
  KeyChange,
  SnapshotFault,
  VenueEndpoints,
  VenueModel,
} from "../venue-model.ts";
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
  readonly transport: VenueTransport;
  readonly drawBytes: DrawBytes;
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
  readonly #transport: VenueTransport;
  #downCount = 0;

  constructor(options: KrakenVenueOptions) {
    const { market, clock, delays, sessionLifeMs } = options;
    this.market = market;
    this.feed = new KrakenFeed(market, options.feed);
    const dials = new DialLimiter(options.dialsMax, DIAL_WINDOW_US);
    this.streams = new KrakenStreamDesk({ feed: this.feed, clock, delays, dials, sessionLifeMs });
    const side = options.trading;
    this.trading = side ?? undefined;
    this.#keys = side === null ? null : new KrakenKeys(MAIN_ACCOUNT_ID, options.drawBytes);
    const host: PrivateHost | null =
      side === null || this.#keys === null ? null : { market, side, keys: this.#keys, clock };
    this.#desk = host === null ? null : new PrivateDesk({ ...host, delays, dials, sessionLifeMs });
    this.#transport = options.transport;
    this.#transport.serve({
      onDial: (dial) => {
        // What refuses dials (fault `refuse`) refuses them at every door.
        const isOpen = this.#desk !== null && this.streams.refusalCount === 0;
        const desk = isOpen && PrivateDesk.isDialed(dial) ? this.#desk : this.streams;
        desk?.onDial(dial);
      },
      onRequest: (request, answer) => {
        if (host !== null && isPrivate(request)) onPrivateRequest(host, request, answer);
        else {
          const tradingRules = side?.exchange.rules;
          onPublicRequest({ market, clock, tradingRules }, request, answer);
        }
      },
    });
  }

  get endpoints(): VenueEndpoints {
    const { restUrl: rest, wsUrl: ws } = this.#transport;
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

  truthSeqsFrom(index: number, seq: number): readonly number[] {
    return this.feed.truthSeqsFrom(index, seq);
  }

  /** Lets the market live and the channels speak; frames of one tick leave in one write a session. */
  tick(nowUs: Micros): void {
    const sessions = this.#allSessions();
    for (const session of sessions) session.connection.cork();
    this.trading?.tick(nowUs);
    this.feed.tick(nowUs);
    for (const session of sessions) session.connection.uncork();
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

  goDown(): void {
    this.#downCount += 1;
    // First of all, or a client that dials again at once would find the door open.
    this.#transport.goDown();
    this.streams.cutAll();
    this.#desk?.cutAll();
  }

  /** The books are the same, the ids have leapt. */
  comeBack(done: () => void): void {
    this.#downCount -= 1;
    if (this.#downCount > 0) {
      done();
      return;
    }
    this.market.leap();
    this.#transport.comeBack(done);
  }
}
