/**
 * Station: the end points -> the OpenAPI 3.1 document, made of the very schemas that check requests.
 *
 * The document is served and also checked in (docs/schema/control-api.json); a test holds the two equal.
 */
import { OpenAPIHono, type RouteConfig, z } from "@hono/zod-openapi";
import type { Endpoint, Guard } from "./endpoint.ts";
import { PROBLEM_TYPE } from "./problem.ts";
import { healthSchema, problemSchema } from "./response-schemas.ts";
import { ROUTES } from "./roles.ts";

export const API_VERSION = "1.0.0";
const BEARER = "token";

/** Statuses that every route with a token may answer with, beside its own. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: "The request cannot be read",
  401: "No valid token",
  403: "The role does not suffice",
  404: "There is no such engine or thing",
  429: "Too many requests; `Retry-After` says when",
  500: "Something went wrong here",
  503: "A part of the system does not answer",
};

const REFUSALS_OF_WRITES: Readonly<Record<number, string>> = {
  409: "It contradicts how things stand",
  412: "Somebody has changed it since; `ETag` has the version",
  413: "The body is too large",
  415: "The body is not JSON",
  422: "A field is not as it must be; `field` names it",
  428: "`If-Match` is missing",
};

const key = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/);
const HEADERS: Readonly<Record<Guard, Readonly<Record<string, z.ZodType>>>> = {
  none: {},
  ifMatch: { "If-Match": z.string(), "Idempotency-Key": key.optional() },
  idempotencyKey: { "Idempotency-Key": key, Prefer: z.string().optional() },
  optionalKey: { "Idempotency-Key": key.optional(), Prefer: z.string().optional() },
};

/** The document as JSON text, indented. */
export function openApiText(endpoints: readonly Endpoint[]): string {
  const app = new OpenAPIHono();
  app.openAPIRegistry.registerComponent("securitySchemes", BEARER, {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
  });
  app.openAPIRegistry.register("Problem", problemSchema);
  for (const [status, description] of Object.entries({ ...REFUSALS, ...REFUSALS_OF_WRITES })) {
    app.openAPIRegistry.registerComponent("responses", refusalName(status), {
      description,
      content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
    });
  }
  app.openAPIRegistry.registerPath(healthRoute());
  for (const each of endpoints) app.openAPIRegistry.registerPath(routeOf(each));
  const document = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Reckoner control API",
      version: API_VERSION,
      description: "Limits, kill switch, commands and history of trading engines. See docs/API.md.",
      license: { name: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
  });
  return `${JSON.stringify(document, null, 2)}\n`;
}

function healthRoute(): RouteConfig {
  return {
    method: "get",
    path: "/v1/health",
    operationId: "getHealth",
    summary: "That the API answers at all",
    tags: ["status"],
    security: [],
    responses: {
      200: { description: "It does", content: { "application/json": { schema: healthSchema } } },
    },
  };
}

function routeOf(each: Endpoint): RouteConfig {
  const { bodySchema } = each;
  const body =
    bodySchema === undefined
      ? {}
      : { body: { required: true, content: { "application/json": { schema: bodySchema } } } };
  return {
    method: each.method,
    path: each.path,
    operationId: each.id,
    summary: each.summary,
    description: `Role: ${ROUTES[each.id].role}.`,
    tags: [each.room],
    security: [{ [BEARER]: [] }],
    request: {
      params: each.pathSchema,
      query: each.querySchema,
      headers: z.object(HEADERS[each.guard]),
      ...body,
    },
    responses: responsesOf(each),
  };
}

function responsesOf(each: Endpoint): RouteConfig["responses"] {
  const refusals =
    each.bodySchema === undefined ? REFUSALS : { ...REFUSALS, ...REFUSALS_OF_WRITES };
  const responses: RouteConfig["responses"] = {};
  for (const [status, { says, schema }] of Object.entries(each.responses)) {
    const content = schema === undefined ? {} : { content: contentOf(each, schema) };
    responses[status] = { description: says, ...content };
  }
  for (const status of Object.keys(refusals)) {
    responses[status] = { $ref: `#/components/responses/${refusalName(status)}` };
  }
  return responses;
}

/** Every refusal stands once in the document. */
function refusalName(status: string): string {
  return `Refused${status}`;
}

/** Histories come as CSV too. */
function contentOf({ room, querySchema }: Endpoint, schema: z.ZodType) {
  const json = { "application/json": { schema } };
  const isTable = room === "history" && "format" in querySchema.shape;
  return isTable ? { ...json, "text/csv": { schema: z.string() } } : json;
}
