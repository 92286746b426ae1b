/**
 * Station: the command line -> a process that is the simulated venues.
 *
 * Prints one line of JSON when everything listens, then works until it is told to end: SIGTERM, SIGINT,
 * `POST /stop`, or, with `--with-parent`, the end of its standard input. A wrong flag or plan is one
 * line on standard error and exit code 2.
 */
import { parseOptions } from "./options.ts";
import { FaultPlanError, startVenues } from "./start.ts";

const EXIT_BAD_USE = 2;
const EXIT_FAILED = 1;

async function run(): Promise<void> {
  const parsed = parseOptions(process.argv.slice(2));
  if (parsed.kind === "bad") {
    process.stderr.write(`${parsed.reason}\n`);
    process.exitCode = EXIT_BAD_USE;
    return;
  }
  const handle = await startVenues(parsed.options);
  const end = () => void handle.stop();
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
  if (parsed.options.withParent) {
    // A parent that dies, however it dies, closes the pipe; nobody else would stop us then.
    process.stdin.on("end", end).on("error", end).resume();
  }
  process.stdout.write(`${JSON.stringify(handle.endpoints)}\n`);
  await handle.stopped;
  process.stdin.destroy();
}

try {
  await run();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.split("\n")[0] ?? ""}\n`);
  process.exitCode = error instanceof FaultPlanError ? EXIT_BAD_USE : EXIT_FAILED;
}
