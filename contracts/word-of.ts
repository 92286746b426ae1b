/**
 * A foreign value as a word of a sentence: for reasons, logs and complaints about what somebody sent.
 *
 * An object is not asked for its text, because it may have been told to have none: of `{"toString":1}`, which
 * is ordinary JSON, `String` throws, and what should have been a refusal becomes a crash.
 */

/** The text of a plain value; objects and lists are called what they are. */
export function wordOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
