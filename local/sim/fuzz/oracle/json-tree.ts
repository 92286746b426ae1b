/**
 * Station: bytes -> a tree of JSON in which every number is still text. The judges' own reader.
 *
 * Written plainly, character by character, and sharing no line with the decoders. `readTree` is as lenient as
 * the byte scanners say they are about values that nobody reads; `readStrictTree` takes JSON and nothing else.
 */
import { isUtf8 } from "node:buffer";

/** A number, true, false, null, or any other run of characters where a bare value stood. */
export class Bare {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Members in the order they came, twice where they came twice. */
export class Members {
  readonly keys: string[] = [];
  readonly values: Tree[] = [];

  /** The value of a key: of several, the last. */
  get(key: string): Tree | undefined {
    const { keys } = this;
    for (let i = keys.length - 1; i >= 0; i--) if (keys[i] === key) return this.values[i];
    return undefined;
  }
}

export type Tree = string | Bare | Members | readonly Tree[];

const NUMBER_OR_WORD = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)$/;
const DEPTH_MAX = 2500;
const TAB = 9;
const LINE_FEED = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const ASCII_MAX = 127;

class NotJson extends Error {}

type Walk = { readonly text: string; at: number; readonly isStrict: boolean };

/** The tree of a text; undefined where not even a lenient reader finds one. */
export function readTree(bytes: Uint8Array): Tree | undefined {
  return read(bytes, false);
}

/** The tree of JSON in UTF-8; undefined for everything else. */
export function readStrictTree(bytes: Uint8Array): Tree | undefined {
  return isUtf8(bytes) ? read(bytes, true) : undefined;
}

/** The tree of JSON whose bytes need not be UTF-8 where a string stands. */
export function readLooseTree(bytes: Uint8Array): Tree | undefined {
  return read(bytes, true);
}

/** A mark that text may begin with and that means nothing. */
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

function read(bytes: Uint8Array, isStrict: boolean): Tree | undefined {
  // One character a byte: what is beyond ASCII is decoded where a string holds it.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  const at = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const walk: Walk = { text, at, isStrict };
  try {
    const tree = readValue(walk, 0);
    skipSpace(walk);
    return walk.at === text.length ? tree : undefined;
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
}

function skipSpace(walk: Walk): void {
  const { text } = walk;
  let code = text.charCodeAt(walk.at);
  while (code === SPACE || code === LINE_FEED || code === RETURN || code === TAB) {
    code = text.charCodeAt(++walk.at);
  }
}

function readValue(walk: Walk, depth: number): Tree {
  if (depth > DEPTH_MAX) throw new NotJson("too deep");
  skipSpace(walk);
  switch (walk.text.charCodeAt(walk.at)) {
    case QUOTE:
      return readString(walk);
    case OPEN_BRACE:
      return readMembers(walk, depth);
    case OPEN_BRACKET:
      return readItems(walk, depth);
    default:
      return readBare(walk);
  }
}

/** Anything up to a comma, a mark of a list or an object, or a space. */
function readBare(walk: Walk): Bare {
  const { text } = walk;
  const from = walk.at;
  while (isInBare(text.charCodeAt(walk.at))) walk.at++;
  if (walk.at === from) throw new NotJson("no value");
  const word = text.slice(from, walk.at);
  if (walk.isStrict && !NUMBER_OR_WORD.test(word)) throw new NotJson("no word of JSON");
  return new Bare(word);
}

function isInBare(code: number): boolean {
  // Beyond the end there is no number, and no comparison holds.
  if (!(code > SPACE) || code === COMMA) return false;
  const isMark = code === OPEN_BRACKET || code === CLOSE_BRACKET;
  return !isMark && code !== OPEN_BRACE && code !== CLOSE_BRACE;
}

function readString(walk: Walk): string {
  const { text } = walk;
  const from = walk.at + 1;
  let isPlain = true;
  let at = from;
  for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(++at)) {
    if (Number.isNaN(code)) throw new NotJson("no end of a string");
    if (code < SPACE && walk.isStrict) throw new NotJson("a control character in a string");
    if (code > ASCII_MAX || code === BACKSLASH) isPlain = false;
    if (code === BACKSLASH) at++;
  }
  walk.at = at + 1;
  const raw = text.slice(from, at);
  return isPlain ? raw : meaningOf(walk, Buffer.from(raw, "latin1").toString("utf8"));
}

/** Escapes are left to the language; a text with broken ones is kept as it is by a lenient reader. */
function meaningOf(walk: Walk, raw: string): string {
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    if (walk.isStrict) throw new NotJson("a broken escape");
    return raw;
  }
}

function readMembers(walk: Walk, depth: number): Members {
  const members = new Members();
  walk.at++;
  skipSpace(walk);
  if (take(walk, CLOSE_BRACE)) return members;
  do {
    skipSpace(walk);
    if (walk.text.charCodeAt(walk.at) !== QUOTE) throw new NotJson("no key");
    members.keys.push(readString(walk));
    skipSpace(walk);
    if (!take(walk, COLON)) throw new NotJson("no colon");
    members.values.push(readValue(walk, depth + 1));
    skipSpace(walk);
  } while (take(walk, COMMA));
  if (!take(walk, CLOSE_BRACE)) throw new NotJson("no end of an object");
  return members;
}

function readItems(walk: Walk, depth: number): Tree[] {
  const items: Tree[] = [];
  walk.at++;
  skipSpace(walk);
  if (take(walk, CLOSE_BRACKET)) return items;
  do {
    items.push(readValue(walk, depth + 1));
    skipSpace(walk);
  } while (take(walk, COMMA));
  if (!take(walk, CLOSE_BRACKET)) throw new NotJson("no end of a list");
  return items;
}

function take(walk: Walk, mark: number): boolean {
  if (walk.text.charCodeAt(walk.at) !== mark) return false;
  walk.at++;
  return true;
}

/** What the language would make of a strict tree, if it read every key as it is written. */
export function plainOf(tree: Tree): unknown {
  if (typeof tree === "string") return tree;
  if (tree instanceof Bare) return JSON.parse(tree.text);
  if (!(tree instanceof Members)) return tree.map(plainOf);
  return Object.fromEntries(tree.keys.map((key, i) => [key, plainOf(tree.values[i] as Tree)]));
}

/** The member of an object; undefined of everything else. */
export function memberOf(tree: Tree | undefined, key: string): Tree | undefined {
  return tree instanceof Members ? tree.get(key) : undefined;
}

/** The items of a list; undefined of everything else. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] | undefined {
  return Array.isArray(tree) ? (tree as readonly Tree[]) : undefined;
}

/** The text of a string; undefined of everything else. */
export function stringOf(tree: Tree | undefined): string | undefined {
  return typeof tree === "string" ? tree : undefined;
}

/** The text of a bare value; undefined of everything else. */
export function bareOf(tree: Tree | undefined): string | undefined {
  return tree instanceof Bare ? tree.text : undefined;
}

/** Whether there is any value at all that is not null, where one was looked for. */
export function isPresent(tree: Tree | undefined): boolean {
  return tree !== undefined && bareOf(tree) !== "null";
}
