/**
 * Station: the entry point of the command line on Node 24.
 *
 * It binds the command table to the real streams and to the exit code, and holds nothing else; the
 * launcher beside it (reckoner.mjs) is what people and npm scripts call.
 */
import { runCommandLine } from "./command-line.ts";
import { COMMANDS } from "./commands.ts";

// A launcher that is killed can pass on nothing more; the command then ends as if it had been asked.
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));

const exitCode = await runCommandLine(COMMANDS, process.argv.slice(2), {
  result: (line) => void process.stdout.write(`${line}\n`),
  say: (line) => void process.stderr.write(`${line}\n`),
});

// From here on a signal can only be late, and must not cost the final line.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);

// A pipe takes stdout in its own time; leaving before it is empty would cut the final line.
process.stdout.write("", () => process.exit(exitCode));
