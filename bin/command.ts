/**
 * Station: the contract between the command line and each command.
 *
 * A command is data (operands, flags, words for the help page) and one function; its name and summary
 * stand in its row of the table. It returns its
 * ending and never prints it, so that people and scripts are served from the same facts and so that
 * `--json` prints exactly one line whatever the command does.
 */

/** What an exit code of `reckoner` means. Scripts hold on to these; they are never renumbered. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  environment: 3,
  halted: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit codes in words, for the help page and the README. */
export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, "done, and everything that was checked held"],
  [EXIT.failed, "a check failed: a wrong book, a break, a failed test"],
  [EXIT.usage, "wrong usage or configuration; nothing was started"],
  [EXIT.environment, "the environment refused: port, file, network, venue (HTTP 451 or 403)"],
  [EXIT.halted, "the engine halted on its own broken state"],
];

export type FlagKind = "switch" | "text" | "count" | "duration" | "choice";

export type Flag = {
  readonly name: string;
  readonly kind: FlagKind;
  readonly summary: string;
  /** Only for a choice: the words it admits. */
  readonly choices?: readonly string[];
  /** Shown on the help page; the command applies it. */
  readonly standard?: string;
};

export type Operand = {
  readonly name: string;
  readonly summary: string;
  readonly required: boolean;
  /** The last operand may take every word that is left. */
  readonly many?: boolean;
};

/** The flags and operands of one call, already checked against the command's own lists. */
export type Invocation = {
  readonly json: boolean;
  readonly operands: readonly string[];
  readonly flags: ReadonlyMap<string, string>;
  /** Prints a line that is not the result; it goes to stderr and so never mixes with `--json`. */
  say(line: string): void;
};

export type Ending = {
  readonly exitCode: ExitCode;
  /** What a person reads, on stdout; not printed under `--json`. */
  readonly lines: readonly string[];
  /** What a script reads; `ok` and, after a failure, `error` are always added. */
  readonly json: Readonly<Record<string, unknown>>;
  /** One sentence, on stderr, when the exit code is not 0. */
  readonly error?: string;
};

export type Command = {
  /** Further sentences for the help page, one paragraph each. */
  readonly notes?: readonly string[];
  readonly operands: readonly Operand[];
  readonly flags: readonly Flag[];
  /** Names of the fields of the final JSON line, with their meaning. */
  readonly fields: readonly (readonly [string, string])[];
  /** When set, every word after the name is passed on unread and `--help` is the only own flag. */
  readonly passesWordsOn?: boolean;
  run(invocation: Invocation): Promise<Ending>;
};

/** One row of the command table: known by name at once, loaded only when it is called. */
export type CommandRow = {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
};

/** An ending that says why, in one sentence, and carries nothing else. */
export function refusal(exitCode: ExitCode, error: string): Ending {
  return { exitCode, lines: [], json: {}, error };
}
