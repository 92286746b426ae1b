/**
 * Station: a trading side -> Binance spot's two doors to it.
 *
 * The composition of this room: keys, order counts, the WebSocket API and signed REST over one exchange.
 * It opens no port; the venue's transport hands over what is dialed and asked.
 */
import { assert } from "../../../../contracts/assert.ts";
import type { Micros } from "../../../../contracts/time.ts";
import type { Delays } from "../../delays.ts";
import type { DialLimiter } from "../../dial-door.ts";
import { MAIN_ACCOUNT_ID, type TradingSide } from "../../exchange/trading-side.ts";
import type { AnswerHttp, HttpRequest } from "../../transport.ts";
import type { DrawBytes, HandedKey } from "../../venue-model.ts";
import type { WeightLimiter } from "../limits.ts";
import { orderLimits } from "../order-limits.ts";
import type { SessionRules } from "../session-timers.ts";
import type { ApiHost } from "./api.ts";
import { ApiDesk } from "./api-desk.ts";
import { KeyRing } from "./keys.ts";
import { OrderCounts } from "./order-counts.ts";
import { OrderLists } from "./order-lists.ts";
import { takesSigned } from "./rest-door.ts";

export type DoorsOptions = {
  readonly side: TradingSide;
  readonly clock: () => Micros;
  readonly limiter: WeightLimiter;
  readonly dials: DialLimiter;
  readonly delays: Delays;
  readonly rules: SessionRules;
  readonly ordersInTenSecondsMax: number;
  readonly exchangeInfo: (symbols: readonly string[]) => string | undefined;
  readonly drawBytes: DrawBytes;
};

/** The order side of one venue. */
export class TradingDoors {
  readonly side: TradingSide;
  readonly keys: KeyRing;
  readonly desk: ApiDesk;
  readonly lists: OrderLists;
  readonly #api: ApiHost;

  constructor(options: DoorsOptions) {
    const { side, clock, limiter, dials, delays, rules, exchangeInfo } = options;
    this.side = side;
    this.keys = new KeyRing(MAIN_ACCOUNT_ID, options.drawBytes);
    const orderCounts = new OrderCounts(orderLimits(options.ordersInTenSecondsMax));
    this.lists = new OrderLists(side, ({ accountId, event }) => this.desk.tell(accountId, event));
    const { keys, lists: orderLists } = this;
    this.#api = { side, keys, limiter, orderCounts, orderLists, clock, exchangeInfo };
    side.backEnd.watch((event) => {
      const { type, accountId, eventUs } = event;
      if (type === "orderAccepted") orderCounts.add(accountId, 1, eventUs);
      // "When your order is filled for the first time, your count is decremented by one."
      const isFirstFill = type === "orderFilled" && event.order.tradeCount === 1;
      if (isFirstFill) orderCounts.add(accountId, -1, eventUs);
    });
    const { market } = side.exchange;
    const rulesOf = (symbol: string) => {
      const index = market.indexOf(symbol);
      assert(index !== undefined, `${symbol} is listed, since an order names it`);
      return market.instrumentAt(index).rules;
    };
    this.desk = new ApiDesk({ api: this.#api, rulesOf, delays, dials, rules });
  }

  /** Lets time pass. Call it before the market's own step. */
  tick(nowUs: Micros): void {
    this.side.tick(nowUs);
    this.lists.tick(nowUs);
  }

  /** The keys as whoever started the venue gets them. */
  get handedKeys(): Readonly<Record<string, HandedKey>> {
    return this.keys.handed;
  }

  /** Answers a signed request; false when it is for the public side. */
  takes(request: HttpRequest, tell: AnswerHttp): boolean {
    return takesSigned(this.#api, request, tell);
  }
}
