/**
 * Station: configuration file -> one frozen Config, or every fault with its field and line.
 *
 * It is read once, at the start, and handed down; no room reads the environment or the file again.
 * Nothing is guessed: an unknown field is refused with the nearest known name, and whatever looks
 * like a key is refused with a sentence, because this file is shared and printed.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  type Config,
  type ConfigIssue,
  configJsonSchema,
  parseConfig,
} from "../contracts/schema/config.ts";
import { type FieldNode, formOf, namesIn, nodeAt } from "../contracts/schema/field-form.ts";
import { readYaml } from "./io/yaml-document.ts";
import { didYouMean } from "./nearest-name.ts";

export type ConfigFault = {
  /** `limits.silenceFloorMs`, or "" when the file as a whole is meant. */
  readonly field: string;
  /** From 1, or null where there is no one line. */
  readonly line: number | null;
  readonly message: string;
};

export type ConfigReading =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly faults: readonly ConfigFault[] };

type Path = readonly (string | number)[];

const SECRET_NAME = /secret|api[-_]?key|private[-_]?key|passw|passphrase|token|credential/i;
const SHOWN_CHARACTERS_MAX = 40;

/** Reads and checks the file at `path`. A file that cannot be read is a fault like any other. */
export function loadConfig(path: string): ConfigReading {
  try {
    return readConfig(readFileSync(path, "utf8"));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const why = code === "ENOENT" ? "there is no such file" : `the file cannot be read (${code})`;
    return { ok: false, faults: [{ field: "", line: null, message: why }] };
  }
}

/** Made for the first file that is refused: making it takes longer than everything else together. */
let knownSchema: FieldNode | undefined;

/** Checks the text of a configuration file. */
export function readConfig(text: string): ConfigReading {
  const document = readYaml(text);
  if (!document.ok) {
    return { ok: false, faults: document.faults.map((fault) => ({ field: "", ...fault })) };
  }
  const parsed = parseConfig(document.data);
  if (parsed.ok) return { ok: true, config: freeze(parsed.config) };
  knownSchema ??= configJsonSchema();
  const schema = knownSchema;
  const faults = parsed.issues
    .flatMap((issue) => faultsOf(issue, schema, document.data))
    .map(({ path, message }) => ({ field: path.join("."), line: document.lineOf(path), message }));
  return { ok: false, faults: faults.filter(isFirst) };
}

/** One value can miss its form in two ways; a person is told once. */
function isFirst(fault: ConfigFault, index: number, faults: readonly ConfigFault[]): boolean {
  const same = (other: ConfigFault) =>
    other.field === fault.field && other.message === fault.message;
  return faults.findIndex(same) === index;
}

/** The configuration of an empty file. */
export function standardConfig(): Config {
  const reading = readConfig("");
  if (!reading.ok) throw new Error(`defaults are refused: ${faultText("", reading.faults[0])}`);
  return reading.config;
}

/** One line for a person: `reckoner.yaml:12: limits.queueDelayMs: expected ...`. */
export function faultText(file: string, fault: ConfigFault | undefined): string {
  if (fault === undefined) return file;
  const place = fault.line === null ? file : `${file}:${fault.line}`;
  return [place, fault.field, fault.message].filter((part) => part !== "").join(": ");
}

/** SHA-256 of the configuration in hexadecimal; the journal's header carries it. */
export function configHash(config: Config): string {
  return createHash("sha256").update(JSON.stringify(config)).digest("hex");
}

type PathFault = { readonly path: Path; readonly message: string };

function faultsOf(issue: ConfigIssue, schema: FieldNode, data: unknown): PathFault[] {
  switch (issue.kind) {
    case "unknownFields":
      return issue.names.map((name) => unknownField(issue.path, name, schema));
    case "rule":
      return [{ path: issue.path, message: issue.rule }];
    case "form":
      return [{ path: issue.path, message: formMessage(issue.path, schema, data) }];
  }
}

function unknownField(path: Path, name: string, schema: FieldNode): PathFault {
  const full = [...path, name];
  if (SECRET_NAME.test(name)) {
    return { path: full, message: "keys and other secrets never stand in this file" };
  }
  const section = nodeAt(schema, path);
  const known = section === null ? [] : namesIn(section);
  return { path: full, message: `there is no such field${didYouMean(name, known)}` };
}

function formMessage(path: Path, schema: FieldNode, data: unknown): string {
  const node = nodeAt(schema, path);
  const expected = node === null ? "something else" : formOf(node);
  return `expected ${expected}, got ${shown(valueAt(data, path))}`;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[key];
  }
  return value;
}

/** A value as a person wrote it, short enough for one line. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a section";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}...` : text;
}

function freeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) {
    for (const each of Object.values(value)) freeze(each);
    Object.freeze(value);
  }
  return value;
}
