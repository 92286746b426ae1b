/**
 * Station: what a write on the admin port must know. A token from the environment, or one drawn at the
 * start and put into a file that only this user can read; the file's path may be logged, the token never.
 *
 * Tokens are compared by their digests in constant time, so that neither length nor a common beginning
 * can be measured from outside.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The environment's name of a token that a person has chosen. */
export const ADMIN_TOKEN_NAME = "RECKONER_ADMIN_TOKEN";
/** Shorter ones are refused: they can be guessed. */
const TOKEN_CHARACTERS_MIN = 16;
const TOKEN_BYTES = 32;
const OWNER_ONLY = 0o600;

export class AdminToken {
  readonly #digest: Uint8Array;
  /** Where the token was written; "" when the environment gave it. */
  readonly file: string;

  constructor(token: string, file: string) {
    this.#digest = digestOf(token);
    this.file = file;
  }

  /** Whether an Authorization header carries this token. */
  fits(authorization: string): boolean {
    const given = /^Bearer ([\x21-\x7e]{1,512})$/.exec(authorization)?.[1];
    return given !== undefined && timingSafeEqual(digestOf(given), this.#digest);
  }

  /** Removes the file, when there is one; a token that was chosen stays where it is. */
  forget(): void {
    if (this.file !== "") rmSync(this.file, { force: true });
  }
}

export type TokenReading =
  | { readonly ok: true; readonly token: AdminToken }
  | { readonly ok: false; readonly reason: string };

/** Takes the token that was chosen (undefined for none), or draws one into `directory`. */
export function openAdminToken(chosen: string | undefined, directory: string): TokenReading {
  if (chosen !== undefined && chosen !== "") {
    if (chosen.length >= TOKEN_CHARACTERS_MIN && /^[\x21-\x7e]+$/.test(chosen)) {
      return { ok: true, token: new AdminToken(chosen, "") };
    }
    const form = `at least ${TOKEN_CHARACTERS_MIN} printable characters without spaces`;
    return { ok: false, reason: `${ADMIN_TOKEN_NAME}: expected ${form}` };
  }
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const file = path.resolve(directory, "admin.token");
  try {
    mkdirSync(directory, { recursive: true });
    // One that a crash left behind may have other rights, which writing to it would keep.
    rmSync(file, { force: true });
    writeFileSync(file, `${token}\n`, { mode: OWNER_ONLY, flag: "wx" });
    chmodSync(file, OWNER_ONLY);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `the token of the admin port cannot be written: ${why}` };
  }
  return { ok: true, token: new AdminToken(token, file) };
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
