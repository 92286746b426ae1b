/**
 * Errors as the operating system throws them, for a disk that is none.
 *
 * A file that is looked for and not there is the most frequent answer of all, so no stack is taken: nobody
 * reads it, and taking it costs more than everything else that the virtual disk does.
 */

const SENTENCES = {
  EBADF: "bad file descriptor",
  EEXIST: "file already exists",
  EINVAL: "invalid argument",
  EIO: "i/o error",
  EISDIR: "illegal operation on a directory",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  EXDEV: "cross-device link not permitted",
} as const;

export type DiskErrorCode = keyof typeof SENTENCES;

/** An error whose `code` and message are those of a system call that failed. */
export function diskError(code: DiskErrorCode, operation: string, file: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const error = new Error(`${code}: ${SENTENCES[code]}, ${operation} '${file}'`);
  Error.stackTraceLimit = stackTraceLimit;
  return Object.assign(error, { code });
}
