// Goal: one GET is one answer or one reason, whatever the other side does, and it never throws.
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import { nowUs } from "../../../hotpath/io/clock.ts";
import { RestClient } from "../../../hotpath/io/rest-client.ts";
import { fetchSnapshot, measureClock, type RestVenue } from "../../../hotpath/rest-reader.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import { instrumentsOf } from "../venues/frames.ts";

const WEIGHT_HEADER = "x-mbx-used-weight-1m";
const GOOD = '{"lastUpdateId":7,"bids":[["100.10","1.5"]],"asks":[["100.20","2"]]}';

let server: Server;
let client: RestClient;

async function serve(listener: RequestListener): Promise<RestClient> {
  server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  client = new RestClient(`http://127.0.0.1:${port}`, WEIGHT_HEADER);
  return client;
}

afterEach(async () => {
  await client.close();
  server.closeAllConnections();
  server.close();
});

describe("an answer", () => {
  test("has its body, its times and the weight that the venue counts", async () => {
    await serve((request, response) => {
      response.setHeader(WEIGHT_HEADER, "123").end(`asked ${request.url}`);
    });
    const beforeUs = nowUs();
    const answer = await client.get("/api/v3/depth?symbol=X", 2000);
    expect(answer).toMatchObject({ kind: "body", status: 200, weightUsed: 123, retryAfterUs: 0 });
    if (answer.kind !== "body") throw new Error("it is a body");
    expect(Buffer.from(answer.body).toString()).toBe("asked /api/v3/depth?symbol=X");
    expect(answer.recvUs).toBeGreaterThanOrEqual(beforeUs);
    expect(answer.roundTripUs).toBeGreaterThan(0);
  });

  test("that comes in pieces is one body; one that is empty is empty", async () => {
    await serve((request, response) => {
      if (request.url === "/empty") {
        response.end();
        return;
      }
      response.write("a");
      setTimeout(() => response.end("b"), 5);
    });
    const pieces = await client.get("/", 2000);
    expect(pieces.kind === "body" && Buffer.from(pieces.body).toString()).toBe("ab");
    const empty = await client.get("/empty", 2000);
    expect(empty.kind === "body" && empty.body.length).toBe(0);
  });

  test.each([
    ["7", 7_000_000],
    ["0", 0],
    ["Wed, 21 Oct 2026 07:28:00 GMT", 0],
    ["nonsense", 0],
  ])("Retry-After %s is a silence of %i us", async (value, retryAfterUs) => {
    await serve((_, response) => {
      response.writeHead(429, { "retry-after": value, [WEIGHT_HEADER]: "x" }).end();
    });
    expect(await client.get("/", 2000)).toMatchObject({
      status: 429,
      retryAfterUs,
      weightUsed: -1,
    });
  });
});

describe("no answer", () => {
  test("within the limit is a timeout", async () => {
    await serve(() => undefined);
    expect(await client.get("/", 50)).toMatchObject({ kind: "failed", code: "timeout" });
  });

  test("after the body has begun is a timeout too", async () => {
    await serve(
      (_, response) => void response.writeHead(200, { "content-length": 10 }).write("half"),
    );
    expect(await client.get("/", 80)).toMatchObject({ kind: "failed" });
  });

  test("but a cut in the middle of the body is a failure, and nothing of the body is used", async () => {
    await serve((_, response) => {
      response.writeHead(200, { "content-length": 100 }).write("half");
      setTimeout(() => response.destroy(), 5);
    });
    expect(await client.get("/", 2000)).toMatchObject({ kind: "failed" });
  });

  test("but a cut at once, or no HTTP at all, is a failure", async () => {
    await serve((request) => {
      if (request.url === "/garbage") request.socket.end("this is no HTTP\r\n\r\n");
      else request.socket.destroy();
    });
    expect(await client.get("/", 2000)).toMatchObject({ kind: "failed" });
    expect(await client.get("/garbage", 2000)).toMatchObject({ kind: "failed" });
  });

  test("after the client was closed is a failure as well", async () => {
    await serve((_, response) => response.end());
    await client.close();
    expect(await client.get("/", 2000)).toMatchObject({ kind: "failed" });
  });

  test("but a body without end is a failure, and memory stays bounded", async () => {
    await serve((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024);
      const pour = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", pour);
      pour();
    });
    const answer = await client.get("/", 20_000);
    expect(answer).toMatchObject({
      kind: "failed",
      reason: expect.stringContaining("longer than"),
    });
  });
});

describe("the reader of REST", () => {
  const [instrument] = instrumentsOf("binance-usdm");
  if (instrument === undefined) throw new Error("there is an instrument");

  /** What one request ends in. */
  async function ask(
    listener: RequestListener,
    act: "snapshot" | "clock" = "snapshot",
    record: () => number = () => 11,
  ): Promise<{ events: ControlEvent[]; sources: number[] }> {
    await serve(listener);
    const venue = VENUES["binance-usdm"];
    const from: RestVenue = { index: 0, venue, client, decoder: venue.makeDecoder([]) };
    const events: ControlEvent[] = [];
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const sources: number[] = [];
    const ports = {
      emit: (event: ControlEvent) => {
        events.push(event);
        resolve();
      },
      record: (_: number, source: { venue: number }) => {
        sources.push(source.venue);
        return record();
      },
    };
    if (act === "clock") measureClock(from, ports);
    else {
      const request = { requestId: 5, depthLimit: 100, timeoutUs: 300_000 };
      fetchSnapshot(from, instrument as NonNullable<typeof instrument>, request, ports);
    }
    await told;
    return { events, sources };
  }

  test("a good body is one snapshot, recorded under its venue's number", async () => {
    const { events, sources } = await ask((_, response) => {
      response.setHeader(WEIGHT_HEADER, "40").end(GOOD);
    });
    expect(events).toMatchObject([
      {
        type: "snapshotReceived",
        instrument: 0,
        requestId: 5,
        weightUsed: 40,
        rawSeq: 11,
        levels: { seq: 7, bidCount: 1 },
      },
    ]);
    // The journal numbers venues as VENUE_IDS does, not as the plan of this run happens to.
    expect(sources).toEqual([1]);
  });

  test.each<[string, RequestListener, string, number]>([
    ["503 with a page", (_, response) => void response.writeHead(503).end("<html>"), "HTTP 503", 0],
    ["200 with a page", (_, response) => void response.end("<html>"), "the body is no snapshot", 0],
    [
      "an error of the venue",
      (_, response) => void response.end('{"code":-1121,"msg":"x"}'),
      "the body is no snapshot",
      0,
    ],
    [
      "429 with a time",
      (_, response) => void response.writeHead(429, { "retry-after": "3" }).end(),
      "HTTP 429",
      3_000_000,
    ],
    ["429 without", (_, response) => void response.writeHead(429).end(), "HTTP 429", 5_000_000],
    ["418 without", (_, response) => void response.writeHead(418).end(), "HTTP 418", 120_000_000],
    [
      "418 with a time beyond reason",
      (_, response) => void response.writeHead(418, { "retry-after": "999999999" }).end(),
      "HTTP 418",
      259_200_000_000,
    ],
    ["no answer", () => undefined, "timeout", 0],
    ["a cut", (request) => void request.socket.destroy(), "UND_ERR_SOCKET", 0],
  ])("%s is one failure with its reason", async (_, listener, reason, retryAfterUs) => {
    const { events } = await ask(listener);
    expect(events).toMatchObject([
      { type: "snapshotFailed", instrument: 0, requestId: 5, reason, retryAfterUs },
    ]);
  });

  test("a body that cannot be recorded is not used", async () => {
    const { events } = await ask(
      (_, response) => void response.end(GOOD),
      "snapshot",
      () => -1,
    );
    expect(events).toMatchObject([{ type: "snapshotFailed", reason: "the recorder has no room" }]);
  });

  test("a clock is an offset and how wrong it may be", async () => {
    const { events } = await ask((_, response) => {
      response.end(JSON.stringify({ serverTime: Date.now() + 5000 }));
    }, "clock");
    const [event] = events;
    if (event?.type !== "clockMeasured") throw new Error("it was measured");
    expect(Math.abs(event.offsetUs - 5_000_000)).toBeLessThanOrEqual(event.errorUs + 100_000);
    expect(event.errorUs).toBeGreaterThan(1000);
  });

  test.each<[string, RequestListener, string, number]>([
    ["garbage", (_, response) => void response.end("<html>"), "HTTP 200", 0],
    [
      "429",
      (_, response) => void response.writeHead(429, { "retry-after": "9" }).end(),
      "HTTP 429",
      9_000_000,
    ],
    ["418", (_, response) => void response.writeHead(418).end(), "HTTP 418", 120_000_000],
    ["a cut", (request) => void request.socket.destroy(), "UND_ERR_SOCKET", 0],
  ])(
    "a clock that answers %s has failed, and its silence is told",
    async (_, listener, reason, retryAfterUs) => {
      const { events } = await ask(listener, "clock");
      expect(events).toEqual([{ type: "clockFailed", venue: 0, reason, retryAfterUs }]);
    },
  );
});
