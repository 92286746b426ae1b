/**
 * Station: a trading side -> KuCoin's doors to it: signed REST, order entry, private topics.
 *
 * The composition of this room. It opens no port; the venue's transport hands over what is dialed and asked.
 */
import type { Micros } from "../../../../contracts/time.ts";
import type { Delays } from "../../delays.ts";
import type { DialLimiter } from "../../dial-door.ts";
import { MAIN_ACCOUNT_ID, type TradingSide } from "../../exchange/trading-side.ts";
import type { DrawBytes } from "../../venue-model.ts";
import type { Pool } from "../limits.ts";
import type { AccountDesk } from "../rest.ts";
import type { PrivateTopics } from "../stream-desk.ts";
import { accountDeskOf } from "./account-desk.ts";
import { balancePushes, orderPushes } from "./account-texts.ts";
import { KucoinKeys } from "./keys.ts";
import { rulesOf } from "./lists.ts";
import { OrderDesk } from "./order-desk.ts";

export type TradingOptions = {
  readonly side: TradingSide;
  readonly clock: () => Micros;
  readonly delays: Delays;
  readonly dials: DialLimiter;
  readonly pool: Pool;
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  readonly drawBytes: DrawBytes;
};

/** The account side of the venue. */
export class KucoinTrading {
  readonly side: TradingSide;
  readonly keys: KucoinKeys;
  readonly account: AccountDesk;
  readonly orders: OrderDesk;
  readonly topics: PrivateTopics;

  constructor(options: TradingOptions) {
    const { side, clock } = options;
    this.keys = new KucoinKeys(options.drawBytes);
    const host = { side, keys: this.keys, clock };
    this.side = side;
    this.account = accountDeskOf(host);
    this.orders = new OrderDesk({ ...options, keys: this.keys });
    const instrumentRules = (symbol: string) => rulesOf(host, symbol);
    this.topics = {
      join: (topic, { tell, cut }) => {
        if (topic !== "/spotMarket/tradeOrdersV2" && topic !== "/account/balance") return undefined;
        const isOrders = topic !== "/account/balance";
        return side.backEnd.listen(MAIN_ACCOUNT_ID, {
          onEvent: (event) => {
            const texts = isOrders ? orderPushes(event, instrumentRules) : balancePushes(event);
            for (const text of texts) tell(text);
          },
          onCut: cut,
        });
      },
    };
  }
}
