/**
 * What a request is answered with, as a value: a status, a body, headers; and problems as RFC 9457 has them.
 *
 * A problem names the field that is wrong and says in a sentence what to do. It never holds a stack, a
 * secret or the words of a dependency: those are for the log, under the same request id.
 * @see https://www.rfc-editor.org/rfc/rfc9457 (read 2026-11-21)
 */

export type Answer = {
  readonly status: number;
  /** JSON, unless `text` is given. */
  readonly body: unknown;
  readonly text?: { readonly type: string; readonly body: string };
  readonly headers?: Readonly<Record<string, string>>;
};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The field of body, query or header that is wrong. */
  readonly field?: string;
};

/** Every problem there is: its status and its title. The name is the last part of its `type`. */
export const PROBLEMS = {
  badRequest: [400, "The request cannot be read"],
  unauthenticated: [401, "A valid token is needed"],
  forbidden: [403, "Your role may not do this"],
  selfApproval: [403, "A second person is needed"],
  crossSite: [403, "The request comes from another site"],
  notFound: [404, "There is nothing here"],
  methodNotAllowed: [405, "This is not how it is asked for"],
  conflict: [409, "It contradicts how things stand"],
  inProgress: [409, "The same request is under way"],
  preconditionFailed: [412, "Somebody has changed it since"],
  tooLarge: [413, "The body is too large"],
  wrongType: [415, "The body is not JSON"],
  invalid: [422, "A field is not as it must be"],
  keyReused: [422, "The key belongs to another request"],
  preconditionRequired: [428, "The version it is based on is needed"],
  tooMany: [429, "Too many requests"],
  internal: [500, "Something went wrong here"],
  unavailable: [503, "A part of the system does not answer"],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type ProblemName = keyof typeof PROBLEMS;

export const PROBLEM_TYPE = "application/problem+json";

/** A problem as an answer. `field` is left out where "" . */
export function problem(
  name: ProblemName,
  detail: string,
  { field = "", headers = {} }: ProblemOptions = {},
): Answer {
  const [status, title] = PROBLEMS[name];
  const body: Problem = {
    type: `urn:reckoner:problem:${name}`,
    title,
    status,
    detail,
    ...(field === "" ? {} : { field }),
  };
  return { status, body, headers: { ...headers, "content-type": PROBLEM_TYPE } };
}

export type ProblemOptions = {
  readonly field?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What went well. */
export function answer(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return { status, body, headers };
}
