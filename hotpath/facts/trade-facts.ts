/**
 * Station: records of trading -> the payloads of their facts. Names for indexes, decimal text for ticks and
 * lots; nothing is worked out that the record does not say.
 */
import type {
  CycleFact,
  DenialFact,
  FillFact,
  LegFact,
  OpportunityFact,
  OrderFact,
} from "../../contracts/history.ts";
import type { InstrumentId } from "../../contracts/ids.ts";
import type {
  CycleRecord,
  DenialRecord,
  FillRecord,
  LegRecord,
  OpportunityRecord,
  OrderRecord,
} from "../core/trade/commands.ts";
import type { Names } from "./names.ts";

/** What is known of the cycle that an order or fill belongs to. */
export type CycleName = { readonly corr: string; readonly triangle: string };

export function fillFact(names: Names, fill: FillRecord, cycle: CycleName): FillFact {
  const { instrument, priceTicks, lots } = fill;
  return {
    // The ledger counts only what the plan follows.
    instrument: names.instrument(instrument) as InstrumentId,
    tradeId: fill.tradeId,
    clientId: fill.clientId,
    orderId: fill.orderId,
    side: fill.side,
    price: names.price(instrument, priceTicks),
    quantity: names.quantity(instrument, lots),
    quote: fill.quote,
    fee: fill.fee,
    feeAsset: fill.feeAsset,
    isMaker: fill.isMaker,
    mode: names.mode(fill.venue),
    cycle: fill.cycle,
    leg: fill.cycle === 0 ? -1 : fill.leg,
    ...cycle,
    exchangeUs: fill.exchangeUs,
  };
}

export function orderFact(
  names: Names,
  order: OrderRecord,
  cycle: CycleName,
  limitsVersion: number,
): OrderFact {
  const { instrument, lots, filledLots, priceTicks } = order;
  return {
    instrument: names.instrument(instrument) as InstrumentId,
    clientId: order.clientId,
    orderId: order.orderId,
    side: order.side,
    state: order.state,
    cause: order.cause,
    price: names.price(instrument, priceTicks),
    quantity: names.quantity(instrument, lots),
    filledQuantity: names.quantity(instrument, filledLots),
    cycle: order.cycle,
    leg: order.cycle === 0 ? -1 : order.leg,
    ...cycle,
    limitsVersion,
  };
}

export function cycleFact(names: Names, cycle: CycleRecord): CycleFact {
  return {
    cycle: cycle.cycle,
    corr: cycle.corr,
    mode: cycle.mode,
    ending: cycle.ending,
    reason: cycle.reason,
    triangle: triangleText(cycle.triangle),
    predictedBps: cycle.predictedBps,
    effectiveBps: cycle.effectiveBps,
    startAmount: cycle.startAmount,
    profit: cycle.profit,
    profitAsset: cycle.profitAsset,
    residualValue: cycle.residualValue,
    residual: cycle.residual,
    attribution: cycle.attribution,
    signalUs: cycle.signalUs,
    totalUs: cycle.totalUs,
    legs: cycle.legs.map((leg) => legFact(names, leg)),
  };
}

/** Such as "USDT>BTC>ETH", as opportunities spell it. */
export function triangleText(assets: readonly string[]): string {
  return assets.join(">");
}

function legFact(names: Names, leg: LegRecord): LegFact {
  const { instrument, lots, filledLots, timings } = leg;
  return {
    leg: leg.leg,
    instrument: names.instrument(instrument) as InstrumentId,
    side: leg.side,
    clientId: leg.clientId,
    state: leg.state,
    quantity: names.quantity(instrument, lots),
    filledQuantity: names.quantity(instrument, filledLots),
    averagePrice: leg.averagePrice,
    input: leg.input,
    inputAsset: leg.inputAsset,
    output: leg.output,
    outputAsset: leg.outputAsset,
    fees: leg.fees,
    ...timings,
  };
}

export function opportunityFact(opportunity: OpportunityRecord): OpportunityFact {
  const { triangle, predictedBps, startAmount, decision, reason } = opportunity;
  const number = opportunity.opportunity;
  return { opportunity: number, triangle, predictedBps, startAmount, decision, reason };
}

export function denialFact(names: Names, denial: DenialRecord): DenialFact {
  const { instrument, cycle, leg, control, reason, limitsVersion } = denial;
  return { instrument: names.instrument(instrument), cycle, leg, control, reason, limitsVersion };
}
