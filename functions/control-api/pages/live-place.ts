/**
 * Where a stream of events was left, as a word that the browser hands back: the event's id.
 *
 * Facts reach history late and in any order, so a time alone would miss some. A place is a time and the
 * names of what was told in the two minutes before it; asking goes back by those two minutes and leaves out
 * what was told. A name too many is told twice, which the page notices; none is left out. Pure.
 */
import type { Micros } from "../../../contracts/time.ts";
import { isTime } from "./words.ts";

/** How late a fact may reach history and still be told in the stream. */
export const OVERLAP_US = 120_000_000;
/** Further back nobody asks a stream: the page is loaded anew. */
export const BEHIND_US_MAX = 86_400_000_000;
/** Names in a place, so that it fits into a header. */
export const NAMES_MAX = 400;
const WORD_LENGTH_MAX = 12_000;

export type LivePlace = {
  readonly atUs: Micros;
  /** Time of the last heartbeat that was told; 0 for none. */
  readonly beatUs: Micros;
  /** Short names of what was told, oldest first. */
  readonly names: readonly string[];
};

/** Where a page that is drawn now begins to listen. */
export function firstPlace(nowUs: number): string {
  return encodeLivePlace({ atUs: nowUs, beatUs: 0, names: [] });
}

/** A place as a word. */
export function encodeLivePlace({ atUs, beatUs, names }: LivePlace): string {
  return Buffer.from(JSON.stringify([atUs, beatUs, names.slice(-NAMES_MAX).join(" ")])).toString(
    "base64url",
  );
}

/** The place that `word` stands for; undefined where it is none of ours. */
export function decodeLivePlace(word: string): LivePlace | undefined {
  if (word.length > WORD_LENGTH_MAX) return undefined;
  const parts = jsonOf(Buffer.from(word, "base64url").toString("utf8"));
  if (!Array.isArray(parts) || parts.length !== 3) return undefined;
  const [atUs, beatUs, names] = parts as readonly unknown[];
  if (typeof atUs !== "number" || !isTime(atUs)) return undefined;
  if (typeof beatUs !== "number" || !(beatUs === 0 || isTime(beatUs))) return undefined;
  if (typeof names !== "string") return undefined;
  return { atUs, beatUs, names: names === "" ? [] : names.split(" ") };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type Named = { readonly name: string; readonly atUs: Micros };

export type Step<Item extends Named> = {
  /** What the place has not told yet, in the order of time. */
  readonly fresh: readonly Item[];
  readonly place: LivePlace;
};

/** What of `found` is new at `place`, and the place after it was told at `nowUs`. */
export function stepFrom<Item extends Named>(
  place: LivePlace,
  found: readonly Item[],
  nowUs: Micros,
): Step<Item> {
  const told = new Set(place.names);
  const sorted = [...found].sort((first, second) => first.atUs - second.atUs);
  const fresh = sorted.filter(({ name }) => !told.has(name));
  const names = sorted.filter(({ atUs }) => atUs >= nowUs - OVERLAP_US).map(({ name }) => name);
  return { fresh, place: { ...place, atUs: nowUs, names: names.slice(-NAMES_MAX) } };
}
