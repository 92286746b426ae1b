/**
 * One after another: a segment is held in memory unpacked, so a batch of ten notices done at once would need ten
 * times the memory, in one invocation or in several of one process.
 */

/** Work that waits until all earlier work has ended, well or not. */
export type Turns = <Answer>(work: () => Promise<Answer>) => Promise<Answer>;

/** A queue of work for one process. */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work, work);
    last = mine;
    // Whoever asked for the work hears of its failure; the next in turn only waits for it.
    mine.catch(() => undefined);
    return mine;
  };
}
