/**
 * Station: token, order, account, open orders, fees -> one or several REST reads each -> one answer.
 *
 * A part that fails fails the whole, because half an account would pass for all of it. An order is looked
 * for among the open ones first and then among the closed: it may go from the first to the second in
 * between, and never the other way.
 */
import type { Instrument } from "../../../core/instrument.ts";
import type { BalanceView, FeeView, FillView, OrderView } from "../../../core/trade/events.ts";
import { pairIndex } from "./asset-names.ts";
import type { Fields, KnownOrders } from "./executions.ts";
import {
  balancesOfBody,
  feesOfBody,
  fieldsOf,
  fillOfRow,
  type OrderRow,
  orderOfRow,
} from "./reads.ts";
import type { RestQueue } from "./rest-queue.ts";

const US_PER_S = 1_000_000;
/** Trades come fifty at a time; more pages than this are no reconciliation but an archive. */
const TRADES_PER_PAGE = 50;
const PAGES_MAX = 20;
/** `QueryTrades` takes twenty ids. */
const TRADE_IDS_MAX = 20;

export type FoundOrder =
  | { readonly kind: "found"; readonly order: OrderView; readonly fills: readonly FillView[] }
  | { readonly kind: "notFound" | "failed"; readonly reason: string };

export type AccountRead =
  | {
      readonly kind: "read";
      readonly balances: readonly BalanceView[];
      readonly openOrders: readonly OrderView[];
      readonly fills: readonly FillView[];
    }
  | { readonly kind: "failed"; readonly reason: string };

type Params = readonly (readonly [name: string, value: string])[];

export class AccountReads {
  readonly #queue: RestQueue;
  readonly #instruments: readonly Instrument[];
  readonly #orders: KnownOrders;
  readonly #pairs: ReadonlyMap<string, Instrument>;

  constructor(queue: RestQueue, instruments: readonly Instrument[], orders: KnownOrders) {
    this.#queue = queue;
    this.#instruments = instruments;
    this.#orders = orders;
    this.#pairs = pairIndex(instruments);
  }

  /** Asks; `onFailed` gets the venue's text. */
  #ask(
    method: string,
    params: Params,
    onResult: (result: Fields, recvUs: number) => void,
    onFailed: (reason: string, recvUs: number) => void,
  ): void {
    this.#queue.ask({
      method,
      params,
      onAnswer: (body, recvUs) => {
        if (body.kind === "result") onResult(body.result, recvUs);
        else onFailed(`${method}: ${body.text}`, recvUs);
      },
    });
  }

  /** A token for one connection. */
  token(tell: (token: string | undefined, reason: string) => void): void {
    const onResult = ({ token }: Fields): void => {
      if (typeof token === "string" && token !== "") tell(token, "");
      else tell(undefined, "GetWebSocketsToken: no token");
    };
    this.#ask("GetWebSocketsToken", [], onResult, (reason) => tell(undefined, reason));
  }

  /** One order by its client id, with its trades. */
  order(clientId: string, tell: (found: FoundOrder, recvUs: number) => void): void {
    const params: Params = [
      ["cl_ord_id", clientId],
      ["trades", "true"],
    ];
    const onFailed = (reason: string, recvUs: number): void => {
      tell({ kind: "failed", reason }, recvUs);
    };
    const onOpen = (result: Fields, recvUs: number): void => {
      const found = this.#rowOf(fieldsOf(result.open), clientId);
      if (found === undefined) this.#ask("ClosedOrders", params, onClosed, onFailed);
      else if (found === "unreadable") onFailed("OpenOrders: an order that cannot be read", recvUs);
      else this.#withTrades(found, tell, recvUs);
    };
    const onClosed = (result: Fields, recvUs: number): void => {
      const found = this.#rowOf(fieldsOf(result.closed), clientId);
      if (found === undefined) tell({ kind: "notFound", reason: "" }, recvUs);
      else if (found === "unreadable")
        onFailed("ClosedOrders: an order that cannot be read", recvUs);
      else this.#withTrades(found, tell, recvUs);
    };
    this.#ask("OpenOrders", params, onOpen, onFailed);
  }

  /** The order with this client id; the venue's filter is not trusted to be one. */
  #rowOf(rows: Fields | undefined, clientId: string): OrderRow | "unreadable" | undefined {
    if (rows === undefined) return "unreadable";
    for (const [orderId, row] of Object.entries(rows)) {
      if (fieldsOf(row)?.cl_ord_id !== clientId) continue;
      return orderOfRow(orderId, row, this.#pairs) ?? "unreadable";
    }
    return undefined;
  }

  #withTrades(
    { order, tradeIds }: OrderRow,
    tell: (found: FoundOrder, recvUs: number) => void,
    recvUs: number,
  ): void {
    if (order.filledLots <= 0) {
      tell({ kind: "found", order, fills: [] }, recvUs);
      return;
    }
    const fills: FillView[] = [];
    const askSome = (from: number, atUs: number): void => {
      const ids = tradeIds.slice(from, from + TRADE_IDS_MAX);
      if (ids.length === 0) {
        const missing = order.filledLots - fills.reduce((sum, { lots }) => sum + lots, 0);
        if (missing === 0) tell({ kind: "found", order, fills }, atUs);
        else tell({ kind: "failed", reason: `its trades lack ${missing} lots` }, atUs);
        return;
      }
      const onFailed = (reason: string, failedUs: number): void =>
        tell({ kind: "failed", reason }, failedUs);
      const onResult = (result: Fields, nextUs: number): void => {
        const some = this.#fillsOf(result, order);
        if (some === undefined) onFailed("QueryTrades: a trade that cannot be read", nextUs);
        else {
          fills.push(...some);
          askSome(from + TRADE_IDS_MAX, nextUs);
        }
      };
      this.#ask("QueryTrades", [["txid", ids.join(",")]], onResult, onFailed);
    };
    askSome(0, recvUs);
  }

  /** Trades by their ids; those of pairs that nobody follows are left out. */
  #fillsOf(rows: Fields, order?: OrderView): readonly FillView[] | undefined {
    const fills: FillView[] = [];
    const clientIdOf = (orderId: string): string =>
      order?.orderId === orderId ? order.clientId : this.#orders.clientIdOf(orderId);
    for (const [tradeId, row] of Object.entries(rows)) {
      const fill = fillOfRow(tradeId, row, this.#pairs, clientIdOf);
      if (fill === undefined) return undefined;
      if (fill === "other") continue;
      // A fill that is booked on the wrong order would be worse than none.
      if (order !== undefined && fill.orderId !== order.orderId) return undefined;
      fills.push(fill);
    }
    return fills;
  }

  /** Every open order of the account. */
  openOrders(
    tell: (orders: readonly OrderView[] | undefined, reason: string, recvUs: number) => void,
  ): void {
    const onFailed = (reason: string, recvUs: number): void => tell(undefined, reason, recvUs);
    const onResult = (result: Fields, recvUs: number): void => {
      const rows = fieldsOf(result.open);
      if (rows === undefined) {
        // No list is not an empty one: orders would pass for gone.
        onFailed("OpenOrders: no list", recvUs);
        return;
      }
      const orders: OrderView[] = [];
      for (const [orderId, row] of Object.entries(rows)) {
        const read = orderOfRow(orderId, row, this.#pairs);
        if (read === undefined) {
          onFailed("OpenOrders: an order that cannot be read", recvUs);
          return;
        }
        orders.push(read.order);
      }
      tell(orders, "", recvUs);
    };
    this.#ask("OpenOrders", [], onResult, onFailed);
  }

  /** Balances, open orders, and the trades since a time. */
  account(sinceUs: number, tell: (read: AccountRead, recvUs: number) => void): void {
    const onFailed = (reason: string, recvUs: number): void => {
      tell({ kind: "failed", reason }, recvUs);
    };
    const onBalances = (result: Fields, recvUs: number): void => {
      const balances = balancesOfBody(result);
      if (balances === undefined) {
        onFailed("BalanceEx: a balance that cannot be read", recvUs);
        return;
      }
      this.openOrders((openOrders, reason, orderUs) => {
        if (openOrders === undefined) onFailed(reason, orderUs);
        else {
          this.#trades(sinceUs, (fills, why, tradeUs) => {
            if (fills === undefined) onFailed(why, tradeUs);
            else tell({ kind: "read", balances, openOrders, fills }, tradeUs);
          });
        }
      });
    };
    this.#ask("BalanceEx", [], onBalances, onFailed);
  }

  /** Pages of the history, newest first, until all since `sinceUs` are here. */
  #trades(
    sinceUs: number,
    tell: (fills: readonly FillView[] | undefined, reason: string, recvUs: number) => void,
  ): void {
    const fills: FillView[] = [];
    const start = String(Math.floor(sinceUs / US_PER_S));
    const onFailed = (reason: string, recvUs: number): void => tell(undefined, reason, recvUs);
    const askPage = (page: number): void => {
      const params: Params = [
        ["start", start],
        ["ofs", String(page * TRADES_PER_PAGE)],
      ];
      const onResult = (result: Fields, recvUs: number): void => {
        const rows = fieldsOf(result.trades);
        const some = rows === undefined ? undefined : this.#fillsOf(rows);
        if (rows === undefined || some === undefined) {
          onFailed("TradesHistory: a trade that cannot be read", recvUs);
          return;
        }
        fills.push(...some);
        if (Object.keys(rows).length < TRADES_PER_PAGE) tell(fills, "", recvUs);
        else if (page + 1 >= PAGES_MAX) onFailed("TradesHistory: too many trades", recvUs);
        else askPage(page + 1);
      };
      this.#ask("TradesHistory", params, onResult, onFailed);
    };
    askPage(0);
  }

  /** Fees of every instrument, in one call. */
  fees(tell: (fees: readonly FeeView[] | undefined, reason: string, recvUs: number) => void): void {
    const pair = this.#instruments.map(({ symbol }) => symbol).join(",");
    const onFailed = (reason: string, recvUs: number): void => tell(undefined, reason, recvUs);
    const onResult = (result: Fields, recvUs: number): void => {
      const fees = feesOfBody(result, this.#pairs);
      if (fees === undefined) onFailed("TradeVolume: a fee that cannot be read", recvUs);
      else tell(fees, "", recvUs);
    };
    this.#ask("TradeVolume", [["pair", pair]], onResult, onFailed);
  }
}
