/**
 * Station: environment -> keys of an account, sealed.
 *
 * RECKONER_<VENUE>_API_KEY, _SECRET and _PASSPHRASE hold them, or with _FILE behind the name the path of a
 * file that does (a mounted secret). What is sealed shows nothing of itself, however it is printed, and
 * no sentence of this room repeats a value.
 */
import { readFileSync } from "node:fs";
import type { AccountKeys } from "../../venues/execution.ts";

export type KeysRead =
  | { readonly kind: "keys"; readonly keys: AccountKeys }
  /** Not one of the variables is set: this account is not meant to trade. */
  | { readonly kind: "absent" }
  /** `reason` names the variable and never its value. */
  | { readonly kind: "refused"; readonly reason: string };

export type Environment = Readonly<Record<string, string | undefined>>;

const SHOWN = "[sealed keys]";
/** Longer ones are no key: RSA keys of 4096 bits are about 3.3 kB, and none of our venues needs one. */
const VALUE_LENGTH_MAX = 8192;

/** Keys whose values are reached by their names alone: no listing, copy or print of them holds any. */
class SealedKeys implements AccountKeys {
  readonly #apiKey: string;
  readonly #secret: string;
  readonly #passphrase: string;

  constructor({ apiKey, secret, passphrase }: AccountKeys) {
    this.#apiKey = apiKey;
    this.#secret = secret;
    this.#passphrase = passphrase;
  }

  get apiKey(): string {
    return this.#apiKey;
  }

  get secret(): string {
    return this.#secret;
  }

  get passphrase(): string {
    return this.#passphrase;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SHOWN;
  }
}

/** Seals keys that came some other way, such as those of the simulated venues. */
export function sealKeys(keys: AccountKeys): AccountKeys {
  return new SealedKeys(keys);
}

/** `RECKONER_BINANCE_SPOT_API_KEY` for "binance-spot" and "API_KEY". */
export function keyVariable(venueId: string, part: "API_KEY" | "SECRET" | "PASSPHRASE"): string {
  return `RECKONER_${venueId.toUpperCase().replaceAll("-", "_")}_${part}`;
}

/** The keys of a venue's account; `hasPassphrase` where the venue wants a third part. */
export function readKeys(venueId: string, hasPassphrase: boolean, env: Environment): KeysRead {
  const apiKey = readPart(keyVariable(venueId, "API_KEY"), env);
  const secret = readPart(keyVariable(venueId, "SECRET"), env);
  const passphrase = readPart(keyVariable(venueId, "PASSPHRASE"), env);
  const parts = [apiKey, secret, passphrase];
  const refused = parts.find((part) => part.kind === "refused");
  if (refused?.kind === "refused") return refused;
  if (parts.every(({ kind }) => kind === "absent")) return { kind: "absent" };
  const wanted = hasPassphrase ? parts : [apiKey, secret];
  const missing = wanted.findIndex(({ kind }) => kind === "absent");
  if (missing !== -1) {
    const part = (["API_KEY", "SECRET", "PASSPHRASE"] as const)[missing] ?? "SECRET";
    const name = keyVariable(venueId, part);
    return { kind: "refused", reason: `${name} is not set, while other parts of the key are` };
  }
  const keys = {
    apiKey: textIn(apiKey),
    secret: textIn(secret),
    passphrase: textIn(passphrase),
  };
  return { kind: "keys", keys: sealKeys(keys) };
}

type Part =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: string };

function readPart(name: string, env: Environment): Part {
  const direct = env[name];
  const path = env[`${name}_FILE`];
  if (direct !== undefined && path !== undefined) {
    return { kind: "refused", reason: `${name} and ${name}_FILE are both set; set one of them` };
  }
  if (direct !== undefined) return checked(name, direct);
  if (path === undefined) return { kind: "absent" };
  try {
    return checked(`${name}_FILE`, readFileSync(path, "utf8"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    return { kind: "refused", reason: `the file that ${name}_FILE names cannot be read (${code})` };
  }
}

function checked(name: string, text: string): Part {
  // A PEM in an environment variable often has its line ends written out.
  const value = text.trim().replaceAll("\\n", "\n");
  if (value === "") return { kind: "refused", reason: `${name} holds nothing` };
  if (value.length > VALUE_LENGTH_MAX) {
    return { kind: "refused", reason: `${name} holds more than ${VALUE_LENGTH_MAX} characters` };
  }
  return { kind: "value", value };
}

function textIn(part: Part): string {
  return part.kind === "value" ? part.value : "";
}
