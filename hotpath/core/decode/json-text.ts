/**
 * Station: bytes -> parsed JSON, for frames and bodies that the byte scanners do not know.
 *
 * As strict about numbers as they are: ids and times are plain digits here, so a number written with a
 * fraction, an exponent or a minus zero is read as an empty object, which is nothing that anybody here takes
 * for a value. (Null is: an empty side of a book.) `1e3` must not pass for an id only because the frame came
 * with a space in it.
 */

/**
 * A bare number that is no plain integer, behind whatever may stand before a value. One with a zero too many
 * before it is no number of JSON, and stays for its parser to refuse.
 */
const ODD_NUMBERS =
  /([:[,]\s*)(?:-0|-?(?:0|[1-9]\d*)(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+))(?=\s*[,\]}])/g;

/**
 * A key that is one escape and nothing else. V8 13.6 may give it the name of another key that it has seen at that
 * place (https://github.com/nodejs/node/issues/63785, read 2026-11-21, open), so nobody can say what such a text
 * says. No venue escapes its keys.
 */
const ESCAPED_KEY = /"\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])"\s*:/;

/** The third argument, with the value's own text, is newer than the types of `JSON.parse`. */
export type Reviver = (
  key: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** `JSON.parse` for what venues write: throws as it does, and where it might misread. */
export function parseText(text: string, reviver?: Reviver): unknown {
  if (text.includes("\\") && ESCAPED_KEY.test(text)) throw new SyntaxError("an escaped key");
  return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
}

/** The object or array in `bytes`; undefined when they are no JSON in UTF-8, or hold neither. */
export function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseText(decoder.decode(bytes).replace(ODD_NUMBERS, "$1{}"));
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    // Neither reader can make anything of it: the caller counts it as refused.
    return undefined;
  }
}

/** Text as single bytes, for the byte scanners; a letter beyond ASCII becomes one they refuse. */
export function asciiOf(text: string): Uint8Array {
  return Uint8Array.from(text, asciiByte);
}

function asciiByte(letter: string): number {
  const code = letter.charCodeAt(0);
  return code < 128 ? code : 0;
}
