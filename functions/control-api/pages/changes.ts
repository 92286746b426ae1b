/**
 * Differences between two versions of the limits, each with what it does: lets more through, or less.
 */
import { html } from "hono/html";
import { everydayText } from "./limits-fields.ts";
import { badge, type Html } from "./markup.ts";
import { type Column, table } from "./table.ts";
import type { View } from "./view.ts";
import { type Row, shownText, textOf } from "./words.ts";

export function changesTable(view: View, changes: readonly Row[]): Html {
  return table(
    view,
    { caption: "Differences", columns: COLUMNS, empty: "Nothing is different." },
    changes,
  );
}

const COLUMNS: readonly Column[] = [
  { name: "Limit", cell: (row) => html`<code>${textOf(row, "field")}</code>` },
  { name: "Before", cell: (row) => html`<del>${valueText(row, "before")}</del>`, isNumber: true },
  { name: "After", cell: (row) => html`<ins>${valueText(row, "after")}</ins>`, isNumber: true },
  {
    name: "Does",
    cell: (row) =>
      row.direction === "widens"
        ? badge("lets more through", "warn")
        : badge("lets less through", "good"),
  },
];

function valueText(row: Row, side: "before" | "after"): string {
  const value = row[side];
  if (value === null || value === undefined)
    return textOf(row, "field") === "allowlist" ? "all" : "none";
  const text = Array.isArray(value) ? value.map(String).join(", ") : shownText(value);
  const everyday = everydayText(textOf(row, "field"), value);
  return everyday === "" ? text : `${text} (${everyday})`;
}
