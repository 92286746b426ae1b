/**
 * Station: one HTTP request to a program of ours on loopback -> its JSON, or a sentence.
 *
 * Every request has a deadline and none is retried here; who asks decides what silence means.
 */

const ANSWER_MS_MAX = 5_000;

export type LoopbackAnswer =
  | { readonly ok: true; readonly status: number; readonly body: unknown }
  | { readonly ok: false; readonly reason: string };

/** Gets `url`, or posts `body` to it as JSON when one is given, with `token` where a write wants one. */
export async function askLoopback(
  url: string,
  body?: unknown,
  token?: string,
): Promise<LoopbackAnswer> {
  const request: RequestInit = { signal: AbortSignal.timeout(ANSWER_MS_MAX) };
  if (body !== undefined) {
    request.method = "POST";
    request.body = JSON.stringify(body);
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    request.headers = { "content-type": "application/json", ...authorization };
  }
  try {
    const response = await fetch(url, request);
    const text = await response.text();
    return { ok: true, status: response.status, body: text === "" ? null : JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: `${url} does not answer: ${reasonOf(error)}` };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return code === "" ? error.message : code;
}
