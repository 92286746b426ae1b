/**
 * Station: a name nobody knows -> the known name that was probably meant.
 *
 * Serves every door where a person types names: commands, flags, configuration fields. It only
 * suggests; nothing is ever accepted because it was close.
 */

/** Beyond this many edits, or half of the name, a suggestion would be noise. */
const EDITS_MAX = 3;

/** Returns the known name closest to `name`, or "" when none is close enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string {
  let nearest = "";
  let editsLeast = Math.min(EDITS_MAX, Math.ceil(name.length / 2)) + 1;
  for (const candidate of known) {
    // Each letter too many is an edit, and a name may be as long as a file.
    if (Math.abs(name.length - candidate.length) >= editsLeast) continue;
    const edits = editsBetween(name.toLowerCase(), candidate.toLowerCase());
    if (edits < editsLeast) {
      editsLeast = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

/** A clause for the end of a sentence: `, did you mean "x"?`, or "" when nothing is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === "" ? "" : `, did you mean "${nearest}"?`;
}

/** Levenshtein's distance: the least number of insertions, removals and replacements. */
function editsBetween(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const removed = (previous[column] ?? 0) + 1;
      const inserted = (current[column - 1] ?? 0) + 1;
      current.push(Math.min(replaced, removed, inserted));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
