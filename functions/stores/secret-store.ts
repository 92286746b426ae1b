/**
 * The store of secrets, as the functions see it: text by name, read and never written.
 *
 * What cannot be read is a fault like any other store's; its sentence names the secret and never its value.
 */
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { asked } from "./store-error.ts";

const ATTEMPTS_MAX = 3;
const TIMEOUT_MS = 3_000;

export type SecretStore = {
  /** The secret's text; "" where it has been made and not filled in yet. */
  readonly read: (name: string) => Promise<string>;
};

/** Secrets of the account and region that the environment names. */
export function createSecretStore(
  client = new SecretsManagerClient({
    maxAttempts: ATTEMPTS_MAX,
    requestHandler: {
      connectionTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
      throwOnRequestTimeout: true,
    },
  }),
): SecretStore {
  return {
    async read(name) {
      const answer = await asked(`read the secret ${name}`, () =>
        client.send(new GetSecretValueCommand({ SecretId: name })),
      );
      return answer.SecretString ?? "";
    },
  };
}
