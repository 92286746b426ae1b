/**
 * What a page is, as data: its path, what it draws for whoever looks, what its forms do.
 */
import type { Micros } from "../../../contracts/time.ts";
import { mayUse, ROLES, type RouteId } from "../roles.ts";
import type { Door, Question, Told } from "./door.ts";
import { queryText } from "./door.ts";
import type { Html } from "./markup.ts";

/** The circumstances of one look at a page. */
export type View = {
  readonly door: Door;
  readonly engine: string;
  readonly engines: readonly string[];
  readonly subject: string;
  readonly role: string;
  readonly nowUs: Micros;
  /** Parts of the path by name. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Answer of the engine's status, which every page shows at its top. */
  readonly status: Told;
  /** Makes a form that is sent twice one request. */
  readonly newKey: () => string;
};

export type Drawn = {
  readonly title: string;
  readonly body: Html;
  /** 200 where it is left out. */
  readonly status?: number;
};

/** After a form has done its work the browser is sent on, so that a reload repeats nothing. */
export type SentOn = { readonly goTo: string };

export type Page = {
  readonly path: string;
  readonly draw: (view: View) => Promise<Drawn>;
};

export type FormPage = {
  readonly path: string;
  /**
   * Tried before the page asks anything, not even who looks: what must wait for no table and no rate. Its
   * answer is the browser's; undefined where the form is not fit to be sent, and `carryOut` says why.
   */
  readonly atOnce?: (
    doorTo: (engine: string) => Door,
    form: URLSearchParams,
  ) => Promise<Drawn | SentOn | undefined>;
  readonly carryOut: (view: View, form: URLSearchParams) => Promise<Drawn | SentOn>;
};

/** A link within the pages that keeps the chosen engine. */
export function hrefOf({ engine, engines }: View, path: string, question: Question = {}): string {
  const named = engine === engines[0] ? {} : { engine };
  return `${path}${queryText({ ...question, ...named })}`;
}

/** A link to the API's own answer, such as CSV. */
export function apiHref({ engine }: View, path: string, question: Question = {}): string {
  return `/v1/engines/${encodeURIComponent(engine)}${path}${queryText(question)}`;
}

/** Whether whoever looks may use `route`; what they may not is shown without its button. */
export function may({ subject, role }: View, route: RouteId): boolean {
  const known = ROLES.find((each) => each === role);
  return mayUse({ subject, role: known, engines: "all" }, route);
}
