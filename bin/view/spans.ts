/**
 * Station: the alphabet of the terminal view: text with a tone, and how wide it is.
 *
 * A line is data until the very end, so that the same rendering becomes colored text for a terminal,
 * plain text for a pipe and a picture for the README.
 */

/** What a piece of text means. Color follows meaning and nothing else. */
export type Tone =
  | "plain"
  | "strong"
  | "dim"
  | "good"
  | "warn"
  | "bad"
  | "detect"
  | "dial"
  | "subscribe"
  | "snapshot"
  | "rebuild"
  | "validate";

export type Span = readonly [text: string, tone: Tone];
export type Line = readonly Span[];

/** SGR codes of the 16 colors that every terminal has, so that the person's own palette holds. */
const SGR: Readonly<Record<Tone, string>> = {
  plain: "",
  strong: "1",
  dim: "2",
  good: "32",
  warn: "33",
  bad: "1;31",
  detect: "90",
  dial: "34",
  subscribe: "36",
  snapshot: "33",
  rebuild: "35",
  validate: "32",
};

const ESCAPE = "\u001b";

/** Columns that one character takes: names of instruments may be Chinese, which takes two. */
function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff);
  return isWide ? 2 : 1;
}

/** Columns that `text` takes on a terminal. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** `text` without control characters: a name from a venue must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, "·");
}

/** `text` in exactly `width` columns, cut with an ellipsis or filled with spaces. */
export function cell(text: string, width: number, align: "left" | "right" = "left"): string {
  const clean = printable(text);
  const missing = width - widthOf(clean);
  if (missing >= 0) {
    return align === "left" ? clean + " ".repeat(missing) : " ".repeat(missing) + clean;
  }
  if (width <= 0) return "";
  let kept = "";
  let used = 0;
  for (const character of clean) {
    if (used + columnsOf(character) > width - 1) break;
    kept += character;
    used += columnsOf(character);
  }
  return `${kept}…${" ".repeat(width - 1 - used)}`;
}

/** `line` in at most `width` columns, cut with an ellipsis where it is longer. */
export function fitLine(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Span[] = [];
  let room = width;
  for (const [text, tone] of line) {
    const needed = widthOf(text);
    if (needed >= room) {
      kept.push([cell(needed > room ? text : `${text} `, room), tone]);
      break;
    }
    kept.push([text, tone]);
    room -= needed;
  }
  return kept;
}

/** Columns that `line` takes. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, [text]) => sum + widthOf(text), 0);
}

/** The text of `line` alone. */
export function plainText(line: Line): string {
  return line.map(([text]) => text).join("");
}

/** `line` for a terminal, with colors; every tone is ended where its text ends. */
export function ansiText(line: Line): string {
  return line
    .map(([text, tone]) => {
      const code = SGR[tone];
      return code === "" ? text : `${ESCAPE}[${code}m${text}${ESCAPE}[0m`;
    })
    .join("");
}
