/**
 * Station: frame bytes -> parsed JSON in which no id has lost a digit.
 *
 * Order, trade and list ids are JSON numbers here and may pass 2^53. A number that is not exact as a double
 * keeps the text that was sent, and stays a number: a name or a price that came as one is none. Shapes are
 * read field by field: what is not of the right kind is undefined, never guessed at.
 */
import { NumberText } from "../../../core/decode/exact-json.ts";
import { parseText, type Reviver } from "../../../core/decode/json-text.ts";

export type Fields = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Numbers that a double may not keep: sixteen digits or more, a fraction, an exponent. Outside quotes; a false
 * alarm inside a text only costs time.
 */
const INEXACT_NUMBER = /[:,[]\s*-?(?:\d{16}|\d+[.eE])/;
const WHOLE = /^-?\d+$/;

const keepInexactNumbers: Reviver = (_key, value, { source }) => {
  if (typeof value !== "number" || source === undefined) return value;
  return Number.isSafeInteger(value) && WHOLE.test(source) ? value : new NumberText(source);
};

/** The object in `bytes`; undefined when they hold none. */
export function parseFrame(bytes: Uint8Array): Fields | undefined {
  try {
    const text = decoder.decode(bytes);
    return fieldsOf(parseText(text, INEXACT_NUMBER.test(text) ? keepInexactNumbers : undefined));
  } catch {
    // No UTF-8 or no JSON: the caller says so.
    return undefined;
  }
}

export function fieldsOf(value: unknown): Fields | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && !(value instanceof NumberText) ? (value as Fields) : undefined;
}

/** The objects of a list; undefined when it is no list, or holds something else. */
export function listOf(value: unknown): readonly Fields[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value as readonly unknown[];
  return items.every((item) => fieldsOf(item) !== undefined)
    ? (items as readonly Fields[])
    : undefined;
}

/** An id as text; "" when the value is no whole number of either form. */
export function idOf(value: unknown): string {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : "";
  const text = value instanceof NumberText ? value.text : value;
  return typeof text === "string" && WHOLE.test(text) ? text : "";
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A number as it is; NaN when the value is none. */
export function numberOf(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

/** Decimal text that is a plain number, unsigned or signed; undefined otherwise. */
export function decimalOf(value: unknown): string | undefined {
  return typeof value === "string" && /^-?\d{1,40}(?:\.\d{1,40})?$/.test(value) ? value : undefined;
}

const US_PER_MS = 1000;

/** Milliseconds of the venue as microseconds; -1 where there are none, or none that are exact. */
export function exchangeUsOf(value: unknown): number {
  const us = typeof value === "number" && Number.isSafeInteger(value) ? value * US_PER_MS : -1;
  return us > 0 && Number.isSafeInteger(us) ? us : -1;
}
