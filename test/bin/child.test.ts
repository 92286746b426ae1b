// Goal: a child's lines and end arrive, it is stopped even when it will not, and it never stays behind.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { runChild, startChild } from "../../bin/child.ts";

const folder = mkdtempSync(join(tmpdir(), "reckoner-child-"));
afterAll(() => rmSync(folder, { recursive: true }));

const STAY = "setInterval(() => undefined, 1000);";

/** Starts Node on `text` and collects its lines. */
function start(text: string, tied = false) {
  const lines: string[] = [];
  const errors: string[] = [];
  const child = startChild({
    args: ["-e", text],
    tied,
    onLine: (line) => void lines.push(line),
    onErrorLine: (line) => void errors.push(line),
  });
  return { child, lines, errors, said: () => vi.waitFor(() => expect(lines).not.toEqual([])) };
}

describe("what a child says and how it ends", () => {
  test("lines come one by one, the last one without its break too", async () => {
    const { child, lines, errors } = start('process.stdout.write("a\\nb"); console.error("c");');
    expect(await child.ended).toBe(0);
    expect(lines).toEqual(["a", "b"]);
    expect(errors).toEqual(["c"]);
  });

  test.each([0, 1, 4])("exit code %i", async (code) => {
    expect(await start(`process.exit(${code});`).child.ended).toBe(code);
  });

  test("a death by signal is 128 and its number", async () => {
    expect(await start('process.kill(process.pid, "SIGKILL");').child.ended).toBe(137);
  });

  test("a script that does not exist ends with 1", async () => {
    const errors: string[] = [];
    const child = startChild({
      args: ["no-such.ts"],
      onErrorLine: (line) => void errors.push(line),
    });
    expect(await child.ended).toBe(1);
    expect(errors.join("\n")).toContain("no-such.ts");
  });
});

describe("stopping", () => {
  test("a willing child ends as it likes", async () => {
    const { child, said } = start(
      `process.on("SIGTERM", () => process.exit(5)); console.log("up"); ${STAY}`,
    );
    await said();
    expect(await child.stop()).toBe(5);
    expect(await child.stop()).toBe(5);
  });

  test("an unwilling child is killed, and what it has started with it", async () => {
    // The grandchild holds the same pipe, so the end of the child is only seen when both are gone.
    const { child, said } = start(
      `const { spawn } = require("node:child_process");
      spawn(process.execPath, ["-e", "${STAY}"], { stdio: "inherit" }).on("spawn", () => console.log("up"));
      process.on("SIGTERM", () => undefined); ${STAY}`,
    );
    await said();
    expect(await child.stop(20)).toBe(137);
  });

  test("a tied child sees the end of its pipe, and a child that is gone breaks nothing", async () => {
    const { child, said } = start(
      `process.stdin.on("end", () => process.exit(6)).resume(); console.log("up");`,
      true,
    );
    await said();
    child.process.stdin?.end();
    expect(await child.ended).toBe(6);
    child.process.stdin?.write("late");
    expect(await child.stop()).toBe(6);
  });
});

describe("running to the end", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s is passed on, its echo is not",
    async (signal) => {
      const script = join(folder, `${signal}.mjs`);
      writeFileSync(
        script,
        `let count = 0;
      process.on("${signal}", () => { count++; setTimeout(() => process.exit(count), 50); });
      console.log("up"); ${STAY}`,
      );
      const code = await runChild({
        args: [script],
        onLine: () => {
          process.emit(signal, signal);
          process.emit(signal, signal);
        },
      });
      expect(code).toBe(1);
      expect(process.listenerCount(signal)).toBe(0);
    },
  );
});
