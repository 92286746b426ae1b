/**
 * Station: state changes -> one line of JSON each on stderr.
 *
 * A quiet log is a healthy loop: nothing is logged per market event, for those there are counters.
 * The program never reads it back; that is what the journal is for.
 */
import pino from "pino";
import type { Micros } from "../../contracts/time.ts";

/** What a line may carry beside its sentence; all optional, all under one name everywhere. */
export type LogFields = {
  readonly venue?: string;
  readonly instrument?: string;
  readonly shard?: number;
  readonly epoch?: number;
  readonly seq?: number;
  readonly tick?: number;
  readonly cause?: string;
  readonly exchangeUs?: Micros;
  readonly recvUs?: Micros;
  readonly processUs?: Micros;
  readonly queueUs?: Micros;
  readonly transportUs?: Micros;
  readonly silenceUs?: Micros;
  readonly [more: string]: unknown;
};

export type Log = {
  /** A state changed as intended. */
  info(sentence: string, fields?: LogFields): void;
  /** Something is worse than it should be, and the engine deals with it. */
  warn(sentence: string, fields?: LogFields): void;
  /** The engine cannot go on as it is. */
  error(sentence: string, fields?: LogFields): void;
};

export type LogOptions = {
  readonly instance: string;
  /** The engine's own clock, so that log and journal agree. */
  readonly nowUs: () => Micros;
  readonly level?: "info" | "warn" | "error" | "silent";
  /** Where lines go; stderr when left out. */
  readonly write?: (line: string) => void;
};

const SECRET_NAMES = [
  "apiKey",
  "apiSecret",
  "secret",
  "secretKey",
  "privateKey",
  "password",
  "passphrase",
  "token",
  "signature",
  "authorization",
];

const REDACTED = "[redacted]";
const SECRET_IN_TEXT =
  /\b(api[-_]?key|secret|signature|token|password|passphrase|authorization)(["']?\s*[=:]\s*["']?)[^\s&"',;]+/gi;

/** Opens the log of one engine. Lines are written at once, so that a crash loses none. */
export function openLog(options: LogOptions): Log {
  const { write } = options;
  const destination = write === undefined ? pino.destination({ fd: 2, sync: true }) : { write };
  const logger = pino(
    {
      level: options.level ?? "info",
      base: { instance: options.instance },
      messageKey: "sentence",
      timestamp: () => `,"atUs":${options.nowUs()}`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
        censor: REDACTED,
      },
    },
    destination,
  );
  return {
    info: (sentence, fields) => logger.info(cleanFields(fields), redactText(sentence)),
    warn: (sentence, fields) => logger.warn(cleanFields(fields), redactText(sentence)),
    error: (sentence, fields) => logger.error(cleanFields(fields), redactText(sentence)),
  };
}

/** `text` without the values of `signature=`, `apiKey:` and the like; addresses carry those. */
export function redactText(text: string): string {
  return text.replace(SECRET_IN_TEXT, `$1$2${REDACTED}`);
}

function cleanFields(fields: LogFields | undefined): Record<string, unknown> {
  const entries = Object.entries(fields ?? {}).map(([name, value]) => [
    name,
    typeof value === "string" ? redactText(value) : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
