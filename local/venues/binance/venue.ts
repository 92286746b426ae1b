/**
 * Station: one dialect and one market -> a whole simulated venue on two loopback ports.
 *
 * The composition of the wire rooms of one venue, and the few operations that concern all of it:
 * listening, going down and coming back. It draws nothing and decides no fault.
 */
import type { Socket } from "node:net";
import type { VenueId } from "../../../contracts/ids.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Delays } from "../delays.ts";
import type { Market } from "../market/market.ts";
import type { VenueEndpoints, VenueModel } from "../venue-model.ts";
import { DIAL_WINDOW_US, type Dialect } from "./dialect.ts";
import { Feed, type FeedOptions } from "./feed.ts";
import { DialLimiter, WeightLimiter } from "./limits.ts";
import { Listener } from "./listener.ts";
import { RestDesk } from "./rest.ts";
import type { VenueSession } from "./session.ts";
import { StreamDesk, type StreamRules } from "./stream-desk.ts";

export type VenueOptions = {
  readonly dialect: Dialect;
  readonly market: Market;
  readonly clock: () => Micros;
  readonly delays: Delays;
  readonly feed: FeedOptions;
  readonly rules: StreamRules;
  readonly weightPerMinuteMax: number;
  readonly dialsMax: number;
  readonly restPort: number;
  readonly wsPort: number;
};

/** One simulated venue: REST, streams, and the market behind them. */
export class SimulatedVenue implements VenueModel {
  readonly id: VenueId;
  readonly dialect: Dialect;
  readonly market: Market;
  readonly feed: Feed;
  readonly rest: RestDesk;
  readonly streams: StreamDesk;
  readonly limiter: WeightLimiter;
  readonly #restListener: Listener;
  readonly #wsListener: Listener;
  /** How many reasons there are to be down; restarts may overlap. */
  #downCount = 0;

  constructor(options: VenueOptions) {
    const { dialect, market, clock, delays, rules } = options;
    this.id = dialect.venue;
    this.dialect = dialect;
    this.market = market;
    this.feed = new Feed(market, dialect, options.feed);
    this.limiter = new WeightLimiter(options.weightPerMinuteMax);
    const { feed, limiter } = this;
    const snapshotDelayMs = () => delays.draw("snapshotMs");
    this.rest = new RestDesk({ dialect, feed, clock, limiter, snapshotDelayMs });
    const dials = new DialLimiter(options.dialsMax, DIAL_WINDOW_US);
    this.streams = new StreamDesk({ dialect, feed, clock, delays, dials, rules });
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

  /** Sessions that hear the depth of a symbol, or all of them when no symbol is named. */
  sessionsOf(symbol: string | null): VenueSession[] {
    const sessions = [...this.streams.sessions];
    if (symbol === null) return sessions;
    const index = this.market.indexOf(symbol);
    return sessions.filter((session) =>
      [...session.subscriptions].some((one) => one.index === index && one.kind === "depth"),
    );
  }

  get hasServerShutdown(): boolean {
    return this.dialect.hasServerShutdown;
  }

  /** Tells the sessions that hear a symbol (or all) that they will be cut. */
  announceShutdown(symbol: string | null): void {
    for (const session of this.sessionsOf(symbol)) this.streams.announceShutdown(session);
  }

  /** Takes the whole venue down, and every socket with it. */
  async goDown(): Promise<void> {
    this.#downCount += 1;
    this.streams.cutAll();
    await Promise.all([this.#restListener.close(), this.#wsListener.close()]);
  }

  /** Comes back on the same ports with the same books, the ids having leapt. */
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
