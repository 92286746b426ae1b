/**
 * Station: frame bytes -> parsed JSON in which no id has lost a digit.
 *
 * Order, trade and list ids are JSON numbers here and may pass 2^53. Such a number is kept as the text
 * that was sent; every reader below takes both. Shapes are read field by field: what is not of the right
 * kind is undefined, never guessed at.
 */

export type Fields = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Sixteen digits or more outside quotes; a false alarm inside a text only costs time. */
const LONG_NUMBER = /[:,[]-?\d{16,}/;

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** What V8 offers since 11.4, and the library's types do not know yet: the text of each number. */
const parseWithSource = JSON.parse as (text: string, reviver: Reviver) => unknown;

const keepLongNumbers: Reviver = (_key, value, { source }) =>
  typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined
    ? source
    : value;

/** The object in `bytes`; undefined when they hold none. */
export function parseFrame(bytes: Uint8Array): Fields | undefined {
  try {
    const text = decoder.decode(bytes);
    const value: unknown = LONG_NUMBER.test(text)
      ? parseWithSource(text, keepLongNumbers)
      : JSON.parse(text);
    return fieldsOf(value);
  } catch {
    // No UTF-8 or no JSON: the caller says so.
    return undefined;
  }
}

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
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
  return typeof value === "string" && /^-?\d+$/.test(value) ? value : "";
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

/** Milliseconds of the venue as microseconds; -1 where there are none. */
export function exchangeUsOf(value: unknown): number {
  return Number.isSafeInteger(value) ? (value as number) * US_PER_MS : -1;
}
