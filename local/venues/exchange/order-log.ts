/**
 * Station: every accepted order and its trades -> answers to questions, now or as of a moment ago.
 *
 * The venue's memory and the oracle of every test: nothing is ever forgotten here, not even an order
 * that the venue pretends to have lost. It changes no order.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { LiveOrder } from "./live-order.ts";
import type { Order, OrderKey, OwnTrade } from "./orders.ts";

/** The present, as a moment to ask about. */
export const NOW = Number.POSITIVE_INFINITY;

type AccountLog = {
  readonly orders: LiveOrder[];
  readonly ordersBySymbol: Map<string, LiveOrder[]>;
  readonly trades: OwnTrade[];
  readonly tradesBySymbol: Map<string, OwnTrade[]>;
  readonly open: Set<LiveOrder>;
  readonly byClientId: Map<string, LiveOrder[]>;
};

/** All orders of one venue, by account. */
export class OrderLog {
  /** Requests refused at the engine's door since the start. */
  rejectedCount = 0;
  readonly #accounts = new Map<string, AccountLog>();
  readonly #byOrderId = new Map<number, LiveOrder>();

  add(order: LiveOrder): void {
    const { accountId, clientOrderId, orderId } = order.state;
    const log = this.#account(accountId);
    log.orders.push(order);
    log.open.add(order);
    append(log.ordersBySymbol, order.state.symbol, order);
    append(log.byClientId, clientOrderId, order);
    this.#byOrderId.set(orderId, order);
  }

  /** Notes a trade; trades come in the order of their times. */
  addTrade(trade: OwnTrade): void {
    const log = this.#account(trade.accountId);
    log.trades.push(trade);
    append(log.tradesBySymbol, trade.symbol, trade);
  }

  /** Notes that an order is no longer open. */
  close(order: LiveOrder): void {
    this.#account(order.state.accountId).open.delete(order);
  }

  /**
   * The order a key means. Client ids are unique among open orders only, so of several the open one is
   * meant, else the latest.
   */
  find(accountId: string, key: OrderKey): LiveOrder | undefined {
    const isMeant = (one: LiveOrder | undefined): one is LiveOrder =>
      one !== undefined &&
      one.state.accountId === accountId &&
      (key.symbol === undefined || key.symbol === one.state.symbol) &&
      (key.clientOrderId === undefined || key.clientOrderId === one.state.clientOrderId);
    if (key.orderId !== undefined) {
      const order = this.#byOrderId.get(key.orderId);
      return isMeant(order) ? order : undefined;
    }
    const same = (this.#account(accountId).byClientId.get(key.clientOrderId ?? "") ?? []).filter(
      isMeant,
    );
    return same.find((one) => one.isOpen) ?? same.at(-1);
  }

  /** One order as of a moment, or undefined when the venue tells of none. */
  order(accountId: string, key: OrderKey, asOfUs: Micros = NOW): Order | undefined {
    const order = this.find(accountId, key);
    return order === undefined || order.isVanished ? undefined : order.asOf(asOfUs);
  }

  /** All orders, open and ended, as of a moment, oldest first; null is every symbol. */
  orders(accountId: string, symbol: string | null, asOfUs: Micros = NOW): Order[] {
    return this.#told(accountId, symbol)
      .map((one) => one.asOf(asOfUs))
      .filter((one) => one !== undefined);
  }

  /** Open orders as of a moment, oldest first; null is every symbol. */
  openOrders(accountId: string, symbol: string | null, asOfUs: Micros = NOW): Order[] {
    if (asOfUs !== NOW) {
      return this.orders(accountId, symbol, asOfUs).filter((one) => one.status === "open");
    }
    return this.open(accountId, symbol).map((one) => ({ ...one.state }));
  }

  /** Trades of an account as of a moment, in the order in which they happened. */
  trades(accountId: string, symbol: string | null, asOfUs: Micros = NOW): OwnTrade[] {
    const log = this.#account(accountId);
    const trades = symbol === null ? log.trades : (log.tradesBySymbol.get(symbol) ?? []);
    return trades.filter((trade) => trade.tradeUs <= asOfUs);
  }

  /** The open orders themselves; for the engine. */
  open(accountId: string, symbol: string | null): LiveOrder[] {
    const open = [...this.#account(accountId).open];
    return symbol === null ? open : open.filter((one) => one.state.symbol === symbol);
  }

  isOpenClientId(accountId: string, clientOrderId: string): boolean {
    if (clientOrderId === "") return false;
    const same = this.#account(accountId).byClientId.get(clientOrderId) ?? [];
    return same.some((one) => one.isOpen);
  }

  /** Client ids under which more than one order was accepted, with how many. */
  duplicates(accountId: string): { clientOrderId: string; count: number }[] {
    return [...this.#account(accountId).byClientId]
      .filter(([, same]) => same.length > 1)
      .map(([clientOrderId, same]) => ({ clientOrderId, count: same.length }));
  }

  /** Every accepted order as it stands, vanished ones too; for the oracle only. */
  everything(accountId: string): readonly LiveOrder[] {
    return this.#account(accountId).orders;
  }

  #told(accountId: string, symbol: string | null): LiveOrder[] {
    const log = this.#account(accountId);
    const orders = symbol === null ? log.orders : (log.ordersBySymbol.get(symbol) ?? []);
    return orders.filter((one) => !one.isVanished);
  }

  #account(accountId: string): AccountLog {
    const known = this.#accounts.get(accountId);
    if (known !== undefined) return known;
    const fresh: AccountLog = {
      orders: [],
      ordersBySymbol: new Map(),
      trades: [],
      tradesBySymbol: new Map(),
      open: new Set(),
      byClientId: new Map(),
    };
    this.#accounts.set(accountId, fresh);
    return fresh;
  }
}

function append<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
