/**
 * Station: lines of the view -> a picture of a terminal, as SVG.
 *
 * For documents and incident reports: the very lines that the terminal showed, so the picture in the
 * README cannot show what the program does not.
 */
import { type Line, lineWidth, type Tone, widthOf } from "./spans.ts";

/** Size of one character, in the proportion that monospaced fonts share. */
const CELL_WIDTH_PX = 8.4;
const CELL_HEIGHT_PX = 18;
const FONT_PX = 14;
const BORDER_PX = 16;
const TITLE_PX = 28;

const BACKGROUND = "#16181d";
const FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";

const COLORS: Readonly<Record<Tone, string>> = {
  plain: "#d6d9e0",
  strong: "#ffffff",
  dim: "#7d8590",
  good: "#6fbf73",
  warn: "#d9a441",
  bad: "#e5605f",
  detect: "#8b919c",
  dial: "#5b8def",
  subscribe: "#4db6c6",
  snapshot: "#d9b44a",
  rebuild: "#b678d8",
  validate: "#6fbf73",
};

/** The picture of `lines` on a terminal `columns` wide, with `title` in its frame. */
export function pictureOf(lines: readonly Line[], columns: number, title: string): string {
  const width = columns * CELL_WIDTH_PX + 2 * BORDER_PX;
  const height = lines.length * CELL_HEIGHT_PX + 2 * BORDER_PX + TITLE_PX;
  const rows = lines.map((line, at) =>
    rowOf(line, BORDER_PX + TITLE_PX + (at + 1) * CELL_HEIGHT_PX - 4),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(height)}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>`,
    `<g font-family="${FONTS}" font-size="${FONT_PX}">`,
    `<text x="${px(width / 2)}" y="26" text-anchor="middle" fill="${COLORS.dim}">${escapeXml(title)}</text>`,
    ...rows.filter((row) => row !== ""),
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** One row; each piece is set to the width of its cells, so that no font can shift the columns. */
function rowOf(line: Line, y: number): string {
  let column = 0;
  const pieces: string[] = [];
  for (const [text, tone] of line) {
    const leading = text.length - text.trimStart().length;
    const words = text.trim();
    if (words !== "") {
      const x = BORDER_PX + (column + leading) * CELL_WIDTH_PX;
      const length = widthOf(words) * CELL_WIDTH_PX;
      const weight = tone === "strong" ? ' font-weight="bold"' : "";
      pieces.push(
        `<text x="${px(x)}" y="${px(y)}" textLength="${px(length)}" fill="${COLORS[tone]}"${weight} xml:space="preserve">${escapeXml(words)}</text>`,
      );
    }
    column += widthOf(text);
  }
  return lineWidth(line) === 0 ? "" : pieces.join("");
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
