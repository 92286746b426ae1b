/**
 * Station: none; what must hold of an answer, as a list of sentences of which the first that is broken is told.
 */

/** Whether it holds, and what is wrong where it does not. */
export type Claim = readonly [holds: boolean, sentence: string];

/** The sentence of the first claim that does not hold; undefined where all do. */
export function firstBroken(claims: readonly Claim[]): string | undefined {
  for (const [holds, sentence] of claims) if (!holds) return sentence;
  return undefined;
}
