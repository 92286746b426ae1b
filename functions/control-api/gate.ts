/**
 * Station: a request -> who asks, whether they may, and what they sent; or the answer that says why not.
 *
 * The order is the order of cost and of trust: who it is, how often they ask, what they may, and only then
 * what they sent. Everything that is refused here has had no effect.
 */

import type { Endpoint, Guard } from "./endpoint.ts";
import type { ApiPorts } from "./ports.ts";
import { type Answer, problem } from "./problem.ts";
import type { RateKeeper } from "./rate.ts";
import { maySee, mayUse, type Principal, ROUTES, type RouteId } from "./roles.ts";
import { parseStrictJson } from "./strict-json.ts";

/** Bodies of all routes; limits with an allowlist of many instruments may be larger. */
export const BODY_BYTES_MAX = 16 * 1024;
export const LIMITS_BODY_BYTES_MAX = 64 * 1024;
const LARGE_BODIES: readonly RouteId[] = ["putLimits", "previewLimits"];

/** The session of a browser. The first needs TLS; the second is for one machine without it. */
export const SESSION_COOKIE = "__Host-reckoner";
export const LOCAL_SESSION_COOKIE = "reckoner-session";

const IDEMPOTENCY_KEY = /^[A-Za-z0-9][A-Za-z0-9._:-]{7,127}$/;
const STRANGERS = "strangers";
const EVERYBODY = "everybody";

export type Known = { readonly principal: Principal };
export type Outcome<Value> =
  | ({ readonly ok: true } & Value)
  | { readonly ok: false; readonly fault: Answer; readonly reason: string };

function refuse<Value>(fault: Answer, reason: string): Outcome<Value> {
  return { ok: false, fault, reason };
}

/** Who asks: by the header `Authorization`, or by the session's cookie where that is not forged. */
export async function identify(
  ports: ApiPorts,
  request: Request,
  rates: RateKeeper,
): Promise<Outcome<Known>> {
  const token = tokenOf(request, ports.settings.isLocal);
  if (token.via === "none") return stranger(ports, rates, "noToken");
  const reading = await ports.readToken(token.text, ports.nowUs());
  if (reading.kind === "unavailable") {
    const fault = problem("unavailable", "Tokens cannot be checked at this moment.");
    return refuse(fault, reading.reason);
  }
  if (reading.kind === "refused") return stranger(ports, rates, reading.reason);
  if (token.via === "cookie" && isFromElsewhere(request)) {
    const detail = "A change by a browser's session must come from a page of this site.";
    return refuse(problem("crossSite", detail), "crossSite");
  }
  return { ok: true, principal: reading.principal };
}

function stranger(ports: ApiPorts, rates: RateKeeper, reason: string): Outcome<Known> {
  const waitS = rates.take("stranger", STRANGERS, ports.nowUs());
  if (waitS > 0) return refuse(tooMany(waitS), "strangers");
  const headers = { "www-authenticate": 'Bearer realm="reckoner"' };
  return refuse(problem("unauthenticated", "Send a valid token.", { headers }), reason);
}

type TokenSent = { readonly via: "header" | "cookie" | "none"; readonly text: string };

function tokenOf(request: Request, isLocal: boolean): TokenSent {
  const header = request.headers.get("authorization");
  if (header !== null) {
    const text = /^Bearer ([\w.~+/=-]+)$/i.exec(header)?.[1];
    // Whoever sends the header means it: a bad one is not made good by a cookie.
    return text === undefined ? { via: "none", text: "" } : { via: "header", text };
  }
  const names = isLocal ? [SESSION_COOKIE, LOCAL_SESSION_COOKIE] : [SESSION_COOKIE];
  const cookies = (request.headers.get("cookie") ?? "").split(/;\s*/);
  for (const name of names) {
    const cookie = cookies.find((each) => each.startsWith(`${name}=`));
    if (cookie !== undefined) return { via: "cookie", text: cookie.slice(name.length + 1) };
  }
  return { via: "none", text: "" };
}

/** Whether a change that a cookie would allow was sent by a page of another site, or by none. */
export function isFromElsewhere(request: Request): boolean {
  if (request.method === "GET" || request.method === "HEAD") return false;
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin";
  const origin = request.headers.get("origin");
  if (origin === null || !URL.canParse(origin)) return true;
  return new URL(origin).host !== (request.headers.get("host") ?? new URL(request.url).host);
}

/** Whether this person may ask this now: rate first, then role, then engine. */
export function admit(
  ports: ApiPorts,
  rates: RateKeeper,
  { principal, id, engine }: Known & { readonly id: RouteId; readonly engine: string },
): Outcome<object> {
  const { kind } = ROUTES[id];
  if (kind !== "kill") {
    const nowUs = ports.nowUs();
    // Everybody's bucket last: whoever is turned away by their own takes nothing from the others.
    const waitS = rates.take(kind, principal.subject, nowUs) || rates.take("all", EVERYBODY, nowUs);
    if (waitS > 0) return refuse(tooMany(waitS), "rate");
  }
  if (!mayUse(principal, id)) {
    const detail = `This needs the role ${ROUTES[id].role}.`;
    return refuse(problem("forbidden", detail), "role");
  }
  // One answer for engines that are not there and engines that are not theirs.
  const isThere = engine === "" || ports.settings.engines.includes(engine);
  if (!isThere || !(engine === "" || maySee(principal, engine))) {
    return refuse(problem("notFound", "There is no such engine."), "engine");
  }
  return { ok: true };
}

function tooMany(waitS: number): Answer {
  return problem("tooMany", `Ask again in ${waitS} s.`, {
    headers: { "retry-after": String(waitS) },
  });
}

/** The body as a value; undefined for routes that take none. */
export async function readBody(
  request: Request,
  { id, bodySchema }: Endpoint,
): Promise<Outcome<{ readonly body: unknown; readonly text: string }>> {
  if (bodySchema === undefined) return { ok: true, body: undefined, text: "" };
  const bytesMax = LARGE_BODIES.includes(id) ? LIMITS_BODY_BYTES_MAX : BODY_BYTES_MAX;
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(?:;\s*charset=utf-8\s*)?$/i.test(type)) {
    return refuse(problem("wrongType", "Send application/json."), "type");
  }
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > bytesMax) {
    return refuse(problem("tooLarge", `At most ${bytesMax} bytes are read.`), "size");
  }
  const text = decoded(bytes);
  if (text === undefined) return refuse(problem("badRequest", "The body is not UTF-8."), "utf8");
  const json = parseStrictJson(text);
  if (json.ok) return { ok: true, body: json.value, text };
  return refuse(problem("badRequest", `${json.reason}.`, { field: json.field }), "json");
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** What a write must carry so that it cannot happen twice, or undefined where it does. */
export function guardFault(guard: Guard, header: (name: string) => string): Answer | undefined {
  const key = header("idempotency-key");
  if (guard === "idempotencyKey" && key === "") {
    return problem("badRequest", "Send an Idempotency-Key.", { field: "idempotency-key" });
  }
  if (guard !== "none" && key !== "" && !IDEMPOTENCY_KEY.test(key)) {
    const detail = "Expected 8 to 128 letters, digits, dots, colons or dashes.";
    return problem("badRequest", detail, { field: "idempotency-key" });
  }
  if (guard === "ifMatch" && header("if-match") === "") {
    const detail = "Send If-Match with the ETag of the limits that the change is based on.";
    return problem("preconditionRequired", detail, { field: "if-match" });
  }
  return undefined;
}
