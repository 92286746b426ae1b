/**
 * Station: counters and anomalies -> kills that nobody has to ask for.
 *
 * A control that only blocks would let things go on as soon as its number falls; where a number says that
 * something is wrong with us, with the venue or with our picture of it, a person has to look first.
 */

import { AUTOMATIC_PREFIX, type KillRequest } from "./kill.ts";
import { type LimitsInForce, unitsOf } from "./limits.ts";
import type { VenueRisk } from "./venue-risk.ts";

/**
 * Anomalies after which nothing is opened at the venue: what its account does is not what we think. The
 * others (an unreadable text, a fill older than the memory) are alarmed and asked about, but a venue is
 * not stopped by a single garbled message.
 */
const ANOMALY_CONTROLS: Readonly<Record<string, string>> = {
  contradiction: "PT29",
  overfill: "PT29",
  fillWithoutOrder: "PT29",
  unknownOwnOrder: "PT29",
  twoOrderIds: "PT29",
  revived: "PT29",
  testMixedUp: "PT29",
  accountContradicted: "PT29",
  ledgerDiffers: "PT36",
  foreignOrder: "PT39",
  foreignFill: "PT39",
  foreignMove: "PT39",
  banned: "I07",
  credentials: "O32",
};

/** The kill of its venue that an anomaly leads to; undefined for one that is only alarmed. */
export function killAfterAnomaly(
  name: string,
  venue: string,
  text: string,
): KillRequest | undefined {
  const control = Object.hasOwn(ANOMALY_CONTROLS, name) ? ANOMALY_CONTROLS[name] : undefined;
  if (control === undefined) return undefined;
  return automatic(control, venue, `${name}: ${text}`);
}

/** A broken invariant of our own stops everything. */
export function killAfterInvariant(text: string): KillRequest {
  return { scope: "all", target: "", by: `${AUTOMATIC_PREFIX}invariant`, reason: text };
}

/** The kills that the counts of a venue ask for now, most serious first. */
export function killsDue(
  name: string,
  venue: VenueRisk,
  limits: LimitsInForce,
  nowUs: number,
): readonly KillRequest[] {
  const kills: KillRequest[] = [];
  const kill = (control: string, reason: string) => kills.push(automatic(control, name, reason));
  const { counters, exposure, portfolio } = venue;
  const loss = -counters.dayResult(nowUs);
  if (loss > limits.amounts.dailyLossMax) kill("PT10", `lost ${unitsOf(loss)} today`);
  const drawdown = counters.drawdown();
  if (drawdown > limits.amounts.drawdownMax) {
    kill("PT11", `${unitsOf(drawdown)} below the highest result`);
  }
  if (counters.lossesInARow > limits.limits.consecutiveLossesMax) {
    kill("PT11", `${counters.lossesInARow} losses in a row`);
  }
  const cycles = counters.in("cyclesPerHour", nowUs);
  if (cycles > 0 && cycles >= limits.limits.cyclesPerHourMax)
    kill("PT14", `${cycles} cycles this hour`);
  if (exposure.unknownOrderCount > limits.limits.unknownOrdersMax) {
    kill("PT27", `${exposure.unknownOrderCount} orders of unknown outcome`);
  }
  const { rejectsInARow, rejectsOf50 } = counters;
  const isStorm =
    rejectsInARow > limits.limits.rejectsInARowMax ||
    rejectsOf50 > limits.limits.rejectShareOf50Max;
  if (isStorm) kill("PT28", `${rejectsInARow} refusals in a row, ${rejectsOf50} of the last 50`);
  if (portfolio.level === "terminal") kill("E10", portfolio.reason);
  return kills;
}

function automatic(control: string, venue: string, reason: string): KillRequest {
  return { scope: "venue", target: venue, by: AUTOMATIC_PREFIX + control, reason };
}
