/**
 * Station: configuration, and later the control API -> the risk gate. Every limit that a person may change,
 * as data with a version; the ceilings that nobody may raise stand in `ceilings.ts`.
 *
 * Amounts are decimal text in the reference asset of the account (one for each venue: USDT, USD ...).
 */
export type RiskLimits = {
  readonly orderNotionalMax: string;
  /** Share of the visible depth on the side that is taken, in parts per million. */
  readonly orderDepthSharePpm: number;
  readonly collarPpm: number;
  readonly periodCollarPpm: number;
  readonly openOrdersPerInstrumentMax: number;
  readonly openOrdersMax: number;
  readonly openNotionalMax: string;
  readonly positionNotionalMax: string;
  readonly grossExposureMax: string;
  readonly dailyLossMax: string;
  readonly drawdownMax: string;
  readonly consecutiveLossesMax: number;
  readonly cyclesPerDayMax: number;
  readonly ordersPerSecondMax: number;
  readonly ordersPerMinuteMax: number;
  readonly ordersPerDayMax: number;
  readonly cancelRatioMax: number;
  readonly cyclesPerHourMax: number;
  readonly duplicateWindowUs: number;
  readonly bookAgeUsMax: number;
  readonly exchangeAgeUsMax: number;
  readonly queueDelayUsMax: number;
  readonly jumpPpm: number;
  readonly spreadPpm: number;
  readonly edgePpmMax: number;
  readonly rulesAgeUsMax: number;
  readonly legTimeUsMax: number;
  readonly legNotionalMax: string;
  readonly unknownOrdersMax: number;
  readonly rejectsInARowMax: number;
  readonly rejectShareOf50Max: number;
  readonly clockOffsetUsMax: number;
  readonly quarantineUs: number;
  readonly rampUs: number;
  readonly rampSizePpm: number;
  readonly volatilityFactor: number;
  readonly reserve: Readonly<Record<string, string>>;
  /** Undefined allows every configured instrument. */
  readonly allowlist: readonly string[] | undefined;
};
