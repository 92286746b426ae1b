/**
 * Station: rows of an answer -> CSV as RFC 4180 has it, safe to open in a spreadsheet.
 *
 * A cell that a spreadsheet would take for a formula gets an apostrophe before it; plain numbers, also
 * negative ones, do not need it. Nested values stand in their cell as JSON.
 * @see https://www.rfc-editor.org/rfc/rfc4180 and https://owasp.org/www-community/attacks/CSV_Injection
 * (both read 2026-11-21).
 */

type Row = Readonly<Record<string, unknown>>;

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const FORMULA_START = /^[=+\-@\t\r]/;
const NEEDS_QUOTES = /[",\r\n]/;

/** `rows` under one line of names: `columns` first in their order, then what else the rows have. */
export function csvOf(rows: readonly Row[], columns: readonly string[]): string {
  const others = new Set(rows.flatMap((row) => Object.keys(row)));
  for (const column of columns) others.delete(column);
  const names = [...columns, ...others];
  const lines = rows.map((row) => names.map((name) => cellOf(row[name])).join(","));
  return [names.map(cellOf).join(","), ...lines].map((line) => `${line}\r\n`).join("");
}

function cellOf(value: unknown): string {
  const text = textOf(value);
  const isFormula = FORMULA_START.test(text) && !NUMBER.test(text);
  const safe = isFormula ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
