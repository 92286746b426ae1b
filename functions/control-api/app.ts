/**
 * The control API: end points behind one gate, as an application that any fetch server can carry.
 *
 * Every request gets an id, the same headers of safety, one line in the log and, where it was a change
 * that was refused, an item in the audit. What breaks on the way is answered with 500 and the id, and
 * nothing of what broke. A route without a row in roles.ts does not start.
 */
import { type Context, Hono } from "hono";
import { assert } from "../../contracts/assert.ts";
import { StoreError } from "../stores/store-error.ts";
import { AUDIT_ENDPOINTS } from "./audit-routes.ts";
import { recordAction } from "./audit-trail.ts";
import { withOutcome } from "./command-desk.ts";
import { COMMAND_ENDPOINTS } from "./command-routes.ts";
import type { Call, Endpoint, RawInput } from "./endpoint.ts";
import { admit, guardFault, identify, readBody } from "./gate.ts";
import { HISTORY_ENDPOINTS } from "./history-routes.ts";
import { LIMITS_ENDPOINTS } from "./limits-routes.ts";
import { openApiText } from "./openapi.ts";
import type { ApiPorts, LogFields } from "./ports.ts";
import { type Answer, answer, problem } from "./problem.ts";
import { PROPOSAL_ENDPOINTS } from "./proposal-routes.ts";
import { RateKeeper } from "./rate.ts";
import { READ_ENDPOINTS } from "./read-routes.ts";
import { type Principal, ROUTE_IDS, ROUTES, type RouteId } from "./roles.ts";

/** Every end point that needs a token. */
export const ENDPOINTS: readonly Endpoint[] = [
  ...READ_ENDPOINTS,
  ...AUDIT_ENDPOINTS,
  ...LIMITS_ENDPOINTS,
  ...PROPOSAL_ENDPOINTS,
  ...COMMAND_ENDPOINTS,
  ...HISTORY_ENDPOINTS,
];

const PUBLIC_ROUTES: readonly RouteId[] = ["getHealth", "getOpenApi"];

/** Sent with everything; pages add a policy of their own for scripts and styles. */
export const SAFETY_HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=63072000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** What the pages are mounted with: they ask the same work through the same gate. */
export type ApiApp = Hono;

/** The API over `ports`. Throws where routes and the table of roles do not agree. */
export function createApp(ports: ApiPorts): ApiApp {
  assertDefaultDeny(ENDPOINTS);
  const app = new Hono({ strict: false });
  const rates = new RateKeeper();
  let openApi: string | undefined;
  app.get("/v1/health", (context) => respond(context, ports.newRequestId(), HEALTHY));
  app.get("/openapi.json", (context) => {
    openApi ??= openApiText(ENDPOINTS);
    const text = { type: "application/json", body: openApi };
    return respond(context, ports.newRequestId(), { status: 200, body: undefined, text });
  });
  for (const each of ENDPOINTS) {
    app.on(each.method.toUpperCase(), honoPath(each.path), (context) =>
      serve(context, { ports, rates, each }),
    );
  }
  app.notFound((context) => turnAway(context, ports, rates));
  app.onError((error, context) => broken(context, ports, error));
  return app;
}

const HEALTHY = answer({ status: "ok" });

/** Default deny: exactly the routes of the table are there, each once. */
export function assertDefaultDeny(endpoints: readonly Endpoint[]): void {
  const ids = [...endpoints.map(({ id }) => id), ...PUBLIC_ROUTES];
  for (const id of ids) assert(Object.hasOwn(ROUTES, id), `route ${id} has a row in roles.ts`);
  assert(new Set(ids).size === ids.length, "every route is there once");
  for (const id of ROUTE_IDS) assert(ids.includes(id), `row ${id} of roles.ts has a route`);
  for (const { id } of endpoints) assert(ROUTES[id].role !== "public", `route ${id} needs a token`);
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

type Served = {
  readonly ports: ApiPorts;
  readonly rates: RateKeeper;
  readonly each: Endpoint;
};

async function serve(context: Context, served: Served): Promise<Response> {
  const { ports, rates, each } = served;
  const requestId = ports.newRequestId();
  const startUs = ports.nowUs();
  let subject = "";
  let note = "";
  let given: Answer;
  try {
    const known = await identify(ports, context.req.raw, rates);
    if (known.ok) {
      subject = known.principal.subject;
      const done = await serveKnown(context, served, { requestId, principal: known.principal });
      given = done.given;
      note = done.note;
    } else {
      given = known.fault;
      note = known.reason;
    }
  } catch (error) {
    given = brokenAnswer(error, requestId);
    ports.log.error("a request broke", { requestId, route: each.id, subject }, error);
  }
  const fields: LogFields = {
    requestId,
    route: each.id,
    status: given.status,
    subject,
    note,
    tookUs: ports.nowUs() - startUs,
  };
  ports.log.info("request", fields);
  return respond(context, requestId, given);
}

type Caller = { readonly requestId: string; readonly principal: Principal };
type Done = { readonly given: Answer; readonly note: string };

async function serveKnown(context: Context, served: Served, caller: Caller): Promise<Done> {
  const { ports, rates, each } = served;
  const path = context.req.param() as Readonly<Record<string, string>>;
  const call: Call = {
    ports,
    ...caller,
    nowUs: ports.nowUs(),
    engine: path.engine ?? "",
    header: (name) => context.req.header(name) ?? "",
    url: new URL(context.req.url),
  };
  const admitted = admit(ports, rates, { ...caller, id: each.id, engine: call.engine });
  const done = admitted.ok
    ? await carryOut(call, each, await rawInput(context, each, path))
    : { given: admitted.fault, note: admitted.reason };
  const isKnownEngine = ports.settings.engines.includes(call.engine);
  if (isKnownEngine) await auditRefusal(call, each, { ...done, rates });
  return { given: await withOutcome(call, done.given), note: done.note };
}

type Input = { readonly raw: RawInput; readonly text: string } | { readonly fault: Answer };

async function rawInput(
  context: Context,
  each: Endpoint,
  path: Readonly<Record<string, string>>,
): Promise<Input> {
  const query = queryOf(new URL(context.req.url));
  if (typeof query === "string") {
    return { fault: problem("badRequest", "It stands there twice.", { field: query }) };
  }
  const read = await readBody(context.req.raw, each);
  if (!read.ok) return { fault: read.fault };
  return { raw: { path, query, body: read.body }, text: read.text };
}

/** The query by name, or the name that stands there twice. */
function queryOf({ searchParams }: URL): Record<string, string> | string {
  const query: Record<string, string> = {};
  for (const [name, value] of searchParams) {
    if (Object.hasOwn(query, name) || name === "__proto__") return name;
    query[name] = value;
  }
  return query;
}

async function carryOut(call: Call, each: Endpoint, input: Input): Promise<Done> {
  if ("fault" in input) return { given: input.fault, note: "input" };
  const fault = guardFault(each.guard, call.header) ?? each.check(input.raw);
  if (fault !== undefined) return { given: fault, note: "input" };
  const key = call.header("idempotency-key");
  // The kill does not wait for a memory that may be away: its own record is its memory.
  const isRemembered = key !== "" && each.guard !== "none" && ROUTES[each.id].kind !== "kill";
  if (!isRemembered) return { given: await each.work(call, input.raw), note: "" };
  return await once(call, each, { ...input, key });
}

async function once(
  call: Call,
  each: Endpoint,
  { raw, text, key }: { readonly raw: RawInput; readonly text: string; readonly key: string },
): Promise<Done> {
  const { memory, sha256 } = call.ports;
  const scope = sha256(JSON.stringify([call.engine, call.principal.subject, key]));
  const asked = [each.method, call.url.pathname, call.header("if-match"), text];
  const result = await memory.once(scope, sha256(JSON.stringify(asked)), () =>
    each.work(call, raw),
  );
  switch (result.kind) {
    case "answer":
      return { given: result.answer, note: result.isReplay ? "replay" : "" };
    case "inProgress": {
      const detail = "The same request is being carried out; ask again in a second.";
      const headers = { "retry-after": "1" };
      return { given: problem("inProgress", detail, { headers }), note: "inProgress" };
    }
    case "otherRequest": {
      const detail = "This key was used for another request.";
      const field = "idempotency-key";
      return { given: problem("keyReused", detail, { field }), note: "otherRequest" };
    }
  }
}

/** Writes a refused change into the audit, so many a minute of each person; never in the way of a kill. */
async function auditRefusal(
  call: Call,
  each: Endpoint,
  { given, note, rates }: Done & { readonly rates: RateKeeper },
): Promise<void> {
  const isRefusal = given.status >= 400 && given.status < 500 && note !== "replay";
  if (!isRefusal || note === "rate" || ROUTES[each.id].kind === "read") return;
  if (rates.take("refusal", call.principal.subject, call.nowUs) > 0) return;
  const { detail = "", field = "" } = (given.body ?? {}) as { detail?: string; field?: string };
  const after = { route: each.id, status: given.status, field, detail };
  try {
    await recordAction(call, { kind: "refused", reason: "", after });
  } catch (error) {
    const fields = { requestId: call.requestId, engine: call.engine, route: each.id };
    call.ports.log.error("a refusal could not be audited", fields, error);
  }
}

/** Paths that are not there: strangers learn nothing, the others that it is not there. */
async function turnAway(context: Context, ports: ApiPorts, rates: RateKeeper): Promise<Response> {
  const requestId = ports.newRequestId();
  const known = await identify(ports, context.req.raw, rates);
  const given = known.ok ? missing(context) : known.fault;
  const fields = { requestId, route: "none", status: given.status };
  ports.log.info("request", fields);
  return respond(context, requestId, given);
}

function missing(context: Context): Answer {
  const { pathname } = new URL(context.req.url);
  const methods = ENDPOINTS.filter(({ path }) => isPathOf(path, pathname)).map(({ method }) =>
    method.toUpperCase(),
  );
  if (methods.length === 0) return problem("notFound", "There is no such path.");
  const allow = [...new Set(methods)].join(", ");
  return problem("methodNotAllowed", `It takes ${allow}.`, { headers: { allow } });
}

function isPathOf(path: string, pathname: string): boolean {
  const pattern = path.replaceAll(/\{\w+\}/g, "[^/]+");
  return new RegExp(`^${pattern}/?$`).test(pathname);
}

function broken(context: Context, ports: ApiPorts, error: unknown): Response {
  const requestId = ports.newRequestId();
  ports.log.error("a request broke", { requestId, route: "none" }, error);
  return respond(context, requestId, brokenAnswer(error, requestId));
}

/** What passes by itself is worth asking again; everything else is ours to mend. Neither says what it was. */
function brokenAnswer(error: unknown, requestId: string): Answer {
  const passes =
    error instanceof StoreError && (error.fault === "throttled" || error.fault === "unavailable");
  if (!passes) return problem("internal", `Something went wrong here; its number is ${requestId}.`);
  const detail = `A store does not answer. Ask again, with the same key; the number is ${requestId}.`;
  return problem("unavailable", detail, { headers: { "retry-after": "1" } });
}

function respond(context: Context, requestId: string, given: Answer): Response {
  const { status, body, text, headers = {} } = given;
  const type = text?.type ?? "application/json";
  const all = { "content-type": type, ...SAFETY_HEADERS, ...headers, "x-request-id": requestId };
  const content = text?.body ?? JSON.stringify(withRequestId(given, body, requestId));
  return context.body(content, { status: status as 200, headers: all });
}

/** A problem tells the number under which the log knows it. */
function withRequestId({ status }: Answer, body: unknown, requestId: string): unknown {
  return status >= 400 && typeof body === "object" ? { ...body, requestId } : body;
}
