/**
 * Station: counters and anomalies -> kills that nobody has to ask for.
 *
 * A control that only blocks would let things go on as soon as its number falls; where a number says that
 * something is wrong with us, with the venue or with our picture of it, a person has to look first.
 */

import type { AnomalyName } from "../order/change.ts";
import type { ReconcileCase } from "../order/reconcile-cases.ts";
import { AUTOMATIC_PREFIX, type KillRequest } from "./kill.ts";
import { type LimitsInForce, unitsOf } from "./limits.ts";
import type { VenueRisk } from "./venue-risk.ts";

/** What risk itself finds out of the ordinary. */
type OwnName = "banned" | "credentials";

/**
 * The control that stops the venue after an anomaly or a case of reconciliation: its account does what we
 * do not think it does. "" for what is only told: a single garbled message, a fill that came late, an order
 * that is taken back anyway. A balance that differs blocks the account until it is explained (E06), which
 * deposits are without anybody's word; so it kills nothing.
 */
const CONTROL_AFTER: Readonly<Record<AnomalyName | ReconcileCase | OwnName, string>> = {
  contradiction: "PT29",
  overfill: "PT29",
  fillWithoutOrder: "PT29",
  unknownOwnOrder: "PT29",
  twoOrderIds: "PT29",
  testMixedUp: "PT29",
  accountContradicted: "PT29",
  neverOpen: "PT29",
  neverFilled: "PT29",
  lostOpen: "PT29",
  lostFill: "PT29",
  openDiffers: "PT29",
  foreignOrder: "PT39",
  foreignFill: "PT39",
  foreignOpen: "PT39",
  newerFence: "PT31",
  newerFenceOpen: "PT31",
  banned: "I07",
  credentials: "O32",
  revived: "",
  fillUnreadable: "",
  fillElsewhere: "",
  fillTooOld: "",
  feeUnreadable: "",
  feeAbsurd: "",
  quoteAbsurd: "",
  marksForced: "",
  moveUnreadable: "",
  sentOpen: "",
  sentFilled: "",
  sentAbsent: "",
  openPartial: "",
  fillsUnread: "",
  openFilled: "",
  endedPart: "",
  openAbsent: "",
  vanished: "",
  unknownOpen: "",
  unknownFilled: "",
  endedFillMissing: "",
  endedOpen: "",
  olderFenceOpen: "",
  balanceDiffers: "",
  balanceExplained: "",
};

/** The kill of its venue that an anomaly leads to; undefined for one that is only told. */
export function killAfterAnomaly(
  name: string,
  venue: string,
  text: string,
): KillRequest | undefined {
  if (!Object.hasOwn(CONTROL_AFTER, name)) return undefined;
  const control = CONTROL_AFTER[name as keyof typeof CONTROL_AFTER];
  return control === "" ? undefined : automatic(control, venue, `${name}: ${text}`);
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
