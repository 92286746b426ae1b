/**
 * What can go wrong with a journal, as a value: where, and why, in words an operator can act on.
 *
 * Codes are never reused. None of them is retried: a damaged journal is a reason not to trade, and a
 * disk that failed once is not believed again by the same process.
 */

export const JOURNAL_ERROR_CODES = [
  /** Bytes that were acknowledged are not what was written. Never skipped. */
  "damaged",
  /** Acknowledged records, a segment or the head file are not there. */
  "missing",
  /** A segment of another run or another place in the run. */
  "foreign",
  /** Written by a newer program: format, schema or record type unknown to this one. */
  "newer",
  /** No upcaster leads from an old schema to the current one, or one failed. */
  "upcast",
  /** The operating system refused a read or a write. */
  "disk",
  /** A record is not what the writer may write. */
  "badRecord",
  /** Less space is left on the disk than the reserve. */
  "noSpace",
  /** The window asked for contains records that retention has taken away. */
  "retired",
  /** A JSONL line that is not one of ours. */
  "badLine",
  /** A directory or file that must not exist yet does. */
  "exists",
] as const;

export type JournalErrorCode = (typeof JOURNAL_ERROR_CODES)[number];

export type JournalError = {
  readonly code: JournalErrorCode;
  /** The file, and the offset in bytes (or the line) within it; -1 where there is no such place. */
  readonly file: string;
  readonly offset: number;
  readonly reason: string;
};

export type Failure = { readonly ok: false; readonly error: JournalError };

/** A failure as a value. */
export function failure(
  code: JournalErrorCode,
  file: string,
  offset: number,
  reason: string,
): Failure {
  return { ok: false, error: { code, file, offset, reason } };
}

/** One sentence for logs and terminals. */
export function describeError(error: JournalError): string {
  const place = error.offset < 0 ? error.file : `${error.file} at ${error.offset}`;
  return `${error.code}: ${error.reason} (${place})`;
}

/** What `read` gives, or what it says where it throws. */
export function valueOrReason<Value>(read: () => Value): Value | string {
  try {
    return read();
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/** What a caught value says, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
