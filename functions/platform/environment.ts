/**
 * The environment of a function, parsed once at its start.
 *
 * A variable that is missing or wrong stops the function before it serves anything, with the variable's
 * name and what it must be. Values never appear in a message: some of them are secrets.
 */
import { z } from "zod";
import { type Environment, isLocalMode } from "../../contracts/aws-environment.ts";
import { isResourcePrefix } from "../../contracts/resources.ts";

/** An environment that cannot be used; the message names the variable. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

const DEPLOYMENT = {
  RECKONER_CONTROL_PREFIX: z
    .string()
    .refine(isResourcePrefix, "a short name of lower-case letters, digits and dashes"),
  RECKONER_BUCKET_PLACE: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, "lower-case letters, digits and dashes")
    .default("local"),
};

/** What names the tables, queues and buckets of a deployment. */
export type Deployment = {
  readonly prefix: string;
  readonly bucketPlace: string;
  readonly isLocal: boolean;
};

/** The deployment that `environment` belongs to. */
export function deploymentOf(environment: Environment): Deployment {
  const parsed = parseEnvironment(environment, DEPLOYMENT);
  return Object.freeze({
    prefix: parsed.RECKONER_CONTROL_PREFIX,
    bucketPlace: parsed.RECKONER_BUCKET_PLACE,
    isLocal: isLocalMode(environment),
  });
}

/** The variables of `shape`, each by its own schema; variables that are empty count as missing. */
export function parseEnvironment<Shape extends z.ZodRawShape>(
  environment: Environment,
  shape: Shape,
): z.infer<z.ZodObject<Shape>> {
  const given = Object.keys(shape).map((name) => [name, environment[name] || undefined] as const);
  const result = z.object(shape).safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigurationError(
    `${issue?.path.join(".") ?? "environment"}: ${issue?.message ?? ""}`,
  );
}
