/**
 * Station: `reckoner bench`. Hands its words to the bench runner, which is a process of its own
 * because benches live in test/, and nothing in production imports that room.
 */
import { runChild } from "./child.ts";
import type { Command, Ending } from "./command.ts";
import { EXIT } from "./command.ts";

const BENCH_SCRIPT = "test/bench/run.ts";

export const benchCommand: Command = benchCommandOf(BENCH_SCRIPT);

/** The command over another script; tests name their own. */
export function benchCommandOf(script: string): Command {
  return {
    notes: ["Every word is passed on to test/bench/run.ts."],
    operands: [
      { name: "WORD", summary: "a flag or a name of a bench", required: false, many: true },
    ],
    flags: [],
    fields: [["...", "the fields of the bench runner's own final JSON line"]],
    passesWordsOn: true,
    async run(invocation): Promise<Ending> {
      let last = "";
      const code = await runChild({
        args: [script, ...invocation.operands],
        onLine: (line) => {
          if (invocation.json && last !== "") invocation.say(last);
          if (!invocation.json) process.stdout.write(`${line}\n`);
          last = line;
        },
      });
      const json = invocation.json ? parseRecord(last) : {};
      const failed = {
        exitCode: EXIT.failed,
        lines: [],
        json,
        error: `the benches ended with ${code}`,
      };
      return code === 0 ? { exitCode: EXIT.ok, lines: [], json } : failed;
    },
  };
}

function parseRecord(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : { text: line };
  } catch {
    return { text: line };
  }
}
