/**
 * Station: one question to the control API -> its answer, or an ending that says why there is none.
 *
 * Nothing is repeated here, and every POST has a key of its own: a person who asks again after silence has
 * asked twice, and looks at what became of the first before.
 */
import { randomUUID } from "node:crypto";
import type { Ending, ExitCode, Invocation } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { type Access, findAccess } from "./profile.ts";

const ANSWER_MS_MAX = 15_000;

export type Json = Readonly<Record<string, unknown>>;

export type ApiAnswer = {
  readonly status: number;
  readonly body: Json;
  /** Version of what was read, for `If-Match`; "" where there is none. */
  readonly etag: string;
};

export type Asked =
  | { readonly ok: true; readonly answer: ApiAnswer }
  | { readonly ok: false; readonly ending: Ending; readonly isSilent: boolean };

export type Question = {
  readonly method?: "GET" | "POST" | "PUT";
  /** Below `/v1/engines/{engine}/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses beside 2xx that the caller deals with. */
  readonly alsoTakes?: readonly number[];
};

/** Asks as `access` says. */
export async function ask(access: Access, question: Question): Promise<Asked> {
  const { method = "GET", path, query = {}, body, headers = {}, alsoTakes = [] } = question;
  const url = new URL(`${access.api}/v1/engines/${encodeURIComponent(access.engine)}/${path}`);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      // A token is for this address and no other.
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      headers: {
        authorization: `Bearer ${access.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    const reason = `the control API at ${access.api} does not answer: ${causeOf(error)}`;
    return { ok: false, ending: refusal(EXIT.environment, reason), isSilent: true };
  }
  const read = readJson(text);
  if (read === undefined) {
    const reason = `${access.api} answered with HTTP ${response.status} and no JSON`;
    return { ok: false, ending: refusal(EXIT.environment, reason), isSilent: true };
  }
  if (!response.ok && !alsoTakes.includes(response.status)) {
    const ending = refusal(codeOf(response.status), sentenceOf(response.status, read));
    return { ok: false, ending, isSilent: response.status >= 500 };
  }
  const etag = response.headers.get("etag") ?? "";
  return { ok: true, answer: { status: response.status, body: read, etag } };
}

/** Finds access and asks. */
export async function askFor(invocation: Invocation, question: Question): Promise<Asked> {
  const access = await findAccess(invocation);
  if (!access.ok) return { ok: false, ending: access.ending, isSilent: false };
  return await ask(access.access, question);
}

/** Asks, and makes an ending of the answer. */
export async function endingOf(
  invocation: Invocation,
  question: Question,
  show: (answer: ApiAnswer) => Ending,
): Promise<Ending> {
  const asked = await askFor(invocation, question);
  return asked.ok ? show(asked.answer) : asked.ending;
}

function readJson(text: string): Json | undefined {
  try {
    const value: unknown = text === "" ? {} : JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** A problem (RFC 9457) as one sentence. */
function sentenceOf(status: number, { detail, title, field, requestId }: Json): string {
  const what = String(detail ?? title ?? `HTTP ${status}`);
  const where = typeof field === "string" ? `${field}: ` : "";
  const number = status >= 500 && typeof requestId === "string" ? ` (request ${requestId})` : "";
  return `${where}${what}${number}`;
}

function codeOf(status: number): ExitCode {
  if (status >= 500 || status === 401 || status === 403 || status === 429) return EXIT.environment;
  return status === 404 || status === 409 || status === 412 ? EXIT.failed : EXIT.usage;
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && "code" in cause ? String(cause.code) : error.message;
}
