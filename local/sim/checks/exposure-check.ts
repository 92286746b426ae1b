/**
 * Station: the engine's orders -> the venue's own, order by order. Invariants 8 and 11.
 *
 * 11: whatever may still be executed is kept in exposure and in reserve. Nothing is accepted or filled that the
 * engine has let go of, and what the venue has filled is counted, or covered by what the engine holds for open.
 * 8: no more is counted than was filled.
 */
import { exposedLots, isTerminal, type Order } from "../../../hotpath/core/order/order.ts";
import type { OrderTable } from "../../../hotpath/core/order/order-table.ts";
import type { VenueExposure } from "../../../hotpath/core/risk/exposure.ts";
import { TriangleTrader } from "../../../hotpath/core/trade/trader.ts";
import type { Trading } from "../../../hotpath/core/trade/trading.ts";
import type { World } from "../../../hotpath/core/world.ts";
import type { Exchange } from "../../venues/exchange/exchange.ts";
import { MAIN_ACCOUNT_ID } from "../../venues/exchange/trading-side.ts";

/** The side of trading of a world that has one. */
export function tradingOf({ trader }: Pick<World, "trader">): Trading | undefined {
  return trader instanceof TriangleTrader ? trader.trade : undefined;
}

/** What a venue knows of an order by its client id; undefined where it knows of none. */
export type TruthOf = (
  venue: number,
  clientId: string,
) => { readonly filledLots: number } | undefined;

/** What of the side of trading is looked at. */
export type Kept = {
  readonly orders: { readonly table: Pick<OrderTable, "all" | "get"> };
  readonly risk: {
    readonly venue: (venue: number) => {
      readonly exposure: Pick<VenueExposure, "instrument" | "ordersOf">;
    };
  };
};

export class ExposureCheck {
  readonly #onViolation: (invariant: number, sentence: string) => void;

  constructor(onViolation: (invariant: number, sentence: string) => void) {
    this.#onViolation = onViolation;
  }

  /** A venue has accepted or filled an order of ours, while a life runs. */
  onAlive(trade: Kept, clientId: string, what: "accepted" | "filled"): void {
    const order = trade.orders.table.get(clientId);
    if (order === undefined) {
      this.#onViolation(11, `${clientId} is ${what}, and the engine knows of no such order`);
    } else if (isTerminal(order) && exposedLots(order) === 0) {
      this.#onViolation(11, `${clientId} is ${what} after it was let go of as ${order.state}`);
    }
  }

  /** Once a second: every order that the engine remembers. */
  look(trade: Kept, truthOf: TruthOf): void {
    for (const order of trade.orders.table.all()) {
      if (order.isTest) continue;
      const truth = truthOf(order.venue, order.clientId);
      if (truth !== undefined) this.#compare(order, truth.filledLots);
      if (exposedLots(order) > 0) this.#checkKept(trade, order);
    }
  }

  #compare(order: Order, trueLots: number): void {
    const { clientId, filledLots, lots } = order;
    if (filledLots > trueLots) {
      this.#onViolation(
        8,
        `${clientId} has filled ${trueLots} lots, and ${filledLots} are counted`,
      );
    }
    const covered = filledLots + exposedLots(order);
    if (covered >= trueLots) return;
    const sentence = `${clientId} has filled ${trueLots} of ${lots} lots, and ${covered} are covered`;
    this.#onViolation(11, sentence);
  }

  /** What may still fill is in the exposure of its venue, and its price is kept back in the ledger. */
  #checkKept({ risk }: Kept, order: Order): void {
    const { clientId, venue, instrument, state } = order;
    const exposed = exposedLots(order);
    const { exposure } = risk.venue(venue);
    const live = exposure.ordersOf(instrument).find((each) => each.clientId === clientId);
    // An instrument that is not traded any more has no exposure to be added to.
    if (exposure.instrument(instrument) !== undefined && (live?.remainingLots ?? 0) < exposed) {
      const kept = live?.remainingLots ?? 0;
      this.#onViolation(
        11,
        `${clientId} is ${state}: ${exposed} lots may fill, ${kept} are exposed`,
      );
    }
    if (order.reserved === 0n && !isTerminal(order)) {
      this.#onViolation(11, `${clientId} is ${state}, and nothing is reserved for it`);
    }
  }
}

/** The truth of the venues' logs, by the position of a venue in the world. */
export function truthOfLogs(exchanges: readonly (Exchange | undefined)[]): TruthOf {
  return (venue, clientOrderId) => {
    return exchanges[venue]?.log.find(MAIN_ACCOUNT_ID, { clientOrderId })?.state;
  };
}
