/**
 * The forms of numbers in the configuration file, each with its bounds, default and meaning.
 */
import { z } from "zod";

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;

/** A whole number between two bounds, with its standard value and meaning. */
export function count(bounds: readonly [number, number], standard: number, meaning: string) {
  return z.int().min(bounds[0]).max(bounds[1]).default(standard).meta({ description: meaning });
}

/** A number between two bounds, with its standard value and meaning. */
export function ratio(bounds: readonly [number, number], standard: number, meaning: string) {
  return z.number().min(bounds[0]).max(bounds[1]).default(standard).meta({ description: meaning });
}

/** A count that must be a power of two, because a ring finds its slot by masking. */
export function powerOfTwo(bounds: readonly [number, number], standard: number, meaning: string) {
  const isPower = (value: number) => value > 0 && Number.isInteger(Math.log2(value));
  return z
    .int()
    .min(bounds[0])
    .max(bounds[1])
    .refine(isPower, { error: "must be a power of two" })
    .default(standard)
    .meta({ description: `${meaning}. A power of two.` });
}
