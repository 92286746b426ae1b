/**
 * The limits as the fields of a form: their order, their units, what they mean; and a form read back.
 *
 * A form has the units of the limits themselves, so that nothing is converted on its way to the engine; what a
 * value amounts to in everyday units stands beside it. The meanings are those of the configuration file.
 */
import {
  AMOUNT_CEILINGS,
  type AmountLimit,
  NUMBER_BOUNDS,
  type NumberLimit,
} from "../../../contracts/risk-limits.ts";
import { riskLimitsSchema } from "../../../contracts/schema/config-risk-limits.ts";
import { durationText, type Row, rowOf, shortNumber, shownText } from "./words.ts";

type Meaning = keyof typeof riskLimitsSchema.shape;
type FieldPlan = {
  readonly name: AmountLimit | NumberLimit;
  /** The field of the configuration that means the same, and how many of our unit are one of its. */
  readonly like: Meaning;
  readonly factor: number;
};

const PPM = 1_000_000;
const PPM_PER_BP = 100;
const US_PER_MS = 1_000;
const US_PER_S = 1_000_000;
const US_PER_MINUTE = 60_000_000;

function same(name: (AmountLimit | NumberLimit) & Meaning): FieldPlan {
  return { name, like: name, factor: 1 };
}

function as(name: NumberLimit, like: Meaning, factor: number): FieldPlan {
  return { name, like, factor };
}

export const LIMIT_GROUPS: readonly {
  readonly title: string;
  readonly fields: readonly FieldPlan[];
}[] = [
  {
    title: "Size",
    fields: [
      same("orderNotionalMax"),
      as("orderDepthSharePpm", "orderDepthShare", PPM),
      same("openOrdersPerInstrumentMax"),
      same("openOrdersMax"),
      same("openNotionalMax"),
      same("positionNotionalMax"),
      same("grossExposureMax"),
      same("legNotionalMax"),
      as("legTimeUsMax", "legTimeMsMax", US_PER_MS),
    ],
  },
  {
    title: "Loss and pace",
    fields: [
      same("dailyLossMax"),
      same("drawdownMax"),
      same("consecutiveLossesMax"),
      same("cyclesPerHourMax"),
      same("cyclesPerDayMax"),
    ],
  },
  {
    title: "Rates",
    fields: [
      same("ordersPerSecondMax"),
      same("ordersPerMinuteMax"),
      same("ordersPerDayMax"),
      same("cancelRatioMax"),
      as("duplicateWindowUs", "duplicateWindowMs", US_PER_MS),
      same("unknownOrdersMax"),
      same("rejectsInARowMax"),
      as("rejectShareOf50Max", "rejectsOf50Max", 1),
    ],
  },
  {
    title: "Market and data",
    fields: [
      as("collarPpm", "collarBps", PPM_PER_BP),
      as("periodCollarPpm", "periodCollarBps", PPM_PER_BP),
      as("bookAgeUsMax", "bookAgeMsMax", US_PER_MS),
      as("exchangeAgeUsMax", "exchangeAgeMsMax", US_PER_MS),
      as("queueDelayUsMax", "queueDelayMsMax", US_PER_MS),
      as("jumpPpm", "jumpBps", PPM_PER_BP),
      same("jumpSigmas"),
      as("spreadPpm", "spreadBps", PPM_PER_BP),
      as("edgePpmMax", "edgeBpsMax", PPM_PER_BP),
      same("volatilityFactor"),
      as("rulesAgeUsMax", "rulesAgeMinutesMax", US_PER_MINUTE),
      as("clockOffsetUsMax", "clockOffsetMsMax", US_PER_MS),
    ],
  },
  {
    title: "After a start",
    fields: [
      as("quarantineUs", "quarantineS", US_PER_S),
      as("rampUs", "rampMinutes", US_PER_MINUTE),
      as("rampSizePpm", "rampSizeShare", PPM),
    ],
  },
];

export const LIMIT_FIELDS = LIMIT_GROUPS.flatMap(({ fields }) => fields);

/** What a limit means, in a sentence. */
export function meaningOf({ like }: FieldPlan): string {
  return riskLimitsSchema.shape[like].meta()?.description ?? "";
}

/** The unit that a limit is written in. */
export function unitOf(name: string): string {
  if (/Ppm(?:Max)?$/.test(name)) return "ppm";
  if (/Us(?:Max)?$/.test(name)) return "µs";
  if (Object.hasOwn(AMOUNT_CEILINGS, name)) return "reference asset";
  return /Sigmas$|Factor$|Ratio/.test(name) ? "times" : "count";
}

/** Least and greatest value, as text. */
export function boundsOf(name: string): readonly [min: string, max: string] {
  const amount = Object.entries(AMOUNT_CEILINGS).find(([each]) => each === name);
  if (amount !== undefined) return ["0", String(amount[1])];
  const bounds = Object.entries(NUMBER_BOUNDS).find(([each]) => each === name)?.[1];
  return bounds === undefined ? ["", ""] : [String(bounds.min), String(bounds.max)];
}

/** What a value amounts to: "50 bps", "500 ms"; "" where its own unit says it. */
export function everydayText(name: string, value: unknown): string {
  const number = typeof value === "number" ? value : Number.NaN;
  if (!Number.isFinite(number)) return "";
  const unit = unitOf(name);
  if (unit === "µs") return durationText(number);
  if (unit !== "ppm") return "";
  return number > 20_000
    ? `${shortNumber(number / 10_000, 2)} %`
    : `${shortNumber(number / PPM_PER_BP, 2)} bps`;
}

/** The limits that a file without any of its own means; what the first form begins with. */
export function usualLimits(): Row {
  const usual: Readonly<Record<string, unknown>> = riskLimitsSchema.parse({});
  const fields = LIMIT_FIELDS.map(({ name, like, factor }) => {
    const value = usual[like];
    return [
      name,
      typeof value === "number" ? Math.round(value * factor * PPM) / PPM : value,
    ] as const;
  });
  return { ...Object.fromEntries(fields), reserve: {} };
}

/** The limits that a form was filled with; what is no number stays text, and the API names it. */
export function limitsOfForm(form: URLSearchParams): Row {
  const fields = LIMIT_FIELDS.map(({ name }) => {
    const text = (form.get(name) ?? "").trim();
    const isNumber = Object.hasOwn(NUMBER_BOUNDS, name) && /^-?\d+(?:\.\d+)?$/.test(text);
    return [name, isNumber ? Number(text) : text] as const;
  });
  const names = linesOf(form.get("allowlist") ?? "");
  return {
    ...Object.fromEntries(fields),
    reserve: reserveOf(form.get("reserve") ?? ""),
    ...(form.get("allowlistKind") === "named" ? { allowlist: names } : {}),
  };
}

/** "USDT 50" on each line; what is no such line becomes a name that the API refuses. */
function reserveOf(text: string): Row {
  return Object.fromEntries(
    linesOf(text).map((line) => {
      const [asset = "", amount = "", ...more] = line.split(/[\s:=]+/);
      return more.length === 0 ? [asset, amount] : [line, ""];
    }),
  );
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** The reserves as the form has them. */
export function reserveText(limits: Row): string {
  return Object.entries(rowOf(limits.reserve))
    .map(([asset, amount]) => `${asset} ${shownText(amount)}`)
    .join("\n");
}
