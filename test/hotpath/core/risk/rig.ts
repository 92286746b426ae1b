/**
 * Orders and the risk of one account in step: the real order table beside the real risk, over the bench's view.
 */
import { clientIdOf } from "../../../../hotpath/core/order/client-id.ts";
import { Orders } from "../../../../hotpath/core/order/orders.ts";
import { Risk } from "../../../../hotpath/core/risk/risk.ts";
import type { RiskPlan } from "../../../../hotpath/core/risk/risk-plan.ts";
import type { Denial } from "../../../../hotpath/core/risk/view.ts";
import type { PlaceOrder } from "../../../../hotpath/core/trade/commands.ts";
import type {
  AccountEvent,
  FillView,
  RefusalClass,
} from "../../../../hotpath/core/trade/events.ts";
import { Bench, INSTRUMENTS, LIMITS, NOON_US, RATES } from "./bench.ts";

export const S = 1_000_000;
const SETTING = {
  instruments: INSTRUMENTS,
  slots: INSTRUMENTS.map(() => ({ venue: 0 })),
  venues: [{ id: "binance-spot" }, { id: "kraken" }],
};
const PLAN: RiskPlan = {
  venues: [{ venue: 0, startAmounts: { USDT: "1000" }, referenceAsset: "USDT", rates: RATES }],
  limits: LIMITS,
  limitsVersion: 4,
};

/** Orders and risk of one account, in step. */
export class Rig {
  readonly bench = new Bench();
  readonly orders: Orders;
  readonly risk: Risk;
  nowUs = NOON_US;
  readonly #fence: number;
  #command = 0;

  constructor(plan: Partial<RiskPlan> = {}, fence = 2) {
    this.#fence = fence;
    this.orders = new Orders({ fence, instruments: INSTRUMENTS, venues: ["binance-spot"] });
    this.orders.openLedger(0, [
      { asset: "USDT", total: "100000", free: "", held: "" },
      { asset: "BTC", total: "1", free: "", held: "" },
    ]);
    const { view } = this.bench;
    view.position = (venue, asset) => this.orders.table.ledger.position(venue, asset);
    view.total = (venue, asset) => this.orders.table.ledger.total(venue, asset);
    view.free = (venue, asset) => this.orders.table.ledger.free(venue, asset);
    this.risk = new Risk({ ...PLAN, ...plan }, SETTING, view);
    this.see(this.nowUs - 60 * S);
    this.see(this.nowUs - 30 * S);
  }

  /** The touches of all books at a time. */
  see(atUs: number): void {
    for (const [index, { bidTicks, askTicks }] of this.bench.view.books.entries()) {
      this.risk.references.clock[0] = atUs;
      this.risk.onTouch(index, bidTicks, askTicks);
    }
  }

  next(change: Partial<PlaceOrder> = {}): PlaceOrder {
    const command = this.#command + 1;
    return {
      ...this.bench.order,
      command,
      fence: this.#fence,
      clientId: clientIdOf(this.#fence, command),
      lots: 1000 + command,
      limitsVersion: this.risk.limitsVersion,
      ...change,
    };
  }

  /** Sends the next order, or says why it was denied. */
  send(change: Partial<PlaceOrder> = {}): Denial | undefined {
    const order = this.next(change);
    const context = { ...this.bench.context, opportunity: this.#fence * 1000 + order.command };
    const denial = this.risk.admit(order, context, this.nowUs);
    if (denial !== undefined) return denial;
    this.orders.applyPlace(order, this.nowUs);
    this.#command++;
    return undefined;
  }

  hear(event: AccountEvent): void {
    const change = this.orders.applyEvent(event, this.nowUs);
    this.risk.onOrderEvent(event, change, this.nowUs);
  }

  id(command = this.#command): string {
    return clientIdOf(this.#fence, command);
  }

  get of(): { readonly venue: number; readonly epoch: number; readonly recvUs: number } {
    return { venue: 0, epoch: 1, recvUs: this.nowUs };
  }

  accept(): void {
    this.hear({ ...this.of, type: "orderAccepted", clientId: this.id(), orderId: `v${this.id()}` });
  }

  refuse(refusal: RefusalClass): void {
    const said = { class: refusal, code: "-1", text: "", isListed: true };
    this.hear({ ...this.of, type: "orderRefused", clientId: this.id(), refusal: said });
  }

  fill(lots: number, change: Partial<FillView> = {}): void {
    const fill: FillView = {
      clientId: this.id(),
      orderId: `v${this.id()}`,
      instrument: 0,
      tradeId: `t${this.nowUs}-${lots}`,
      side: "buy",
      priceTicks: 5_000_000,
      lots,
      fee: "0",
      feeAsset: "USDT",
      isMaker: false,
      exchangeUs: this.nowUs,
      ...change,
    };
    this.hear({ ...this.of, type: "orderFilled", source: "stream", fill });
  }

  expire(filledLots: number): void {
    const order = {
      clientId: this.id(),
      orderId: `v${this.id()}`,
      instrument: 0,
      side: "buy",
      state: "expired",
      lots: 1001,
      filledLots,
      priceTicks: 5_000_000,
      reason: "",
      exchangeUs: this.nowUs,
    } as const;
    this.hear({ ...this.of, type: "orderReported", source: "stream", order });
  }
}
