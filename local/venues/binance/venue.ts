/**
 * Station: one dialect and one market -> a whole simulated venue behind whatever carries it.
 *
 * The composition of the wire rooms of one venue, and the few operations that concern all of it:
 * time, going down and coming back. It draws nothing, decides no fault and opens no port.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { Micros } from "../../../contracts/time.ts";
import type { Delays } from "../delays.ts";
import { DialLimiter } from "../dial-door.ts";
import type { TradingSide } from "../exchange/trading-side.ts";
import type { Market } from "../market/market.ts";
import type { VenueSession } from "../session.ts";
import type { VenueTransport } from "../transport.ts";
import type { DrawBytes, KeyChange, VenueEndpoints, VenueModel } from "../venue-model.ts";
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
  readonly transport: VenueTransport;
  readonly drawBytes: DrawBytes;
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
  readonly #transport: VenueTransport;
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
    const { drawBytes } = options;
    const doors = { clock, limiter, dials, delays, rules, exchangeInfo, drawBytes };
    this.#doors =
      options.trading === null ? null : new TradingDoors({ ...doors, ...options.trading });
    this.streams = new StreamDesk({ dialect, feed, clock, delays, dials, rules });
    this.#transport = options.transport;
    this.#transport.serve({
      onDial: (dial) => {
        const isApi = this.#doors !== null && ApiDesk.isDialed(dial);
        // What refuses dials (fault `refuse`) refuses them at every door.
        const desk = isApi && this.streams.refusalCount === 0 ? this.#doors?.desk : this.streams;
        desk?.onDial(dial);
      },
      onRequest: (request, answer) => {
        if (this.#doors?.takes(request, answer) !== true) this.rest.onRequest(request, answer);
      },
    });
  }

  get endpoints(): VenueEndpoints {
    const { restUrl: rest, wsUrl: ws } = this.#transport;
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

  /** Lets the market live and the streams speak; frames of one tick leave in one write a session. */
  tick(nowUs: Micros): void {
    const sessions = this.#allSessions();
    for (const session of sessions) session.connection.cork();
    this.#doors?.tick(nowUs);
    this.feed.tick(nowUs);
    for (const session of sessions) session.connection.uncork();
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

  goDown(): void {
    this.#downCount += 1;
    // First of all, or a client that dials again at once would find the door open.
    this.#transport.goDown();
    this.streams.cutAll();
    this.#doors?.desk.cutAll();
  }

  /** The books are the same, the ids have leapt. */
  comeBack(done: () => void): void {
    this.#downCount -= 1;
    if (this.#downCount > 0) {
      done();
      return;
    }
    this.market.leap();
    this.feed.restart();
    this.#transport.comeBack(done);
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
