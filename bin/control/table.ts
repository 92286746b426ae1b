/**
 * Station: rows of an answer -> lines of text for people: columns that fit, numbers to the right.
 */

/** One column: its heading, and what a row shows in it. */
export type Column<Row> = {
  readonly name: string;
  readonly of: (row: Row) => string;
  readonly isNumber?: boolean;
};

const GAP = "  ";
const CELL_MAX = 48;

/** A table with its headings; a sentence where there is no row. */
export function tableOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
  if (rows.length === 0) return ["nothing"];
  const cells = rows.map((row) => columns.map(({ of }) => shortened(printable(of(row)))));
  const widths = columns.map(({ name }, at) =>
    Math.max(name.length, ...cells.map((each) => each[at]?.length ?? 0)),
  );
  const line = (texts: readonly string[]): string =>
    columns
      .map(({ isNumber }, at) => {
        const [text = "", width = 0] = [texts[at], widths[at]];
        return isNumber === true ? text.padStart(width) : text.padEnd(width);
      })
      .join(GAP)
      .trimEnd();
  return [line(columns.map(({ name }) => name)), ...cells.map(line)];
}

function shortened(text: string): string {
  return text.length <= CELL_MAX ? text : `${text.slice(0, CELL_MAX - 1)}…`;
}

/** Texts of strangers (reasons, names) must not steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "�");
}

/** `2026-11-21 17:02:03.123` of microseconds; "" of nothing. */
export function timeText(us: unknown): string {
  if (typeof us !== "number" || us <= 0) return "";
  return new Date(us / 1000).toISOString().replace("T", " ").replace("Z", "");
}

/** Microseconds as milliseconds with one digit. */
export function msText(us: unknown): string {
  return typeof us === "number" ? (us / 1000).toFixed(1) : "";
}
