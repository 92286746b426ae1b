/**
 * Station: Secrets Manager -> keys of accounts, sealed. One secret for each engine and venue, JSON with
 * `apiKey`, `secret` and, where the venue has one, `passphrase`.
 *
 * Read once, at the start; keys are rotated by a new start, while the venue honors the old and the new. What
 * cannot be read starts nothing, and no sentence of this room repeats a value.
 */
import { GetSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { venueSecretName } from "../../../contracts/resources.ts";
import { sealKeys } from "../trade/keys.ts";
import { awsErrorName } from "./clients.ts";

type AccountKeys = Parameters<typeof sealKeys>[0];

export type SecretRead =
  | { readonly kind: "keys"; readonly keys: AccountKeys }
  /** `reason` names the secret and never its value. */
  | { readonly kind: "refused"; readonly reason: string };

export type SecretQuestion = {
  readonly prefix: string;
  readonly engine: string;
  readonly venue: string;
  readonly hasPassphrase: boolean;
};

/** The keys of one account. */
export async function readSecretKeys(
  client: SecretsManagerClient,
  { prefix, engine, venue, hasPassphrase }: SecretQuestion,
): Promise<SecretRead> {
  const name = venueSecretName(prefix, engine, venue);
  let text: string;
  try {
    const answer = await client.send(new GetSecretValueCommand({ SecretId: name }));
    text = answer.SecretString ?? "";
  } catch (thrown) {
    // The name of the error alone: some of them repeat the request.
    return {
      kind: "refused",
      reason: `the secret ${name} cannot be read: ${awsErrorName(thrown)}`,
    };
  }
  const keys = keysOf(text, hasPassphrase);
  if (keys === undefined) {
    const wanted = hasPassphrase ? "apiKey, secret and passphrase" : "apiKey and secret";
    return { kind: "refused", reason: `the secret ${name} is no JSON with ${wanted}` };
  }
  return { kind: "keys", keys: sealKeys(keys) };
}

function keysOf(text: string, hasPassphrase: boolean): AccountKeys | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { apiKey, secret, passphrase = "" } = value as Readonly<Record<string, unknown>>;
  if (!isPart(apiKey) || !isPart(secret) || typeof passphrase !== "string") return undefined;
  if (hasPassphrase && passphrase === "") return undefined;
  return { apiKey, secret, passphrase };
}

function isPart(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
