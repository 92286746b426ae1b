/**
 * What a timestamp is, everywhere: integer microseconds since the Unix epoch, as a plain number.
 *
 * Safe integers reach the year 2255, so no allocation and no bigint are needed.
 */
export type Micros = number;

export const US_PER_MS = 1_000;
export const US_PER_S = 1_000_000;
