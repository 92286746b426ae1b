/**
 * Station: JSON or a flag -> faults of trading that may be switched on, or the field that is wrong.
 *
 * The words of trading faults for the control port, the fault plan and the command line. A rate is a
 * chance for each request, message or query; for what happens by itself it is a mean count a minute.
 */
import { z } from "zod";
import { VENUE_IDS } from "../../contracts/ids.ts";
import {
  isStateFault,
  TRADING_FAULT_KINDS,
  type TradingFaultKind,
  type TradingFaultRates,
} from "./exchange/faults.ts";

const CHANCE_MAX = 1;
const PER_MINUTE_MAX = 600;
const COUNT_MAX = 100_000;
const DURATION_MS_MAX = 3_600_000;

const rate = (kind: TradingFaultKind) =>
  z
    .number()
    .min(0)
    .max(isStateFault(kind) ? PER_MINUTE_MAX : CHANCE_MAX);

/** Rates by kind; what is left out is off. */
export const ratesSchema = z.strictObject(
  Object.fromEntries(TRADING_FAULT_KINDS.map((kind) => [kind, rate(kind).optional()])) as Record<
    TradingFaultKind,
    z.ZodOptional<z.ZodNumber>
  >,
);

const fields = {
  /** Absent: every venue that trades. */
  venue: z.enum(VENUE_IDS).optional(),
  /** Replaces all rates of the venue. */
  rates: ratesSchema.optional(),
  /** One fault: at the next `count` opportunities, or now for what happens by itself. */
  kind: z.enum(TRADING_FAULT_KINDS).optional(),
  count: z.number().int().min(1).max(COUNT_MAX).optional(),
  symbol: z.string().min(1).max(40).optional(),
  asset: z.string().min(1).max(20).optional(),
  /** Signed decimal amount of a deposit or a withdrawal. */
  amount: z
    .string()
    .regex(/^-?\d{1,12}(\.\d{1,18})?$/)
    .optional(),
  durationMs: z.number().int().min(1).max(DURATION_MS_MAX).optional(),
};

export const tradingFaultSchema = z.strictObject(fields);
/** One entry of a plan file's `trading` list. */
export const plannedTradingFaultSchema = z.strictObject({
  ...fields,
  atMs: z.number().int().min(0),
});

export type TradingFaultRequest = z.infer<typeof tradingFaultSchema>;
export type PlannedTradingFault = z.infer<typeof plannedTradingFaultSchema>;

/** What `POST /trading/keys` may change. */
export const keyChangeSchema = z.strictObject({
  venue: z.enum(VENUE_IDS),
  ipRestrict: z.boolean().optional(),
  enableWithdrawals: z.boolean().optional(),
  isRevoked: z.boolean().optional(),
});

/** Reads `kind=rate,kind=rate` of a flag; a string is the complaint. */
export function parseRatesFlag(text: string): TradingFaultRates | string {
  if (text === "") return {};
  const pairs = text.split(",").map((pair) => pair.split("="));
  const rates = Object.fromEntries(
    pairs.map(([kind = "", value = ""]) => [kind, value === "" ? Number.NaN : Number(value)]),
  );
  const parsed = ratesSchema.safeParse(rates);
  if (parsed.success) return withoutAbsent(parsed.data);
  const [issue] = parsed.error.issues;
  const name = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path[0];
  return `${String(name ?? text)}: ${issue?.message ?? "is not acceptable"}`;
}

/** The same rates without keys that say nothing. */
export function withoutAbsent(
  rates: Readonly<Partial<Record<TradingFaultKind, number | undefined>>>,
): TradingFaultRates {
  const found = Object.entries(rates).filter(([, value]) => value !== undefined);
  return Object.fromEntries(found) as TradingFaultRates;
}
