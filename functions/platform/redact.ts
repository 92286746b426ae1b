/**
 * What may be logged: everything but the values of fields whose names tell of secrets, and bearer tokens
 * wherever they stand.
 */

export const REDACTED = "[redacted]";

const SECRET_NAME =
  /authorization|cookie|token|secret|password|passphrase|signature|api-?key|private-?key|credential/i;
/** A JSON web token, and whatever follows `Bearer`. */
const SECRET_TEXT = /\beyJ[\w-]+\.[\w-]+\.[\w-]*|\bBearer\s+\S+/g;
/** Deeper than this nothing is shown; foreign input may nest without end. */
const DEPTH_MAX = 8;

/** A copy of `value` without secrets. */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.replace(SECRET_TEXT, REDACTED);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= DEPTH_MAX) return REDACTED;
  if (Array.isArray(value)) return value.map((each) => redacted(each, depth + 1));
  if (value instanceof Error) return redactedError(value, depth);
  const entries = Object.entries(value).map(([name, each]) => [
    name,
    SECRET_NAME.test(name) ? REDACTED : redacted(each, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function redactedError(error: Error, depth: number): unknown {
  return {
    name: error.name,
    message: redacted(error.message, depth + 1),
    stack: redacted(error.stack ?? "", depth + 1),
    ...(error.cause === undefined ? {} : { cause: redacted(error.cause, depth + 1) }),
  };
}
