/**
 * Station: orders of an earlier process -> the cycles that it did not end. Each waits until all of its orders
 * are settled, then gets out of what they left, and ends.
 */
import type { Instrument } from "../instrument.ts";
import type { Order } from "../order/order.ts";
import type { Orders } from "../order/orders.ts";
import { type Cycle, type CycleOrder, noteOrder } from "./cycle.ts";
import type { TradingState } from "./restored.ts";

/** The cycles that were under way, from the orders that are known of them. */
export function interruptedCycles(
  orders: Orders,
  state: TradingState,
  instruments: readonly Instrument[],
): Cycle[] {
  const byCycle = new Map<number, Order[]>();
  for (const order of orders.table.all()) {
    if (!state.openCycles.includes(order.cycle)) continue;
    byCycle.set(order.cycle, [...(byCycle.get(order.cycle) ?? []), order]);
  }
  return [...byCycle].map(([number, own]) => interrupted(number, own, instruments));
}

function interrupted(
  number: number,
  own: readonly Order[],
  instruments: readonly Instrument[],
): Cycle {
  const sorted = [...own].sort((a, b) => a.leg - b.leg || a.command - b.command);
  const legs = sorted.map((order) => cycleOrderOf(order, instruments));
  const [first] = sorted;
  const startAsset = legs[0]?.inputAsset ?? "";
  const between = legs.flatMap(({ inputAsset, outputAsset }) => [inputAsset, outputAsset]);
  const cycle: Cycle = {
    number,
    key: -1,
    venue: first?.venue ?? 0,
    corr: `${first?.fence ?? 0}-${first?.command ?? 0}`,
    opportunity: 0,
    edgePpm: Number.NaN,
    triangle: [...new Set(between)],
    startAsset,
    startAmount: 0n,
    planned: [],
    predictedBps: "0.0000",
    grossBps: 0,
    depthBps: 0,
    signalUs: first?.sentUs ?? 0,
    bookTsUs: 0,
    stamps: [],
    tops: [],
    orders: legs,
    holdings: new Map(),
    step: "recovering",
    leg: 2,
    waitingFor: "",
    waitingSinceUs: 0,
    retryUs: 0,
    waits: 0,
    deniedBy: "",
    exitTries: 0,
    exitsOf: new Map(),
    legTries: 0,
    failure: "interrupted: the process that began it has ended",
    abortReason: "",
    isStranded: false,
    endUs: 0,
  };
  for (const order of sorted) {
    const mine = legs.find(({ clientId }) => clientId === order.clientId);
    if (mine !== undefined) noteOrder(cycle, mine, order);
  }
  return cycle;
}

function cycleOrderOf(order: Order, instruments: readonly Instrument[]): CycleOrder {
  const instrument = instruments[order.instrument];
  const base = instrument?.baseAsset ?? "";
  const quote = instrument?.quoteAsset ?? "";
  const isBuy = order.side === "buy";
  return {
    leg: order.leg,
    instrument: order.instrument,
    side: order.side,
    clientId: order.clientId,
    inputAsset: isBuy ? quote : base,
    outputAsset: isBuy ? base : quote,
    lots: order.lots,
    limitTicks: order.priceTicks,
    signalTicks: order.priceTicks,
    fireTicks: order.priceTicks,
    state: order.state,
    filledLots: 0,
    input: 0n,
    output: 0n,
    fees: new Map(),
    firedUs: order.sentUs,
    ackUs: 0,
    fillUs: 0,
    endUs: 0,
  };
}
