/**
 * What lists have in common: how a store's cursor is answered, and what a foreign one is told.
 */
import { type Answer, problem } from "./problem.ts";

/** Items of a page where the question names no number. */
export const PAGE_LIMIT = 100;

/** The cursor of a store's page as it is answered. */
export function nextOf(cursor: string | undefined): { readonly nextCursor?: string } {
  return cursor === undefined ? {} : { nextCursor: cursor };
}

/** A cursor that no answer to this question ever held. */
export function badCursor(): Answer {
  return problem("badRequest", "It is no cursor of an answer to this question.", {
    field: "cursor",
  });
}
