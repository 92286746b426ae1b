/**
 * Station: what was watched and what the engine said at the end -> the ending of `reckoner start`.
 *
 * Pure. A run is good only when something was proved: books were compared and none was wrong, and
 * no decision was made on a book that was not live.
 */
import type { Command, Ending, ExitCode } from "./command.ts";
import { EXIT } from "./command.ts";
import type { Watched } from "./watch-engine.ts";

const WRONG_SHOWN_MAX = 10;

export const START_FIELDS: Command["fields"] = [
  ["booksLive, booksTotal", "books that were live at the end, and all that are followed"],
  ["frames", "frames received"],
  ["resyncs", "books made true again, the first time not counted"],
  ["resyncMs", "p50, p99 and max of the whole, in milliseconds"],
  ["stagesMs", "p50 and p99 of each of the six stages, in milliseconds"],
  [
    "wrongBooks",
    "live books that differed from the venue's truth at their sequence; null if live feed",
  ],
  ["wrong", "the first of them: instrument, seq and differing levels"],
  ["comparisons", "live books that were compared; null if live feed"],
  ["unknownSequence", "live books whose sequence the venue no longer, or not yet, knew"],
  ["decisionsOnInvalidBook", "decisions made on a book that was not live; must be 0"],
  ["staleEpochDiscards", "events of replaced sessions that were dropped"],
  ["faults", "every fault that was injected: faultId, kind, venue, symbol, injectedUs, endedUs"],
  ["endedBy", "time, signal, halted or gone"],
];

/** Judges a run. `engineCode` and `lastLine` are the engine's exit code and final line. */
export function endingOfRun(watched: Watched, engineCode: number, lastLine: string): Ending {
  const engine = recordOf(lastLine);
  const { comparison } = watched;
  const books = watched.status?.books ?? [];
  const json = {
    ...engine,
    // The engine's own account is written when its sessions are closed and no book is live any more.
    booksLive: books.filter((book) => book.state === "live").length,
    booksTotal: books.length,
    wrongBooks: comparison?.wrong.length ?? null,
    wrong: comparison?.wrong.slice(0, WRONG_SHOWN_MAX) ?? [],
    comparisons: comparison?.compared ?? null,
    unknownSequence: comparison?.unknownSequence ?? null,
    faults: watched.faults,
    endedBy: watched.reason,
  };
  const [exitCode, error] = verdictOf(watched, engineCode, engine);
  const lines = [summaryOf(json)];
  return error === "" ? { exitCode, lines, json } : { exitCode, lines, json, error };
}

type Fields = Readonly<Record<string, unknown>>;

function verdictOf(
  watched: Watched,
  engineCode: number,
  engine: Fields | null,
): [ExitCode, string] {
  const halted = watched.status?.halted ?? "";
  if (halted !== "" || engineCode === EXIT.halted)
    return [EXIT.halted, `the engine halted: ${halted}`];
  if (watched.reason === "gone")
    return [EXIT.failed, `the engine ended by itself with ${engineCode}`];
  if (engine === null)
    return [EXIT.failed, `the engine ended with ${engineCode} and without account`];
  if (engineCode !== EXIT.ok) return [EXIT.failed, `the engine ended with ${engineCode}`];
  const { comparison } = watched;
  const wrong = comparison?.wrong[0];
  if (wrong !== undefined) {
    return [EXIT.failed, `${wrong.instrument} was wrong at its sequence ${wrong.seq}`];
  }
  if (Number(engine.decisionsOnInvalidBook) > 0) {
    return [EXIT.failed, `${engine.decisionsOnInvalidBook} decisions were made on an invalid book`];
  }
  if (comparison !== null && comparison.compared === 0) {
    return [EXIT.failed, "no live book could be compared with the venues' truth"];
  }
  return [EXIT.ok, ""];
}

function recordOf(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return null;
    // An engine that died has said where it listens and nothing since.
    return "booksTotal" in value ? { ...value } : null;
  } catch {
    return null;
  }
}

function summaryOf(json: Fields): string {
  const words = [
    `books live ${json.booksLive}/${json.booksTotal}`,
    `frames ${json.frames ?? "?"}`,
    `resyncs ${json.resyncs ?? "?"}`,
  ];
  if (json.comparisons !== null) {
    words.push(`${json.comparisons} books compared, ${json.wrongBooks} wrong`);
  }
  return words.join(", ");
}
