/**
 * One after another, for what must not be done at once: segments that fill the memory, calls whose numbers have
 * to arrive in their order. Never holds on to an answer or a failure.
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
