/**
 * Station: venues and their sessions -> one block of aligned columns for each venue.
 *
 * Sessions that are in order are the first to be folded into one line when room is short; a session
 * in doubt always keeps its own.
 */
import type { EngineStatus, Mode, SessionStatus, VenueStatus } from "../../contracts/status.ts";
import { countText, spanText } from "./numbers.ts";
import { cell, type Line, printable, type Span, type Tone } from "./spans.ts";
import { type ViewInput, WIDE_COLUMNS } from "./view-input.ts";

/** Confidence at which a session is in order; below the second it is not to be believed. */
const CONFIDENCE_GOOD = 0.8;
const CONFIDENCE_BAD = 0.4;
/** A share of the weight limit above which snapshots will have to wait. */
const WEIGHT_WARN = 0.8;
const US_PER_MS = 1_000;
const US_PER_S = 1_000_000;
/** Columns of the confidence bar, drawn only where there is room for it. */
const BAR_CELLS = 10;

/** A venue's block: itself, the columns' names, one session, an empty line. */
const BLOCK_LINES_MIN = 4;

const MODE_TONES: Readonly<Record<Mode, Tone>> = {
  active: "good",
  noNewPositions: "warn",
  exitsOnly: "warn",
  suspended: "bad",
};

/** The blocks of all venues in at most `room` lines. */
export function venueLines(input: ViewInput, width: number, room: number): Line[] {
  const { venues } = input.status;
  // Where not even one session each has room, a line for each venue says the most.
  if (room < venues.length * BLOCK_LINES_MIN) {
    return [...venues.map((venue) => venueLine(venue, width)), []];
  }
  // Two lines of head and one empty line belong to each venue whatever happens.
  const sessionRoom = Math.max(venues.length, room - venues.length * 3);
  const lines: Line[] = [];
  let left = sessionRoom;
  for (const [index, venue] of venues.entries()) {
    const othersNeed = venues.slice(index + 1).length;
    const share = Math.max(1, Math.floor((left - othersNeed) / (venues.length - index)));
    const sessions = sessionLines(
      input,
      venue,
      width,
      Math.max(share, left - needOf(venues, index)),
    );
    left -= sessions.length;
    lines.push(venueLine(venue, width), sessionHead(width), ...sessions, []);
  }
  return lines;
}

/** Lines that the venues after `index` would take if none of their sessions were folded. */
function needOf(venues: readonly VenueStatus[], index: number): number {
  return venues
    .slice(index + 1)
    .reduce((sum, venue) => sum + Math.max(1, venue.sessions.length), 0);
}

function venueLine(venue: VenueStatus, width: number): Line {
  const live = venue.booksLive === venue.booksTotal;
  const weightShare = venue.weightLimit > 0 ? venue.weightUsed / venue.weightLimit : 0;
  const line: Span[] = [
    [cell(venue.venue, 14), "strong"],
    [cell(venue.mode, 15), MODE_TONES[venue.mode]],
    [cell(`${venue.booksLive}/${venue.booksTotal} books`, 12), live ? "plain" : "warn"],
    ["clock ", "dim"],
    [cell(clockText(venue), 17), "plain"],
    ["weight ", "dim"],
    [`${venue.weightUsed}/${venue.weightLimit}`, weightShare > WEIGHT_WARN ? "warn" : "plain"],
  ];
  if (width >= WIDE_COLUMNS && venue.mode !== "active" && venue.modeReason !== "") {
    line.push([`  ${printable(venue.modeReason)}`, "warn"]);
  }
  return line;
}

/** Offset and the bound of its error; beyond a second the bound no longer matters. */
function clockText(venue: VenueStatus): string {
  const { clockOffsetUs, clockErrorUs } = venue;
  const sign = clockOffsetUs > 0 ? "+" : "";
  if (Math.abs(clockOffsetUs) >= US_PER_S) return `${sign}${spanText(clockOffsetUs)}`;
  return `${sign}${(clockOffsetUs / US_PER_MS).toFixed(2)} ±${spanText(clockErrorUs)}`;
}

function sessionHead(width: number): Line {
  const bar = width >= WIDE_COLUMNS ? cell("", BAR_CELLS + 1) : "";
  return [
    [
      `  ${cell("shard", 6)}${cell("state", 12)}${cell("epoch", 5, "right")}  ${bar}${cell("conf", 4)}` +
        `${cell("transport", 10, "right")}${cell("queue", 8, "right")}` +
        `${cell("silence", 8, "right")}${cell("frames/s", 9, "right")}`,
      "dim",
    ],
  ];
}

function sessionLines(input: ViewInput, venue: VenueStatus, width: number, room: number): Line[] {
  const { sessions } = venue;
  if (sessions.length <= room) return sessions.map((each) => sessionLine(input, each, width));
  // The least believed first: what is folded is what needs no eye.
  const byDoubt = [...sessions].sort((a, b) => a.confidence - b.confidence || a.shard - b.shard);
  const shown = byDoubt.slice(0, Math.max(0, room - 1)).sort((a, b) => a.shard - b.shard);
  const folded = byDoubt.slice(Math.max(0, room - 1));
  const framesPerS = folded.reduce((sum, each) => sum + rateOf(input, each), 0);
  const live = folded.filter((each) => each.state === "live").length;
  const tone: Tone = live === folded.length ? "dim" : "warn";
  return [
    ...shown.map((each) => sessionLine(input, each, width)),
    [
      [
        `  ${folded.length}${shown.length > 0 ? " more" : ""} sessions, ${live} live, ${countText(framesPerS)} frames/s`,
        tone,
      ],
    ],
  ];
}

function sessionLine(input: ViewInput, session: SessionStatus, width: number): Line {
  const tone = confidenceTone(session);
  const line: Span[] = [
    [`  ${cell(`#${session.shard}`, 6)}`, "plain"],
    [cell(session.state, 12), session.state === "live" ? "good" : "warn"],
    [cell(String(session.epoch), 5, "right"), "plain"],
    ["  ", "plain"],
  ];
  if (width >= WIDE_COLUMNS) line.push(...confidenceBar(session.confidence, tone));
  line.push(
    [cell(session.confidence.toFixed(2), 4), tone],
    [cell(spanText(session.transportUs), 10, "right"), classTone(session, "transportCollapse")],
    [cell(spanText(session.queueUs), 8, "right"), classTone(session, "internalSaturation")],
    [cell(spanText(session.silenceUs), 8, "right"), "plain"],
    [cell(countText(rateOf(input, session)), 9, "right"), "plain"],
  );
  const reason = reasonOf(session);
  if (reason !== "") line.push([`  ${reason}`, tone === "good" ? "dim" : tone]);
  return line;
}

function reasonOf(session: SessionStatus): string {
  if (session.classification !== "none") return printable(session.classification);
  return session.confidence < CONFIDENCE_GOOD ? printable(session.confidenceReason) : "";
}

function classTone(session: SessionStatus, classification: string): Tone {
  return session.classification === classification ? "bad" : "plain";
}

function confidenceTone(session: SessionStatus): Tone {
  if (session.confidence >= CONFIDENCE_GOOD) return "good";
  return session.confidence < CONFIDENCE_BAD ? "bad" : "warn";
}

function confidenceBar(confidence: number, tone: Tone): Line {
  const cells = Math.max(0, Math.min(BAR_CELLS, Math.round(confidence * BAR_CELLS)));
  return [
    ["━".repeat(cells), tone],
    [`${"─".repeat(BAR_CELLS - cells)} `, "dim"],
  ];
}

/** Frames a second since the status before; 0 when there is none to compare with. */
function rateOf(input: ViewInput, session: SessionStatus): number {
  const elapsedS = elapsedSeconds(input.status, input.previous);
  const before = input.previous?.venues
    .find((each) => each.venue === session.venue)
    ?.sessions.find((each) => each.shard === session.shard);
  if (elapsedS <= 0 || before === undefined) return 0;
  return Math.max(0, (session.frames - before.frames) / elapsedS);
}

function elapsedSeconds(status: EngineStatus, previous: EngineStatus | null): number {
  return previous === null ? 0 : (status.nowUs - previous.nowUs) / US_PER_S;
}
