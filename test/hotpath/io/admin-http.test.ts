// Goal: the admin port answers what is asked, refuses what is not its own, and never hangs.
// Method: a real server and real sockets; only what stands behind the seam is made up.
import { request } from "node:http";
import { connect, createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { BookView } from "../../../contracts/book-view.ts";
import {
  type AdminServer,
  type AdminSource,
  startAdminServer,
} from "../../../hotpath/io/admin-http.ts";
import { createMetrics } from "../../../hotpath/io/metrics.ts";
import {
  bookStatus,
  engineStatus,
  resyncRecord,
  tradingStatus,
} from "../../fixtures/status/status-fixture.ts";

const BOOK: BookView = {
  instrument: "binance-spot:BTCUSDT",
  seq: 7,
  state: "live",
  bids: [[6_102_137, 50]],
  asks: [[6_102_138, 20]],
  bidHorizonTicks: 6_000_000,
  askHorizonTicks: null,
};

const open: AdminServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((admin) => admin.close()));
});

async function serve(over: Partial<AdminSource> = {}): Promise<AdminServer> {
  const status = engineStatus();
  const start = await startAdminServer(0, {
    status: () => status,
    metricsText: () => createMetrics().text(status),
    book: (instrument) => (instrument === BOOK.instrument ? BOOK : null),
    resyncs: () => [resyncRecord(1, "sequenceGap", [0, 0, 0, 100, 3, 1])],
    records: (path) => [{ tick: 7, path }],
    ...over,
  });
  if (!start.ok) throw new Error(start.reason);
  open.push(start.admin);
  return start.admin;
}

type Answer = { code: number; type: string; text: string; headers: NodeJS.Dict<string | string[]> };

/** One request whose Host and method are free, which fetch does not allow. */
function ask(admin: AdminServer, path: string, method = "GET", host?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const sent = request(`${admin.url}${path}`, { method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += String(chunk)));
      response.on("end", () =>
        resolve({
          code: response.statusCode ?? 0,
          type: response.headers["content-type"] ?? "",
          text,
          headers: response.headers,
        }),
      );
    });
    sent.on("error", reject).end();
  });
}

describe("what is served", () => {
  test("/healthz is 200 while the engine runs and 503 with the reason when it has halted", async () => {
    const good = await ask(await serve(), "/healthz");
    expect([good.code, JSON.parse(good.text)]).toEqual([200, { ok: true, halted: "" }]);
    const bad = await ask(
      await serve({ status: () => engineStatus({ halted: "crossed" }) }),
      "/healthz",
    );
    expect([bad.code, JSON.parse(bad.text)]).toEqual([503, { ok: false, halted: "crossed" }]);
  });

  test("/readyz is 503 until every book is live, and names those that are not", async () => {
    const books = [bookStatus("binance-spot:A"), bookStatus("binance-spot:B", { state: "void" })];
    const waiting = await ask(
      await serve({ status: () => engineStatus({ ready: false, books }) }),
      "/readyz",
    );
    expect([waiting.code, JSON.parse(waiting.text)]).toEqual([
      503,
      { ready: false, booksLive: 1, booksTotal: 2, notLive: ["binance-spot:B"] },
    ]);
    expect((await ask(await serve(), "/readyz")).code).toBe(200);
  });

  test("/readyz is 503 when everything is live and the engine has halted", async () => {
    const admin = await serve({ status: () => engineStatus({ ready: true, halted: "x" }) });
    expect((await ask(admin, "/readyz")).code).toBe(503);
  });

  test("/status is the status as it is", async () => {
    const { code, type, text } = await ask(await serve(), "/status?pretty=1");
    expect([code, type]).toEqual([200, "application/json; charset=utf-8"]);
    expect(JSON.parse(text)).toEqual(engineStatus());
  });

  test("/metrics is what Prometheus reads", async () => {
    const { code, type, text } = await ask(await serve(), "/metrics");
    expect(code).toBe(200);
    expect(type).toContain("text/plain; version=0.0.4");
    expect(text).toContain("reckoner_ready 1\n");
  });

  test("/resyncs is the list of records", async () => {
    const { text } = await ask(await serve(), "/resyncs");
    expect(JSON.parse(text)).toEqual([resyncRecord(1, "sequenceGap", [0, 0, 0, 100, 3, 1])]);
  });

  test.each(["cycles", "orders", "opportunities", "denials", "alarms"])(
    "/%s is the list of the last records",
    async (path) => {
      const { code, text } = await ask(await serve(), `/${path}`);
      expect([code, JSON.parse(text)]).toEqual([200, [{ tick: 7, path }]]);
    },
  );

  test("?last=N cuts a list of records to its last", async () => {
    const admin = await serve({ records: () => [1, 2, 3] });
    for (const [last, records] of [
      ["2", [2, 3]],
      ["0", []],
      ["99", [1, 2, 3]],
    ] as const) {
      const { code, text } = await ask(admin, `/cycles?last=${last}`);
      expect([code, JSON.parse(text)]).toEqual([200, records]);
    }
    expect((await ask(admin, "/cycles?last=-1")).code).toBe(400);
  });

  test("/trading is the status of trading, or 404 where no account trades", async () => {
    const none = await ask(await serve(), "/trading");
    expect([none.code, JSON.parse(none.text)]).toEqual([
      404,
      { error: "no account is configured to trade" },
    ]);
    const trading = tradingStatus();
    const some = await ask(await serve({ status: () => engineStatus({ trading }) }), "/trading");
    expect([some.code, JSON.parse(some.text)]).toEqual([200, trading]);
  });

  test("/books/<instrument> is one book, with or without percent signs", async () => {
    const admin = await serve();
    for (const name of ["binance-spot:BTCUSDT", "binance-spot%3ABTCUSDT"]) {
      const { code, text } = await ask(admin, `/books/${name}`);
      expect([code, JSON.parse(text)]).toEqual([200, BOOK]);
    }
  });

  test("HEAD says how much GET would send, and sends nothing", async () => {
    const { code, text, headers } = await ask(await serve(), "/status", "HEAD");
    expect([code, text]).toEqual([200, ""]);
    expect(Number(headers["content-length"])).toBeGreaterThan(100);
  });

  test("answers of a thread that takes a moment are waited for", async () => {
    const later = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return engineStatus();
    };
    expect((await ask(await serve({ status: later }), "/status")).code).toBe(200);
  });
});

describe("what is refused, always as JSON", () => {
  test.each([
    ["an unknown path", "/nothing", "GET", 404, "nothing is served at /nothing"],
    ["an unknown book", "/books/kraken:XBT", "GET", 404, "no book of kraken:XBT is followed"],
    [
      "an ill-formed book",
      "/books/%E0%A4%A",
      "GET",
      400,
      "the instrument is not a well-formed part of a path",
    ],
    ["a write", "/status", "POST", 405, "method POST is not served here"],
    ["a removal", "/books/x", "DELETE", 405, "method DELETE is not served here"],
    ["a kill where nothing trades", "/kill", "POST", 405, "method POST is not served here"],
  ])("%s", async (_name, path, method, code, error) => {
    const answer = await ask(await serve(), path, method);
    expect([answer.code, JSON.parse(answer.text)]).toEqual([code, { error }]);
    expect(answer.headers.allow).toBe(code === 405 ? "GET, HEAD" : undefined);
  });

  test.each(["evil.example", "127.0.0.1.evil.example", "evil.example:9464", "localhost.evil"])(
    "a page that points the name %s here",
    async (host) => {
      expect((await ask(await serve(), "/status", "GET", host)).code).toBe(403);
    },
  );

  test.each(["localhost", "LOCALHOST:9464", "127.0.0.1:1"])("while %s may ask", async (host) => {
    expect((await ask(await serve(), "/healthz", "GET", host)).code).toBe(200);
  });

  test.each([
    [
      "an error",
      () => Promise.reject(new Error("the hot thread is gone")),
      "the hot thread is gone",
    ],
    ["a word", () => Promise.reject("gone"), "gone"],
    [
      "a throw",
      () => {
        throw new Error("at once");
      },
      "at once",
    ],
  ])("an engine that answers with %s is 503", async (_name, status, words) => {
    const answer = await ask(await serve({ status }), "/status");
    expect(answer.code).toBe(503);
    expect(answer.text).toContain(`the engine does not answer: ${words}`);
  });

  test("an engine that does not answer in time is 503", async () => {
    const admin = await serve({ status: () => new Promise(() => undefined) });
    const answer = await ask(admin, "/healthz");
    expect(answer.code).toBe(503);
    expect(answer.text).toContain("no answer within 2000 ms");
  });

  test("bytes that are not HTTP end the connection and nothing else", async () => {
    const admin = await serve();
    const port = Number(new URL(admin.url).port);
    await new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.write("\u0000\u0001nonsense\r\n\r\n"));
      socket
        .on("close", () => resolve())
        .on("error", () => undefined)
        .resume();
    });
    expect((await ask(admin, "/healthz")).code).toBe(200);
  });
});

describe("starting and ending", () => {
  test("a taken port is one sentence that names the setting", async () => {
    const taken: Server = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const source: AdminSource = {
      status: () => engineStatus(),
      metricsText: async () => "",
      book: () => null,
      resyncs: () => [],
      records: () => [],
    };
    const start = await startAdminServer(port, source);
    expect(start).toEqual({
      ok: false,
      reason: `admin.port ${port} is taken by another program; choose another, or 0 for any`,
    });
    const unbound = await startAdminServer(port, source);
    expect(unbound.ok).toBe(false);
    await new Promise((resolve) => taken.close(resolve));
  });

  test("closing ends open connections too", async () => {
    const admin = await serve();
    const port = Number(new URL(admin.url).port);
    const socket = connect(port, "127.0.0.1");
    const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()).resume());
    await new Promise<void>((resolve) => socket.on("connect", () => resolve()));
    await ask(admin, "/healthz");
    await admin.close();
    await ended;
    await expect(ask(admin, "/healthz")).rejects.toThrow();
  });
});
