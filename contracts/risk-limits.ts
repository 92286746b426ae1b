/**
 * The limits of trading as data, and the ceilings over them that nobody may raise.
 *
 * Whoever writes limits (a file, a control API) and whoever keeps them (the risk gate) share this page,
 * so that both refuse the same values. The ceilings are code: raising one is a review, not a setting.
 */

import { wordOf } from "./word-of.ts";

/**
 * Every limit that a person may change. Amounts are decimal text in the reference asset of the account
 * (one for each venue: USDT, USD ...), shares are parts per million, times are microseconds.
 */
export type RiskLimits = {
  readonly orderNotionalMax: string;
  /** Share of the visible depth on the side that is taken. */
  readonly orderDepthSharePpm: number;
  /** Furthest from the mid that the price of an order may be. */
  readonly collarPpm: number;
  /** The same from the mean of the last minute. */
  readonly periodCollarPpm: number;
  readonly openOrdersPerInstrumentMax: number;
  readonly openOrdersMax: number;
  readonly openNotionalMax: string;
  /** Of one asset, beyond what the account is meant to hold of it. */
  readonly positionNotionalMax: string;
  readonly grossExposureMax: string;
  readonly dailyLossMax: string;
  readonly drawdownMax: string;
  readonly consecutiveLossesMax: number;
  readonly cyclesPerDayMax: number;
  readonly cyclesPerHourMax: number;
  readonly ordersPerSecondMax: number;
  readonly ordersPerMinuteMax: number;
  readonly ordersPerDayMax: number;
  /** Cancels for each order sent, within ten minutes. */
  readonly cancelRatioMax: number;
  readonly duplicateWindowUs: number;
  readonly bookAgeUsMax: number;
  readonly exchangeAgeUsMax: number;
  readonly queueDelayUsMax: number;
  /** Move of the mid within about a second. */
  readonly jumpPpm: number;
  /** The same as a multiple of the usual move of a second; 0 asks for the share alone. */
  readonly jumpSigmas: number;
  readonly spreadPpm: number;
  readonly edgePpmMax: number;
  readonly rulesAgeUsMax: number;
  readonly legTimeUsMax: number;
  readonly legNotionalMax: string;
  readonly unknownOrdersMax: number;
  readonly rejectsInARowMax: number;
  readonly rejectShareOf50Max: number;
  readonly clockOffsetUsMax: number;
  /** Watching only, after each reconciliation of an account. */
  readonly quarantineUs: number;
  /** How long orders stay small after that, and how small. */
  readonly rampUs: number;
  readonly rampSizePpm: number;
  /** Volatility or spread that is this many times the normal one stops new positions. */
  readonly volatilityFactor: number;
  /** Kept free of each asset, by its name. */
  readonly reserve: Readonly<Record<string, string>>;
  /** Undefined allows every configured instrument. */
  readonly allowlist: readonly string[] | undefined;
};

export type AmountLimit = {
  [Name in keyof RiskLimits]: RiskLimits[Name] extends string ? Name : never;
}[keyof RiskLimits];

export type NumberLimit = {
  [Name in keyof RiskLimits]: RiskLimits[Name] extends number ? Name : never;
}[keyof RiskLimits];

/** Whole units of the reference asset. An account that needs more is not one for this engine. */
export const AMOUNT_CEILINGS: Readonly<Record<AmountLimit, number>> = {
  orderNotionalMax: 100_000,
  openNotionalMax: 1_000_000,
  positionNotionalMax: 1_000_000,
  grossExposureMax: 2_000_000,
  dailyLossMax: 100_000,
  drawdownMax: 100_000,
  legNotionalMax: 100_000,
};

const US_PER_S = 1_000_000;
const US_PER_DAY = 86_400 * US_PER_S;
const PPM = 1_000_000;

type Bounds = { readonly min: number; readonly max: number };

/** Least and greatest value of every limit that is a number; all but two are whole. */
export const NUMBER_BOUNDS: Readonly<Record<NumberLimit, Bounds>> = {
  orderDepthSharePpm: { min: 1, max: PPM },
  collarPpm: { min: 1, max: 50_000 },
  periodCollarPpm: { min: 1, max: 100_000 },
  openOrdersPerInstrumentMax: { min: 0, max: 50 },
  openOrdersMax: { min: 0, max: 500 },
  consecutiveLossesMax: { min: 0, max: 1000 },
  cyclesPerDayMax: { min: 0, max: 10_000_000 },
  cyclesPerHourMax: { min: 0, max: 1_000_000 },
  ordersPerSecondMax: { min: 0, max: 1000 },
  ordersPerMinuteMax: { min: 0, max: 30_000 },
  ordersPerDayMax: { min: 0, max: 20_000_000 },
  cancelRatioMax: { min: 1, max: 1000 },
  duplicateWindowUs: { min: 0, max: 60 * US_PER_S },
  bookAgeUsMax: { min: 1000, max: 10 * US_PER_S },
  exchangeAgeUsMax: { min: 1000, max: 30 * US_PER_S },
  queueDelayUsMax: { min: 1000, max: US_PER_S },
  jumpPpm: { min: 1, max: 200_000 },
  jumpSigmas: { min: 0, max: 100 },
  spreadPpm: { min: 1, max: 200_000 },
  edgePpmMax: { min: 1, max: 50_000 },
  rulesAgeUsMax: { min: US_PER_S, max: US_PER_DAY },
  legTimeUsMax: { min: 1000, max: 60 * US_PER_S },
  unknownOrdersMax: { min: 0, max: 100 },
  rejectsInARowMax: { min: 0, max: 1000 },
  rejectShareOf50Max: { min: 0, max: 50 },
  clockOffsetUsMax: { min: 1000, max: 5 * US_PER_S },
  quarantineUs: { min: 0, max: US_PER_DAY },
  rampUs: { min: 0, max: 7 * US_PER_DAY },
  rampSizePpm: { min: 1, max: PPM },
  volatilityFactor: { min: 1, max: 1000 },
};

/** Orders that only get out of something may use this much, whatever the throttles say. */
export const EXIT_ORDERS_PER_SECOND_CEILING = 50;
export const EXIT_ORDERS_PER_MINUTE_CEILING = 600;

/** Digits of an amount: before the point enough for the ceilings, behind it what is exact inside. */
export const AMOUNT = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,18})?$/;
const RESERVES_MAX = 256;
const ALLOWED_MAX = 4096;
const NAME = /^[A-Za-z0-9._:/-]{1,64}$/;

/** Why `limits` may not be used, as the field and a sentence; undefined when they may. */
export type LimitsFault = { readonly field: string; readonly reason: string };

/**
 * Checks limits of any origin, whatever their type claims. A value outside its bounds, an amount that is
 * no decimal or above its ceiling, a missing or unknown field: each is named.
 */
export function limitsFault(limits: unknown): LimitsFault | undefined {
  if (typeof limits !== "object" || limits === null || Array.isArray(limits)) {
    return { field: "", reason: "limits are an object" };
  }
  const fields = limits as Readonly<Record<string, unknown>>;
  return (
    strangerIn(fields) ??
    numberFault(fields) ??
    amountFault(fields) ??
    reserveFault(fields.reserve) ??
    allowlistFault(fields.allowlist) ??
    contradiction(limits as RiskLimits)
  );
}

function strangerIn(fields: Readonly<Record<string, unknown>>): LimitsFault | undefined {
  for (const field of Object.keys(fields)) {
    const isKnown =
      Object.hasOwn(NUMBER_BOUNDS, field) ||
      Object.hasOwn(AMOUNT_CEILINGS, field) ||
      field === "reserve" ||
      field === "allowlist";
    if (!isKnown) return { field, reason: "there is no such limit" };
  }
  return undefined;
}

/** These two are ratios and may have a fraction. */
const FRACTIONS: readonly string[] = ["volatilityFactor", "jumpSigmas"];

function numberFault(fields: Readonly<Record<string, unknown>>): LimitsFault | undefined {
  for (const [field, { min, max }] of Object.entries(NUMBER_BOUNDS)) {
    const value = fields[field];
    if (typeof value !== "number" || !Number.isFinite(value)) {
      return { field, reason: `must be a number, is ${wordOf(value)}` };
    }
    if (!FRACTIONS.includes(field) && !Number.isSafeInteger(value)) {
      return { field, reason: `must be a whole number, is ${value}` };
    }
    if (value < min) return { field, reason: `must be at least ${min}, is ${value}` };
    if (value > max) return { field, reason: `is above its ceiling: ${value} > ${max}` };
  }
  return undefined;
}

function amountFault(fields: Readonly<Record<string, unknown>>): LimitsFault | undefined {
  for (const [field, ceiling] of Object.entries(AMOUNT_CEILINGS)) {
    const value = fields[field];
    if (typeof value !== "string" || !AMOUNT.test(value)) {
      return { field, reason: `must be a decimal amount, is ${wordOf(value)}` };
    }
    if (isAmountAbove(value, String(ceiling))) {
      return { field, reason: `is above its ceiling: ${value} > ${ceiling}` };
    }
  }
  return undefined;
}

function reserveFault(reserve: unknown): LimitsFault | undefined {
  const field = "reserve";
  if (typeof reserve !== "object" || reserve === null || Array.isArray(reserve)) {
    return { field, reason: "must be amounts by the name of their asset" };
  }
  const entries = Object.entries(reserve);
  if (entries.length > RESERVES_MAX)
    return { field, reason: `has more than ${RESERVES_MAX} names` };
  for (const [asset, amount] of entries) {
    if (!NAME.test(asset)) return { field, reason: `has no asset's name: ${asset.slice(0, 64)}` };
    if (typeof amount !== "string" || !AMOUNT.test(amount)) {
      return {
        field: `${field}.${asset}`,
        reason: `must be a decimal amount, is ${wordOf(amount)}`,
      };
    }
  }
  return undefined;
}

function allowlistFault(allowlist: unknown): LimitsFault | undefined {
  const field = "allowlist";
  if (allowlist === undefined) return undefined;
  if (!Array.isArray(allowlist)) return { field, reason: "must be a list of instruments" };
  if (allowlist.length > ALLOWED_MAX) return { field, reason: `is longer than ${ALLOWED_MAX}` };
  const stranger = allowlist.find((name) => typeof name !== "string" || !NAME.test(name));
  if (stranger === undefined) return undefined;
  return { field, reason: `holds no instrument's name: ${wordOf(stranger).slice(0, 64)}` };
}

/** Pairs of which the first may not be above the second. */
export const ORDERED_NUMBERS: readonly (readonly [NumberLimit, NumberLimit])[] = [
  ["openOrdersPerInstrumentMax", "openOrdersMax"],
  ["ordersPerSecondMax", "ordersPerMinuteMax"],
  ["ordersPerMinuteMax", "ordersPerDayMax"],
  ["cyclesPerHourMax", "cyclesPerDayMax"],
  ["collarPpm", "periodCollarPpm"],
];
export const ORDERED_AMOUNTS: readonly (readonly [AmountLimit, AmountLimit])[] = [
  ["orderNotionalMax", "openNotionalMax"],
  ["positionNotionalMax", "grossExposureMax"],
];

function contradiction(limits: RiskLimits): LimitsFault | undefined {
  for (const [lower, upper] of ORDERED_NUMBERS) {
    if (limits[lower] > limits[upper]) return { field: lower, reason: `must be at most ${upper}` };
  }
  for (const [lower, upper] of ORDERED_AMOUNTS) {
    if (isAmountAbove(limits[lower], limits[upper])) {
      return { field: lower, reason: `must be at most ${upper}` };
    }
  }
  return undefined;
}

/** Whether the first of two amounts in their form is above the second, exactly. */
export function isAmountAbove(first: string, second: string): boolean {
  return scaled(first) > scaled(second);
}

/** An amount that has passed its form, as an integer of 1e-18. */
function scaled(text: string): bigint {
  const [units = "", fraction = ""] = text.split(".");
  return BigInt(units + fraction.padEnd(18, "0"));
}
