// Goal: whatever a control plane answers, a person reads one true sentence and a script the right exit code.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../../bin/command.ts";
import { ask } from "../../../bin/control/api.ts";

let server: Server;
let answer: { readonly status: number; readonly body: string } = { status: 200, body: "{}" };
let heard: { readonly url: string; readonly headers: Record<string, unknown> } | undefined;
beforeAll(async () => {
  server = createServer((request, response) => {
    heard = { url: request.url ?? "", headers: request.headers };
    response.writeHead(answer.status, { etag: '"7"' }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function access() {
  const { port } = server.address() as AddressInfo;
  return { api: `http://127.0.0.1:${port}`, engine: "paper", token: "the-token" };
}

test("a question carries token, path and query; an answer its body and version", async () => {
  answer = { status: 200, body: '{"a":1}' };
  const asked = await ask(access(), { path: "limits", query: { limit: "5", cursor: undefined } });
  expect(asked).toMatchObject({ ok: true, answer: { status: 200, body: { a: 1 }, etag: '"7"' } });
  expect(heard?.url).toBe("/v1/engines/paper/limits?limit=5");
  expect(heard?.headers.authorization).toBe("Bearer the-token");
});

test("a change has a key of its own each time", async () => {
  const keys = new Set<unknown>();
  for (let count = 0; count < 2; count++) {
    await ask(access(), { method: "POST", path: "kill", body: {} });
    keys.add(heard?.headers["idempotency-key"]);
  }
  expect(keys.size).toBe(2);
});

describe("an answer that is none", () => {
  test.each([
    [401, '{"detail":"no token"}', EXIT.environment, "no token"],
    [404, '{"title":"There is nothing here"}', EXIT.failed, "There is nothing here"],
    [
      412,
      '{"detail":"version 8 by now","field":"if-match"}',
      EXIT.failed,
      "if-match: version 8 by now",
    ],
    [422, '{"detail":"too high","field":"limits.a"}', EXIT.usage, "limits.a: too high"],
    [500, '{"detail":"broken","requestId":"r1"}', EXIT.environment, "broken (request r1)"],
    [429, "{}", EXIT.environment, "HTTP 429"],
  ])("HTTP %d", async (status, body, exitCode, error) => {
    answer = { status, body };
    const asked = await ask(access(), { path: "status" });
    expect(asked).toMatchObject({ ok: false, ending: { exitCode, error } });
    if (!asked.ok) expect(asked.isSilent).toBe(status >= 500);
  });

  test.each([
    ["no JSON", "<html>"],
    ["JSON that is no object", "5"],
  ])("%s", async (_name, body) => {
    answer = { status: 200, body };
    const asked = await ask(access(), { path: "status" });
    expect(asked).toMatchObject({ ok: false, isSilent: true });
  });

  test("a redirect: the token is not for another address", async () => {
    answer = { status: 302, body: "{}" };
    expect(await ask(access(), { path: "status" })).toMatchObject({ ok: false });
  });

  test("silence", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const nobody = { ...access(), api: `http://127.0.0.1:${port}` };
    const asked = await ask(nobody, { path: "status" });
    expect(asked).toMatchObject({ ok: false, isSilent: true });
    if (!asked.ok) expect(asked.ending.error).toContain("does not answer: ECONNREFUSED");
  });
});
