/**
 * Station: input -> whether the language itself misreads it.
 *
 * `JSON.parse` of V8 13.6 takes an escaped key of one character for a backslash, once it has seen an object of
 * the same beginning whose next key is a backslash. It is known there and was found here as well; venues do not
 * escape their keys. A judge that knows JSON better must not hold it against a decoder.
 *
 * @see https://github.com/nodejs/node/issues/63785 (read 2026-11-21, open)
 */

/** A key that is one escape and nothing else. */
const ESCAPED_KEY = /"\\(?:u[0-9a-fA-F]{4}|["/bfnrt])"\s*:/;
/** A key that is a backslash, honestly written. */
const BACKSLASH_KEY = /"\\(?:\\|u005[cC])"\s*:/;

/** Whether the runtime finds a key in the input that does not stand there. */
export function isRuntimeFault(input: Uint8Array): boolean {
  const text = Buffer.from(input.buffer, input.byteOffset, input.length).toString("utf8");
  if (!ESCAPED_KEY.test(text) || BACKSLASH_KEY.test(text)) return false;
  try {
    return hasBackslashKey(JSON.parse(text));
  } catch {
    // No JSON at all: then it was not the language that read it.
    return false;
  }
}

function hasBackslashKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "\\") || Object.values(value).some(hasBackslashKey);
}
