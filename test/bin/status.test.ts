// Goal: status tells the truth about a running engine, and plainly when there is none.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Ending } from "../../bin/command.ts";
import { EXIT } from "../../bin/command.ts";
import { killCommand } from "../../bin/operate.ts";
import { readRunFile, removeRunFile, writeRunFile } from "../../bin/run-file.ts";
import { statusCommand } from "../../bin/status.ts";
import type { EngineStatus } from "../../contracts/status.ts";
import { type AdminServer, startAdminServer } from "../../hotpath/io/admin-http.ts";
import { ADMIN_TOKEN_NAME } from "../../hotpath/io/admin-token.ts";
import { busyStatus, engineStatus } from "../fixtures/status/status-fixture.ts";
import { startServer } from "./control/server.ts";

let admin: AdminServer;
let status: () => EngineStatus = busyStatus;

beforeAll(async () => {
  const start = await startAdminServer(0, {
    status: () => status(),
    metricsText: async () => "",
    book: () => null,
    resyncs: () => [],
    records: () => [],
  });
  if (!start.ok) throw new Error(start.reason);
  admin = start.admin;
});
afterAll(() => admin.close());

async function run(address: string): Promise<Ending> {
  const flags = new Map([["admin", address]]);
  return await statusCommand.run({ json: false, operands: [], flags, say: () => undefined });
}

describe("an engine that answers", () => {
  test("is shown as in the view, and whole in JSON", async () => {
    const ending = await run(admin.url);
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.lines.join("\n")).toContain("11/12 books live");
    expect(ending.json.status).toEqual(busyStatus());
  });

  test("an address may end in a slash", async () => {
    expect((await run(`${admin.url}/`)).exitCode).toBe(EXIT.ok);
  });

  test("and has halted, has its own code", async () => {
    status = () => engineStatus({ halted: "crossed" });
    const ending = await run(admin.url);
    expect(ending).toMatchObject({ exitCode: EXIT.halted, error: "the engine halted: crossed" });
  });

  test("with a failure is told by its HTTP status", async () => {
    status = () => {
      throw new Error("gone");
    };
    expect(await run(admin.url)).toMatchObject({
      exitCode: EXIT.environment,
      error: "the engine answered with HTTP 503",
    });
  });
});

describe("no engine", () => {
  test("answers at an address of nobody", async () => {
    const ending = await run("http://127.0.0.1:1");
    expect(ending.exitCode).toBe(EXIT.environment);
    expect(ending.error).toMatch(
      /^no engine answers: http:\/\/127\.0\.0\.1:1\/status does not answer/,
    );
  });

  test.each(["http://example.org:80", "ftp://127.0.0.1:1", "127.0.0.1:1", "http://127.0.0.1"])(
    "is asked at %s, which is not on this machine or no address",
    async (address) => {
      expect((await run(address)).exitCode).toBe(EXIT.usage);
    },
  );
});

test("the note of the running engine is removed only by the one that wrote it", () => {
  const before = readRunFile();
  writeRunFile("http://127.0.0.1:11", 1);
  expect(readRunFile()).toBe("http://127.0.0.1:11");
  removeRunFile("http://127.0.0.1:12");
  expect(readRunFile()).toBe("http://127.0.0.1:11");
  removeRunFile("http://127.0.0.1:11");
  expect(readRunFile()).toBeNull();
  if (before !== null) writeRunFile(before, 0);
});

// Here, because this file alone writes the note of the running engine.
describe("a kill", () => {
  /** Kills through a control plane whose engine is away; what the engine's own port answers is given. */
  async function killPast(status: number, isQueueAway: boolean): Promise<[Ending, unknown[]]> {
    const server = await startServer();
    if (isQueueAway) server.rig.memory.away.add("queue");
    const heard: unknown[] = [];
    const engine = createServer((request, response) => {
      heard.push(request.url);
      response.writeHead(status).end('{"tick":7}');
    });
    await new Promise<void>((resolve) => engine.listen(0, "127.0.0.1", resolve));
    const { port } = engine.address() as AddressInfo;
    const before = readRunFile();
    vi.stubEnv(ADMIN_TOKEN_NAME, "a-token-of-the-engine");
    writeRunFile(`http://127.0.0.1:${port}`, process.pid);
    const ending = await server.run(killCommand, "otto", ["for the test"]);
    removeRunFile(`http://127.0.0.1:${port}`);
    if (before !== null) writeRunFile(before, 0);
    vi.unstubAllEnvs();
    await server.close();
    await new Promise((resolve) => engine.close(resolve));
    return [ending, heard];
  }

  test.each([
    ["that the control plane does not take", true],
    ["that waits in the control plane", false],
  ])("%s goes to the engine's own port", async (_, isQueueAway) => {
    const [ending, heard] = await killPast(200, isQueueAway);
    expect(ending).toMatchObject({ exitCode: EXIT.ok, json: { tick: 7, way: "adminPort" } });
    expect(heard).toEqual(["/kill"]);
  });

  test("that nobody has taken is no success, and both ways are told", async () => {
    const [ending] = await killPast(503, false);
    expect(ending).toMatchObject({ exitCode: EXIT.failed, lines: [] });
    expect(ending.error).toMatch(
      /the engine has not taken it yet.*; the engine answered with HTTP 503/,
    );
  });
});
