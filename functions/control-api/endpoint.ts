/**
 * What one end point is, as data: its route, the schemas of what comes in, what it answers, and the work.
 *
 * The OpenAPI document, the routes and the checks of input are all made of these, so that none of them can
 * say something else than the others. The work sees only what its schemas let through.
 */
import { z } from "@hono/zod-openapi";
import type { Micros } from "../../contracts/time.ts";
import type { ApiPorts } from "./ports.ts";
import { type Answer, problem } from "./problem.ts";
import type { Principal, RouteId } from "./roles.ts";

/** The circumstances of one request. */
export type Call = {
  readonly ports: ApiPorts;
  readonly requestId: string;
  readonly principal: Principal;
  readonly nowUs: Micros;
  /** "" where the path names none. */
  readonly engine: string;
  /** Value of a header by its lower-case name, or "". */
  readonly header: (name: string) => string;
  /** Path and query as they were asked. */
  readonly url: URL;
};

/** Input as it came: strings of path and query, the parsed body. */
export type RawInput = {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
};

export type Method = "get" | "put" | "post";

export type Responses = Readonly<
  Record<number, { readonly says: string; readonly schema?: z.ZodType }>
>;

/** How a write is kept from happening twice. */
export type Guard = "none" | "ifMatch" | "idempotencyKey" | "optionalKey";

export type Endpoint = {
  readonly id: RouteId;
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly room: string;
  readonly guard: Guard;
  readonly pathSchema: z.ZodObject;
  readonly querySchema: z.ZodObject;
  readonly bodySchema: z.ZodType | undefined;
  readonly responses: Responses;
  /** Undefined where the input is as it must be. */
  readonly check: (raw: RawInput) => Answer | undefined;
  readonly work: (call: Call, raw: RawInput) => Promise<Answer>;
};

export type EndpointPlan<Path extends z.ZodObject, Query extends z.ZodObject, Body> = {
  readonly id: RouteId;
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  /** Tag of the document. */
  readonly room: string;
  readonly guard?: Guard;
  readonly pathSchema?: Path;
  readonly querySchema?: Query;
  readonly bodySchema?: z.ZodType<Body>;
  readonly responses: Responses;
  readonly work: (
    call: Call,
    input: { readonly path: z.output<Path>; readonly query: z.output<Query>; readonly body: Body },
  ) => Promise<Answer>;
};

const NOTHING = z.strictObject({});

/** An end point of its plan: the work behind its schemas. */
export function endpoint<
  Path extends z.ZodObject = typeof NOTHING,
  Query extends z.ZodObject = typeof NOTHING,
  Body = undefined,
>(plan: EndpointPlan<Path, Query, Body>): Endpoint {
  const pathSchema: z.ZodObject = plan.pathSchema ?? NOTHING;
  const querySchema: z.ZodObject = plan.querySchema ?? NOTHING;
  const parse = (raw: RawInput): Parsed<Path, Query, Body> | { readonly fault: Answer } => {
    const path = pathSchema.safeParse(raw.path);
    // A path that cannot be is a place where nothing is.
    if (!path.success) return { fault: problem("notFound", "There is no such thing.") };
    const query = querySchema.safeParse(raw.query);
    if (!query.success) return { fault: faultOf(query.error, "badRequest") };
    const body = plan.bodySchema?.safeParse(raw.body);
    if (body?.success === false) return { fault: faultOf(body.error, "invalid") };
    return { path: path.data, query: query.data, body: body?.data } as Parsed<Path, Query, Body>;
  };
  return {
    id: plan.id,
    method: plan.method,
    path: plan.path,
    summary: plan.summary,
    room: plan.room,
    guard: plan.guard ?? "none",
    pathSchema,
    querySchema,
    bodySchema: plan.bodySchema,
    responses: plan.responses,
    check: (raw) => {
      const parsed = parse(raw);
      return "fault" in parsed ? parsed.fault : undefined;
    },
    work: async (call, raw) => {
      const parsed = parse(raw);
      return "fault" in parsed ? parsed.fault : await plan.work(call, parsed);
    },
  };
}

type Parsed<Path extends z.ZodObject, Query extends z.ZodObject, Body> = {
  readonly path: z.output<Path>;
  readonly query: z.output<Query>;
  readonly body: Body;
};

/** The first thing that a schema found, in our words; never zod's own shape. */
function faultOf(error: z.ZodError, name: "badRequest" | "invalid"): Answer {
  const issue = error.issues[0];
  const path = (issue?.path ?? []).map(String);
  if (issue?.code === "unrecognized_keys") {
    const field = [...path, issue.keys[0] ?? ""].join(".");
    return problem(name, "There is no such field.", { field });
  }
  return problem(name, `${issue?.message ?? "expected something else"}.`, {
    field: path.join("."),
  });
}
