/**
 * Station: one signed request -> a venue -> the text of its answer.
 *
 * The only way out. It refuses every method, path and host that `endpoints.ts` does not list, follows no
 * redirect, and reads no more than an answer can hold.
 */
import { Agent, request } from "undici";
import { isLoopbackUrl } from "../../contracts/aws-environment.ts";
import { type CancelVenue, isAllowed, VENUE_ENDPOINTS } from "./endpoints.ts";

export type VenueCall = {
  readonly method: "GET" | "POST" | "DELETE";
  /** Without its query. */
  readonly path: string;
  /** As it is sent, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type VenueAnswer = { readonly status: number; readonly text: string };

/** Trouble at a venue or on the way to it; `waitMs` is how long it wants silence. */
export class VenueError extends Error {
  override readonly name = "VenueError";
  readonly waitMs: number;

  constructor(message: string, waitMs = 0) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** A request that stands on no list: a mistake of ours, and nothing is sent. */
export class ForbiddenCallError extends Error {
  override readonly name = "ForbiddenCallError";
}

export type VenueHttp = {
  readonly ask: (call: VenueCall) => Promise<VenueAnswer>;
  readonly close: () => Promise<void>;
};

const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 8_000;
const ANSWER_BYTES_MAX = 8 * 1024 * 1024;
/** 429 and 418: "banned" at Binance (rest-api.md, "IP Limits", 2026-07-21). */
const STATUSES_SILENCE: readonly number[] = [418, 429];
const MS_PER_S = 1_000;

/** Requests to `venue`; a stand-in of this machine may take its place, no other host. */
export function createVenueHttp(
  venue: CancelVenue,
  standIn = "",
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
): VenueHttp {
  if (standIn !== "" && !isLoopbackUrl(standIn)) {
    throw new ForbiddenCallError(`a stand-in of ${venue} is on this machine`);
  }
  const origin = standIn === "" ? VENUE_ENDPOINTS[venue].origin : standIn.replace(/\/$/, "");
  const agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS } });
  return {
    async ask({ method, path, query, headers, body }) {
      if (!isAllowed(venue, method, path)) {
        throw new ForbiddenCallError(`${method} ${path} is not said to ${venue}`);
      }
      const url = `${origin}${path}${query === "" ? "" : `?${query}`}`;
      const answer = await sent(venue, url, { method, headers, body, agent, answerTimeoutMs });
      if (STATUSES_SILENCE.includes(answer.status)) {
        throw new VenueError(`${venue} wants silence`, answer.waitMs);
      }
      return answer;
    },
    close: () => agent.close(),
  };
}

type Sending = Pick<VenueCall, "method" | "headers" | "body"> & {
  readonly agent: Agent;
  readonly answerTimeoutMs: number;
};

async function sent(
  venue: CancelVenue,
  url: string,
  { method, headers, body, agent, answerTimeoutMs }: Sending,
): Promise<VenueAnswer & { readonly waitMs: number }> {
  try {
    const answer = await request(url, {
      method,
      headers: { ...headers },
      ...(body !== "" && { body }),
      dispatcher: agent,
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const text = await textOf(answer.body);
    const waitS = Number(answer.headers["retry-after"] ?? 1);
    const waitMs = Number.isFinite(waitS) && waitS > 0 ? waitS * MS_PER_S : MS_PER_S;
    return { status: answer.statusCode, text, waitMs };
  } catch (error) {
    // The address holds a signature, so of the error only its code is told.
    const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
    throw new VenueError(`${venue}: ${typeof code === "string" ? code : String(name)}`);
  }
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) throw new RangeError("the answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The JSON of an answer as an object; throws `VenueError` for anything else. */
export function fieldsIn(
  venue: CancelVenue,
  { status, text }: VenueAnswer,
): Record<string, unknown> {
  const value = jsonIn(venue, { status, text });
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new VenueError(`${venue}: status ${status} without an object`);
}

/** The JSON of an answer; throws `VenueError` where it is none. */
export function jsonIn(venue: CancelVenue, { status, text }: VenueAnswer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new VenueError(`${venue}: status ${status} without JSON`);
  }
}
