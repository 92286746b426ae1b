// Goal: start brings processes up, tells why one did not come up, and leaves none behind.
// Method: scripts of a few lines stand for the two other processes; the real ones run in test/system.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Ending } from "../../bin/command.ts";
import { EXIT } from "../../bin/command.ts";
import { parseFlags } from "../../bin/flags.ts";
import { startCommandOf } from "../../bin/start.ts";
import { engineStatus } from "../fixtures/status/status-fixture.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reckoner-start-test-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

const STATUS = JSON.stringify(engineStatus());
const FINAL = JSON.stringify({ booksTotal: 2, frames: 9, decisionsOnInvalidBook: 0 });

/** A venues process that answers every question about its truth with `verdict`. */
function venuesThat(verdict: string): string {
  return script(
    `venues-${verdict}`,
    `import { createServer } from "node:http";
    import { writeFileSync } from "node:fs";
    const server = createServer((request, response) => {
      request.resume();
      response.end(request.url === "/faults" ? '[{"faultId":1,"kind":"cut"}]' : '{"verdict":"${verdict}"}');
    });
    server.listen(0, "127.0.0.1", () => {
      const control = "http://127.0.0.1:" + server.address().port;
      writeFileSync("${folder}/venues-pid", String(process.pid));
      console.log(JSON.stringify({ "binance-spot": { rest: control, ws: control }, control }));
    });
    process.stdin.on("end", () => process.exit(0)).resume();
    process.on("SIGTERM", () => process.exit(0));`,
  );
}

/** An engine that serves one status and then does \`more\`. */
function engineThat(name: string, status: string, more = ""): string {
  return script(
    name,
    `import { createServer } from "node:http";
    import { writeFileSync } from "node:fs";
    writeFileSync("${folder}/engine-args", JSON.stringify(process.argv.slice(2)));
    const server = createServer((request, response) => {
      if (request.url === "/status") return response.end(${JSON.stringify(status)});
      response.end('{"instrument":"binance-spot:BTCUSDT","seq":5,"state":"live","bids":[],"asks":[]}');
    });
    server.listen(0, "127.0.0.1", () => {
      console.log(JSON.stringify({ admin: "http://127.0.0.1:" + server.address().port }));
      ${more}
    });
    process.on("SIGTERM", () => { console.log(${JSON.stringify(FINAL)}); process.exit(0); });`,
  );
}

async function run(
  engine: string,
  venues: string,
  words: readonly string[] = [],
  say: (line: string) => void = () => undefined,
): Promise<Ending> {
  const command = startCommandOf({ engine, venues, control: null });
  const parsed = parseFlags("start", command, [...words, "--json"]);
  if (!parsed.ok) throw new Error(parsed.error);
  const invocation = { json: true, operands: [], flags: parsed.flags, say };
  return await command.run(invocation);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("a good run", () => {
  test("compares, ends in time, and leaves no process behind", async () => {
    const picture = join(folder, "view.svg");
    const ending = await run(engineThat("good", STATUS), venuesThat("equal"), [
      "--for",
      "50ms",
      "--picture",
      picture,
    ]);
    expect(ending).toMatchObject({ exitCode: EXIT.ok });
    expect(ending.json).toMatchObject({ wrongBooks: 0, frames: 9, booksLive: 2, endedBy: "time" });
    expect(ending.json.faults).toEqual([{ faultId: 1, kind: "cut" }]);
    expect(Number(ending.json.comparisons)).toBeGreaterThanOrEqual(2);
    expect(readFileSync(picture, "utf8")).toContain("<svg");
    expect(isAlive(Number(readFileSync(join(folder, "venues-pid"), "utf8")))).toBe(false);
  });

  test("tells the engine where the venues are, and gives it a file", async () => {
    await run(engineThat("args", STATUS), venuesThat("equal"), ["--for", "0s"]);
    const args = JSON.parse(readFileSync(join(folder, "engine-args"), "utf8")) as string[];
    const valueAfter = (flag: string) => args[args.indexOf(flag) + 1] ?? "";
    expect(JSON.parse(valueAfter("--venues"))).toHaveProperty("binance-spot.rest");
    expect(valueAfter("--config")).toMatch(/config\.yaml$/);
    expect(valueAfter("--admin-port")).toBe("0");
    expect(args).toContain("--json-ready");
  });
});

describe("a run that is not good", () => {
  test("a wrong book", async () => {
    const ending = await run(engineThat("wrong", STATUS), venuesThat("different"), ["--for", "0s"]);
    expect(ending.exitCode).toBe(EXIT.failed);
    expect(ending.error).toBe("binance-spot:BTCUSDT was wrong at its sequence 5");
  });

  test("an engine that halts ends the run by itself", async () => {
    const halted = JSON.stringify(engineStatus({ halted: "crossed after resync" }));
    const ending = await run(engineThat("halted", halted), venuesThat("equal"));
    expect(ending).toMatchObject({ exitCode: EXIT.halted, json: { endedBy: "halted" } });
    expect(ending.error).toBe("the engine halted: crossed after resync");
  });

  test("an engine that dies ends the run by itself", async () => {
    const engine = engineThat("dies", STATUS, "setTimeout(() => process.exit(66), 50);");
    const ending = await run(engine, venuesThat("equal"));
    expect(ending).toMatchObject({ exitCode: EXIT.failed, json: { endedBy: "gone" } });
    expect(ending.error).toBe("the engine ended by itself with 66");
  });
});

describe("what does not come up", () => {
  const good = () => venuesThat("equal");

  test.each([
    [
      "in plain words",
      'console.error("port 9464 is taken"); process.exit(3);',
      3,
      "the engine: port 9464 is taken",
    ],
    [
      "in a log line",
      `console.error('{"sentence":"binance-spot refuses"}'); process.exit(3);`,
      3,
      "the engine: binance-spot refuses",
    ],
    [
      "in a log line of another kind",
      `console.error('{"a":1}'); process.exit(2);`,
      2,
      'the engine: {"a":1}',
    ],
    ["in broken JSON", `console.error('{"a"'); process.exit(4);`, 4, 'the engine: {"a"'],
    ["without a word", "process.exit(0);", 3, "the engine: it ended with 0 before it was up"],
    [
      "with a code of no meaning",
      "process.exit(99);",
      3,
      "the engine: it ended with 99 before it was up",
    ],
  ])("an engine that refuses %s", async (name, text, code, error) => {
    const said: string[] = [];
    const engine = script(`refuses-${name.replaceAll(" ", "-")}`, text);
    const ending = await run(engine, good(), [], (line) => void said.push(line));
    expect(ending).toMatchObject({ exitCode: code, error });
    // The reason is told once, by the refusal.
    expect(said).toEqual([]);
  });

  test("venues that refuse, and then no engine is started", async () => {
    rmSync(join(folder, "engine-args"), { force: true });
    const venues = script(
      "refuse",
      'console.error("--seed: expected an integer"); process.exit(2);',
    );
    const ending = await run(engineThat("unstarted", STATUS), venues);
    expect(ending).toMatchObject({
      exitCode: EXIT.usage,
      error: "the simulated venues: --seed: expected an integer",
    });
    expect(() => readFileSync(join(folder, "engine-args"))).toThrow();
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "an engine that is still silent when %s comes, and nothing is left of it",
    async (signal) => {
      const engine = script(
        "silent",
        `import { writeFileSync } from "node:fs";
        writeFileSync("${folder}/engine-pid", String(process.pid));
        setInterval(() => undefined, 1000);`,
      );
      rmSync(join(folder, "engine-pid"), { force: true });
      const running = run(engine, good());
      await vi.waitFor(() => readFileSync(join(folder, "engine-pid")), { timeout: 20_000 });
      process.emit(signal);
      process.emit(signal);
      const ending = await running;
      expect(ending.exitCode).toBe(EXIT.failed);
      expect(ending.error).toBe("ended by a signal before the engine was up");
      expect(isAlive(Number(readFileSync(join(folder, "engine-pid"), "utf8")))).toBe(false);
      expect(process.listenerCount(signal)).toBe(0);
    },
  );

  test("a configuration that is refused starts nothing", async () => {
    rmSync(join(folder, "venues-pid"), { force: true });
    const file = join(folder, "bad.yaml");
    writeFileSync(file, "limits: {queueDelayMs: soon}\n");
    const ending = await run(engineThat("unstarted", STATUS), good(), ["--config", file]);
    expect(ending.exitCode).toBe(EXIT.usage);
    expect(ending.error).toContain("limits.queueDelayMs: expected a whole number");
    expect(() => readFileSync(join(folder, "venues-pid"))).toThrow();
  });
});
