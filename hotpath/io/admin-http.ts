/**
 * Station: the engine's state -> HTTP on loopback, for people, scripts and probes.
 *
 * Runs in the supervisor; reading changes nothing, and the few writes (`admin-write.ts`) want a token. It
 * answers on 127.0.0.1 alone, and refuses requests whose Host is another name, so that no web page that a
 * person happens to visit can read it by pointing a name of its own at this address.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { BookView } from "../../contracts/book-view.ts";
import type { ResyncRecord } from "../../contracts/resync.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import type { AdminEvents } from "./admin-events.ts";
import type { AdminToken } from "./admin-token.ts";
import { answerWrite, isWritePath, type Operations } from "./admin-write.ts";
import { METRICS_CONTENT_TYPE } from "./metrics.ts";

/** The last records of trading that may be read, by the path they are served at. */
export const RECORD_PATHS = ["cycles", "orders", "opportunities", "denials", "alarms"] as const;
export type RecordPath = (typeof RECORD_PATHS)[number];

/** What the supervisor lets the admin port see. Each may take a moment; a deadline is kept here. */
export type AdminSource = {
  status(): EngineStatus | Promise<EngineStatus>;
  metricsText(): Promise<string>;
  /** The book of `instrument`, or null when no such book is followed. */
  book(instrument: string): BookView | null | Promise<BookView | null>;
  resyncs(): readonly ResyncRecord[] | Promise<readonly ResyncRecord[]>;
  /** The last of them, oldest first. */
  records(path: RecordPath): readonly unknown[];
  /** Transitions as they happen; without it nothing is streamed. */
  readonly events?: AdminEvents;
};

/** What it takes to write; without it the port only reads. */
export type AdminWrites = { readonly token: AdminToken; readonly operations: Operations };

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
  /** Of a 405: what is served instead. */
  readonly allow?: string;
};

type Port = { readonly source: AdminSource; readonly writes: AdminWrites | undefined };

/** Starts the admin port; 0 takes any free one. A taken port is an answer, not an error. */
export function startAdminServer(
  port: number,
  source: AdminSource,
  writes?: AdminWrites,
): Promise<AdminStart> {
  const server = createServer((request, response) => {
    if (isStreamed(source, request, response)) return;
    void answer({ source, writes }, request).then((reply) => send(request, response, reply));
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
    ...(reply.allow === undefined ? {} : { allow: reply.allow }),
    ...(reply.code === 401 ? { "www-authenticate": "Bearer" } : {}),
    // What is left of a refused body is not read, so this connection cannot carry another request.
    ...(reply.code === 413 ? { connection: "close" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

/** `GET /events`: a stream that goes on, so it is no answer. Whether it has begun. */
function isStreamed(
  { events }: AdminSource,
  { url = "", method, headers }: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (events === undefined || method !== "GET" || url !== "/events") return false;
  if (!HOSTS.test(headers.host ?? "")) return false;
  return events.listen(response, String(headers["last-event-id"] ?? ""));
}

async function answer(port: Port, request: IncomingMessage): Promise<Answer> {
  if (!HOSTS.test(request.headers.host ?? "")) return fault(403, "this port serves loopback only");
  const [path = "/", query] = (request.url ?? "/").split("?", 2);
  const writes = isWritePath(path) ? port.writes : undefined;
  const methods = writes === undefined ? ["GET", "HEAD"] : ["POST"];
  const method = request.method ?? "";
  if (!methods.includes(method)) {
    return { ...fault(405, `method ${method} is not served here`), allow: methods.join(", ") };
  }
  try {
    return await inTime(
      writes === undefined ? route(port.source, path, query ?? "") : written(writes, path, request),
    );
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

async function written(
  { token, operations }: AdminWrites,
  path: string,
  request: IncomingMessage,
): Promise<Answer> {
  const { code, body } = await answerWrite(path, request, token, operations);
  return json(code, body);
}

async function route(source: AdminSource, path: string, query: string): Promise<Answer> {
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
    case "/trading":
      return tradingAnswer(await source.status());
  }
  if (path === "/events") return fault(503, "too many listen, or nothing is streamed here");
  const records = RECORD_PATHS.find((each) => path === `/${each}`);
  if (records !== undefined) return recordsAnswer(source, records, query);
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

/** `?last=5` gives the last five of them. */
function recordsAnswer(source: AdminSource, path: RecordPath, query: string): Answer {
  const last = new URLSearchParams(query).get("last");
  if (last === null) return json(200, source.records(path));
  if (!/^\d{1,5}$/.test(last)) return fault(400, "last: expected a whole number");
  const records = source.records(path);
  return json(200, records.slice(Math.max(0, records.length - Number(last))));
}

function tradingAnswer({ trading }: EngineStatus): Answer {
  return trading === null ? fault(404, "no account is configured to trade") : json(200, trading);
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
