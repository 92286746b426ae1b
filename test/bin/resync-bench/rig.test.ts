// Goal: what does not come up or does not answer ends in one sentence, and leaves nothing behind.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { benchConfig, openRig, Rig, RigError, venuesArgs } from "../../../bin/resync-bench/rig.ts";
import { parseOptions } from "../../../local/venues/options.ts";

const OPTIONS = { seed: 7, hasDelays: true, logFile: null };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rig-test-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function rigFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("reckoner-resync-bench-"));
}

describe("what is started", () => {
  test("flags that the venues take, with the delays or without", () => {
    const parsed = parseOptions(venuesArgs(OPTIONS));
    expect(parsed).toMatchObject({
      kind: "ok",
      options: {
        seed: 7,
        faultsPerMinute: 0,
        withParent: true,
        delays: { dialMs: [100, 500], subscribeMs: [50, 200], snapshotMs: [100, 500] },
      },
    });
    const quick = parseOptions(venuesArgs({ ...OPTIONS, hasDelays: false }));
    expect(quick).toMatchObject({
      options: { delays: { dialMs: null, subscribeMs: null, snapshotMs: null } },
    });
  });

  test("a configuration with the standard limits and a journal of its own", () => {
    const config = benchConfig(folder);
    expect(config.journal.directory).toBe(folder);
    expect(config.venues["binance-spot"]?.environment).toBe("simulated");
  });
});

describe("a process that does not come up", () => {
  test("is named with its last words, and its neighbor is stopped", async () => {
    const before = rigFolders();
    const venues = script("venues.mjs", `console.log("{}"); process.stdin.resume();`);
    const engine = script("engine.mjs", `console.error("no room"); process.exitCode = 3;`);
    const logFile = join(folder, "log");
    const opening = openRig({ ...OPTIONS, logFile }, { engine, venues });
    await expect(opening).rejects.toThrow(RigError);
    await expect(opening).rejects.toThrow("ended with 3 before it was up: no room");
    expect(readFileSync(logFile, "utf8")).toBe("no room\n");
    expect(rigFolders()).toEqual(before);
  });
});

describe("questions", () => {
  let server: Server;
  let rig: Rig;
  let answers: Map<string, [number, unknown]>;

  beforeEach(async () => {
    answers = new Map();
    server = createServer((request, response) => {
      const [code, body] = answers.get(`${request.method} ${request.url}`) ?? [404, {}];
      response.writeHead(code).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    rig = new Rig(url, url, async () => undefined);
  });

  afterEach(() => {
    server.close();
  });

  test("to a process that is gone or confused are errors in words", async () => {
    await expect(rig.status()).rejects.toThrow("an answer has status 404");
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(rig.resyncs()).rejects.toThrow("does not answer");
  });

  test("a refused fault is an answer, an unknown one is not", async () => {
    answers.set("POST /faults", [422, { field: "symbol" }]);
    expect(await rig.inject("binance-usdm", "serverShutdown")).toBeNull();
    answers.set("GET /faults", [200, [{ faultId: 1 }]]);
    expect(await rig.fault(1)).toEqual({ faultId: 1 });
    await expect(rig.fault(2)).rejects.toThrow("do not know fault 2");
  });
});
