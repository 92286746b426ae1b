/**
 * Station: placeOrder, cancelOrder -> order entry (or REST) -> answers, refusals, or nothing heard.
 *
 * A request is kept until it is answered or too old; an answer that comes after its deadline is still told,
 * because it may be the only word about an order. Nothing is written twice.
 */
import type { Instrument } from "../../../core/instrument.ts";
import type { OrderName, PlaceOrder } from "../../../core/trade/commands.ts";
import type { Refusal } from "../../../core/trade/events.ts";
import { type Told, unheard } from "../../../io/trade/account-answers.ts";
import type { DeskPorts } from "../../execution.ts";
import { cancelFrame, orderBody, orderFrame, orderPath } from "./frames.ts";
import { type Fields, fieldsOf, idOf, numberOf, textOf } from "./json.ts";
import { refusalOf } from "./refusals.ts";
import type { Outcome, Rest } from "./rest.ts";

/** No page says how long the gateway may work on an order; ten seconds is the usual bound of such venues. */
export const BACK_END_US = 10_000_000;
const CANCEL_TIMEOUT_US = 5_000_000;
const US_PER_MS = 1000;
/** So many requests that were lost, and so many that were answered, are remembered. */
const KEPT_MAX = 4096;
const CODE_OK = "200000";
const SILENCE_MS_MAX = 30_000;

export type OrderEntryOptions = {
  readonly ports: DeskPorts;
  readonly rest: Rest;
  readonly isSocketWanted: boolean;
  readonly sendOrder: (text: string) => boolean;
  readonly tell: (event: Told, recvUs: number) => void;
  readonly onUsage: (used: number, recvUs: number) => void;
  readonly onSilenced: (untilUs: number, recvUs: number) => void;
  readonly onPlaced: (orderId: string, clientId: string) => void;
};

type Pending = {
  readonly kind: "place" | "cancel";
  readonly clientId: string;
  readonly dueUs: number;
};

export class OrderEntry {
  readonly #options: OrderEntryOptions;
  /** By the id of their frame, oldest first. */
  readonly #pending = new Map<string, Pending>();
  /** Told as unheard already. */
  readonly #late = new Map<string, Pending>();
  /** The codes of answers by the id of their frame: the same answer once more says nothing new. */
  readonly #answered = new Map<string, string>();
  #cancelCount = 0;

  constructor(options: OrderEntryOptions) {
    this.#options = options;
  }

  get dueUs(): number {
    let dueUs = Number.POSITIVE_INFINITY;
    for (const pending of this.#pending.values()) dueUs = Math.min(dueUs, pending.dueUs);
    return dueUs;
  }

  place(order: PlaceOrder, instrument: Instrument, isReady: boolean): void {
    const { clientId } = order;
    if (!isReady) {
      this.#notSent(clientId, "the account is not open");
      return;
    }
    if (order.isTest) {
      this.#placeOverRest(order, instrument, "/api/v1/hf/orders/test");
      return;
    }
    if (!this.#options.isSocketWanted) {
      this.#placeOverRest(order, instrument, "/api/v1/hf/orders");
      return;
    }
    if (!this.#options.sendOrder(orderFrame(order, instrument))) {
      this.#notSent(clientId, "order entry is not open");
      return;
    }
    const dueUs = this.#options.ports.nowUs() + order.windowUs + BACK_END_US;
    this.#pending.set(clientId, { kind: "place", clientId, dueUs });
  }

  #notSent(clientId: string, reason: string): void {
    this.#options.tell({ type: "orderNotSent", clientId, reason }, this.#options.ports.nowUs());
  }

  #placeOverRest(order: PlaceOrder, instrument: Instrument, target: string): void {
    const { clientId, isTest } = order;
    this.#options.rest.ask({
      method: "POST",
      target,
      body: orderBody(order, instrument),
      kind: isTest ? "read" : "order",
      timeoutMs: Math.ceil((order.windowUs + BACK_END_US) / US_PER_MS),
      timeMs: Math.floor(order.stampUs / US_PER_MS),
      onDone: (outcome, recvUs) => this.#onRestPlaced(outcome, { clientId, isTest }, recvUs),
    });
  }

  #onRestPlaced(
    outcome: Outcome,
    { clientId, isTest }: { readonly clientId: string; readonly isTest: boolean },
    recvUs: number,
  ): void {
    const { tell } = this.#options;
    if (outcome.kind === "ok" && isTest) tell({ type: "orderTested", clientId }, recvUs);
    else if (outcome.kind === "ok") this.#onPlaced(clientId, fieldsOf(outcome.data) ?? {}, recvUs);
    else if (outcome.kind === "failed" && !outcome.wasSent) {
      this.#notSent(clientId, outcome.refusal.code);
    } else tell({ type: "orderRefused", clientId, refusal: outcome.refusal }, recvUs);
  }

  /** Over order entry while it stands, and over REST while it does not: a cancel is never held back. */
  cancel(name: OrderName, { symbol }: Instrument, timeMs: number): void {
    const { clientId } = name;
    this.#cancelCount++;
    const id = `c-${this.#cancelCount}`;
    if (this.#options.sendOrder(cancelFrame(id, name, symbol))) {
      const dueUs = this.#options.ports.nowUs() + CANCEL_TIMEOUT_US;
      this.#pending.set(id, { kind: "cancel", clientId, dueUs });
      return;
    }
    this.#options.rest.ask({
      method: "DELETE",
      target: orderPath(name, symbol),
      kind: "cancel",
      timeoutMs: CANCEL_TIMEOUT_US / US_PER_MS,
      timeMs,
      onDone: (outcome, recvUs) => {
        if (outcome.kind === "ok") this.#options.tell({ type: "cancelAccepted", clientId }, recvUs);
        else this.#refuse({ kind: "cancel", clientId }, outcome.refusal, recvUs);
      },
    });
  }

  /** A frame of order entry: the answer to one of our requests, or to none. */
  onMessage(fields: Fields, recvUs: number): void {
    const id = textOf(fields.id);
    const pending = this.#pending.get(id) ?? this.#late.get(id);
    const hasBudget = this.#readBudget(fields, recvUs);
    const code = textOf(fields.code);
    if (pending === undefined) {
      if (this.#answered.get(id) === code) return;
      const reason = `order entry answers a request that was not made: ${code}`;
      this.#options.tell({ type: "accountContradicted", reason }, recvUs);
      return;
    }
    this.#pending.delete(id);
    this.#late.delete(id);
    keep(this.#answered, id, code);
    if (code !== CODE_OK) {
      const refusal = refusalOf({ status: 200, code, text: textOf(fields.msg), hasBudget });
      if (refusal.class === "throttled") this.#silence(fields, recvUs);
      this.#refuse(pending, refusal, recvUs);
    } else if (pending.kind === "place") {
      this.#onPlaced(pending.clientId, fieldsOf(fields.data) ?? {}, recvUs);
    } else this.#options.tell({ type: "cancelAccepted", clientId: pending.clientId }, recvUs);
  }

  /** The gateway has it. What the answer says must be about the order that was asked for. */
  #onPlaced(clientId: string, data: Fields, recvUs: number): void {
    const orderId = idOf(data.orderId);
    const named = textOf(data.clientOid);
    if (orderId === "" || (named !== "" && named !== clientId)) {
      const reason = `${clientId}: the answer is about ${named === "" ? "no order" : named}`;
      this.#options.tell({ type: "accountContradicted", reason }, recvUs);
      this.#refuse({ kind: "place", clientId }, unheard("unreadable"), recvUs);
      return;
    }
    this.#options.onPlaced(orderId, clientId);
    this.#options.tell({ type: "orderAccepted", clientId, orderId }, recvUs);
  }

  #refuse(of: Pick<Pending, "kind" | "clientId">, refusal: Refusal, recvUs: number): void {
    const { clientId } = of;
    const type = of.kind === "place" ? "orderRefused" : "cancelRefused";
    this.#options.tell({ type, clientId, refusal }, recvUs);
  }

  /** Both names are seen of the same block. */
  #readBudget(fields: Fields, recvUs: number): boolean {
    const block = fieldsOf(fields.rateLimit) ?? fieldsOf(fields.userRateLimit);
    const limit = numberOf(block?.limit);
    const remaining = numberOf(block?.remaining);
    const isTold = limit >= remaining && remaining >= 0;
    if (isTold) this.#options.onUsage(limit - remaining, recvUs);
    return isTold;
  }

  #silence(fields: Fields, recvUs: number): void {
    const block = fieldsOf(fields.rateLimit) ?? fieldsOf(fields.userRateLimit);
    const resetMs = numberOf(block?.reset);
    const silentMs = resetMs > 0 && resetMs <= SILENCE_MS_MAX ? resetMs : SILENCE_MS_MAX;
    this.#options.onSilenced(recvUs + silentMs * US_PER_MS, recvUs);
  }

  onDue(nowUs: number): void {
    for (const [id, pending] of this.#pending) {
      if (pending.dueUs > nowUs) continue;
      this.#pending.delete(id);
      keep(this.#late, id, pending);
      this.#refuse(pending, unheard("timeout"), nowUs);
    }
  }

  /** The account is closed: nobody will answer any more. */
  loseAll(reason: string): void {
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    this.#late.clear();
    const nowUs = this.#options.ports.nowUs();
    for (const pending of lost)
      this.#refuse(pending, { ...unheard("closed"), text: reason }, nowUs);
  }
}

/** Puts one more into a map that forgets its oldest. */
function keep<Value>(map: Map<string, Value>, id: string, value: Value): void {
  map.set(id, value);
  if (map.size <= KEPT_MAX) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
