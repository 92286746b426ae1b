/**
 * The HTTP side of the host: API Gateway in front of the control API, and Lambda's own call of any function.
 *
 * Both listen on loopback only. Limits are those of the services: bodies of 10 MB, answers of 6 MB, 29 s.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { HostLog } from "./host-log.ts";
import { failedAnswer, type HttpAnswer, httpAnswer, httpEvent } from "./http-event.ts";
import { type HostedFunction, type Invocation, invoke } from "./invocation.ts";

const LOOPBACK = "127.0.0.1";
/** API Gateway quotas for HTTP APIs, 2026-11. */
const REQUEST_BYTES_MAX = 10 * 1024 * 1024;
/** Lambda quotas, synchronous invocation payload, 2026-11. */
const ANSWER_BYTES_MAX = 6 * 1024 * 1024;
const INVOCATION_PATH = /^\/2015-03-31\/functions\/([a-z-]+)\/invocations$/;

export type HttpSource = {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
};

/** Serves `hosted` behind every path. */
export function serveHttp(hosted: HostedFunction, port: number, log: HostLog): Promise<HttpSource> {
  return serve(port, async (request) => {
    const body = await bodyOf(request);
    if (body === undefined) return failedAnswer(413);
    const event = httpEvent({
      method: request.method ?? "GET",
      target: request.url ?? "/",
      headers: request.headers,
      body,
      sourceIp: request.socket.remoteAddress ?? LOOPBACK,
      requestId: randomUUID(),
      atMs: Date.now(),
    });
    const invocation = await invoke(hosted, event);
    log.invoked(hosted.name, invocation);
    return answerOf(invocation);
  });
}

/** Serves Lambda's call: the body is the event, the answer is what the function returned. */
export function serveInvocations(
  functions: readonly HostedFunction[],
  port: number,
  log: HostLog,
): Promise<HttpSource> {
  return serve(port, async (request) => {
    // No token is asked for here, so no page in a browser of this machine may call.
    if (request.headers.origin !== undefined) return httpAnswer({ statusCode: 403 });
    const name = INVOCATION_PATH.exec(request.url ?? "")?.[1];
    const hosted = functions.find((each) => each.name === name);
    if (hosted === undefined || request.method !== "POST") {
      return httpAnswer({ statusCode: 404, body: "no such function" });
    }
    const body = await bodyOf(request);
    const event = body === undefined ? undefined : eventOf(body);
    if (event === undefined) return httpAnswer({ statusCode: 400, body: "the event is no JSON" });
    const invocation = await invoke(hosted, event.value);
    log.invoked(hosted.name, invocation);
    if (invocation.kind === "returned") return httpAnswer(wrapped(invocation.value));
    return failedAnswer(invocation.kind === "timedOut" ? 503 : 500);
  });
}

/** A value that has a `statusCode` of its own is still only a value to whoever calls a function directly. */
function wrapped(value: unknown): unknown {
  const headers = { "content-type": "application/json" };
  return { statusCode: 200, headers, body: JSON.stringify(value ?? null) };
}

function eventOf(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.length === 0 ? "{}" : body.toString("utf8")) };
  } catch {
    return;
  }
}

function answerOf(invocation: Invocation): HttpAnswer {
  switch (invocation.kind) {
    case "threw":
      return failedAnswer(500);
    case "timedOut":
      return failedAnswer(503);
    case "returned": {
      const answer = httpAnswer(invocation.value);
      return answer.body.length > ANSWER_BYTES_MAX ? failedAnswer(500) : answer;
    }
  }
}

async function serve(
  port: number,
  answer: (request: IncomingMessage) => Promise<HttpAnswer>,
): Promise<HttpSource> {
  const listener: RequestListener = (request, response) =>
    void answer(request)
      .then((each) => send(response, each))
      // The request ended before its body did, or a header of the answer is none: this connection ends alone.
      .catch(() => response.destroy());
  const server: Server = createServer(listener);
  server.listen(port, LOOPBACK);
  await once(server, "listening");
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.close();
      server.closeIdleConnections();
      // Whoever is being answered may wait; a connection that is kept open may not keep us.
      const timer = setTimeout(() => server.closeAllConnections(), 1_000);
      await once(server, "close");
      clearTimeout(timer);
    },
  };
}

/** The whole body, or undefined where it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    sizeBytes += (chunk as Buffer).length;
    // The rest is read and dropped: an answer before the end of a request would look like a lost connection.
    if (sizeBytes <= REQUEST_BYTES_MAX) chunks.push(chunk as Buffer);
  }
  return sizeBytes > REQUEST_BYTES_MAX ? undefined : Buffer.concat(chunks);
}

function send(response: ServerResponse, { status, headers, cookies, body }: HttpAnswer): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length > 0) response.setHeader("set-cookie", [...cookies]);
  response.writeHead(status);
  response.end(body);
}
