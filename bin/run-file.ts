/**
 * Station: where the running engine can be asked, for commands in another terminal.
 *
 * `reckoner start` writes it when the engine is up and removes it at the end; a file that a crash left
 * behind names a port that nobody answers, which its readers report as such.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./child.ts";

const RUN_FILE = join(ROOT, ".reckoner", "engine.json");

/** The control plane that was started beside an engine. */
export type RunningControl = {
  /** `http://127.0.0.1:PORT` of its API. */
  readonly api: string;
  readonly engine: string;
  /** Folder of the identity that signs its tokens. */
  readonly identity: string;
  /** Base addresses of its stand-ins for AWS, as JSON text. */
  readonly aws: string;
};

/**
 * Notes that the engine of process `pid` answers at `admin`; `tokenFile` is "" where none is wanted, and
 * `control` is left out where no control plane was started beside it.
 */
export function writeRunFile(
  admin: string,
  pid: number,
  tokenFile = "",
  control?: RunningControl,
): void {
  mkdirSync(dirname(RUN_FILE), { recursive: true });
  const { api = "", engine = "", identity = "", aws = "" } = control ?? {};
  const note = { admin, pid, tokenFile, api, engine, identity, aws };
  writeFileSync(RUN_FILE, `${JSON.stringify(note)}\n`);
}

/** Removes the note, unless another start has overwritten it since. */
export function removeRunFile(admin: string): void {
  if (readRunFile() === admin) rmSync(RUN_FILE, { force: true });
}

/** The admin address of the engine that was started last, or null. */
export function readRunFile(): string | null {
  return textIn("admin");
}

/** Where that engine has put the token of its admin port, or null. */
export function readTokenFile(): string | null {
  const file = textIn("tokenFile");
  return file === "" ? null : file;
}

/** The control plane of the engine that was started last, or null. */
export function readRunningControl(): RunningControl | null {
  const [api, engine] = [textIn("api"), textIn("engine")];
  if (api === null || api === "" || engine === null) return null;
  return { api, engine, identity: textIn("identity") ?? "", aws: textIn("aws") ?? "" };
}

function textIn(field: "admin" | "tokenFile" | keyof RunningControl): string | null {
  try {
    const noted = JSON.parse(readFileSync(RUN_FILE, "utf8")) as Readonly<Record<string, unknown>>;
    const text = noted[field];
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}
