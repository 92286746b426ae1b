// Goal: kill, release and drain say to the engine what the operator said, and plainly when they could not.
// Method: a real admin port; what stands behind its operations is a list of what was asked.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Command, Ending } from "../../bin/command.ts";
import { EXIT } from "../../bin/command.ts";
import { drainCommand, killCommand, releaseCommand } from "../../bin/operate.ts";
import { type AdminServer, startAdminServer } from "../../hotpath/io/admin-http.ts";
import { type AdminToken, openAdminToken } from "../../hotpath/io/admin-token.ts";
import type { OperatorAnswer } from "../../hotpath/io/admin-write.ts";
import { engineStatus } from "../fixtures/status/status-fixture.ts";

let folder = "";
let token: AdminToken;
let admin: AdminServer;
let asked: unknown[] = [];
let answer: OperatorAnswer = { ok: true, tick: 7 };

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-operate-"));
  const opened = openAdminToken(undefined, folder);
  if (!opened.ok) throw new Error(opened.reason);
  token = opened.token;
  const note = (name: string) => async (request: object) => {
    asked.push({ name, ...request });
    return answer;
  };
  const operations = {
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
  const start = await startAdminServer(0, source, { token, operations });
  if (!start.ok) throw new Error(start.reason);
  admin = start.admin;
});
beforeEach(() => {
  asked = [];
  answer = { ok: true, tick: 7 };
});
afterEach(() => {
  delete process.env.RECKONER_ADMIN_TOKEN;
});
afterAll(async () => {
  await admin.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

function run(
  command: Command,
  words: readonly string[],
  over: Record<string, string> = {},
): Promise<Ending> {
  const flags = new Map(
    Object.entries({ admin: admin.url, "token-file": token.file, by: "anna", ...over }),
  );
  return command.run({ json: false, operands: words, flags, say: () => undefined });
}

describe("an operator's word", () => {
  test("reaches the engine, and the tick that took it comes back", async () => {
    const kill = await run(killCommand, ["looks odd"], { scope: "venue", target: "kraken" });
    expect(kill).toMatchObject({ exitCode: EXIT.ok, json: { tick: 7 } });
    await run(releaseCommand, [], { reason: "looked again" });
    await run(drainCommand, []);
    expect(asked).toEqual([
      { name: "kill", scope: "venue", target: "kraken", by: "anna", reason: "looks odd" },
      { name: "release", scope: "all", target: "", by: "anna", reason: "looked again" },
      { name: "drain", by: "anna" },
    ]);
  });

  test("is signed with the user's name where none is given", async () => {
    const flags = new Map([
      ["admin", `${admin.url}/`],
      ["token-file", token.file],
    ]);
    const call = { json: true, operands: ["x"], flags, say: () => undefined };
    expect((await killCommand.run(call)).exitCode).toBe(EXIT.ok);
    expect(asked).toMatchObject([{ by: os.userInfo().username }]);
  });

  test.each([
    [{ ok: false, code: 409, reason: "all is not killed" }, EXIT.failed],
    [{ ok: false, code: 503, reason: "no answer" }, EXIT.failed],
    [{ ok: false, code: 422, reason: "target: no venue" }, EXIT.usage],
  ] as const)("that the engine refuses is told with its reason", async (refused, exitCode) => {
    answer = refused;
    expect(await run(releaseCommand, ["x"])).toMatchObject({ exitCode, error: refused.reason });
  });
});

describe("where it cannot be said", () => {
  test("because there is no reason, nothing is done", async () => {
    expect(await run(killCommand, [])).toMatchObject({ exitCode: EXIT.usage });
    expect(asked).toEqual([]);
  });

  test.each([
    ["an address elsewhere", { admin: "http://example.com:80" }, EXIT.usage, "--admin: expected"],
    ["nobody there", { admin: "http://127.0.0.1:9" }, EXIT.environment, "no engine answers"],
    ["no file", { "token-file": "/nowhere/at/all" }, EXIT.environment, "token of the admin port"],
  ] as const)("for %s, the reason is one sentence", async (_name, over, exitCode, words) => {
    const ending = await run(killCommand, ["x"], over);
    expect(ending.exitCode).toBe(exitCode);
    expect(ending.error).toContain(words);
    expect(asked).toEqual([]);
  });

  test("because the token is another's, nothing is done", async () => {
    process.env.RECKONER_ADMIN_TOKEN = "a-token-of-another-engine";
    const flags = new Map([["admin", admin.url]]);
    const call = { json: true, operands: ["x"], flags, say: () => undefined };
    const ending = await killCommand.run(call);
    expect(ending).toMatchObject({ exitCode: EXIT.failed });
    expect(ending.error).toContain("not the token");
    expect(asked).toEqual([]);
  });
});
