/**
 * Splits a source file into code and comments, so that house tests read words where they count.
 *
 * A small scanner rather than a compiler: TypeScript 7 exports no compiler API from its root, and a
 * check that silently sees nothing is worse than none. It keeps line breaks, so line numbers hold.
 */

export type SourceText = {
  /** The code with comments blanked, and with the text of templates and regexes blanked. */
  readonly code: string;
  /** As `code`, with the text of plain strings blanked as well. */
  readonly bareCode: string;
  /** The comments only. */
  readonly comments: string;
};

type Scan = { at: number; readonly text: string; code: string; bareCode: string; comments: string };

/** Where a slash begins a regular expression: after one of these, or after one of these words. */
const BEFORE_REGEX = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|delete))\s*$/;

/** Splits `text`; never fails, whatever the text is. */
export function splitSource(text: string): SourceText {
  const scan: Scan = { at: 0, text, code: "", bareCode: "", comments: "" };
  if (text.startsWith("#!")) take(scan, lineEnd(text, 0), "comment");
  scanCode(scan, false);
  return { code: scan.code, bareCode: scan.bareCode, comments: scan.comments };
}

/** Scans code up to the end, or up to the brace that closes a template's placeholder. */
function scanCode(scan: Scan, isPlaceholder: boolean): void {
  let depth = 0;
  while (scan.at < scan.text.length) {
    const one = scan.text[scan.at] ?? "";
    if (isPlaceholder && one === "}" && depth === 0) return;
    if (one === "{") depth++;
    if (one === "}") depth--;
    if (one === "`") scanTemplate(scan);
    else takeToken(scan, one);
  }
}

function takeToken(scan: Scan, one: string): void {
  const two = scan.text.slice(scan.at, scan.at + 2);
  if (two === "//") take(scan, lineEnd(scan.text, scan.at), "comment");
  else if (two === "/*") take(scan, blockEnd(scan.text, scan.at), "comment");
  else if (one === '"' || one === "'") take(scan, quoteEnd(scan.text, scan.at), "string");
  else if (one === "/" && BEFORE_REGEX.test(scan.code.slice(-40))) {
    take(scan, regexEnd(scan.text, scan.at), "blank");
  } else take(scan, scan.at + 1, "code");
}

function scanTemplate(scan: Scan): void {
  take(scan, scan.at + 1, "code");
  while (scan.at < scan.text.length) {
    const two = scan.text.slice(scan.at, scan.at + 2);
    if (two[0] === "`") {
      take(scan, scan.at + 1, "code");
      return;
    }
    if (two === "${") {
      take(scan, scan.at + 2, "code");
      scanCode(scan, true);
      take(scan, scan.at + 1, "code");
    } else {
      take(scan, scan.at + (two[0] === "\\" ? 2 : 1), "blank");
    }
  }
}

function take(scan: Scan, end: number, kind: "code" | "string" | "blank" | "comment"): void {
  const piece = scan.text.slice(scan.at, end);
  const hole = piece.replace(/[^\n]/g, " ");
  const quoted = piece.length < 2 ? piece : `${piece[0]}${hole.slice(1, -1)}${piece.at(-1)}`;
  scan.code += kind === "code" || kind === "string" ? piece : hole;
  if (kind === "code") scan.bareCode += piece;
  else scan.bareCode += kind === "string" ? quoted : hole;
  scan.comments += kind === "comment" ? piece : hole;
  scan.at = end;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end;
}

function blockEnd(text: string, from: number): number {
  const end = text.indexOf("*/", from + 2);
  return end === -1 ? text.length : end + 2;
}

function quoteEnd(text: string, from: number): number {
  const quote = text[from];
  let at = from + 1;
  while (at < text.length && text[at] !== quote && text[at] !== "\n") {
    at += text[at] === "\\" ? 2 : 1;
  }
  return Math.min(at + 1, text.length);
}

function regexEnd(text: string, from: number): number {
  let at = from + 1;
  let isInClass = false;
  while (at < text.length && text[at] !== "\n") {
    if (text[at] === "\\") at++;
    else if (text[at] === "[") isInClass = true;
    else if (text[at] === "]") isInClass = false;
    else if (text[at] === "/" && !isInClass) return at + 1;
    at++;
  }
  return at;
}
