// Goal: a request reaches its handler as API Gateway would bring it, and every way to fail has its answer.
import { request as httpRequest } from "node:http";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { afterEach, describe, expect, test } from "vitest";
import { createHostLog } from "../../../local/lambda-host/host-log.ts";
import { httpAnswer, httpEvent } from "../../../local/lambda-host/http-event.ts";
import {
  type HttpSource,
  serveHttp,
  serveInvocations,
} from "../../../local/lambda-host/http-source.ts";
import type { LambdaHandler } from "../../../local/lambda-host/invocation.ts";

const sources: HttpSource[] = [];
let lines: string[] = [];
const log = createHostLog((line) => lines.push(line));

afterEach(async () => {
  lines = [];
  for (const source of sources.splice(0)) await source.stop();
});

async function serve(handler: LambdaHandler, timeoutMs = 5_000): Promise<string> {
  const source = await serveHttp({ name: "api", handler, timeoutMs }, 0, log);
  sources.push(source);
  return source.url;
}

const request = {
  method: "POST",
  target: "/v1/x%20y?a=1&a=2&b=",
  headers: {
    host: "127.0.0.1:1",
    cookie: "a=1; b=2",
    "content-type": "application/json",
    "x-two": ["1", "2"],
  },
  body: Buffer.from('{"n":1}'),
  sourceIp: "127.0.0.1",
  requestId: "r1",
  atMs: 1_790_000_000_000,
};

describe("the event", () => {
  test("has path, query, headers, cookies and body in their places", () => {
    expect(httpEvent(request)).toMatchObject({
      version: "2.0",
      rawPath: "/v1/x%20y",
      rawQueryString: "a=1&a=2&b=",
      queryStringParameters: { a: "1,2", b: "" },
      cookies: ["a=1", "b=2"],
      headers: { "x-two": "1,2", "content-type": "application/json" },
      body: '{"n":1}',
      isBase64Encoded: false,
      requestContext: { requestId: "r1", http: { method: "POST", path: "/v1/x%20y" } },
    });
    expect(httpEvent(request).headers).not.toHaveProperty("cookie");
  });

  test("of a request without body, query and cookies has none", () => {
    const bare = { ...request, method: "GET", target: "/", headers: {}, body: Buffer.alloc(0) };
    const event = httpEvent(bare);
    for (const field of ["body", "queryStringParameters", "cookies"]) {
      expect(event).not.toHaveProperty(field);
    }
    expect(event.isBase64Encoded).toBe(false);
  });

  test("carries bytes that are no text in base64", () => {
    const headers = { "content-type": "application/octet-stream" };
    const event = httpEvent({ ...request, headers, body: Buffer.from([0, 255]) });
    expect(event).toMatchObject({ body: "AP8=", isBase64Encoded: true });
  });
});

describe("the answer", () => {
  test.each([
    [{ statusCode: 204 }, 204, ""],
    [{ statusCode: 201, body: "made" }, 201, "made"],
    [{ statusCode: 200, body: "AP8=", isBase64Encoded: true }, 200, "\u0000\ufffd"],
    [{ a: 1 }, 200, '{"a":1}'],
    ["text", 200, '"text"'],
    [undefined, 200, "null"],
    [{ statusCode: 42 }, 500, '{"message":"Internal Server Error"}'],
    [{ statusCode: "x" }, 500, '{"message":"Internal Server Error"}'],
  ])("of %j has status %d", (result, status, body) => {
    const answer = httpAnswer(result);
    expect(answer.status).toBe(status);
    expect(answer.body.toString("utf8")).toBe(body);
  });
});

describe("over a socket", () => {
  test("a handler sees the request and answers with headers and cookies", async () => {
    const url = await serve((event) => {
      const { rawPath, body = "" } = event as APIGatewayProxyEventV2;
      return {
        statusCode: 202,
        headers: { "Content-Type": "text/plain", "X-Path": rawPath },
        cookies: ["a=1; Path=/", "b=2"],
        body,
      };
    });
    const answer = await fetch(`${url}/v1/a?b=c`, { method: "PUT", body: "hello" });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("x-path")).toBe("/v1/a");
    expect(answer.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(await answer.text()).toBe("hello");
    expect(lines).toEqual([]);
  });

  test("a throw is 500, a late answer 503, an answer too large 500, and the log says the first two", async () => {
    const thrown = await serve(() => Promise.reject(new Error("broken")));
    expect((await fetch(thrown)).status).toBe(500);
    const late = await serve(() => new Promise(() => {}), 20);
    expect((await fetch(late)).status).toBe(503);
    const large = await serve(() => ({ statusCode: 200, body: "x".repeat(6 * 1024 * 1024 + 1) }));
    expect((await fetch(large)).status).toBe(500);
    expect(lines.map((line) => JSON.parse(line).outcome)).toEqual(["threw", "timedOut"]);
    expect(lines[0]).toContain("broken");
  });

  test("a body of more than 10 MB is 413 and reaches nobody", async () => {
    let calls = 0;
    const url = await serve(() => ++calls);
    const body = Buffer.alloc(10 * 1024 * 1024 + 1);
    expect((await fetch(url, { method: "POST", body })).status).toBe(413);
    expect(calls).toBe(0);
  });

  test("a client that goes in the middle of its body leaves the host serving", async () => {
    const url = await serve(() => ({ statusCode: 200 }));
    const headers = { "content-length": "100" };
    const half = httpRequest(url, { method: "POST", headers });
    const gone = new Promise((resolve) => half.on("error", resolve));
    half.write("half");
    await new Promise((resolve) => half.on("socket", (socket) => socket.once("connect", resolve)));
    half.destroy(new Error("gone"));
    await gone;
    expect((await fetch(url)).status).toBe(200);
  });

  test("an answer with a header that is none ends its connection and leaves the host serving", async () => {
    const url = await serve((event) => {
      const isBad = (event as APIGatewayProxyEventV2).rawPath === "/bad";
      return { statusCode: 200, headers: { "x-note": isBad ? "a\nb" : "a" } };
    });
    await expect(fetch(`${url}/bad`)).rejects.toThrow();
    expect((await fetch(url)).status).toBe(200);
  });

  test("the context counts down, and events are the handler's own", async () => {
    const seen: number[] = [];
    const url = await serve((event, context: Context) => {
      seen.push(context.getRemainingTimeInMillis());
      (event as { rawPath: string }).rawPath = "changed";
      context.done();
      return { statusCode: 200, body: context.functionName };
    }, 4_000);
    expect(await (await fetch(url)).text()).toBe("api");
    expect(seen[0]).toBeGreaterThan(0);
    expect(seen[0]).toBeLessThanOrEqual(4_000);
  });
});

describe("a call by name", () => {
  const handlers: Readonly<Record<string, LambdaHandler>> = {
    echo: (event) => ({ statusCode: 418, event }),
    nothing: () => undefined,
    broken: () => Promise.reject(new Error("broken")),
    slow: () => new Promise(() => {}),
  };

  async function call(
    name: string,
    body: string,
    method = "POST",
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const functions = Object.entries(handlers).map(([each, handler]) => ({
      name: each,
      handler,
      timeoutMs: 20,
    }));
    const source = await serveInvocations(functions, 0, log);
    sources.push(source);
    const url = `${source.url}/2015-03-31/functions/${name}/invocations`;
    return await fetch(url, { method, headers, ...(method === "POST" && { body }) });
  }

  test("gets what the function returned, as a value", async () => {
    const answer = await call("echo", '{"day":"2026-11-21"}');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ statusCode: 418, event: { day: "2026-11-21" } });
    expect(await (await call("nothing", "")).json()).toBeNull();
  });

  test.each([
    ["broken", "{}", 500],
    ["slow", "{}", 503],
    ["echo", "no json", 400],
    ["stranger", "{}", 404],
  ])("of %s with %s is %d", async (name, body, status) => {
    expect((await call(name, body)).status).toBe(status);
  });

  test("is not a page's to make", async () => {
    const headers = { origin: "https://evil.example.com" };
    expect((await call("echo", "{}", "POST", headers)).status).toBe(403);
  });

  test("is a POST", async () => {
    expect((await call("echo", "", "GET")).status).toBe(404);
  });
});
