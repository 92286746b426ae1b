/**
 * Station: bytes -> parsed JSON whose numbers keep their text. For venues that sign or trade by what
 * stands on the wire: a price of 0.50930100 must not become the double next to it.
 *
 * Slow and patient; the byte scanners come first, and this reads what they do not know.
 */
import { parseText, type Reviver } from "./json-text.ts";

/** A number as it stood in the text. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Exponents beyond this are no price, no quantity and no step of any venue. */
const EXPONENT_MAX = 30;
const NUMBER = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?(?:[eE]([+-]?\d{1,3}))?$/;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The object or array in `bytes`, numbers as `NumberText`; undefined when they are no such JSON. */
export function parseExactJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return parseExactText(decoder.decode(bytes));
  } catch {
    // Not UTF-8: the caller counts it as refused.
    return undefined;
  }
}

/** The same of text. */
export function parseExactText(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseText(text, keepNumberText);
    return typeof value === "object" && value !== null && !(value instanceof NumberText)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // Neither reader can make anything of it: the caller counts it as refused.
    return undefined;
  }
}

const keepNumberText: Reviver = (_key, value, { source }) =>
  typeof value === "number" ? new NumberText(source ?? String(value)) : value;

/** Decimal text without an exponent ("1e-08" is "0.00000001"); undefined when it is no such number. */
export function plainDecimal(text: string): string | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponentText] = match;
  if (exponentText === undefined) return text;
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined;
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const at = Math.max(1, point);
  const rest = padded.slice(at);
  return sign + padded.slice(0, at) + (rest === "" ? "" : `.${rest}`);
}

/** The plain decimal text of a parsed number; undefined for anything else. */
export function decimalOf(value: unknown): string | undefined {
  return value instanceof NumberText ? plainDecimal(value.text) : undefined;
}

/** A whole number without sign of a parsed number; undefined for anything else, and above 2^53. */
export function integerOf(value: unknown): number | undefined {
  if (!(value instanceof NumberText) || !/^\d{1,16}$/.test(value.text)) return undefined;
  const number = Number(value.text);
  return Number.isSafeInteger(number) ? number : undefined;
}
