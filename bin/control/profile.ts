/**
 * Station: flags, environment, files -> which control plane is asked, about which engine, as whom.
 *
 * In this order: flags, a named profile, variables, the control plane that was started in this checkout.
 * For the last one a token is made on the spot by the machine's own identity. A token is never printed, and
 * is sent over TLS or to this very machine only.
 */
import { readFileSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { isLoopbackUrl } from "../../contracts/aws-environment.ts";
import { openIdentity } from "../../local/identity/identity.ts";
import type { Ending, Flag, Invocation } from "../command.ts";
import { EXIT, refusal } from "../command.ts";
import { type RunningControl, readRunningControl } from "../run-file.ts";

/** Roles of the control API, the weakest first. */
export const ROLES = ["viewer", "operator", "risk", "admin"] as const;

const TOKEN_LIFE_S = 300;

export const PROFILE_FLAGS: readonly Flag[] = [
  { name: "profile", kind: "text", summary: "a control plane of ~/.config/reckoner/profiles.json" },
  { name: "api", kind: "text", summary: "address of the control API", standard: "RECKONER_API" },
  {
    name: "engine",
    kind: "text",
    summary: "which engine",
    standard: "the profile's, RECKONER_ENGINE, or the one started here",
  },
  {
    name: "token-file",
    kind: "text",
    summary: "file with a token",
    standard: "RECKONER_TOKEN, or one of this machine's identity",
  },
  { name: "by", kind: "text", summary: "who asks (this machine only)", standard: "the user" },
  {
    name: "as",
    kind: "choice",
    choices: ROLES,
    summary: "in which role (this machine only)",
    standard: "admin",
  },
];

/** Where and as whom to ask. */
export type Access = { readonly api: string; readonly engine: string; readonly token: string };

export type AccessFound =
  | { readonly ok: true; readonly access: Access }
  | { readonly ok: false; readonly ending: Ending };

type Places = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the person's settings. */
  readonly settings: string;
  /** The control plane that was started here. */
  readonly running: RunningControl | null;
};

type Profile = { readonly api?: string; readonly engine?: string; readonly tokenFile?: string };

/** Finds access, or says what is missing. */
export async function findAccess(
  { flags }: Pick<Invocation, "flags">,
  places: Places = {
    environment: process.env,
    settings: join(homedir(), ".config", "reckoner"),
    running: readRunningControl(),
  },
): Promise<AccessFound> {
  const { environment, running } = places;
  const name = flags.get("profile") ?? environment.RECKONER_PROFILE;
  const profile = name === undefined ? {} : readProfile(places.settings, name);
  if (typeof profile === "string") return refused(EXIT.usage, profile);
  const api = flags.get("api") ?? profile.api ?? environment.RECKONER_API ?? running?.api;
  if (api === undefined) {
    return refused(
      EXIT.environment,
      "no control plane is known here; start one with: reckoner start, or name one with --api",
    );
  }
  if (!isSafe(api)) {
    return refused(EXIT.usage, `flag --api: expected https, or http to this machine: "${api}"`);
  }
  const engine =
    flags.get("engine") ?? profile.engine ?? environment.RECKONER_ENGINE ?? running?.engine;
  if (engine === undefined) return refused(EXIT.usage, "flag --engine: which engine is meant?");
  const given = readToken(flags.get("token-file") ?? profile.tokenFile, environment.RECKONER_TOKEN);
  if (!given.ok) return refused(EXIT.environment, given.reason);
  if (given.token !== "") return found(api, engine, given.token);
  if (running === null || running.api !== api) {
    return refused(EXIT.environment, "no token: set RECKONER_TOKEN, or name a file (--token-file)");
  }
  const identity = await openIdentity(running.identity);
  const token = await identity.mint({
    subject: flags.get("by") ?? userInfo().username,
    roles: [flags.get("as") ?? "admin"],
    lifeS: TOKEN_LIFE_S,
  });
  return found(api, engine, token);
}

function found(api: string, engine: string, token: string): AccessFound {
  return { ok: true, access: { api: api.replace(/\/$/, ""), engine, token } };
}

function refused(code: Ending["exitCode"], error: string): AccessFound {
  return { ok: false, ending: refusal(code, error) };
}

/** A token must not be readable on its way. */
function isSafe(api: string): boolean {
  return URL.canParse(api) && (new URL(api).protocol === "https:" || isLoopbackUrl(api));
}

/** One profile of the file, or a sentence. */
function readProfile(settings: string, name: string): Profile | string {
  const file = join(settings, "profiles.json");
  let all: unknown;
  try {
    all = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return `profile ${name}: ${file} cannot be read: ${cause}`;
  }
  const profile = (all as Readonly<Record<string, Profile>> | null)?.[name];
  if (typeof profile !== "object" || profile === null) return `${file} has no profile ${name}`;
  const wrong = (["api", "engine", "tokenFile"] as const).find(
    (field) => profile[field] !== undefined && typeof profile[field] !== "string",
  );
  return wrong === undefined ? profile : `profile ${name}: ${wrong} must be text`;
}

type TokenRead =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly reason: string };

function readToken(file: string | undefined, variable: string | undefined): TokenRead {
  if (file === undefined) return { ok: true, token: variable ?? "" };
  try {
    return { ok: true, token: readFileSync(file, "utf8").trim() };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `the token cannot be read: ${cause}` };
  }
}
