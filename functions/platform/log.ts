/**
 * The log of a function: one line of JSON for each state transition, without secrets.
 *
 * Every line goes through `redacted`; nobody has to remember it.
 */
import { Logger } from "@aws-lambda-powertools/logger";
import { redacted } from "./redact.ts";

export type LogFields = Readonly<Record<string, unknown>>;

export type Log = {
  readonly info: (message: string, fields?: LogFields) => void;
  readonly warn: (message: string, fields?: LogFields) => void;
  readonly error: (message: string, fields?: LogFields) => void;
};

/** The log of the function `name`. Level by `POWERTOOLS_LOG_LEVEL`. */
export function createLog(name: string): Log {
  const logger = new Logger({ serviceName: name });
  const line =
    (level: "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}): void =>
      logger[level](String(redacted(message)), { fields: redacted(fields) });
  return { info: line("info"), warn: line("warn"), error: line("error") };
}
