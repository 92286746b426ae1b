/**
 * Station: JSON text -> the places of its keys and values, so that edits hit what has a meaning.
 *
 * Works on whole JSON only, which is what a corpus is made of; anything else has no places, and only bytes of
 * it are edited.
 */

/** What stands at a place. */
export const PLACE = { key: 0, text: 1, number: 2, word: 3, object: 4, list: 5 } as const;

export type PlaceKind = (typeof PLACE)[keyof typeof PLACE];

export type Place = {
  readonly kind: PlaceKind;
  readonly from: number;
  readonly end: number;
  /** The member or element that the value is: with its key where it has one. Without a parent, the value. */
  readonly memberFrom: number;
  /** Where the value after it in the same parent ends, and the place of its own begin; -1 for the last. */
  nextFrom: number;
  nextEnd: number;
  /** Whether a comma stands before it. */
  readonly isFirst: boolean;
  readonly hasParent: boolean;
};

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const OPEN_BRACKET = 91;
const CLOSERS: ReadonlySet<number> = new Set([44, 93, 125, 32, 10, 13, 9]);

type Walk = { readonly bytes: Uint8Array; readonly places: Place[]; at: number };

/** The places of a JSON text; none of a text that is none. */
export function placesOf(bytes: Uint8Array): readonly Place[] {
  const text = new TextDecoder().decode(bytes);
  try {
    JSON.parse(text);
  } catch {
    // Another format: it is edited by its bytes alone.
    return [];
  }
  const walk: Walk = { bytes, places: [], at: 0 };
  walkValue(walk, { memberFrom: -1, isFirst: true, hasParent: false });
  return walk.places;
}

type Around = {
  readonly memberFrom: number;
  readonly isFirst: boolean;
  readonly hasParent: boolean;
};

function walkValue(walk: Walk, around: Around): Place {
  skipSpace(walk);
  const from = walk.at;
  const first = walk.bytes[from];
  const memberFrom = around.memberFrom < 0 ? from : around.memberFrom;
  const kind = kindOf(first);
  // Its row comes before those of what it holds.
  const row = walk.places.length;
  const place: Place = { ...around, memberFrom, kind, from, end: from, nextFrom: -1, nextEnd: -1 };
  walk.places.push(place);
  if (kind === PLACE.text) skipText(walk);
  else if (kind === PLACE.object || kind === PLACE.list) walkItems(walk, kind === PLACE.object);
  else while (walk.at < walk.bytes.length && !CLOSERS.has(walk.bytes[walk.at] ?? 44)) walk.at++;
  const whole = { ...place, end: walk.at };
  walk.places[row] = whole;
  return whole;
}

function kindOf(first: number | undefined): PlaceKind {
  if (first === QUOTE) return PLACE.text;
  if (first === OPEN_BRACE) return PLACE.object;
  if (first === OPEN_BRACKET) return PLACE.list;
  return first === 116 || first === 102 || first === 110 ? PLACE.word : PLACE.number;
}

function walkItems(walk: Walk, isObject: boolean): void {
  const { bytes } = walk;
  walk.at++;
  let before: Place | undefined;
  for (skipSpace(walk); bytes[walk.at] !== 93 && bytes[walk.at] !== 125; skipSpace(walk)) {
    const isFirst = before === undefined;
    const memberFrom = walk.at;
    if (isObject) walkKey(walk, isFirst);
    const item = walkValue(walk, { memberFrom, isFirst, hasParent: true });
    if (before !== undefined) {
      before.nextFrom = item.memberFrom;
      before.nextEnd = item.end;
    }
    before = item;
    skipSpace(walk);
    if (bytes[walk.at] === 44) walk.at++;
  }
  walk.at++;
}

function walkKey(walk: Walk, isFirst: boolean): void {
  const from = walk.at;
  skipText(walk);
  const around = { memberFrom: from, isFirst, hasParent: true, nextFrom: -1, nextEnd: -1 };
  walk.places.push({ kind: PLACE.key, from, end: walk.at, ...around });
  skipSpace(walk);
  walk.at++;
}

function skipText(walk: Walk): void {
  const { bytes } = walk;
  for (walk.at++; bytes[walk.at] !== QUOTE; walk.at++) if (bytes[walk.at] === BACKSLASH) walk.at++;
  walk.at++;
}

function skipSpace(walk: Walk): void {
  const { bytes } = walk;
  while (walk.at < bytes.length && (bytes[walk.at] ?? 0) <= 32) walk.at++;
}
