/**
 * Station: the command line -> a process that is the Lambda of this machine.
 *
 * Prints one line of JSON, `{http, invoke}`, when every function is loaded and served, then works until
 * SIGTERM, SIGINT or, with `--with-parent`, the end of its standard input. A function that cannot be loaded,
 * a wrong flag or a wrong environment is one sentence on standard error.
 */
import { parseArgs } from "node:util";
import { deploymentOf } from "../../functions/platform/environment.ts";
import { CATALOG } from "./catalog.ts";
import { startHost } from "./host.ts";
import { createHostLog } from "./host-log.ts";

const EXIT_BAD_USE = 2;
const EXIT_FAILED = 1;
const PORT_MAX = 65_535;
const SECONDS_MAX = 900;
const MS_MAX = 60_000;

const FLAGS = {
  "http-port": { type: "string", default: "0" },
  "invoke-port": { type: "string", default: "0" },
  "retry-after": { type: "string", default: "5" },
  "hidden-max": { type: "string", default: "900" },
  "look-every-ms": { type: "string", default: "1000" },
  "with-parent": { type: "boolean", default: false },
} as const;

class UsageError extends Error {}

function wholeNumber(flag: keyof typeof FLAGS, text: string, max: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > max) {
    throw new UsageError(`--${flag} is a whole number up to ${max}, not ${text}`);
  }
  return number;
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options: FLAGS });
  const { prefix, bucketPlace } = deploymentOf(process.env);
  // Handlers log to standard output, as Lambda wants it; here that belongs to the line of addresses.
  const print = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  const log = createHostLog((line) => void process.stderr.write(line));
  const host = await startHost(
    CATALOG,
    {
      prefix,
      bucketPlace,
      httpPort: wholeNumber("http-port", values["http-port"], PORT_MAX),
      invokePort: wholeNumber("invoke-port", values["invoke-port"], PORT_MAX),
      retryAfterS: wholeNumber("retry-after", values["retry-after"], SECONDS_MAX),
      hiddenSMax: wholeNumber("hidden-max", values["hidden-max"], SECONDS_MAX),
      lookEveryMs: wholeNumber("look-every-ms", values["look-every-ms"], MS_MAX),
    },
    log,
  );
  const ended = new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
    if (!values["with-parent"]) return;
    // A parent that dies, however it dies, closes the pipe; nobody else would stop us then.
    process.stdin
      .on("end", () => resolve())
      .on("error", () => resolve())
      .resume();
  });
  print(`${JSON.stringify(host.endpoints)}\n`);
  await ended;
  await host.stop();
  process.stdin.destroy();
}

try {
  await run();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.split("\n")[0] ?? ""}\n`);
  const isUsage = error instanceof UsageError || error instanceof TypeError;
  process.exitCode = isUsage ? EXIT_BAD_USE : EXIT_FAILED;
}
