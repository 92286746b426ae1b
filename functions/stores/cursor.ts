/**
 * Cursors: where the next page begins, as a word that callers hand back unread.
 *
 * A cursor carries no right. What it holds is only a place inside the question that is asked with it: table,
 * partition and engine always come from the question, never from the cursor. So it needs no signature, but
 * it is bound to its question by a fingerprint, and anything that is not exactly ours is refused.
 */
import { createHash } from "node:crypto";

const FINGERPRINT_LENGTH = 16;
export const CURSOR_LENGTH_MAX = 1_024;

/** What a store answers when the cursor is not one that it gave for this question. */
export type BadCursor = { readonly kind: "badCursor"; readonly field: "cursor" };
export const BAD_CURSOR: BadCursor = { kind: "badCursor", field: "cursor" };

/** A cursor for `question` that stands at `place`. */
export function encodeCursor(question: readonly unknown[], place: readonly string[]): string {
  return Buffer.from(JSON.stringify([fingerprint(question), ...place])).toString("base64url");
}

/** The place that `cursor` stands at, of `length` parts, or undefined where it is not of `question`. */
export function decodeCursor(
  question: readonly unknown[],
  cursor: string,
  length: number,
): readonly string[] | undefined {
  if (cursor.length > CURSOR_LENGTH_MAX || !/^[\w-]+$/.test(cursor)) return;
  const parts = parsed(Buffer.from(cursor, "base64url").toString("utf8"));
  if (!Array.isArray(parts) || parts.length !== length + 1) return;
  if (!parts.every((part): part is string => typeof part === "string")) return;
  const [print, ...place] = parts;
  return print === fingerprint(question) ? place : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return;
  }
}

function fingerprint(question: readonly unknown[]): string {
  return createHash("sha256")
    .update(JSON.stringify(question))
    .digest("hex")
    .slice(0, FINGERPRINT_LENGTH);
}
