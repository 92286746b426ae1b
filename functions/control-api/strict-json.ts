/**
 * Station: text of a request's body -> value. JSON and nothing that two readers could read differently.
 *
 * `JSON.parse` keeps the last of two equal keys, takes a number of twenty digits for its neighbor and
 * nests as deep as the stack; here each of them is refused with the place where it stands. It knows no
 * schema: what the value means is checked by whoever asked for it.
 */

/** Objects and lists within each other; no request needs half as many. */
export const JSON_DEPTH_MAX = 10;

/** Names that reach into an object's own workings in careless code further on. */
const NAMES_REFUSED: readonly string[] = ["__proto__", "constructor", "prototype"];

export type StrictJson =
  | { readonly ok: true; readonly value: unknown }
  /** `field` is the path of what is wrong, "" for the whole. */
  | { readonly ok: false; readonly field: string; readonly reason: string };

type Scan = {
  readonly text: string;
  at: number;
  readonly path: string[];
};

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SPACE = /[ \t\n\r]*/y;
const WORDS: readonly (readonly [string, unknown])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];

/** Thrown inside this file only, so that the steps need not hand every fault upward by themselves. */
class Refusal extends Error {
  override readonly name = "Refusal";
}

/** Reads `text`, or says which field is wrong and why. Never throws. */
export function parseStrictJson(text: string): StrictJson {
  const scan: Scan = { text, at: 0, path: [] };
  try {
    const value = readValue(scan, 0);
    skipSpace(scan);
    if (scan.at < text.length) throw new Refusal("something follows the end of the JSON text");
    return { ok: true, value };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, field: scan.path.join("."), reason: error.message };
  }
}

function readValue(scan: Scan, depth: number): unknown {
  skipSpace(scan);
  const first = scan.text[scan.at];
  if (first === "{") return readObject(scan, depth + 1);
  if (first === "[") return readList(scan, depth + 1);
  if (first === '"') return readString(scan);
  for (const [word, value] of WORDS) {
    if (scan.text.startsWith(word, scan.at)) {
      scan.at += word.length;
      return value;
    }
  }
  return readNumber(scan);
}

function readObject(scan: Scan, depth: number): Record<string, unknown> {
  enter(scan, depth);
  const object: Record<string, unknown> = {};
  if (take(scan, "}")) return object;
  do {
    skipSpace(scan);
    const name = readString(scan);
    scan.path.push(name.slice(0, 64));
    if (NAMES_REFUSED.includes(name)) throw new Refusal("no field may have this name");
    if (Object.hasOwn(object, name)) throw new Refusal("the field stands there twice");
    expectMark(scan, ":");
    object[name] = readValue(scan, depth);
    scan.path.pop();
  } while (take(scan, ","));
  expectMark(scan, "}");
  return object;
}

function readList(scan: Scan, depth: number): unknown[] {
  enter(scan, depth);
  const list: unknown[] = [];
  if (take(scan, "]")) return list;
  do {
    scan.path.push(String(list.length));
    list.push(readValue(scan, depth));
    scan.path.pop();
  } while (take(scan, ","));
  expectMark(scan, "]");
  return list;
}

function enter(scan: Scan, depth: number): void {
  if (depth > JSON_DEPTH_MAX) throw new Refusal(`is nested deeper than ${JSON_DEPTH_MAX}`);
  scan.at += 1;
}

function readString(scan: Scan): string {
  const text = match(scan, STRING);
  if (text === undefined) throw new Refusal(`expected a string at position ${scan.at}`);
  const value = JSON.parse(text) as string;
  if (!value.isWellFormed()) throw new Refusal("holds half a character");
  return value;
}

function readNumber(scan: Scan): number {
  const text = match(scan, NUMBER);
  if (text === undefined) throw new Refusal(`expected a JSON value at position ${scan.at}`);
  const value = Number(text);
  // However it is spelled: 9007199254740993e0 is its neighbor as well, and beyond 2^53 every double is whole.
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new Refusal("is a number that cannot be kept exactly");
  }
  return value;
}

function match(scan: Scan, pattern: RegExp): string | undefined {
  pattern.lastIndex = scan.at;
  const found = pattern.exec(scan.text)?.[0];
  if (found !== undefined) scan.at += found.length;
  return found;
}

function skipSpace(scan: Scan): void {
  match(scan, SPACE);
}

/** Steps over `mark` if it is next. */
function take(scan: Scan, mark: string): boolean {
  skipSpace(scan);
  if (scan.text[scan.at] !== mark) return false;
  scan.at += 1;
  return true;
}

function expectMark(scan: Scan, mark: string): void {
  if (!take(scan, mark)) throw new Refusal(`expected "${mark}" at position ${scan.at}`);
}
