/**
 * Station: command-line flags -> the options of the embedded AWS, or the flag that is wrong.
 *
 * It opens and starts nothing, so a wrong flag is told before anything heavy is loaded.
 */
import { parseArgs } from "node:util";
import { ENGINE_ID_PATTERN } from "../../contracts/keys.ts";
import { isResourcePrefix } from "../../contracts/resources.ts";
import type { EmbeddedOptions } from "./embedded.ts";

/** A flag that is wrong; the message names it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const PORT_MAX = 65_535;

const NO_ENGINES: string[] = [];

const FLAGS = {
  folder: { type: "string" },
  prefix: { type: "string", default: "reckoner" },
  "bucket-place": { type: "string", default: "local" },
  engine: { type: "string", multiple: true, default: NO_ENGINES },
  "dynamodb-port": { type: "string", default: "0" },
  "sqs-port": { type: "string", default: "0" },
  "with-parent": { type: "boolean", default: false },
} as const;

/** The options that `args` name. */
export function parseOptions(
  args: readonly string[],
): EmbeddedOptions & { readonly withParent: boolean } {
  const values = valuesOf(args);
  if (!isResourcePrefix(values.prefix)) throw new UsageError("--prefix names no deployment");
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

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function portOf(flag: string, text: string): number {
  const port = Number(text);
  const isPort = /^\d+$/.test(text) && port <= PORT_MAX;
  if (!isPort) throw new UsageError(`${flag} is a port or 0, not ${text}`);
  return port;
}
