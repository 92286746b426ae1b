/**
 * Station: every event of a venue's exchange, as it happens -> the invariants that only the venue can judge.
 *
 * 2: no client id is accepted twice. 3: an order that is accepted had its intent on a disk before. 14: the
 * fences of accepted orders never decrease. Knows nothing of the engine but what it wrote.
 */

import type { VenueId } from "../../../contracts/ids.ts";
import { CLIENT_ID_PREFIX } from "../../../contracts/trade.ts";
import type { ExchangeEvent } from "../../venues/exchange/orders.ts";

/** `rk`, then five base-36 digits of the fence. */
const FENCE_AT = CLIENT_ID_PREFIX.length;
const FENCE_DIGITS = 5;
/** Names of the orders that the venues' models place for other people (`state-faults.ts`). */
const FOREIGN_PREFIX = "web_";

export type WatchParts = {
  readonly venue: VenueId;
  /** Whether the disk of the engine that sent it has this order's intent, durable or not. */
  readonly hasIntent: (clientId: string) => boolean;
  readonly onViolation: (invariant: number, sentence: string) => void;
};

export class VenueWatch {
  readonly #parts: WatchParts;
  readonly #accepted = new Set<string>();
  readonly #filled = new Map<string, number>();
  readonly #ended = new Set<string>();
  #fence = 0;
  orders = 0;
  trades = 0;
  /** Digest material of the last event, for the trace. */
  onEvent: ((executionId: number, clientId: string) => void) | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  onExchangeEvent(event: ExchangeEvent): void {
    if (event.type === "balancesChanged") return;
    const { clientOrderId } = event.order;
    this.onEvent?.(event.executionId, clientOrderId);
    if (!clientOrderId.startsWith(CLIENT_ID_PREFIX)) {
      this.#onOther(event.type, clientOrderId);
      return;
    }
    if (event.type === "orderAccepted") this.#onAccepted(clientOrderId);
    else if (event.type === "orderFilled") this.#onFilled(clientOrderId, event.trade.lots);
    else this.#ended.add(clientOrderId);
  }

  /** Orders of other people bear a name of theirs; one without it can only be ours. */
  #onOther(type: ExchangeEvent["type"], clientId: string): void {
    if (type !== "orderAccepted" || clientId.startsWith(FOREIGN_PREFIX)) return;
    const { venue, onViolation } = this.#parts;
    onViolation(2, `${venue} accepted an order without a name of ours: "${clientId}"`);
  }

  #onAccepted(clientId: string): void {
    const { venue, hasIntent, onViolation } = this.#parts;
    this.orders++;
    if (this.#accepted.has(clientId)) onViolation(2, `${venue} accepted ${clientId} twice`);
    this.#accepted.add(clientId);
    if (!hasIntent(clientId)) onViolation(3, `${venue} has ${clientId}, whose intent is nowhere`);
    const fence = Number.parseInt(clientId.slice(FENCE_AT, FENCE_AT + FENCE_DIGITS), 36);
    if (fence < this.#fence) {
      onViolation(14, `${venue} accepted ${clientId} after an order of fence ${this.#fence}`);
    }
    this.#fence = Math.max(this.#fence, fence);
  }

  #onFilled(clientId: string, lots: number): void {
    this.trades++;
    this.#filled.set(clientId, (this.#filled.get(clientId) ?? 0) + lots);
    if (this.#ended.has(clientId)) {
      this.#parts.onViolation(0, `the venue's model filled ${clientId} after its end`);
    }
  }
}
