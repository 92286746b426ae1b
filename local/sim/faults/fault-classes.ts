/**
 * Station: none; the classes of faults that the engine's world injects, and how each of them comes about.
 *
 * Ids are those of RELIABILITY section 2. What a class needs that is not built yet is listed in
 * docs/SIMULATION.md and not here: a class in this table fires, or the report of a campaign fails.
 */
import type { TradingFaultKind } from "../../venues/exchange/faults.ts";
import type { FaultKind } from "../../venues/fault-plan.ts";
import { NETWORK_FAULTS, type NetworkFault } from "../network/weather.ts";

/** What happens to a process, a host, a wire or the world at a moment. */
export const EVENT_KINDS = [
  "crashProcess",
  "crashHost",
  "crashTwice",
  "pauseShort",
  "pauseLong",
  "shutdown",
  "halfOpenWires",
  "deafWires",
  "muteWires",
  "swizzle",
  "venueOutage",
  "allOutage",
  "killSwitch",
  "killFlap",
  "limitsChange",
  "diskShortWrite",
  "diskFull",
  "diskWriteError",
  "diskSyncError",
  "diskReadError",
  "killInFlight",
  "clockStep",
  "oldLimits",
  "killAgain",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** How a class comes about. */
export type FaultSource =
  | { readonly by: "weather"; readonly fault: NetworkFault; readonly rateMax: number }
  | { readonly by: "market"; readonly kind: FaultKind; readonly perMinuteMax: number }
  | { readonly by: "trading"; readonly kind: TradingFaultKind; readonly rateMax: number }
  | { readonly by: "event"; readonly kind: EventKind; readonly perMinuteMax: number };

export type FaultClass = { readonly id: string; readonly source: FaultSource };

const WEATHER_RATE_MAX: Readonly<Record<NetworkFault, number>> = {
  T01: 0.002,
  T02: 0.002,
  T03: 0.05,
  T04: 0.002,
  T10: 0.002,
  T12: 0.2,
  T13: 0.05,
  T14: 0.2,
  T15: 0.3,
  T17: 0.002,
  T26: 0.05,
  T27: 0.02,
};

const MARKET: readonly (readonly [string, FaultKind, number])[] = [
  ["D01", "dropDiff", 36],
  ["D02", "duplicateDiff", 36],
  ["D03", "oldSnapshot", 24],
  ["D08", "crossedBook", 24],
  ["D09", "wrongChecksum", 24],
  ["D11", "wrongSymbol", 24],
  ["D13", "malformedFrame", 24],
  ["D16", "frozenTimestamps", 12],
  ["D23", "delay", 12],
  ["D26", "venueRestart", 6],
  ["D32", "slowSnapshot", 24],
  ["T06", "halfOpen", 6],
  ["T07", "silent", 6],
  ["T16", "serverShutdown", 6],
  ["T20", "burst", 12],
];

const TRADING: readonly (readonly [string, TradingFaultKind, number])[] = [
  ["O01", "ackLost", 0.1],
  ["O03", "requestLost", 0.1],
  ["O04", "lateAcceptance", 0.05],
  ["O05", "errorExecuted", 0.1],
  ["O05", "errorNotExecuted", 0.1],
  ["O06", "duplicateAck", 0.2],
  ["O08", "fillBeforeAck", 0.5],
  ["O09", "reorderFills", 0.2],
  ["O10", "duplicateFill", 0.2],
  ["O12", "missingFill", 0.1],
  ["O13", "laggingQuery", 0.3],
  ["O08", "lateFill", 0.3],
  ["O05", "queryError", 0.1],
  ["O15", "cancelAckLost", 0.2],
  ["O15", "cancelRequestLost", 0.2],
  ["O15", "cancelError", 0.2],
  ["O19", "staleStatus", 0.2],
  ["O24", "rejectCode", 0.1],
  ["O27", "rateLimited", 0.05],
  ["O28", "banned", 0.006],
  ["O30", "filterChange", 3],
  ["O31", "halt", 3],
  ["O31", "break", 3],
  ["O31", "cancelOnly", 3],
  ["O33", "deposit", 3],
  ["O33", "withdrawal", 3],
  ["O34", "feeChange", 3],
  ["O35", "foreignOrder", 3],
  ["O39", "vanishedOrders", 1.8],
  ["O40", "privateStreamDead", 3],
  ["O40", "privateStreamCut", 6],
  ["O41", "timestampRefused", 0.05],
];

const EVENTS: readonly (readonly [string, EventKind, number])[] = [
  ["P01", "crashProcess", 10],
  ["P06", "crashHost", 8],
  ["P21", "crashTwice", 2.5],
  ["P25", "pauseShort", 20],
  ["P24", "pauseLong", 5],
  ["P03", "shutdown", 2.5],
  ["T24", "deafWires", 2.5],
  ["T24", "muteWires", 2.5],
  ["T06", "halfOpenWires", 2.5],
  ["T29", "swizzle", 2.5],
  ["T25", "venueOutage", 5],
  ["D26", "allOutage", 1.5],
  ["C31", "killSwitch", 2.5],
  ["C31", "killFlap", 1.5],
  ["C26", "limitsChange", 5],
  ["P12", "diskShortWrite", 3],
  ["P13", "diskFull", 3],
  ["P14", "diskWriteError", 3],
  ["P15", "diskSyncError", 3],
  // Drawn last, so that the histories of seeds that are kept stay what they are.
  ["P17", "diskReadError", 3],
  ["O14", "killInFlight", 8],
  ["P22", "clockStep", 10],
  ["C26", "oldLimits", 5],
  ["C28", "killAgain", 5],
];

/** Every source of every class; a class with several is in here several times. */
export const FAULT_CLASSES: readonly FaultClass[] = [
  ...NETWORK_FAULTS.map(
    (fault): FaultClass => ({
      id: fault,
      source: { by: "weather", fault, rateMax: WEATHER_RATE_MAX[fault] },
    }),
  ),
  ...MARKET.map(
    ([id, kind, perMinuteMax]): FaultClass => ({
      id,
      source: { by: "market", kind, perMinuteMax },
    }),
  ),
  ...TRADING.map(
    ([id, kind, rateMax]): FaultClass => ({ id, source: { by: "trading", kind, rateMax } }),
  ),
  ...EVENTS.map(
    ([id, kind, perMinuteMax]): FaultClass => ({
      id,
      source: { by: "event", kind, perMinuteMax },
    }),
  ),
];

/** The classes, each once, in order. */
export const FAULT_CLASS_IDS: readonly string[] = [
  ...new Set(FAULT_CLASSES.map(({ id }) => id)),
].sort();

/** How often an id has more than one source. */
const SOURCE_COUNTS = new Map<string, number>();
for (const { id } of FAULT_CLASSES) SOURCE_COUNTS.set(id, (SOURCE_COUNTS.get(id) ?? 0) + 1);

/** What one source alone is called: by its id, and where that has several, by its kind too. */
export function sourceName({ id, source }: FaultClass): string {
  if (source.by === "weather" || SOURCE_COUNTS.get(id) === 1) return id;
  return `${id}/${source.kind}`;
}
