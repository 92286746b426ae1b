/**
 * Station: the first lines of the view: is it true, since when, and where is it written down.
 */
import type { EngineStatus } from "../../contracts/status.ts";
import { bytesText, longCountText, runText } from "./numbers.ts";
import { type Line, lineWidth, printable, type Span } from "./spans.ts";
import { type ViewInput, WIDE_COLUMNS } from "./view-input.ts";

/** One line about the whole, one about what is wrong when something is, and an empty one. */
export function headLines(input: ViewInput, width: number): Line[] {
  const { status } = input;
  const left: Line = [
    ["reckoner", "strong"],
    ["  ", "plain"],
    ...verdict(status),
    [`  ${runText(status.nowUs - status.startedUs)}`, "plain"],
    [`  journal ${bytesText(status.journal.bytes)}`, "dim"],
    [
      width < WIDE_COLUMNS ? "" : `, safe up to ${longCountText(status.journal.lastAckedSeq)}`,
      "dim",
    ],
  ];
  const gap = width - lineWidth(left) - input.hint.length;
  const hint: Span[] =
    gap >= 2 && input.hint !== ""
      ? [
          [" ".repeat(gap), "plain"],
          [input.hint, "dim"],
        ]
      : [];
  return [[...left, ...hint], ...haltLines(status), []];
}

function verdict(status: EngineStatus): Line {
  const live = status.books.filter((book) => book.state === "live").length;
  const books = `${live}/${status.books.length} books live`;
  if (status.halted !== "") return [["halted", "bad"]];
  if (status.ready) return [[books, "good"]];
  return [[books, "warn"]];
}

function haltLines(status: EngineStatus): Line[] {
  return status.halted === "" ? [] : [[[`halted: ${printable(status.halted)}`, "bad"]]];
}
