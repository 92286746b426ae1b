/**
 * Station: scripts of what venues may say, sensible or not -> the engine's orders beside the plain ones.
 *
 * Words come twice, late, in any order and under wrong names; trades of one id come with two sizes; a life may
 * end in the middle and go on from what was saved. Compared are states, amounts, and every unit of money.
 */
import { assert } from "../../../../contracts/assert.ts";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import type { Order } from "../../../../hotpath/core/order/order.ts";
import { exportOrders, importOrders } from "../../../../hotpath/core/order/order-state.ts";
import { Orders } from "../../../../hotpath/core/order/orders.ts";
import { INQUIRY_RULES } from "../../../../hotpath/core/order/unknown.ts";
import type { AccountEvent, FillView, OrderView } from "../../../../hotpath/core/trade/events.ts";
import type { Fuzzer, Subject } from "../fuzzer.ts";
import { firstBroken } from "../oracle/claims.ts";
import { ByteOps } from "./byte-ops.ts";
import { FENCE, NAMES, orderIdFrom, START_US, TERMS, tradeFrom, viewFrom } from "./order-words.ts";
import { PlainOrder, PlainOrders } from "./plain-orders.ts";
import { scriptBench } from "./script-bench.ts";

const WINDOW_US = 1_000_000;
/** An answer is late when all that could still bring the order has had its time. */
const LATE_US =
  START_US +
  WINDOW_US +
  2 * INQUIRY_RULES.clockErrorUs +
  INQUIRY_RULES.backEndUs +
  INQUIRY_RULES.sourceLagUs;

const REFUSALS = [
  ...(["rejected", "throttled", "clock", "credentials", "halted"] as const),
  ...(["duplicate", "noSuchOrder", "unknown"] as const),
] as const;

const INSTRUMENTS: readonly Instrument[] = ["BTC", "ETH"].map((baseAsset, index) => {
  const names = { id: `kucoin:${baseAsset}-USDT`, venue: "kucoin" } as const;
  const assets = { symbol: `${baseAsset}-USDT`, baseAsset, quoteAsset: "USDT" };
  const made = instrumentOf({ ...names, ...assets, tickSize: "0.01", lotSize: "0.0001" }, index);
  assert(made !== undefined, "the steps are good");
  return made;
});
const OPTIONS = { fence: FENCE, instruments: INSTRUMENTS, venues: ["kucoin"] } as const;
/** In units of 1e-18: one lot, and one lot at one tick; and the fee of every trade that tells one. */
const LOT = 10n ** 14n;
const LOT_TICK = 10n ** 12n;
const FEE = 10n ** 15n;

/** One script: both sides of it from the placing of two orders on. */
class Script {
  readonly #ops: ByteOps;
  readonly #plain = new PlainOrders();
  #orders = new Orders(OPTIONS);
  #nowUs = START_US;

  constructor(ops: ByteOps) {
    this.#ops = ops;
    for (const which of [0, 1] as const) {
      const command = which + 1;
      const clientId = NAMES[which] as string;
      const names = { venue: 0, instrument: 0, command, fence: FENCE, clientId } as const;
      const reasons = { purpose: "open", cycle: 1, leg: which, limitsVersion: 1 } as const;
      const times = { stampUs: START_US, windowUs: WINDOW_US, timeInForce: "ioc" } as const;
      const terms = { ...TERMS[which], books: [], isTest: false };
      this.#orders.applyPlace(
        { type: "placeOrder", ...names, ...reasons, ...times, ...terms },
        START_US,
      );
      this.#plain.add(new PlainOrder({ clientId, instrument: 0, ...TERMS[which] }));
    }
  }

  /** What is wrong, at the first step where it is. */
  play(): string | undefined {
    while (!this.#ops.isOver) {
      const fault = this.#step() ?? this.#compare();
      if (fault !== undefined) return fault;
    }
    return this.#compareMoney();
  }

  #step(): string | undefined {
    const ops = this.#ops;
    this.#nowUs += ops.below(4) === 0 ? ops.below(64) * 100_000 : 1_000;
    const way = ops.below(16);
    if (way < 4) return this.#reports(viewFrom(ops), ops.below(2) === 0);
    if (way < 8) return this.#fills(tradeFrom(ops));
    if (way < 11) return this.#answers();
    if (way < 12) return this.#finds();
    if (way < 15) return this.#asks();
    return this.#restarts();
  }

  #apply(event: AccountEvent): ReturnType<Orders["applyEvent"]> {
    return this.#orders.applyEvent(event, this.#nowUs);
  }

  get #of(): { readonly venue: 0; readonly epoch: 1; readonly recvUs: number } {
    return { venue: 0, epoch: 1, recvUs: this.#nowUs };
  }

  #reports(order: OrderView, isQuery: boolean): undefined {
    const source = isQuery ? "query" : "stream";
    this.#apply({ ...this.#of, type: "orderReported", source, order });
    this.#plain.report(order, isQuery);
  }

  #fills(fill: FillView): string | undefined {
    const change = this.#apply({ ...this.#of, type: "orderFilled", source: "stream", fill });
    const isCounted = change.newFills.length > 0;
    return this.#plain.fill(fill) === isCounted ? undefined : "a trade that counts otherwise";
  }

  /** The answer to a request to place or to cancel. */
  #answers(): undefined {
    const ops = this.#ops;
    const which = ops.below(3);
    const clientId = NAMES[which] as string;
    const order = this.#plain.byName.get(clientId);
    const of = { ...this.#of, clientId };
    const refusalClass = REFUSALS[ops.below(REFUSALS.length)] as (typeof REFUSALS)[number];
    const refusal = { class: refusalClass, code: "1", text: "", isListed: true };
    const isUnclear = REFUSALS.indexOf(refusalClass) >= 5;
    switch (ops.below(6)) {
      case 0:
        this.#apply({ ...of, type: "orderNotSent", reason: "" });
        order?.hear("notSent");
        return;
      case 1:
        this.#apply({ ...of, type: "orderRefused", refusal });
        order?.hear(isUnclear ? "unclear" : "refused");
        return;
      case 2:
        this.#apply({ ...of, type: "orderTested" });
        order?.hear("unclear");
        return;
      case 3:
        this.#apply({ ...of, type: "cancelAccepted" });
        order?.hear("cancelAccepted");
        return;
      case 4:
        this.#apply({ ...of, type: "cancelRefused", refusal });
        order?.hear("cancelRefused");
        return;
      default: {
        const orderId = orderIdFrom(ops, which);
        this.#apply({ ...of, type: "orderAccepted", orderId });
        if (order !== undefined && this.#plain.learn(order, orderId)) order.hear("accepted");
      }
    }
  }

  /** A query that finds an order, with some of its trades. */
  #finds(): undefined {
    const ops = this.#ops;
    const order = viewFrom(ops);
    const fills = Array.from({ length: ops.below(3) }, () => tradeFrom(ops));
    const names = { requestId: 1, clientId: order.clientId, reason: "" };
    this.#apply({ ...this.#of, type: "orderQueried", ...names, outcome: "found", order, fills });
    const found = this.#plain.report(order, true);
    for (const fill of fills) this.#plain.fill(fill);
    if (found !== undefined) found.standIn = found.missing;
  }

  /** Questions that are due leave, and one of them may be answered by "no such order". */
  #asks(): string | undefined {
    const ops = this.#ops;
    if (ops.below(2) === 0) this.#nowUs += ops.below(8) * 1_000_000;
    for (const { clientId, inquiry } of this.#orders.takeDue(this.#nowUs, [])) {
      const order = this.#plain.byName.get(clientId);
      if (order === undefined) return "an order that nobody placed is asked about";
      order.doubt();
      order.asked = { requestId: inquiry.requestId, atUs: this.#nowUs };
    }
    const clientId = NAMES[ops.below(3)] as string;
    const order = this.#plain.byName.get(clientId);
    const isLatest = ops.below(4) > 0;
    const requestId = (isLatest ? order?.asked?.requestId : undefined) ?? ops.below(4);
    const outcome = ops.below(4) > 0 ? "notFound" : "failed";
    const said = { order: undefined, fills: [], reason: "", requestId, clientId, outcome } as const;
    this.#apply({ ...this.#of, type: "orderQueried", ...said });
    if (order === undefined || outcome === "failed") return undefined;
    return this.#denies(order, requestId);
  }

  /** "Never accepted" has to be earned: two late answers, far enough apart, and no sign of life before. */
  #denies(order: PlainOrder, requestId: number): string | undefined {
    order.doubt();
    const { asked, deniedUs } = order;
    if (asked?.requestId === requestId && asked.atUs >= LATE_US) deniedUs.push(asked.atUs);
    if (this.#orders.table.get(order.clientId)?.state !== "notAccepted") return undefined;
    if (order.state === "notAccepted") return undefined;
    const isAgreed = Math.max(...deniedUs) - Math.min(...deniedUs) >= INQUIRY_RULES.agreeGapUs;
    if (order.hasLived || order.told > 0 || !isAgreed) return "given up without proof";
    if (!order.isLive) return "an order that was over is given up";
    order.state = "notAccepted";
    return undefined;
  }

  /** A life ends here, and the next one goes on from what it has saved. */
  #restarts(): string | undefined {
    const read = importOrders(exportOrders(this.#orders), OPTIONS);
    if (read.kind !== "orders") return "what was saved is not read again";
    this.#orders = read.orders;
    return undefined;
  }

  #compare(): string | undefined {
    const { table } = this.#orders;
    let count = 0;
    for (const plain of this.#plain.byName.values()) {
      const order = table.get(plain.clientId);
      if (order === undefined) return "an order is gone";
      const fault = compareOrder(order, plain);
      if (fault !== undefined) return fault;
      const isWaited = plain.isLive || plain.missing > 0;
      if (table.live.has(order) !== plain.isLive)
        return "an order lives that is over, or the reverse";
      if (isWaited && order.inquiry.dueUs === 0) return "an order is never asked about again";
      count++;
    }
    return table.count === count ? undefined : "an order too many";
  }

  /** Every asset: what all the trades moved, once, and what is kept back. */
  #compareMoney(): string | undefined {
    const sums = { BTC: 0n, ETH: 0n, USDT: 0n, fees: 0n };
    const add = (view: Pick<FillView, "instrument" | "side" | "priceTicks">, count: number) => {
      const lots = BigInt(view.side === "buy" ? count : -count);
      sums[view.instrument === 0 ? "BTC" : "ETH"] += lots * LOT;
      sums.USDT -= lots * BigInt(view.priceTicks) * LOT_TICK;
    };
    for (const { view, isFeeKnown } of this.#plain.trades.values()) {
      add(view, view.lots);
      if (isFeeKnown) sums.fees += FEE;
    }
    const kept = { BTC: 0n, USDT: 0n };
    for (const order of this.#plain.byName.values()) {
      add(order, order.standIn);
      const lots = BigInt(order.exposed);
      if (order.side === "sell") kept.BTC += lots * LOT;
      else kept.USDT += lots * BigInt(order.priceTicks) * LOT_TICK;
    }
    const { ledger } = this.#orders.table;
    const usdt = ledger.holding(0, "USDT");
    return firstBroken([
      [ledger.holding(0, "BTC").traded === sums.BTC, "another amount of one base asset"],
      [ledger.holding(0, "ETH").traded === sums.ETH, "another amount of the other base asset"],
      [usdt.traded === sums.USDT, "another amount of the quote asset"],
      [usdt.fees === sums.fees, "other fees"],
      [ledger.reserved(0, "BTC") === kept.BTC, "another amount of base kept back"],
      [usdt.reserved === kept.USDT, "another amount of quote kept back"],
    ]);
  }
}

function compareOrder(order: Order, plain: PlainOrder): string | undefined {
  const { syntheticLots, filledLots } = order;
  return firstBroken([
    [order.state === plain.state, `${order.state} where ${plain.state} is meant`],
    [order.orderId === plain.orderId, "another name at the venue"],
    [filledLots - syntheticLots === plain.traded, "other lots traded"],
    [syntheticLots === plain.standIn, "other lots without a trade"],
    [order.reportedLots === plain.told, "other lots told"],
  ]);
}

function begin(): Subject {
  const ops = new ByteOps();
  let fault: string | undefined;
  return {
    run: (input) => {
      ops.begin(input);
      fault = new Script(ops).play();
      return true;
    },
    judge: () => fault,
  };
}

export const orders: Fuzzer = {
  name: "orders beside plain ones",
  guards: "hotpath/core/order/orders.ts",
  prepare: () => scriptBench({ corpus: [Uint8Array.of(1, 5, 0, 9, 3, 2, 1, 4, 4, 4)], begin }),
};
