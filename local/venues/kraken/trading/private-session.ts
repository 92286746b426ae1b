/**
 * Station: one private connection: its requests -> the back end; the account's events -> its messages.
 *
 * It keeps what one connection has: the token it has shown, its subscriptions and their sequences. Orders
 * live in the exchange and outlive it.
 */
import type { Micros } from "../../../../contracts/time.ts";
import type { CancelAnswer, PlaceAnswer } from "../../exchange/answers.ts";
import type { Balance, ExchangeEvent, Order, OrderRequest } from "../../exchange/orders.ts";
import type { InstrumentRules } from "../../market/instrument.ts";
import type { VenueSession } from "../../session.ts";
import { acknowledgement, pongText, refusal } from "../requests.ts";
import { reasonText, troubleText } from "./errors.ts";
import type { PrivateHost } from "./private-rest.ts";
import {
  balanceEntry,
  endEntry,
  fullEntry,
  ledgerEntry,
  newEntry,
  orderIdOf,
  orderIdText,
  tradeEntry,
} from "./private-text.ts";

const CHANNELS = ["executions", "balances"] as const;
type Channel = (typeof CHANNELS)[number];

type Fields = Readonly<Record<string, unknown>>;
type Request = {
  readonly method: string;
  readonly params: Fields;
  readonly requestId: number | undefined;
  readonly inUs: Micros;
};

/** Numbers of requests keep their text: a price of 0.10 is not the double next to it. */
function parse(text: string): Fields {
  try {
    const keep = (_key: string, value: unknown, context?: { source?: string }): unknown =>
      typeof value === "number" ? (context?.source ?? String(value)) : value;
    const value: unknown = JSON.parse(text, keep as (key: string, value: unknown) => unknown);
    return typeof value === "object" && value !== null ? (value as Fields) : {};
  } catch {
    // Answered as a request that cannot be read.
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export class PrivateSession {
  readonly #session: VenueSession;
  readonly #host: PrivateHost;
  readonly #sequences = new Map<Channel, number>();
  readonly #totals = new Map<string, bigint>();
  #stopListening: (() => void) | null = null;
  #hasToken = false;

  constructor(session: VenueSession, host: PrivateHost) {
    this.#session = session;
    this.#host = host;
  }

  get isSubscribed(): boolean {
    return this.#sequences.size > 0;
  }

  /** Hears nothing any more. */
  release(): void {
    this.#stopListening?.();
    this.#stopListening = null;
    this.#sequences.clear();
  }

  onText(text: string): void {
    const { keys, clock } = this.#host;
    const message = parse(text);
    const inUs = clock();
    const id = textOf(message.req_id);
    const requestId = /^\d{1,15}$/.test(id) ? Number(id) : undefined;
    const method = textOf(message.method);
    if (method === "ping") {
      this.#session.sendText(pongText(requestId, inUs, clock()));
      return;
    }
    const params = (
      typeof message.params === "object" && message.params !== null ? message.params : {}
    ) as Fields;
    const request: Request = { method, params, requestId, inUs };
    if (!keys.isToken(params.token, inUs, this.#hasToken)) {
      this.#refuse(request, "EGeneral:Permission denied");
      return;
    }
    this.#hasToken = true;
    this.#onRequest(request);
  }

  #onRequest(request: Request): void {
    switch (request.method) {
      case "subscribe":
      case "unsubscribe":
        this.#onChannel(request);
        break;
      case "add_order":
        this.#addOrder(request);
        break;
      case "cancel_order":
        this.#cancelOrders(request);
        break;
      case "cancel_all":
        this.#cancelAll(request);
        break;
      case "cancel_all_orders_after":
        this.#armDeadMan(request);
        break;
      default:
        this.#refuse(request, "EGeneral:Unknown method");
    }
  }

  #answer(request: Request, result: object): void {
    const { method, requestId, inUs } = request;
    const reply = { method, requestId, inUs, outUs: this.#host.clock() };
    this.#session.sendText(acknowledgement(reply, result));
  }

  #refuse(request: Request, error: string): void {
    const { method, requestId, inUs } = request;
    const reply = { method, requestId, inUs, outUs: this.#host.clock() };
    this.#session.sendText(refusal(reply, error));
  }

  #onChannel(request: Request): void {
    const channel = CHANNELS.find((name) => name === request.params.channel);
    if (channel === undefined) {
      this.#refuse(request, "EGeneral:Invalid arguments:channel");
      return;
    }
    if (request.method === "unsubscribe") {
      this.#sequences.delete(channel);
      this.#answer(request, { channel });
      return;
    }
    this.#answer(request, { channel, snapshot: true });
    const { side, keys } = this.#host;
    this.#stopListening ??= side.backEnd.listen(keys.accountId, {
      onEvent: (event) => this.#onEvent(event),
      onCut: () => this.#session.cut(),
    });
    this.#sequences.set(channel, 0);
    this.#send(
      channel,
      "snapshot",
      channel === "executions" ? this.#openEntries() : this.#totalEntries(),
    );
  }

  #openEntries(): readonly string[] {
    const { side, keys, market } = this.#host;
    return side.exchange.log.openOrders(keys.accountId, null).map((order) => {
      const index = market.indexOf(order.symbol) ?? 0;
      return fullEntry(market.instrumentAt(index).rules, order, "status");
    });
  }

  #totalEntries(): readonly string[] {
    const { side, keys } = this.#host;
    return side.exchange.ledger.balances(keys.accountId).map((balance) => {
      this.#totals.set(balance.asset, balance.freeAtto + balance.heldAtto);
      return balanceEntry(balance);
    });
  }

  #send(channel: Channel, type: "snapshot" | "update", entries: readonly string[]): void {
    const last = this.#sequences.get(channel);
    if (last === undefined) return;
    this.#sequences.set(channel, last + 1);
    const data = entries.join(",");
    this.#session.sendText(
      `{"channel":"${channel}","type":"${type}","data":[${data}],"sequence":${last + 1}}`,
    );
  }

  #onEvent(event: ExchangeEvent): void {
    switch (event.type) {
      case "orderAccepted":
        this.#tell(event.order, (rules) => fullEntry(rules, event.order, "pending_new"));
        this.#tell(event.order, () => newEntry(event.order));
        break;
      case "orderFilled":
        this.#tell(event.order, (rules, index) =>
          tradeEntry(rules, index, event.order, event.trade),
        );
        // A completed order ends in an entry of its own; the exchange says it with the last trade.
        if (event.order.status === "filled") this.#tellEnd(event.order);
        break;
      case "orderEnded":
        if (event.order.status !== "filled") this.#tellEnd(event.order);
        break;
      case "balancesChanged":
        this.#onBalances(event.balances, event);
        break;
    }
  }

  #tellEnd(order: Order): void {
    this.#tell(order, (rules) => endEntry(rules, order));
  }

  #tell(order: Order, entryOf: (rules: InstrumentRules, index: number) => string): void {
    const { market } = this.#host;
    const index = market.indexOf(order.symbol) ?? 0;
    this.#send("executions", "update", [entryOf(market.instrumentAt(index).rules, index)]);
  }

  /** Holds move no total, and totals are all that is told here. */
  #onBalances(
    balances: readonly Balance[],
    event: Extract<ExchangeEvent, { type: "balancesChanged" }>,
  ): void {
    const { cause, executionId: id, eventUs } = event;
    const moves = balances.flatMap(({ asset, freeAtto, heldAtto }) => {
      const totalAtto = freeAtto + heldAtto;
      const deltaAtto = totalAtto - (this.#totals.get(asset) ?? 0n);
      this.#totals.set(asset, totalAtto);
      return deltaAtto === 0n ? [] : [{ asset, totalAtto, deltaAtto }];
    });
    if (moves.length === 0) return;
    const what = { cause: cause === "external" ? cause : ("trade" as const), id, eventUs };
    this.#send(
      "balances",
      "update",
      moves.map((move) => ledgerEntry(move, what)),
    );
  }

  #addOrder(request: Request): void {
    const { params } = request;
    const { keys, clock, side } = this.#host;
    const deadlineMs =
      params.deadline === undefined ? undefined : Date.parse(textOf(params.deadline));
    const isBadDeadline = deadlineMs !== undefined && !this.#isDeadline(deadlineMs * 1000);
    if (isBadDeadline) {
      this.#refuse(request, "EGeneral:Invalid arguments:deadline");
      return;
    }
    const order: OrderRequest = {
      accountId: keys.accountId,
      clientOrderId: textOf(params.cl_ord_id),
      symbol: textOf(params.symbol),
      side: params.side === "sell" ? "sell" : "buy",
      type: params.order_type === "market" ? "market" : "limit",
      timeInForce: timeInForceOf(params.time_in_force),
      isPostOnly: params.post_only === true,
      price: textOf(params.limit_price),
      quantity: textOf(params.order_qty),
      funds: "",
      selfTradeRule: "expireTaker",
      // Without a deadline the engine gives an order five seconds.
      notAfterUs: (deadlineMs ?? clock() / 1000 + 5_000) * 1000,
    };
    if (params.validate === true) {
      const reason = side.exchange.check(order, clock());
      if (reason === null) this.#answer(request, { cl_ord_id: order.clientOrderId });
      else this.#refuse(request, reasonText(reason));
      return;
    }
    side.backEnd.place(order, clock(), (answer) => this.#onPlaced(request, answer));
  }

  /** "now+500 ms ... now+60 s"; what is in the past already is the engine's to refuse. */
  #isDeadline(us: number): boolean {
    return Number.isFinite(us) && us - this.#host.clock() <= 61_000_000;
  }

  #onPlaced(request: Request, answer: PlaceAnswer): void {
    switch (answer.kind) {
      case "accepted": {
        const { orderId, clientOrderId } = answer.order;
        this.#answer(request, { order_id: orderIdText(orderId), cl_ord_id: clientOrderId });
        break;
      }
      case "rejected":
        this.#refuse(request, reasonText(answer.reason));
        break;
      default:
        this.#refuse(request, troubleText(answer, false));
    }
  }

  /** One answer for each id of the lists, all under the id of the request. */
  #cancelOrders(request: Request): void {
    const { params } = request;
    const { side, keys, clock } = this.#host;
    const ids = (value: unknown): readonly string[] =>
      Array.isArray(value) ? (value as readonly unknown[]).map(textOf) : [];
    const wanted = [
      ...ids(params.order_id).map((id) => ({ orderId: orderIdOf(id) ?? -1 })),
      ...ids(params.cl_ord_id).map((clientOrderId) => ({ clientOrderId })),
    ];
    if (wanted.length === 0) this.#refuse(request, "EGeneral:Invalid arguments:order_id");
    for (const key of wanted) {
      const cancel = { accountId: keys.accountId, key };
      side.backEnd.cancel(cancel, clock(), (answer) => this.#onCanceled(request, answer));
    }
  }

  #onCanceled(request: Request, answer: CancelAnswer): void {
    switch (answer.kind) {
      case "canceled": {
        const { orderId, clientOrderId } = answer.order;
        this.#answer(request, { order_id: orderIdText(orderId), cl_ord_id: clientOrderId });
        break;
      }
      case "refused": {
        const isHalted = answer.reason === "halted";
        this.#refuse(request, isHalted ? "EService:Unavailable" : "EOrder:Unknown order");
        break;
      }
      default:
        this.#refuse(request, troubleText(answer, false));
    }
  }

  #cancelAll(request: Request): void {
    const { side, keys, clock } = this.#host;
    const cancel = { accountId: keys.accountId, symbol: null };
    side.backEnd.cancelAll(cancel, clock(), (answer) => {
      if (answer.kind === "canceledAll") this.#answer(request, { count: answer.orders.length });
      else this.#refuse(request, troubleText(answer, false));
    });
  }

  #armDeadMan(request: Request): void {
    const { side, keys, clock } = this.#host;
    const { deadMen } = side.exchange;
    const seconds = Number(textOf(request.params.timeout));
    if (!(seconds >= 0 && seconds < 86_400)) {
      this.#refuse(request, "EGeneral:Invalid arguments:timeout");
      return;
    }
    const { accountId } = keys;
    const dueUs = clock() + seconds * 1_000_000;
    if (seconds === 0) deadMen.disarm(accountId);
    else deadMen.arm({ accountId, dueUs, symbols: null });
    const at = (us: number) => `${new Date(us / 1000).toISOString().slice(0, 19)}Z`;
    this.#answer(request, {
      currentTime: at(clock()),
      triggerTime: seconds === 0 ? "0" : at(dueUs),
    });
  }
}

function timeInForceOf(value: unknown): OrderRequest["timeInForce"] {
  if (value === "ioc") return "IOC";
  return value === "fok" ? "FOK" : "GTC";
}
