/**
 * Station: limits as data -> limits in force. Text becomes integers once, when a version is taken up.
 *
 * A version is whole and newer than the one before, or it is refused and the old one stays. Each order
 * cites the version that it was checked against.
 */
import type { AmountLimit, LimitsFault, RiskLimits } from "../../../contracts/risk-limits.ts";
import { AMOUNT_CEILINGS, limitsFault } from "../../../contracts/risk-limits.ts";
import { ATTO_PER_UNIT, parseAmount } from "../money/amount.ts";

/** One version in the form in which the gate compares. Never changed after it was made. */
export type LimitsInForce = {
  readonly version: number;
  readonly limits: RiskLimits;
  /** The amounts as integers of 1e-18. */
  readonly amounts: Readonly<Record<AmountLimit, bigint>>;
  /** The same in whole units, to screen with. */
  readonly screens: Readonly<Record<AmountLimit, number>>;
  readonly reserve: ReadonlyMap<string, bigint>;
  readonly allowed: ReadonlySet<string> | undefined;
};

export type LimitsTaken =
  | { readonly ok: true; readonly value: LimitsInForce }
  | { readonly ok: false; readonly fault: LimitsFault };

/** The ceilings in the form in which they are compared, for the last look at the gate. */
export const CEILING_AMOUNTS: Readonly<Record<AmountLimit, bigint>> = {
  orderNotionalMax: BigInt(AMOUNT_CEILINGS.orderNotionalMax) * ATTO_PER_UNIT,
  openNotionalMax: BigInt(AMOUNT_CEILINGS.openNotionalMax) * ATTO_PER_UNIT,
  positionNotionalMax: BigInt(AMOUNT_CEILINGS.positionNotionalMax) * ATTO_PER_UNIT,
  grossExposureMax: BigInt(AMOUNT_CEILINGS.grossExposureMax) * ATTO_PER_UNIT,
  dailyLossMax: BigInt(AMOUNT_CEILINGS.dailyLossMax) * ATTO_PER_UNIT,
  drawdownMax: BigInt(AMOUNT_CEILINGS.drawdownMax) * ATTO_PER_UNIT,
  legNotionalMax: BigInt(AMOUNT_CEILINGS.legNotionalMax) * ATTO_PER_UNIT,
};

/**
 * Takes up a version of limits, or says what is wrong with it. `before` is the version in force, 0 at the
 * very first; a version that is not newer is refused, so that a late message cannot undo a later one.
 */
export function takeLimits(limits: unknown, version: number, before: number): LimitsTaken {
  if (!Number.isSafeInteger(version) || version < 1) {
    return { ok: false, fault: { field: "version", reason: `must be 1 or more, is ${version}` } };
  }
  if (version <= before) {
    const reason = `must be above the version in force: ${version} <= ${before}`;
    return { ok: false, fault: { field: "version", reason } };
  }
  const fault = limitsFault(limits);
  if (fault !== undefined) return { ok: false, fault };
  return { ok: true, value: limitsInForce(limits as RiskLimits, version) };
}

/** Only for limits that `limitsFault` found nothing wrong with. */
export function limitsInForce(limits: RiskLimits, version: number): LimitsInForce {
  const amounts: Readonly<Record<AmountLimit, bigint>> = {
    orderNotionalMax: amountOf(limits.orderNotionalMax),
    openNotionalMax: amountOf(limits.openNotionalMax),
    positionNotionalMax: amountOf(limits.positionNotionalMax),
    grossExposureMax: amountOf(limits.grossExposureMax),
    dailyLossMax: amountOf(limits.dailyLossMax),
    drawdownMax: amountOf(limits.drawdownMax),
    legNotionalMax: amountOf(limits.legNotionalMax),
  };
  return {
    version,
    limits,
    amounts,
    screens: {
      orderNotionalMax: unitsOf(amounts.orderNotionalMax),
      openNotionalMax: unitsOf(amounts.openNotionalMax),
      positionNotionalMax: unitsOf(amounts.positionNotionalMax),
      grossExposureMax: unitsOf(amounts.grossExposureMax),
      dailyLossMax: unitsOf(amounts.dailyLossMax),
      drawdownMax: unitsOf(amounts.drawdownMax),
      legNotionalMax: unitsOf(amounts.legNotionalMax),
    },
    reserve: new Map(
      Object.entries(limits.reserve).map(([asset, text]) => [asset, amountOf(text)]),
    ),
    allowed: limits.allowlist === undefined ? undefined : new Set(limits.allowlist),
  };
}

/** An amount in whole units as a double: to screen and to show, never to be sent. */
export function unitsOf(amount: bigint): number {
  // Most sums of a quiet account are nothing, and turning an integer into a double costs 20 ns.
  return amount === 0n ? 0 : Number(amount) / 1e18;
}

/** Text that has passed its form; what did not is no limit but zero, which lets nothing through. */
function amountOf(text: string): bigint {
  return parseAmount(text) ?? 0n;
}
