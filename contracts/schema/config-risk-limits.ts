/**
 * The section `trading.limits` of the configuration file: what the risk gate holds every order to.
 *
 * These are the words in which a person thinks (basis points, milliseconds); the bounds are those of the
 * limits themselves, so that a file can never ask for more than the ceilings in the code.
 */
import { z } from "zod";
import {
  AMOUNT,
  AMOUNT_CEILINGS,
  type AmountLimit,
  isAmountAbove,
  NUMBER_BOUNDS,
  type NumberLimit,
} from "../risk-limits.ts";
import { count, ratio } from "./config-fields.ts";

const PPM = 1_000_000;
const PPM_PER_BP = 100;
const US_PER_MS = 1000;
const US_PER_S = 1_000_000;
const US_PER_MINUTE = 60_000_000;

/** An amount of money as text: numbers of this format are doubles, and would not be exact. */
export function amount(standard: string, meaning: string, ceiling = Number.POSITIVE_INFINITY) {
  const isWithin = (text: string) =>
    ceiling === Number.POSITIVE_INFINITY ||
    !AMOUNT.test(text) ||
    !isAmountAbove(text, String(ceiling));
  const bound = ceiling === Number.POSITIVE_INFINITY ? "" : ` of at most ${ceiling}`;
  return z
    .string()
    .regex(AMOUNT)
    .refine(isWithin, { error: `is above its ceiling of ${ceiling}` })
    .default(standard)
    .meta({ description: meaning, form: `a decimal amount in quotes${bound}` });
}

function limitAmount(name: AmountLimit, standard: string, meaning: string) {
  return amount(standard, `${meaning}, in the reference asset.`, AMOUNT_CEILINGS[name]);
}

/** A limit of parts per million that is written in basis points. */
function bps(name: NumberLimit, standard: number, meaning: string) {
  const { min, max } = NUMBER_BOUNDS[name];
  return ratio([min / PPM_PER_BP, max / PPM_PER_BP], standard, meaning);
}

function share(name: NumberLimit, standard: number, meaning: string) {
  return ratio([NUMBER_BOUNDS[name].min / PPM, 1], standard, meaning);
}

/** A limit of microseconds that is written in a larger unit. */
function time(name: NumberLimit, unitUs: number, standard: number, meaning: string) {
  const { min, max } = NUMBER_BOUNDS[name];
  return count([Math.ceil(min / unitUs), Math.floor(max / unitUs)], standard, meaning);
}

function number(name: NumberLimit, standard: number, meaning: string) {
  const { min, max } = NUMBER_BOUNDS[name];
  return count([min, max], standard, meaning);
}

function factor(name: NumberLimit, standard: number, meaning: string) {
  const { min, max } = NUMBER_BOUNDS[name];
  return ratio([min, max], standard, meaning);
}

const sizeFields = {
  orderNotionalMax: limitAmount("orderNotionalMax", "1000", "Most that one order may be worth"),
  orderDepthShare: share(
    "orderDepthSharePpm",
    0.25,
    "Most of the visible quantity within the collar that one order may take, as a share.",
  ),
  openOrdersPerInstrumentMax: number(
    "openOrdersPerInstrumentMax",
    5,
    "Most orders of one instrument that may still fill, unknown ones included.",
  ),
  openOrdersMax: number("openOrdersMax", 20, "The same for the whole account."),
  openNotionalMax: limitAmount("openNotionalMax", "5000", "Most that all open orders may be worth"),
  positionNotionalMax: limitAmount(
    "positionNotionalMax",
    "5000",
    "Most that may come to be held of one asset that is no start asset",
  ),
  grossExposureMax: limitAmount(
    "grossExposureMax",
    "10000",
    "Most that may come to be held of all such assets together",
  ),
  legNotionalMax: limitAmount("legNotionalMax", "1000", "Most that may be between two legs"),
  legTimeMsMax: time(
    "legTimeUsMax",
    US_PER_MS,
    2000,
    "Age of a cycle after which no further leg is begun and it is unwound.",
  ),
  reserve: z
    .record(z.string().regex(/^[A-Z0-9.]{1,16}$/), amount("0", "Amount of the asset to keep free."))
    .default({})
    .meta({
      description: "Amounts that stay free of each asset, whatever could be earned with them.",
      form: 'amounts in quotes by asset, such as { USDT: "50" }',
    }),
  allowlist: z
    .array(
      z
        .string()
        .regex(/^[a-z0-9-]{1,32}:[A-Z0-9_/.-]{2,32}$/)
        .meta({ form: "a name such as binance-spot:BTCUSDT" }),
    )
    .max(4096)
    .optional()
    .meta({
      description:
        "Instruments that a cycle may begin with, by venue and name. Left out, all that are followed.",
    }),
};

const lossFields = {
  dailyLossMax: limitAmount("dailyLossMax", "100", "Loss of a UTC day above which trading stops"),
  drawdownMax: limitAmount(
    "drawdownMax",
    "200",
    "Fall from the highest result above which trading stops",
  ),
  consecutiveLossesMax: number(
    "consecutiveLossesMax",
    7,
    "Losing cycles in a row that are borne; one more stops trading.",
  ),
  cyclesPerHourMax: number(
    "cyclesPerHourMax",
    500,
    "Cycles of a clock hour, after which a person has to let trading go on.",
  ),
  cyclesPerDayMax: number("cyclesPerDayMax", 5000, "Cycles of a UTC day."),
};

const rateFields = {
  ordersPerSecondMax: number("ordersPerSecondMax", 20, "Most orders sent in a second."),
  ordersPerMinuteMax: number("ordersPerMinuteMax", 600, "Most orders sent in a minute."),
  ordersPerDayMax: number("ordersPerDayMax", 50_000, "Most orders sent in a UTC day."),
  cancelRatioMax: number("cancelRatioMax", 20, "Most cancels for each order, within ten minutes."),
  duplicateWindowMs: time(
    "duplicateWindowUs",
    US_PER_MS,
    250,
    "How long the same order (instrument, side, price, quantity) is taken for a mistake.",
  ),
  unknownOrdersMax: number(
    "unknownOrdersMax",
    3,
    "Orders of unknown outcome that are borne; one more stops the venue.",
  ),
  rejectsInARowMax: number(
    "rejectsInARowMax",
    4,
    "Refusals of the venue in a row that are borne; one more stops it.",
  ),
  rejectsOf50Max: number(
    "rejectShareOf50Max",
    9,
    "Refusals among the last 50 answers that are borne; one more stops the venue.",
  ),
};

const marketFields = {
  collarBps: bps("collarPpm", 50, "Furthest that an order's price may be from the mid."),
  periodCollarBps: bps(
    "periodCollarPpm",
    200,
    "Furthest that it may be from the mean of the last minute; exits from the mid.",
  ),
  bookAgeMsMax: time(
    "bookAgeUsMax",
    US_PER_MS,
    500,
    "Longest silence of a stream whose books are ordered upon.",
  ),
  exchangeAgeMsMax: time(
    "exchangeAgeUsMax",
    US_PER_MS,
    1000,
    "Greatest age of the venue's messages on their arrival, clock offset removed.",
  ),
  queueDelayMsMax: time(
    "queueDelayUsMax",
    US_PER_MS,
    50,
    "Longest wait of a message inside our process before an order is decided upon it.",
  ),
  jumpBps: bps("jumpPpm", 300, "Greatest move of a mid within a second that is believed."),
  jumpSigmas: factor(
    "jumpSigmas",
    6,
    "The same in multiples of the usual move of a second, above 30 basis points; 0 for off.",
  ),
  spreadBps: bps("spreadPpm", 200, "Widest spread at which an order may begin something."),
  edgeBpsMax: bps("edgePpmMax", 200, "Greatest edge that is believed; more is a fault of data."),
  volatilityFactor: factor(
    "volatilityFactor",
    10,
    "Volatility or spread as a multiple of the usual, above which nothing is begun.",
  ),
  rulesAgeMinutesMax: time(
    "rulesAgeUsMax",
    US_PER_MINUTE,
    60,
    "Greatest age of the venue's filters when something is begun.",
  ),
  clockOffsetMsMax: time(
    "clockOffsetUsMax",
    US_PER_MS,
    250,
    "Clock offset to the venue above which nothing is begun.",
  ),
  quarantineS: time(
    "quarantineUs",
    US_PER_S,
    60,
    "Watching only, for this long after an account was reconciled.",
  ),
  rampMinutes: time("rampUs", US_PER_MINUTE, 60, "How long orders stay small after that."),
  rampSizeShare: share("rampSizePpm", 0.1, "How small: a share of orderNotionalMax."),
};

export const riskLimitsSchema = z.strictObject({
  ...sizeFields,
  ...lossFields,
  ...rateFields,
  ...marketFields,
});

export type RiskLimitsConfig = z.output<typeof riskLimitsSchema>;
