// Goal: a write on the admin port is carried out once, for who knows the token, and whole or not at all.
// Method: a real server and real sockets; what stands behind the operations is a list of what was asked.
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { type AdminServer, startAdminServer } from "../../../hotpath/io/admin-http.ts";
import { AdminToken } from "../../../hotpath/io/admin-token.ts";
import {
  BODY_BYTES_MAX,
  type Operations,
  type OperatorAnswer,
} from "../../../hotpath/io/admin-write.ts";
import { standardLimits } from "../../fixtures/limits/limits-fixture.ts";
import { engineStatus } from "../../fixtures/status/status-fixture.ts";

const TOKEN = "a-word-that-nobody-guesses";
const KILL = { scope: "all", by: "anna", reason: "looks wrong" };

const open: AdminServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((admin) => admin.close()));
});

type Asked = readonly [name: string, request: unknown];

async function serve(answer: OperatorAnswer = { ok: true, tick: 42 }) {
  const asked: Asked[] = [];
  const note = (name: string) => async (request: unknown) => {
    asked.push([name, request]);
    return answer;
  };
  const operations: Operations = {
    kill: note("kill"),
    release: note("release"),
    drain: note("drain"),
    changeLimits: note("limits"),
  };
  const source = {
    status: () => engineStatus(),
    metricsText: async () => "",
    book: () => null,
    resyncs: () => [],
    records: () => [],
  };
  const token = new AdminToken(TOKEN, "");
  const start = await startAdminServer(0, source, { token, operations });
  if (!start.ok) throw new Error(start.reason);
  open.push(start.admin);
  return { admin: start.admin, asked };
}

type Sent = { method?: string; headers?: Record<string, string>; body?: string };
type Answer = { code: number; body: unknown; headers: NodeJS.Dict<string | string[]> };

const GOOD = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };

function send(admin: AdminServer, path: string, sent: Sent = {}): Promise<Answer> {
  const { method = "POST", headers = GOOD, body = "" } = sent;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${admin.url}${path}`, { method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += String(chunk)));
      response.on("end", () => {
        const { statusCode: code = 0, headers: received } = response;
        resolve({ code, body: text === "" ? null : JSON.parse(text), headers: received });
      });
    });
    outgoing.on("error", reject).end(body);
  });
}

const json = (value: unknown): Sent => ({ body: JSON.stringify(value) });

describe("a write that is in order", () => {
  test.each([
    ["/kill", "kill", KILL, { ...KILL, target: "" }],
    ["/kill", "kill", { ...KILL, scope: "venue", target: "kucoin" }, undefined],
    ["/release", "release", KILL, { ...KILL, target: "" }],
    ["/drain", "drain", { by: "anna", policy: "flatten" }, undefined],
    ["/drain", "drain", { by: "anna" }, undefined],
  ] as const)(
    "%s is handed on as %s, and answered with the tick",
    async (path, name, body, asks) => {
      const { admin, asked } = await serve();
      const answer = await send(admin, path, json(body));
      expect([answer.code, answer.body]).toEqual([200, { tick: 42 }]);
      expect(asked).toEqual([[name, asks ?? body]]);
    },
  );

  test("limits are handed on whole", async () => {
    const { admin, asked } = await serve();
    const limits = standardLimits();
    const body = { version: 2, limits, by: "risk", reason: "smaller" };
    const answer = await send(admin, "/limits", json(body));
    expect([answer.code, answer.body]).toEqual([200, { tick: 42 }]);
    expect(asked).toEqual([["limits", JSON.parse(JSON.stringify(body))]]);
  });

  test.each([409, 422, 503] as const)("what the engine refuses is told as %i", async (code) => {
    const { admin } = await serve({ ok: false, code, reason: "not now" });
    const answer = await send(admin, "/kill", json(KILL));
    expect([answer.code, answer.body]).toEqual([code, { error: "not now" }]);
  });
});

describe("a write that is refused does nothing", () => {
  test.each([
    ["without a token", { "content-type": "application/json" }, 401],
    ["with another token", { ...GOOD, authorization: "Bearer a-word-that-nobody-guessed" }, 403],
    ["with a part of the token", { ...GOOD, authorization: `Bearer ${TOKEN.slice(1)}` }, 403],
    ["with another scheme", { ...GOOD, authorization: `Basic ${TOKEN}` }, 403],
    ["as a form", { ...GOOD, "content-type": "application/x-www-form-urlencoded" }, 415],
    ["as text that a page can send", { ...GOOD, "content-type": "text/plain" }, 415],
    ["for another host", { ...GOOD, host: "evil.example" }, 403],
  ] as const)("%s", async (_name, headers, code) => {
    const { admin, asked } = await serve();
    const answer = await send(admin, "/kill", { headers, body: JSON.stringify(KILL) });
    expect(answer.code).toBe(code);
    expect(answer.headers["www-authenticate"]).toBe(code === 401 ? "Bearer" : undefined);
    expect(asked).toEqual([]);
  });

  test.each([
    ["no JSON", "{", "the body is not JSON"],
    ["nothing", "", "the body is not JSON"],
    ["a list", "[]", ": Invalid input: expected object, received array"],
    [
      "an unknown field",
      JSON.stringify({ ...KILL, target: "", why: "x" }),
      "why: there is no such field",
    ],
    ["an unknown scope", JSON.stringify({ ...KILL, scope: "some" }), "scope: "],
    ["a kill of all with a target", JSON.stringify({ ...KILL, target: "kraken" }), "target: "],
    ["a kill of a venue without one", JSON.stringify({ ...KILL, scope: "venue" }), "target: "],
    ["nobody", JSON.stringify({ ...KILL, by: "" }), "by: expected a name"],
    [
      "a line of its own",
      JSON.stringify({ ...KILL, reason: "a\nb" }),
      "reason: expected printable",
    ],
    ["no reason", JSON.stringify({ scope: "all", by: "anna" }), "reason: "],
  ])("with %s as its body", async (_name, body, words) => {
    const { admin, asked } = await serve();
    const answer = await send(admin, "/kill", { body });
    expect(answer.code).toBe(422);
    expect((answer.body as { error: string }).error).toContain(words);
    expect(asked).toEqual([]);
  });

  test.each([
    ["above a ceiling", { orderNotionalMax: "99999999" }, "limits.orderNotionalMax"],
    ["negative", { openOrdersMax: -1 }, "limits.openOrdersMax"],
    ["that nobody knows", { orderNotionalMaximum: "1" }, "limits.orderNotionalMaximum"],
  ])("with a limit %s, which is named", async (_name, over, words) => {
    const { admin, asked } = await serve();
    const limits = { ...standardLimits(), ...over };
    const answer = await send(
      admin,
      "/limits",
      json({ version: 2, limits, by: "risk", reason: "x" }),
    );
    expect(answer.code).toBe(422);
    expect((answer.body as { error: string }).error).toContain(words);
    expect(asked).toEqual([]);
  });

  test("with a body that is announced too long", async () => {
    const { admin, asked } = await serve();
    const answer = await send(admin, "/kill", { body: " ".repeat(BODY_BYTES_MAX + 1) });
    expect(answer.code).toBe(413);
    expect(asked).toEqual([]);
  });

  test("with a body that turns out too long", async () => {
    const { admin, asked } = await serve();
    const port = Number(new URL(admin.url).port);
    const answer = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(port, "127.0.0.1", () => {
        const head = Object.entries(GOOD).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.write(`POST /kill HTTP/1.1\r\nhost: localhost\r\n${head.join("")}`);
        socket.write("transfer-encoding: chunked\r\n\r\n");
        const size = BODY_BYTES_MAX + 1;
        socket.write(`${size.toString(16)}\r\n${" ".repeat(size)}\r\n`);
      });
      socket.on("data", (bytes) => (text += String(bytes))).on("error", () => undefined);
      socket.on("close", () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(asked).toEqual([]);
  });

  test("by another method, and the right one is named", async () => {
    const { admin, asked } = await serve();
    const answer = await send(admin, "/kill", { method: "GET" });
    expect([answer.code, answer.headers.allow]).toEqual([405, "POST"]);
    expect(asked).toEqual([]);
  });
});
