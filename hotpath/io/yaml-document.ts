/**
 * Station: text of a YAML file -> plain data, with the line of every field.
 *
 * Strict where YAML is generous: duplicate keys, keys that are no text, tags, several documents and
 * aliases that multiply are refused, because a setting must mean what a reader thinks it means. It knows nothing of what
 * the fields are for.
 */
import { isMap, isNode, LineCounter, parseDocument, type YAMLError } from "yaml";

/** A configuration is a page or two; what is larger is not one. */
export const YAML_BYTES_MAX = 1024 * 1024;

/** Aliases let a short file grow without end when it is read. */
const ALIASES_MAX = 16;

export type YamlFault = { readonly line: number | null; readonly message: string };

export type YamlDocument =
  | {
      readonly ok: true;
      readonly data: unknown;
      /** Line of the field at `path` from 1; of its nearest parent when the field is not there. */
      lineOf(path: readonly (string | number)[]): number | null;
    }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

/** Reads one YAML document strictly; an empty file is an empty section. */
export function readYaml(text: string): YamlDocument {
  if (Buffer.byteLength(text) > YAML_BYTES_MAX) {
    return { ok: false, faults: [{ line: null, message: "the file is larger than 1 MiB" }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    // A list as a key would be written out as text, which takes seconds where it is a deep one.
    stringKeys: true,
    strict: true,
    prettyErrors: false,
    logLevel: "error",
  });
  const complaints = [...document.errors, ...document.warnings];
  const exhausted = complaints.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  // Whatever else the parser says then, it says because it gave up there.
  if (exhausted !== undefined) return { ok: false, faults: [faultOf(exhausted, lines)] };
  if (complaints.length > 0) {
    return { ok: false, faults: complaints.map((complaint) => faultOf(complaint, lines)) };
  }
  try {
    const data: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return {
      ok: true,
      data: data ?? {},
      lineOf: (path) => lineAt(document.contents, path, lines),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, faults: [{ line: null, message }] };
  }
}

function faultOf(complaint: YAMLError, lines: LineCounter): YamlFault {
  const line = lines.linePos(complaint.pos[0]).line;
  if (complaint.code === "DUPLICATE_KEY") return { line, message: "this field is given twice" };
  if (complaint.code === "RESOURCE_EXHAUSTION") {
    return { line, message: "sections and lists are nested too deeply" };
  }
  if (complaint.code === "NON_STRING_KEY") {
    return { line, message: "the name of a field is plain text" };
  }
  return { line, message: complaint.message };
}

function lineAt(
  contents: unknown,
  path: readonly (string | number)[],
  lines: LineCounter,
): number | null {
  let node: unknown = contents;
  let offset = isNode(node) ? (node.range?.[0] ?? null) : null;
  for (const key of path) {
    const step = stepInto(node, key);
    if (step === null) break;
    node = step.value;
    offset = step.offset ?? offset;
  }
  return offset === null ? null : lines.linePos(offset).line;
}

/** The value under `key` and where its key stands, which is the line that a reader looks for. */
function stepInto(
  node: unknown,
  key: string | number,
): { readonly value: unknown; readonly offset: number | undefined } | null {
  if (isMap(node)) {
    const pair = node.items.find((item) => isNode(item.key) && String(item.key) === String(key));
    if (pair === undefined) return null;
    return { value: pair.value, offset: isNode(pair.key) ? pair.key.range?.[0] : undefined };
  }
  if (typeof key !== "number" || !isNode(node) || !("items" in node)) return null;
  const item: unknown = (node.items as readonly unknown[])[key];
  return isNode(item) ? { value: item, offset: item.range?.[0] } : null;
}
