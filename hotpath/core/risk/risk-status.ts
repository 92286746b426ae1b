/**
 * Station: risk of one account -> what is shown of it: status, metrics. Read about once a second, never by the
 * gate.
 */
import type { RiskStatus } from "../../../contracts/trading-status.ts";
import { amountToText } from "../money/amount.ts";
import type { VenueRisk } from "./venue-risk.ts";

export function riskStatusOf(venue: VenueRisk, nowUs: number): RiskStatus {
  const { breakers, portfolio, congestion, counters, rates } = venue;
  return {
    breakers: {
      orders: breakers.orders.state,
      cancels: breakers.cancels.state,
      reads: breakers.reads.state,
    },
    portfolio: portfolio.level,
    portfolioReason: portfolio.reason,
    isCongested: congestion.isCongested,
    roundTripUs: Math.round(congestion.meanUs),
    dayResult: amountToText(counters.dayResult(nowUs)),
    lossesInARow: counters.lossesInARow,
    rates: rates.usage(nowUs),
  };
}
