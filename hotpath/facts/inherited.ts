/**
 * Station: what a run took up from earlier ones -> orders still open, and the cycles that they belong to.
 *
 * The state is in the run's header, so a run can be told without the runs before it. An order that was
 * found in the intent log and in no journal has its first record here.
 */
import type { Micros } from "../../contracts/time.ts";
import type { Order } from "../core/order/order.ts";
import { importOrders } from "../core/order/order-state.ts";
import { interruptedCycles } from "../core/trade/interrupted.ts";
import { readTrading } from "../core/trade/restored.ts";
import { orderOptionsOf } from "../core/trade/trading.ts";
import type { KnownCycle, KnownOrder } from "./memory.ts";
import type { Names } from "./names.ts";
import { type OrderStep, placedOrder } from "./order-step.ts";
import { triangleText } from "./trade-facts.ts";

export type Inherited = {
  readonly orders: readonly KnownOrder[];
  readonly cycles: readonly Pick<KnownCycle, "cycle" | "corr" | "triangle">[];
  readonly steps: readonly OrderStep[];
};

const NOTHING: Inherited = { orders: [], cycles: [], steps: [] };

/** What `trading.restored` of a plan holds that facts need; nothing where it is empty or unreadable. */
export function inheritedOf(names: Names, runId: string, atUs: Micros): Inherited {
  const { trading, instruments, venues } = names.plan;
  if (trading === undefined || trading.restored === "") return NOTHING;
  const read = readTrading(trading.restored);
  if (!read.ok) return NOTHING;
  const imported = importOrders(
    read.state.orders,
    orderOptionsOf(trading, { instruments, venues }),
  );
  if (imported.kind === "damaged") return NOTHING;
  const { table } = imported.orders;
  const live = [...table.live];
  return {
    orders: live.map((order) => knownOrder(names, order)),
    cycles: interruptedCycles(imported.orders, read.state, instruments).map((cycle) => {
      return { cycle: cycle.number, corr: cycle.corr, triangle: triangleText(cycle.triangle) };
    }),
    steps: live.map((order) => inheritedStep(names, order, runId, atUs)),
  };
}

function knownOrder(names: Names, order: Order): KnownOrder {
  const { clientId, sentUs, cycle } = order;
  const instrument = names.instrument(order.instrument);
  return { clientId, instrument, placedUs: sentUs, cycle, limitsVersion: 0, endUs: 0 };
}

function inheritedStep(names: Names, order: Order, runId: string, atUs: Micros): OrderStep {
  const { clientId, orderId, sentUs, state } = order;
  const placed = placedOrder(names, { ...order, stampUs: sentUs, limitsVersion: 0 });
  const reached = state === "open" ? "acked" : state === "unknown" ? "unknown" : "sent";
  return { clientId, state: reached, atUs, runId, orderId, placed };
}
