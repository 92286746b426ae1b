/**
 * Station: rings, counters and truth -> the last lines of the view.
 *
 * Counters that should be 0 are silent while they are; what is not in order speaks up here.
 */
import type { EngineStatus, RingStatus } from "../../contracts/status.ts";
import { countText, longCountText } from "./numbers.ts";
import { cell, type Line, lineWidth, printable, type Span } from "./spans.ts";
import { type ViewInput, WIDE_COLUMNS } from "./view-input.ts";

const RINGS = [
  ["marketEvents", "market"],
  ["controlEvents", "control"],
  ["outboundCommands", "commands"],
  ["recorder", "recorder"],
] as const;

/** A ring that has been this full is worth a look. */
const RING_WARN = 0.5;
/** Counters of plain work: they only say that the engine is running, which the frames say too. */
const COUNTERS_OF_WORK: ReadonlySet<string> = new Set([
  "bufferedDeltas",
  "commands",
  "controlEvents",
  "decisions",
  "deltas",
  "dials",
  "frameBytes",
  "frames",
  "journalSeq",
  "levels",
  "marketEvents",
  "quotes",
  "resyncs",
  "ticks",
  "trades",
  "warmUpEvents",
]);
/** Counters where anything but 0 is wrong. */
const COUNTERS_BAD: ReadonlySet<string> = new Set(["decisionsOnInvalidBook"]);

/** Books in doubt, rings, counters and truth, each at most one line. */
export function footLines(input: ViewInput, width: number): Line[] {
  const { status } = input;
  return [
    [],
    ...doubtLines(status, width),
    ringLine(status, width),
    ...truthLines(input),
    countersLine(status, width),
  ];
}

function doubtLines(status: EngineStatus, width: number): Line[] {
  return [...(width < WIDE_COLUMNS ? modeLines(status) : []), ...bookLines(status)];
}

/** Why a mode is not active; a wide view says so beside the mode itself. */
function modeLines(status: EngineStatus): Line[] {
  return status.venues
    .filter((venue) => venue.mode !== "active" && venue.modeReason !== "")
    .map((venue): Line => {
      const words = `${venue.venue} ${venue.mode}: ${printable(venue.modeReason)}`;
      return [
        [cell("mode", 14), "warn"],
        [words, "warn"],
      ];
    });
}

function bookLines(status: EngineStatus): Line[] {
  const doubtful = status.books.filter((book) => book.state !== "live");
  if (doubtful.length === 0) return [];
  const names = doubtful.map((book) => `${printable(book.instrument)} ${book.state}`);
  return [
    [
      [cell("not live", 14), "warn"],
      [names.join(", "), "warn"],
    ],
  ];
}

function ringLine(status: EngineStatus, width: number): Line {
  const line: Span[] = [[cell("rings", 14), "strong"]];
  for (const [name, label] of RINGS) line.push(...ringSpans(label, status.rings[name]));
  return [...line, [width < WIDE_COLUMNS ? "" : "now/peak", "dim"]];
}

function ringSpans(label: string, ring: RingStatus): Span[] {
  const isHigh = ring.capacity > 0 && ring.highWater / ring.capacity > RING_WARN;
  const spans: Span[] = [
    [`${label} `, "dim"],
    [countText(ring.depth), "plain"],
    [`/${countText(ring.highWater)}`, isHigh ? "warn" : "plain"],
  ];
  if (ring.overflows > 0) spans.push([` full ${countText(ring.overflows)}x`, "bad"]);
  return [...spans, ["  ", "plain"]];
}

function truthLines(input: ViewInput): Line[] {
  const { truth } = input;
  if (truth === null) return [];
  const wrong = truth.wrongBooks;
  return [
    [
      [cell("truth", 14), "strong"],
      [`${longCountText(truth.comparisons)} books compared, `, "plain"],
      [`${wrong} wrong`, wrong === 0 ? "good" : "bad"],
      [`  faults injected ${longCountText(truth.faults)}`, "dim"],
    ],
  ];
}

function countersLine(status: EngineStatus, width: number): Line {
  const line: Span[] = [
    [cell("counters", 14), "strong"],
    [`frames ${longCountText(status.counters.frames ?? 0)}`, "plain"],
  ];
  const others = Object.entries(status.counters)
    .filter(([name, value]) => value !== 0 && !COUNTERS_OF_WORK.has(name))
    .sort(([a, countA], [b, countB]) => weight(b, countB) - weight(a, countA));
  for (const [name, value] of others) {
    const text = `  ${printable(name)} ${countText(value)}`;
    if (lineWidth(line) + text.length > width) break;
    line.push([text, COUNTERS_BAD.has(name) ? "bad" : "dim"]);
  }
  return line;
}

/** What is wrong comes first, then the large. */
function weight(name: string, count: number): number {
  return COUNTERS_BAD.has(name) ? Number.MAX_SAFE_INTEGER : count;
}
