/**
 * Station: rows of an answer -> a table that is read on a wide screen and, as cards, on a narrow one.
 *
 * Every cell knows the name of its column, because on a narrow screen the head is not shown.
 */
import { html } from "hono/html";
import { type Html, NOTHING } from "./markup.ts";
import type { View } from "./view.ts";
import type { Row } from "./words.ts";

export type Column = {
  readonly name: string;
  /** What stands in the cell of one row: text or markup. */
  readonly cell: (row: Row, view: View) => unknown;
  /** Numbers stand to the right. */
  readonly isNumber?: boolean;
};

export type TablePlan = {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** Said where there is no row. */
  readonly empty: string;
  /** Its rows are sentences: on a narrow screen they need no names of columns. */
  readonly isCompact?: boolean;
};

/** A table of `rows`; its caption is read aloud and not shown. */
export function table(
  view: View,
  { caption, columns, empty, isCompact = false }: TablePlan,
  rows: readonly Row[],
): Html {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="scroll"><table${isCompact ? html` class="compact"` : NOTHING}><caption class="hush">${caption}</caption><thead><tr>${columns.map(
    ({ name, isNumber }) =>
      html`<th scope="col"${isNumber === true ? html` class="number"` : NOTHING}>${name}</th>`,
  )}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${columns.map((column) => cellOf(view, column, row))}</tr>`,
  )}</tbody></table></div>`;
}

function cellOf(view: View, { name, cell, isNumber }: Column, row: Row): Html {
  const className = isNumber === true ? html` class="number"` : NOTHING;
  return html`<td data-label="${name}"${className}><div>${cell(row, view)}</div></td>`;
}
