/**
 * Station: input -> whether the language itself misreads it.
 *
 * `JSON.parse` of V8 13.6 takes an escaped key of one character for a backslash, once it has seen an object of
 * the same beginning whose next key is a backslash. It is known there and was found here as well; venues do not
 * escape their keys. Readers of venues refuse such texts; of the others a judge that knows JSON better
 * must not hold it against them.
 *
 * @see https://github.com/nodejs/node/issues/63785 (read 2026-11-21, open)
 */

import {
  bareOf,
  itemsOf,
  Members,
  memberOf,
  readStrictTree,
  stringOf,
  type Tree,
} from "./json-tree.ts";

/** A key that is one escape and nothing else. */
const ESCAPED_KEY = /"\\(?:u[0-9a-fA-F]{4}|["/bfnrt])"\s*:/;
const encoder = new TextEncoder();

/** Whether the runtime finds anything in the input that does not stand there. */
export function isRuntimeFault(input: Uint8Array): boolean {
  const text = Buffer.from(input.buffer, input.byteOffset, input.length).toString("utf8");
  // Of the text as it was decoded: some readers replace what is no UTF-8, and then read on.
  const tree = ESCAPED_KEY.test(text) ? readStrictTree(encoder.encode(text)) : undefined;
  // No JSON at all: then it was not the language that read it.
  return tree !== undefined && isMisread(JSON.parse(text.replace(/^\ufeff/, "")), tree);
}

/** A key that was read as another may hide behind one that stands there twice, so values count as well. */
function isMisread(value: unknown, tree: Tree | undefined): boolean {
  if (typeof value === "string") return value !== stringOf(tree);
  if (typeof value === "number") return value !== Number(bareOf(tree));
  if (typeof value !== "object" || value === null) return String(value) !== bareOf(tree);
  if (Array.isArray(value)) {
    const items = itemsOf(tree);
    return items?.length !== value.length || value.some((item, i) => isMisread(item, items[i]));
  }
  if (!(tree instanceof Members)) return true;
  const written = new Set(tree.keys);
  if (Object.keys(value).length !== written.size) return true;
  return Object.entries(value).some(
    ([key, inner]) => !written.has(key) || isMisread(inner, memberOf(tree, key)),
  );
}
