/**
 * Station: writes on the admin port -> what an operator asks of trading. Kill, release, drain, limits.
 *
 * Every write wants the token, JSON and a body of a bounded size, and is checked whole before anything
 * happens. It is answered when the loop has taken it, so that "200" means "from here on". It never decides
 * whether what is asked is wise.
 */
import type { IncomingMessage } from "node:http";
import {
  type DrainRequest,
  type KillRequest,
  type LimitsRequest,
  parseDrainRequest,
  parseKillRequest,
  parseLimitsRequest,
  type RequestParse,
} from "../../contracts/schema/operator.ts";
import type { AdminToken } from "./admin-token.ts";

/** What the engine says to a write. */
export type OperatorAnswer =
  | { readonly ok: true; readonly tick: number }
  /** 409: it contradicts how things stand. 503: the engine does not answer. */
  | { readonly ok: false; readonly code: 409 | 422 | 503; readonly reason: string };

/**
 * What an operator may do to the engine. Each settles when the loop has taken it. `askedUs` is when somebody
 * decided on it, where that was before now: a release undoes no kill that was asked for later.
 */
export interface Operations {
  kill(request: KillRequest, askedUs?: number): Promise<OperatorAnswer>;
  release(request: KillRequest, askedUs?: number): Promise<OperatorAnswer>;
  drain(request: DrainRequest): Promise<OperatorAnswer>;
  changeLimits(request: LimitsRequest): Promise<OperatorAnswer>;
}

export type WriteAnswer = { readonly code: number; readonly body: unknown };

/** The largest body that is read: limits with an allowlist of a thousand instruments fit well. */
export const BODY_BYTES_MAX = 64 * 1024;

type Write = (operations: Operations, body: unknown) => Promise<WriteAnswer>;

const WRITES: ReadonlyMap<string, Write> = new Map([
  ["/kill", writeOf(parseKillRequest, (operations, request) => operations.kill(request))],
  ["/release", writeOf(parseKillRequest, (operations, request) => operations.release(request))],
  ["/drain", writeOf(parseDrainRequest, (operations, request) => operations.drain(request))],
  [
    "/limits",
    writeOf(parseLimitsRequest, (operations, request) => operations.changeLimits(request)),
  ],
]);

function writeOf<Request>(
  parse: (body: unknown) => RequestParse<Request>,
  act: (operations: Operations, request: Request) => Promise<OperatorAnswer>,
): Write {
  return async (operations, body) => {
    const parsed = parse(body);
    if (!parsed.ok) return fault(422, `${parsed.field}: ${parsed.reason}`);
    const answer = await act(operations, parsed.request);
    return answer.ok
      ? { code: 200, body: { tick: answer.tick } }
      : fault(answer.code, answer.reason);
  };
}

/** Whether `path` is one that is written to, and never read. */
export function isWritePath(path: string): boolean {
  return WRITES.has(path);
}

/** Carries one write out, or says why not. */
export async function answerWrite(
  path: string,
  request: IncomingMessage,
  token: AdminToken,
  operations: Operations,
): Promise<WriteAnswer> {
  const write = WRITES.get(path);
  if (write === undefined) return fault(404, `nothing is written at ${path}`);
  const { authorization } = request.headers;
  if (authorization === undefined) return fault(401, "a write wants the token of the admin port");
  if (!token.fits(authorization)) return fault(403, "this is not the token of the admin port");
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/json(?:;|$)/i.test(type)) return fault(415, "a write is application/json");
  const text = await readBody(request);
  if (text === undefined) return fault(413, `a body has at most ${BODY_BYTES_MAX} bytes`);
  const body = parseJson(text);
  if (body === undefined) return fault(422, "the body is not JSON");
  return await write(operations, body);
}

/** The body as text; undefined when it is too long, and then the rest of it is not waited for. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) return undefined;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fault(code: number, error: string): WriteAnswer {
  return { code, body: { error } };
}
