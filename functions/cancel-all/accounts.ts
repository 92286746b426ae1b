/**
 * The accounts that can be swept, and their keys: names from the environment, keys from the store of secrets or,
 * on one machine, from a file.
 *
 * Keys are read when they are needed and kept nowhere. A secret that nobody has filled is no key.
 */
import { z } from "zod";
import { ENGINE_ID_PATTERN } from "../../contracts/keys.ts";
import type { CancelKeys } from "./client.ts";
import { type CancelVenue, isCancelVenue } from "./endpoints.ts";
import type { CancelRequest } from "./logic.ts";

export type CancelAccount = {
  readonly engine: string;
  readonly venue: CancelVenue;
  /** Name of its secret. */
  readonly secretName: string;
};

const keySchema = z.looseObject({
  apiKey: z.string().min(1),
  secret: z.string().min(1),
  passphrase: z.string().default(""),
});
const SECRET_NAME = /^[^/]+\/cancel\/([^/]+)\/([^/]+)$/;

/** Accounts by the names of their secrets; venues where nothing is ever placed are left out. */
export function accountsOf(secretNames: string): readonly CancelAccount[] {
  return secretNames.split(",").flatMap((name): readonly CancelAccount[] => {
    const [, engine = "", venue = ""] = SECRET_NAME.exec(name.trim()) ?? [];
    if (!ENGINE_ID_PATTERN.test(engine) || !isCancelVenue(venue)) return [];
    return [{ engine, venue, secretName: name.trim() }];
  });
}

/** The accounts that `request` means. */
export function chosen(
  accounts: readonly CancelAccount[],
  { engine, venue }: CancelRequest,
): readonly CancelAccount[] {
  return accounts.filter(
    (account) =>
      (engine === "" || account.engine === engine) && (venue === "" || account.venue === venue),
  );
}

/** Keys in the text of a secret; undefined where there are none. */
export function readKeys(text: string): CancelKeys | undefined {
  const result = keySchema.safeParse(jsonOf(text));
  if (!result.success) return;
  const { apiKey, secret, passphrase } = result.data;
  return { apiKey, secret, passphrase };
}

/** Secrets of one machine: an object of them by their names, each as text. */
export function readLocalSecrets(text: string): ReadonlyMap<string, string> {
  const value = jsonOf(text);
  if (typeof value !== "object" || value === null) return new Map();
  return new Map(Object.entries(value).map(([name, keys]) => [name, JSON.stringify(keys)]));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
