/**
 * Station: none; what a planted bug is: one small edit of one file, and the part of the campaign that must
 * find what it does.
 *
 * A campaign that has never found anything says nothing by finding nothing. So bugs that a developer could
 * have written are planted in a copy of the house, never in the house: there is no flag for any of them.
 */

import type { VenueId } from "../../../contracts/ids.ts";

/** Every part of the campaign that finds bugs. */
export const FINDER_PARTS = [
  "sim",
  "split-brain",
  "control",
  "fuzz",
  "crash-points",
  "bit-flips",
  "unit oracle",
] as const;
export type FinderPart = (typeof FINDER_PARTS)[number];

/** Seeds within which a part must find a bug (RELIABILITY, goal G11). */
export const SEEDS_MAX = 1_000;

export type Patch = {
  readonly id: string;
  /** The public accident that it repeats, as RELIABILITY 1.3 names it; "" for one of our own. */
  readonly accident: string;
  /** What is wrong then, as a sentence. */
  readonly says: string;
  /** As a path of this house. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly finder: FinderPart;
  /** Classes of faults (RELIABILITY section 2) of which at least one must strike; any history when absent. */
  readonly classes?: readonly string[];
  /** The venue whose code is wrong, or whose words bring it out; any when absent. */
  readonly venue?: VenueId;
  /** Tests and folders of tests that look at the same place; the first hunters of a unit oracle. */
  readonly oracles: readonly string[];
};

export type Patched =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/** `text` with the bug in it, or why the patch has rotted. */
export function applyPatch(text: string, { file, find, replace }: Patch): Patched {
  const at = text.indexOf(find);
  if (at < 0) return { ok: false, reason: `${file} does not hold what is to be replaced` };
  if (text.indexOf(find, at + 1) >= 0) {
    return { ok: false, reason: `${file} holds what is to be replaced more than once` };
  }
  // Cut and joined, because a replacement text has characters of its own meaning.
  return { ok: true, text: text.slice(0, at) + replace + text.slice(at + find.length) };
}
