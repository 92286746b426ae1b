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
import { DialLimiter } from "../dial-door.ts";
import type { TradingSide } from "../exchange/trading-side.ts";
import { Listener } from "../listener.ts";
import type { Market } from "../market/market.ts";
import type { VenueSession } from "../session.ts";
import type { KeyChange, VenueEndpoints, VenueModel } from "../venue-model.ts";
import { DIAL_WINDOW_US, type Dialect } from "./dialect.ts";
import { Feed, type FeedOptions } from "./feed.ts";
import { WeightLimiter } from "./limits.ts";
import { orderLimits } from "./order-limits.ts";
import { RestDesk } from "./rest.ts";
import type { SessionRules } from "./session-timers.ts";
import { StreamDesk } from "./stream-desk.ts";
import { API_PATH, ApiDesk } from "./trading/api-desk.ts";
import { TradingDoors } from "./trading/trading-doors.ts";

export type VenueOptions = {
  readonly dialect: Dialect;
  readonly market: Market;
  readonly clock: () => Micros;
  readonly delays: Delays;
  readonly feed: FeedOptions;
  readonly rules: SessionRules;
  readonly weightPerMinuteMax: number;
  readonly dialsMax: number;
  readonly restPort: number;
  readonly wsPort: number;
  /** The trading side and its order count, where orders can be placed. */
  readonly trading: { readonly side: TradingSide; readonly ordersInTenSecondsMax: number } | null;
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
  readonly #doors: TradingDoors | null;
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
    this.rest = new RestDesk({
      dialect,
      feed,
      clock,
      limiter,
      snapshotDelayMs,
      ...tradingInfoOf(options),
    });
    const dials = new DialLimiter(options.dialsMax, DIAL_WINDOW_US);
    const exchangeInfo = (symbols: readonly string[]) => this.rest.exchangeInfo(symbols);
    const doors = { clock, limiter, dials, delays, rules, exchangeInfo };
    this.#doors =
      options.trading === null ? null : new TradingDoors({ ...doors, ...options.trading });
    this.streams = new StreamDesk({ dialect, feed, clock, delays, dials, rules });
    this.#restListener = new Listener((request, response) => {
      if (this.#doors?.takes(request, response) === true) return;
      void this.rest.onRequest(request, response).catch(() => response.destroy());
    }, options.restPort);
    this.#wsListener = new Listener((_request, response) => {
      response.writeHead(426, { "Content-Type": "text/plain" });
      response.end("Upgrade Required");
    }, options.wsPort);
    this.#wsListener.server.on("upgrade", (request, socket, head) => {
      // The listener speaks plain TCP, so what Node types as a Duplex is a Socket.
      const isApi = this.#doors !== null && ApiDesk.isDialed(request);
      // What refuses dials (fault `refuse`) refuses them at every door.
      const desk = isApi && this.streams.refusalCount === 0 ? this.#doors?.desk : this.streams;
      desk?.onUpgrade(request, socket as Socket, head);
    });
  }

  get endpoints(): VenueEndpoints {
    const rest = `http://127.0.0.1:${this.#restListener.port}`;
    const ws = `ws://127.0.0.1:${this.#wsListener.port}`;
    if (this.#doors === null) return { rest, ws };
    const api = `${ws}${API_PATH}`;
    const keys = this.#doors.handedKeys;
    return { rest, ws, trading: { rest, stream: api, orders: api, keys } };
  }

  get trading(): TradingSide | undefined {
    return this.#doors?.side;
  }

  /** Lets the rights of its keys lie, or revokes them. */
  changeKeys(change: KeyChange): void {
    this.#doors?.keys.change(change);
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
    const sessions = this.#allSessions();
    for (const session of sessions) session.socket.cork();
    this.#doors?.tick(nowUs);
    this.feed.tick(nowUs);
    for (const session of sessions) session.socket.uncork();
  }

  /** Sessions of the streams, then those of the WebSocket API. */
  #allSessions(): VenueSession[] {
    return [...this.streams.sessions, ...(this.#doors?.desk.sessions.keys() ?? [])];
  }

  /** Sessions that hear the depth of a symbol, or all of them when no symbol is named. */
  sessionsOf(symbol: string | null): VenueSession[] {
    const sessions = this.#allSessions();
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
    for (const session of this.sessionsOf(symbol)) {
      if (this.#doors?.desk.sessions.has(session) === true) this.#doors.desk.announce(session);
      else this.streams.announceShutdown(session);
    }
  }

  /** Takes the whole venue down, and every socket with it. */
  async goDown(): Promise<void> {
    this.#downCount += 1;
    this.streams.cutAll();
    this.#doors?.desk.cutAll();
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

/** What `exchangeInfo` tells of trading. */
function tradingInfoOf({ market, trading }: VenueOptions) {
  if (trading === null) return { tradingRulesOf: undefined, orderLimits: undefined };
  const { rules } = trading.side.exchange;
  return {
    tradingRulesOf: (symbol: string) => {
      const index = market.indexOf(symbol);
      return index === undefined ? undefined : rules[index];
    },
    orderLimits: orderLimits(trading.ordersInTenSecondsMax),
  };
}
