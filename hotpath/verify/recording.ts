/**
 * Station: recording file -> lines. Reads both formats of raw venue recordings, gzip or plain, as a
 * stream: `<receive time> <exact JSON text>`, and `{"recv_ts":...,"stream":"...","raw":"..."}`.
 *
 * The text of a message is handed on exactly as it stands; nothing is repaired. What cannot be a
 * recording is refused with the line that shows it.
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/** One record of a recording. */
export type RecordedLine = {
  /** From 1. */
  readonly line: number;
  readonly kind: "frame" | "rest" | "other";
  /** Receive time in microseconds; 0 where the recording has none. */
  readonly recvUs: number;
  /** The message, exactly as it was received. */
  readonly text: string;
  /** For a REST body: the address it came from, "" where the recording does not say. */
  readonly url: string;
};

/** The file is no recording: missing, damaged, foreign. The message names file and line. */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
}

const GZIP_MAGIC = 0x1f8b;
const REST_PREFIX = "rest:";
/** Integer receive times by their number of digits: nanoseconds have 19, microseconds 16. */
const NS_DIGITS = 19;
const US_DIGITS = 16;
const US_PER_S = 1_000_000;

/** Reads `file` line by line; throws `RecordingError` where it stops being a recording. */
export async function* readRecording(file: string): AsyncGenerator<RecordedLine> {
  let line = 0;
  const lines = createInterface({
    input: await openText(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  try {
    for await (const text of lines) {
      line++;
      if (text === "") continue;
      yield text.startsWith("{") ? parseObjectLine(file, line, text) : parsePair(file, line, text);
    }
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new RecordingError(`${file}: damaged after line ${line}: ${why}`);
  }
  if (line === 0) throw new RecordingError(`${file}: the file is empty`);
}

/** Opens plain or gzip text, by the file's first bytes and not by its name. */
async function openText(file: string): Promise<Readable> {
  const source = createReadStream(file);
  const first = await firstChunk(source, file);
  const rest = Readable.from(withFirst(first, source));
  if (first.length < 2 || first.readUInt16BE(0) !== GZIP_MAGIC) return rest;
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  return rest.pipe(gunzip);
}

async function firstChunk(source: Readable, file: string): Promise<Buffer> {
  try {
    for await (const chunk of source.iterator({ destroyOnReturn: false })) return chunk as Buffer;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const why = code === "ENOENT" ? "there is no such file" : `the file cannot be read (${code})`;
    throw new RecordingError(`${file}: ${why}`);
  }
  throw new RecordingError(`${file}: the file is empty`);
}

async function* withFirst(first: Buffer, source: Readable): AsyncGenerator<Buffer> {
  yield first;
  for await (const chunk of source) yield chunk as Buffer;
}

/** `1723161253937085768 {"stream":...}`: nanoseconds or microseconds, one space, the message. */
function parsePair(file: string, line: number, text: string): RecordedLine {
  const space = text.indexOf(" ");
  const stamp = text.slice(0, space);
  const isStamp = /^\d+$/.test(stamp) && (stamp.length === NS_DIGITS || stamp.length === US_DIGITS);
  if (space < 0 || !isStamp) {
    throw new RecordingError(
      `${file}:${line}: expected "<receive time> <JSON>" or a JSON object, got "${text.slice(0, 40)}"`,
    );
  }
  const message = text.slice(space + 1);
  return {
    line,
    kind: message.startsWith('{"stream"') ? "frame" : "rest",
    recvUs: Number(stamp.slice(0, US_DIGITS)),
    text: message,
    url: "",
  };
}

/** `{"recv_ts":1617647603.42,"stream":"ws","raw":"..."}`. */
function parseObjectLine(file: string, line: number, text: string): RecordedLine {
  const value = parse(text);
  if (typeof value !== "object" || value === null) {
    throw new RecordingError(`${file}:${line}: the line is not JSON`);
  }
  const { recv_ts: seconds, stream, raw } = value as Readonly<Record<string, unknown>>;
  if (typeof stream !== "string") throw new RecordingError(`${file}:${line}: "stream" is missing`);
  if (typeof raw !== "string") throw new RecordingError(`${file}:${line}: "raw" is missing`);
  const recvUs = typeof seconds === "number" ? Math.round(seconds * US_PER_S) : 0;
  if (stream.startsWith(REST_PREFIX)) {
    return { line, kind: "rest", recvUs, text: raw, url: stream.slice(REST_PREFIX.length) };
  }
  // `ws:send` and `ws:connect` are what the recorder did, not what the venue said. Some recorders name a
  // connection by its address.
  const kind = /^ws\d*$|^wss?:\/\//.test(stream) ? "frame" : "other";
  return { line, kind, recvUs, text: raw, url: "" };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller names the line.
    return undefined;
  }
}
