/**
 * Station: one market -> a whole simulated KuCoin behind whatever carries it.
 *
 * The composition of the wire rooms, and the few operations that concern all of it: time, going down and
 * coming back. It draws nothing, decides no fault and opens no port.
 */
import type { Micros } from "../../../contracts/time.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import type { Delays } from "../delays.ts";
import { DialLimiter } from "../dial-door.ts";
import type { TradingSide } from "../exchange/trading-side.ts";
import type { Market } from "../market/market.ts";
import type { Random } from "../market/random.ts";
import type { VenueSession } from "../session.ts";
import type { VenueTransport } from "../transport.ts";
import type { DrawBytes, KeyChange, VenueEndpoints, VenueModel } from "../venue-model.ts";
import { Feed, type FeedOptions } from "./feed.ts";
import { Pool } from "./limits.ts";
import { type AccountDesk, RestDesk, refusal } from "./rest.ts";
import { StreamDesk } from "./stream-desk.ts";
import { Tickets } from "./tickets.ts";
import { OrderDesk } from "./trading/order-desk.ts";
import { KucoinTrading } from "./trading/trading.ts";

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
  readonly transport: VenueTransport;
  readonly drawBytes: DrawBytes;
  /** Accounts and orders; null where none can be placed. */
  readonly side: TradingSide | null;
};

/** Without an account every signed request is refused. */
const NO_ACCOUNT: AccountDesk = {
  refusalOf: () => refusal("400003", "KC-API-KEY not exists", 401),
  weightOf: () => undefined,
  answer: (_request, tell) => tell(refusal("404000", "Url not exists", 404)),
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
  readonly #trading: KucoinTrading | null;
  readonly #tickets: Tickets;
  readonly #transport: VenueTransport;
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
    const dials = new DialLimiter(DIALS_MAX, DIAL_WINDOW_US);
    const spotPool = new Pool(SPOT_POOL_WEIGHT);
    const { side, drawBytes } = options;
    const doors = { clock, delays, dials, pool: spotPool, pingMs, pongTimeoutMs, drawBytes };
    this.#trading = side === null ? null : new KucoinTrading({ ...doors, side });
    this.streams = new StreamDesk({
      feed,
      clock,
      delays,
      tickets,
      dials,
      rules: { pingMs, pongTimeoutMs, sessionLifeMs },
      privateTopics: this.#trading?.topics ?? { join: () => undefined },
    });
    this.rest = new RestDesk({
      feed,
      clock,
      tickets,
      pingMs,
      pongTimeoutMs,
      publicPool: this.#pool,
      spotPool,
      account: this.#trading?.account ?? NO_ACCOUNT,
      rulesAt: (index) => side?.exchange.rules[index],
      wsUrl: () => this.endpoints.ws,
      snapshotDelayMs: () => delays.draw("snapshotMs"),
    });
    this.#transport = options.transport;
    this.#transport.serve({
      onDial: (dial) => {
        const isOrders = this.#trading !== null && OrderDesk.isDialed(dial);
        // What refuses dials (fault `refuse`) refuses them at every door.
        const isOpen = this.streams.refusalCount === 0;
        const desk = isOrders && isOpen ? this.#trading.orders : this.streams;
        desk.onDial(dial);
      },
      onRequest: (request, answer) => this.rest.onRequest(request, answer),
    });
  }

  get endpoints(): VenueEndpoints {
    const { restUrl: rest, wsUrl: ws } = this.#transport;
    if (this.#trading === null) return { rest, ws };
    // The stream's address is handed out with its ticket.
    return { rest, ws, trading: { rest, stream: "", orders: ws, keys: this.#trading.keys.handed } };
  }

  get trading(): TradingSide | undefined {
    return this.#trading?.side;
  }

  /** Lets the rights of its key lie, or revokes it. */
  changeKeys(change: KeyChange): void {
    this.#trading?.keys.change(change);
  }

  get limiter(): VenueModel["limiter"] {
    return this.#pool;
  }

  /** Lets the market live and the streams speak; frames of one tick leave in one write a session. */
  tick(nowUs: Micros): void {
    const sessions = this.#allSessions();
    for (const session of sessions) session.connection.cork();
    this.#trading?.side.tick(nowUs);
    this.feed.tick(nowUs);
    for (const session of sessions) session.connection.uncork();
  }

  /** Push sessions, then those of order entry. */
  #allSessions(): VenueSession[] {
    return [...this.streams.sessions, ...(this.#trading?.orders.sessions ?? [])];
  }

  /** Sessions that hear the book of a symbol, or all of them when no symbol is named. */
  sessionsOf(symbol: string | null): VenueSession[] {
    const sessions = this.#allSessions();
    if (symbol === null) return sessions;
    return sessions.filter((session) => session.streamNames.has(`/market/level2:${symbol}`));
  }

  /** This venue announces nothing; see `hasServerShutdown`. */
  announceShutdown(): void {}

  /** The tickets given out are void with it. */
  goDown(): void {
    this.#downCount += 1;
    // First of all, or a client that dials again at once would find the door open.
    this.#transport.goDown();
    this.streams.cutAll();
    this.#trading?.orders.cutAll();
    this.#tickets.clear();
  }

  /** The books are the same, the sequences have leapt. */
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
