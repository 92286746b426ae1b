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

/** Notes that the engine of process `pid` answers at `admin`; `tokenFile` is "" where none is wanted. */
export function writeRunFile(admin: string, pid: number, tokenFile = ""): void {
  mkdirSync(dirname(RUN_FILE), { recursive: true });
  writeFileSync(RUN_FILE, `${JSON.stringify({ admin, pid, tokenFile })}\n`);
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

function textIn(field: "admin" | "tokenFile"): string | null {
  try {
    const noted = JSON.parse(readFileSync(RUN_FILE, "utf8")) as Readonly<Record<string, unknown>>;
    const text = noted[field];
    return typeof text === "string" ? text : null;
  } catch {
    return null;
  }
}
