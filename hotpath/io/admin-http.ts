/**
 * Station: the engine's state -> HTTP on loopback, for people, scripts and probes.
 *
 * Runs in the supervisor and only reads; it holds no state and changes none. It answers on
 * 127.0.0.1 alone, and refuses requests whose Host is another name, so that no web page that a
 * person happens to visit can read it by pointing a name of its own at this address.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { BookView } from "../../contracts/book-view.ts";
import type { ResyncRecord } from "../../contracts/resync.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import { METRICS_CONTENT_TYPE } from "./metrics.ts";

/** What the supervisor lets the admin port see. Each may take a moment; a deadline is kept here. */
export type AdminSource = {
  status(): EngineStatus | Promise<EngineStatus>;
  metricsText(): Promise<string>;
  /** The book of `instrument`, or null when no such book is followed. */
  book(instrument: string): BookView | null | Promise<BookView | null>;
  resyncs(): readonly ResyncRecord[] | Promise<readonly ResyncRecord[]>;
};

export type AdminServer = {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  readonly url: string;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
};

export type AdminStart =
  | { readonly ok: true; readonly admin: AdminServer }
  | { readonly ok: false; readonly reason: string };

/** A hot thread that has not answered by then is reported as not answering. */
const ANSWER_MS_MAX = 2_000;
const REQUEST_MS_MAX = 5_000;
const CONNECTIONS_MAX = 64;
const HOSTS = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/i;
const JSON_TYPE = "application/json; charset=utf-8";

type Answer = {
  readonly code: number;
  readonly type: string;
  readonly body: string;
};

/** Starts the admin port; 0 takes any free one. A taken port is an answer, not an error. */
export function startAdminServer(port: number, source: AdminSource): Promise<AdminStart> {
  const server = createServer((request, response) => {
    void answer(source, request).then((reply) => send(request, response, reply));
  });
  server.headersTimeout = REQUEST_MS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  server.maxConnections = CONNECTIONS_MAX;
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === "EADDRINUSE"
          ? `admin.port ${port} is taken by another program; choose another, or 0 for any`
          : `admin.port ${port} cannot be opened (${error.code ?? error.message})`;
      resolve({ ok: false, reason });
    });
    server.listen(port, "127.0.0.1", () => {
      resolve({ ok: true, admin: { url: urlOf(server), close: () => close(server) } });
    });
  });
}

function urlOf(server: Server): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://127.0.0.1:${port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function send(request: IncomingMessage, response: ServerResponse, reply: Answer): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.code, {
    "content-type": reply.type,
    "content-length": body.length,
    "cache-control": "no-store",
    ...(reply.code === 405 ? { allow: "GET, HEAD" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function answer(source: AdminSource, request: IncomingMessage): Promise<Answer> {
  if (!HOSTS.test(request.headers.host ?? "")) return fault(403, "this port serves loopback only");
  if (request.method !== "GET" && request.method !== "HEAD") {
    return fault(405, `method ${request.method ?? ""} is not served here`);
  }
  try {
    return await inTime(route(source, request.url ?? "/"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fault(503, `the engine does not answer: ${reason}`);
  }
}

/** `work`, or a failure when it takes longer than a probe should wait. */
async function inTime(work: Promise<Answer>): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`no answer within ${ANSWER_MS_MAX} ms`)),
    ANSWER_MS_MAX,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function route(source: AdminSource, target: string): Promise<Answer> {
  const path = target.split("?", 1)[0] ?? "/";
  switch (path) {
    case "/healthz":
      return health(await source.status());
    case "/readyz":
      return readiness(await source.status());
    case "/metrics":
      return { code: 200, type: METRICS_CONTENT_TYPE, body: await source.metricsText() };
    case "/status":
      return json(200, await source.status());
    case "/resyncs":
      return json(200, await source.resyncs());
  }
  if (path.startsWith("/books/")) return bookAnswer(source, path.slice("/books/".length));
  return fault(404, `nothing is served at ${path}`);
}

function health(status: EngineStatus): Answer {
  return json(status.halted === "" ? 200 : 503, {
    ok: status.halted === "",
    halted: status.halted,
  });
}

/** Ready means every required book is live, not merely that the process has started. */
function readiness(status: EngineStatus): Answer {
  const waiting = status.books.filter((book) => book.state !== "live");
  const ready = status.ready && status.halted === "";
  return json(ready ? 200 : 503, {
    ready,
    booksLive: status.books.length - waiting.length,
    booksTotal: status.books.length,
    notLive: waiting.map((book) => book.instrument),
  });
}

async function bookAnswer(source: AdminSource, encoded: string): Promise<Answer> {
  const instrument = decode(encoded);
  if (instrument === null) return fault(400, "the instrument is not a well-formed part of a path");
  const book = await source.book(instrument);
  return book === null ? fault(404, `no book of ${instrument} is followed`) : json(200, book);
}

function decode(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

function json(code: number, value: unknown): Answer {
  return { code, type: JSON_TYPE, body: `${JSON.stringify(value)}\n` };
}

function fault(code: number, error: string): Answer {
  return json(code, { error });
}
