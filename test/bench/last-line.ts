/**
 * The last word of a child of the benches: one line of JSON, and the end once all of it has been taken.
 *
 * A pipe takes as much as it has room for and the rest in its own time; a process that exits before that
 * leaves its parent with half a line.
 */

/** Prints `answer` as one line and ends the process with 0 when the reader has it. */
export function endWith(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}
