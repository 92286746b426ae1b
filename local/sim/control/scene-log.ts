/**
 * What the functions and the engine say and count, kept for the checkers instead of written anywhere.
 *
 * The functions' lines go through `redacted` as theirs do, so a secret that is found in here would stand in a
 * real log as well.
 */
import type { Log } from "../../../functions/platform/log.ts";
import type { Meter } from "../../../functions/platform/metrics.ts";
import { redacted } from "../../../functions/platform/redact.ts";
import type { Log as EngineLog } from "../../../hotpath/io/log.ts";

export class SceneLog {
  readonly lines: string[] = [];
  /** What was counted, by name: the reactions that the scene has seen. */
  readonly counts = new Map<string, number>();
  readonly #who: () => string;
  readonly #onLine: (line: string) => void;

  /** `who` names the process that speaks; `onLine` is told of each sentence, without its fields. */
  constructor(who: () => string, onLine: (line: string) => void) {
    this.#who = who;
    this.#onLine = onLine;
  }

  /** Counts something that was seen. */
  count(name: string, count = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + count);
  }

  /** The log of a function. */
  logOf(name: string): Log {
    const write =
      (level: string) =>
      (message: string, fields: object = {}): void => {
        const text = String(redacted(message));
        this.#say(`${name} ${level} ${text}`, redacted(fields));
      };
    return { info: write("info"), warn: write("warn"), error: write("error") };
  }

  /** The log of the engine. */
  engineLog(): EngineLog {
    const write =
      (level: string) =>
      (sentence: string, fields: object = {}): void =>
        this.#say(`engine ${level} ${sentence}`, fields);
    return { info: write("info"), warn: write("warn"), error: write("error") };
  }

  /** The counts of a function, as reactions `<function>.<name>`. */
  meterOf(name: string): Pick<Meter, "count"> {
    return { count: (metric, count = 1) => this.count(`${name}.${metric}`, count) };
  }

  #say(sentence: string, fields: unknown): void {
    this.#onLine(sentence);
    this.lines.push(`${this.#who()} ${sentence} ${JSON.stringify(fields)}`);
  }
}
