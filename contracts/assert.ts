/**
 * The clause that makes a contract a contract: a programmer's error stops the process.
 *
 * Foreign input is never asserted on. It is checked, counted and refused (see RELIABILITY: untrusted
 * input is rejected, our own broken state halts).
 */

/** Thrown when our own state is not what the code promised; always fatal. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Crashes with `statement` (the positive rule) when `condition` does not hold. */
export function assert(condition: boolean, statement: string): asserts condition {
  if (!condition) throw new AssertionError(statement);
}
