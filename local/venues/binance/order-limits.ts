/**
 * Station: none; how many orders an account may leave unfilled, as `exchangeInfo` tells it.
 *
 * Values of the usual size; the venue's own are read from its answer (rest-api.md, read 2026-11-20).
 */

/** Orders an account may leave unfilled in ten seconds; a day allows two thousand times as many. */
export const ORDERS_IN_TEN_SECONDS_MAX = 100;

export type OrderLimit = {
  readonly interval: "SECOND" | "DAY";
  readonly intervalNum: number;
  readonly limit: number;
};

/** The limits that `exchangeInfo` tells. */
export function orderLimits(tenSecondsMax: number): readonly OrderLimit[] {
  return [
    { interval: "SECOND", intervalNum: 10, limit: tenSecondsMax },
    { interval: "DAY", intervalNum: 1, limit: tenSecondsMax * 2_000 },
  ];
}
