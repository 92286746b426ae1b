/**
 * Station: a method's name -> what does it, for both doors.
 *
 * The venue's own names (web-socket-api.md, read 2026-11-20); `sapi` ones exist over REST only.
 */
import type { Method } from "./api.ts";
import { LIST_METHODS } from "./list-methods.ts";
import { ORDER_METHODS } from "./order-methods.ts";
import { QUERY_METHODS } from "./query-methods.ts";

const METHODS: ReadonlyMap<string, Method> = new Map([
  ...ORDER_METHODS,
  ...LIST_METHODS,
  ...QUERY_METHODS,
]);

/** A signed method by its name. */
export function signedMethod(name: string): Method | undefined {
  return METHODS.get(name);
}
