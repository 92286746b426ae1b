/**
 * Station: bytes -> parsed JSON whose numbers keep their text, and readers of single values.
 *
 * Trade ids and nanoseconds pass 2^53 here, as numbers or as text. A value of the wrong kind is nothing,
 * never guessed at.
 */
import { NumberText, parseExactJson } from "../../../core/decode/exact-json.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** The object in `bytes`; undefined when they hold none. */
export function parseFields(bytes: Uint8Array): Fields | undefined {
  return fieldsOf(parseExactJson(bytes));
}

export function fieldsOf(value: unknown): Fields | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !(value instanceof NumberText) ? (value as Fields) : undefined;
}

/** The objects of a list; undefined when it is no list, or holds something else. */
export function listOf(value: unknown): readonly Fields[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = (value as readonly unknown[]).map(fieldsOf);
  return items.every((item) => item !== undefined) ? items : undefined;
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** An id, sent as text or as a number; "" for nothing. */
export function idOf(value: unknown): string {
  const text = value instanceof NumberText ? value.text : textOf(value);
  return /^[\w-]{1,64}$/.test(text) ? text : "";
}

/** A number of the message; NaN when there is none. */
export function numberOf(value: unknown): number {
  return value instanceof NumberText ? Number(value.text) : Number.NaN;
}

const DECIMAL = /^-?\d{1,40}(?:\.\d{1,40})?$/;

/** Plain decimal text, however it was sent; undefined otherwise. */
export function decimalOf(value: unknown): string | undefined {
  const text = value instanceof NumberText ? value.text : value;
  return typeof text === "string" && DECIMAL.test(text) ? text : undefined;
}

/** Digits of a time since 1970 until 2286: milliseconds, microseconds, nanoseconds. */
const MS_DIGITS = 13;
const US_DIGITS = 16;
const NS_DIGITS = 19;

/** A time of the venue in microseconds, whatever its unit; 0 where there is none, or none that is exact. */
export function exchangeUsOf(value: unknown): number {
  const text = value instanceof NumberText ? value.text : textOf(value);
  const us = /^\d+$/.test(text) ? microsOf(text) : 0;
  return Number.isSafeInteger(us) ? us : 0;
}

function microsOf(digits: string): number {
  switch (digits.length) {
    case MS_DIGITS:
      return Number(`${digits}000`);
    case US_DIGITS:
    case NS_DIGITS:
      return Number(digits.slice(0, US_DIGITS));
    default:
      return 0;
  }
}
