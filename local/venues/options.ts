/**
 * Station: command-line flags -> the options of the simulated venues, or the flag that is wrong.
 *
 * Every choice one can make about the venues, with its default. Flags and function arguments are the
 * same options, so a test starts what the command starts. It reads no file and starts nothing.
 */
import { parseArgs } from "node:util";
import { ORDERS_IN_TEN_SECONDS_MAX } from "./binance/order-limits.ts";
import { type DelayRange, type DelayRanges, NO_DELAYS } from "./delays.ts";
import type { TradingFaultRates } from "./exchange/faults.ts";
import { FAULT_KINDS, type FaultKind } from "./fault-plan.ts";
import { PROFILES, type Profile } from "./market/order-flow.ts";
import { parseRatesFlag } from "./trading-plan.ts";

export type VenuesOptions = {
  readonly seed: number;
  readonly spotInstruments: number;
  readonly usdmInstruments: number;
  readonly kucoinInstruments: number;
  readonly krakenInstruments: number;
  /** Frames of the `@depth@100ms` streams of all instruments together, heard or not. */
  readonly diffsPerSecond: number;
  /** Steps of the market within one diff: each may move the touch and emit a bookTicker. */
  readonly stepsPerDiff: number;
  /** How often the loop wakes. */
  readonly tickMs: number;
  readonly levelsPerSide: number;
  readonly profile: Profile;
  readonly delays: DelayRanges;
  readonly faultPlanFile: string;
  readonly faultsPerMinute: number;
  readonly faultKinds: readonly FaultKind[];
  readonly sessionLifeMs: number;
  readonly shutdownLeadMs: number;
  /** 0 leaves each venue its own. */
  readonly pingMs: number;
  readonly pongTimeoutMs: number;
  readonly spotWeightPerMinute: number;
  readonly usdmWeightPerMinute: number;
  readonly dialsMax: number;
  /**
   * First of consecutive ports (spot REST, spot WS, USD-M REST, USD-M WS, control, KuCoin REST, KuCoin WS,
   * Kraken REST, Kraken WS); 0 is any.
   */
  readonly portBase: number;
  /** Back-end times and delays of trading are divided by this. */
  readonly venueSpeed: number;
  /** Triangles that pay, planted at each venue that trades: a mean rate. */
  readonly trianglesPerMinute: number;
  /** Rates of trading faults at every venue that trades. */
  readonly tradingFaults: TradingFaultRates;
  /** Orders that Binance spot lets an account leave unfilled in ten seconds. */
  readonly spotOrdersPerTenSeconds: number;
  readonly withParent: boolean;
};

export const DEFAULT_OPTIONS: VenuesOptions = {
  seed: 1,
  spotInstruments: 24,
  usdmInstruments: 12,
  kucoinInstruments: 12,
  krakenInstruments: 12,
  diffsPerSecond: 600,
  stepsPerDiff: 2,
  tickMs: 2,
  levelsPerSide: 1_000,
  profile: "quiet",
  delays: NO_DELAYS,
  faultPlanFile: "",
  faultsPerMinute: 0,
  faultKinds: FAULT_KINDS,
  sessionLifeMs: 24 * 60 * 60 * 1_000,
  shutdownLeadMs: 1_000,
  pingMs: 0,
  pongTimeoutMs: 0,
  spotWeightPerMinute: 6_000,
  usdmWeightPerMinute: 2_400,
  dialsMax: 300,
  portBase: 0,
  venueSpeed: 1,
  trianglesPerMinute: 0,
  tradingFaults: {},
  spotOrdersPerTenSeconds: ORDERS_IN_TEN_SECONDS_MAX,
  withParent: false,
};

type NumberRule = {
  readonly flag: string;
  readonly option: keyof VenuesOptions;
  readonly min: number;
  readonly max: number;
};

const HOUR_MS = 3_600_000;
const NUMBER_RULES: readonly NumberRule[] = [
  { flag: "seed", option: "seed", min: 0, max: Number.MAX_SAFE_INTEGER },
  { flag: "spot-instruments", option: "spotInstruments", min: 0, max: 100 },
  { flag: "usdm-instruments", option: "usdmInstruments", min: 0, max: 60 },
  { flag: "kucoin-instruments", option: "kucoinInstruments", min: 0, max: 100 },
  { flag: "kraken-instruments", option: "krakenInstruments", min: 0, max: 100 },
  { flag: "diffs-per-second", option: "diffsPerSecond", min: 1, max: 100_000 },
  { flag: "steps-per-diff", option: "stepsPerDiff", min: 1, max: 10 },
  { flag: "tick-ms", option: "tickMs", min: 1, max: 1_000 },
  { flag: "levels", option: "levelsPerSide", min: 50, max: 10_000 },
  { flag: "faults-per-minute", option: "faultsPerMinute", min: 0, max: 6_000 },
  { flag: "session-life-ms", option: "sessionLifeMs", min: 100, max: 24 * HOUR_MS },
  { flag: "shutdown-lead-ms", option: "shutdownLeadMs", min: 0, max: HOUR_MS },
  { flag: "ping-ms", option: "pingMs", min: 0, max: HOUR_MS },
  { flag: "pong-timeout-ms", option: "pongTimeoutMs", min: 0, max: HOUR_MS },
  { flag: "spot-weight", option: "spotWeightPerMinute", min: 1, max: 1_000_000 },
  { flag: "usdm-weight", option: "usdmWeightPerMinute", min: 1, max: 1_000_000 },
  { flag: "dials-max", option: "dialsMax", min: 1, max: 1_000_000 },
  { flag: "venue-speed", option: "venueSpeed", min: 1, max: 1_000 },
  { flag: "triangles-per-minute", option: "trianglesPerMinute", min: 0, max: 600 },
  { flag: "spot-orders", option: "spotOrdersPerTenSeconds", min: 1, max: 1_000_000 },
  { flag: "port-base", option: "portBase", min: 0, max: 65_000 },
];

const DELAY_FLAGS = [
  ["dial-ms", "dialMs"],
  ["subscribe-ms", "subscribeMs"],
  ["snapshot-ms", "snapshotMs"],
] as const;

const OTHER_FLAGS = ["profile", "fault-plan", "fault-kinds", "trading-faults"] as const;

export type ParsedOptions =
  | { readonly kind: "ok"; readonly options: VenuesOptions }
  | { readonly kind: "bad"; readonly reason: string };

/** A flag that cannot be used; caught once, in `parseOptions`. */
class FlagError extends Error {
  constructor(flag: string, reason: string) {
    super(`--${flag}: ${reason}`);
  }
}

function parseNumber(rule: NumberRule, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= rule.min && value <= rule.max) return value;
  throw new FlagError(
    rule.flag,
    `expected an integer from ${rule.min} to ${rule.max}, got ${text}`,
  );
}

/** `100:500` or `100`; milliseconds. */
function parseRange(flag: string, text: string): DelayRange {
  const found = /^(\d{1,7})(?::(\d{1,7}))?$/.exec(text);
  const minMs = Number(found?.[1] ?? Number.NaN);
  const maxMs = found?.[2] === undefined ? minMs : Number(found[2]);
  if (minMs <= maxMs) return [minMs, maxMs];
  throw new FlagError(flag, `expected MIN:MAX in milliseconds, got ${text}`);
}

/** `kind=rate,kind=rate`. */
function parseRates(text: string): TradingFaultRates {
  const rates = parseRatesFlag(text);
  if (typeof rates === "string") throw new FlagError("trading-faults", rates);
  return rates;
}

function parseChoice<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === text);
  if (choice !== undefined) return choice;
  throw new FlagError(flag, `expected one of ${choices.join(", ")}, got ${text}`);
}

function readValues(args: readonly string[]): Readonly<Record<string, string | boolean>> {
  const text = { type: "string" } as const;
  const names = [
    ...NUMBER_RULES.map((rule) => rule.flag),
    ...DELAY_FLAGS.map(([flag]) => flag),
    ...OTHER_FLAGS,
  ];
  const options = Object.fromEntries(names.map((name) => [name, text]));
  const { values } = parseArgs({
    args: [...args],
    options: { ...options, "with-parent": { type: "boolean" } },
    strict: true,
    allowPositionals: false,
  });
  return values as Readonly<Record<string, string | boolean>>;
}

function buildOptions(args: readonly string[]): VenuesOptions {
  const values = readValues(args);
  const numbers: Record<string, number> = {};
  for (const rule of NUMBER_RULES) {
    const text = values[rule.flag];
    if (typeof text === "string") numbers[rule.option] = parseNumber(rule, text);
  }
  const delays: Record<string, DelayRange> = { ...NO_DELAYS };
  for (const [flag, name] of DELAY_FLAGS) {
    const text = values[flag];
    if (typeof text === "string") delays[name] = parseRange(flag, text);
  }
  const kinds = String(values["fault-kinds"] ?? FAULT_KINDS.join(",")).split(",");
  return {
    ...DEFAULT_OPTIONS,
    ...numbers,
    delays: { ...NO_DELAYS, ...delays },
    profile: parseChoice("profile", String(values.profile ?? "quiet"), PROFILES),
    faultPlanFile: String(values["fault-plan"] ?? ""),
    tradingFaults: parseRates(String(values["trading-faults"] ?? "")),
    faultKinds: kinds.map((kind) => parseChoice("fault-kinds", kind, FAULT_KINDS)),
    withParent: values["with-parent"] === true,
  };
}

/** Reads the flags after the command; a wrong one gives one line that names it. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    return { kind: "ok", options: buildOptions(args) };
  } catch (error) {
    // `parseArgs` names unknown flags and missing values in its own message.
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "bad", reason: reason.split("\n")[0] ?? reason };
  }
}
