/**
 * Station: the command line -> a process that is the AWS of this machine.
 *
 * Prints one line of JSON, `{dynamodb, sqs, s3}`, when everything can be asked, then serves until SIGTERM,
 * SIGINT or, with `--with-parent`, the end of its standard input. A wrong flag is one line on standard error
 * and exit code 2; a folder that is open elsewhere, exit code 3.
 */
import { FolderLockedError } from "./folder-lock.ts";
import { parseOptions, UsageError } from "./options.ts";

const EXIT_BAD_USE = 2;
const EXIT_LOCKED = 3;
const EXIT_FAILED = 1;
async function run(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  // Loaded late: the stand-ins take a second, and a wrong flag should not.
  const { startEmbedded } = await import("./embedded.ts");
  const embedded = await startEmbedded(options);
  const ended = new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
    if (!options.withParent) return;
    // A parent that dies, however it dies, closes the pipe; nobody else would stop us then.
    process.stdin
      .on("end", () => resolve())
      .on("error", () => resolve())
      .resume();
  });
  process.stdout.write(`${JSON.stringify(embedded.endpoints)}\n`);
  await ended;
  await embedded.stop();
  process.stdin.destroy();
}

function exitCodeOf(error: unknown): number {
  if (error instanceof FolderLockedError) return EXIT_LOCKED;
  return error instanceof UsageError ? EXIT_BAD_USE : EXIT_FAILED;
}

try {
  await run();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.split("\n")[0] ?? ""}\n`);
  process.exitCode = exitCodeOf(error);
}
