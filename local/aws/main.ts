/**
 * Station: the command line -> a process that is the AWS of this machine.
 *
 * Prints one line of JSON, `{dynamodb, sqs, s3}`, when everything can be asked, then serves until SIGTERM,
 * SIGINT or, with `--with-parent`, the end of its standard input. A wrong flag is one line on standard error
 * and exit code 2; a folder that is open elsewhere, exit code 3.
 */
import { parseArgs } from "node:util";
import { ENGINE_ID_PATTERN } from "../../contracts/keys.ts";
import { isResourcePrefix } from "../../contracts/resources.ts";
import { type EmbeddedOptions, startEmbedded } from "./embedded.ts";
import { FolderLockedError } from "./folder-lock.ts";

const EXIT_BAD_USE = 2;
const EXIT_LOCKED = 3;
const EXIT_FAILED = 1;
const PORT_MAX = 65_535;

class UsageError extends Error {}

function parseOptions(args: readonly string[]): EmbeddedOptions & { readonly withParent: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      folder: { type: "string" },
      prefix: { type: "string", default: "reckoner" },
      "bucket-place": { type: "string", default: "local" },
      engine: { type: "string", multiple: true, default: [] },
      "dynamodb-port": { type: "string", default: "0" },
      "sqs-port": { type: "string", default: "0" },
      "with-parent": { type: "boolean", default: false },
    },
  });
  if (!isResourcePrefix(values.prefix))
    throw new UsageError("--prefix is no prefix of a deployment");
  const stranger = values.engine.find((engine) => !ENGINE_ID_PATTERN.test(engine));
  if (stranger !== undefined) throw new UsageError(`--engine ${stranger} is no id of an engine`);
  return {
    folder: values.folder,
    prefix: values.prefix,
    bucketPlace: values["bucket-place"],
    engines: values.engine,
    dynamodbPort: portOf("--dynamodb-port", values["dynamodb-port"]),
    sqsPort: portOf("--sqs-port", values["sqs-port"]),
    withParent: values["with-parent"],
  };
}

function portOf(flag: string, text: string): number {
  const port = Number(text);
  const isPort = /^\d+$/.test(text) && port <= PORT_MAX;
  if (!isPort) throw new UsageError(`${flag} is a port or 0, not ${text}`);
  return port;
}

async function run(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
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
  const isUsage = error instanceof UsageError || error instanceof TypeError;
  return isUsage ? EXIT_BAD_USE : EXIT_FAILED;
}

try {
  await run();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.split("\n")[0] ?? ""}\n`);
  process.exitCode = exitCodeOf(error);
}
