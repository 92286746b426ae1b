/**
 * Station: one frame -> the shape that all frames of its kind have. Done once for each kind, never for a
 * frame on the path.
 *
 * The symbol, the numbers and whatever nobody reads may differ; every other byte belongs to the shape. A
 * frame whose levels come before its symbol has no shape, because its steps would not be known in time.
 */
import { SCAN, skipScalar } from "../../core/decode/scan.ts";
import { type FrameShape, type ShapePlan, STEP, type Step } from "./frame-shape.ts";

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const WORD_BYTES = 4;
const DOUBLE_BYTES = 8;
const TEXT_BYTE_MAX = 126;
/** More values than any push of ours has; a frame with more teaches nothing. */
const STEPS_MAX = 24;
const DEPTH_MAX = 4;

/** Whether a value between quotes has its opening quote in the piece before it. */
function isQuoted(step: Step): boolean {
  return (
    step === STEP.symbol ||
    step === STEP.sequence ||
    step === STEP.nanos ||
    step === STEP.price ||
    step === STEP.quantity ||
    step === STEP.side ||
    step === STEP.skip
  );
}

type Lesson = {
  readonly frame: Uint8Array;
  readonly plan: ShapePlan;
  readonly pieces: Uint8Array[];
  readonly steps: Step[];
  readonly slots: number[];
  /** Paths that were read; one that comes twice has no shape. */
  readonly seen: Set<string>;
  pieceFrom: number;
};

/** Learns from a frame of compact JSON; undefined when its levels come before its symbol, or it is odd. */
export function learnShape(frame: Uint8Array, plan: ShapePlan): FrameShape | undefined {
  const lesson: Lesson = {
    frame,
    plan,
    pieces: [],
    steps: [],
    slots: [],
    seen: new Set(),
    pieceFrom: 0,
  };
  const end = walkObject(lesson, 0, "", 0);
  if (end !== frame.length || lesson.steps.length > STEPS_MAX) return undefined;
  lesson.pieces.push(frame.subarray(lesson.pieceFrom));
  const { pieces, steps, slots } = lesson;
  const symbolAt = steps.indexOf(STEP.symbol);
  const needsScale = (step: Step): boolean => step >= STEP.asks && step <= STEP.quantity;
  if (symbolAt < 0 || steps.findIndex(needsScale) < symbolAt) return undefined;
  if (pieces.some((piece) => !isPlain(piece))) return undefined;
  return {
    ...laidOut(pieces),
    pieceBytes: Int32Array.from(pieces, (piece) => piece.length),
    steps: Int32Array.from(steps),
    slots: Int32Array.from(slots),
  };
}

/** Plain text only: bytes above 126 could make a NaN or -0, which do not compare as their bytes do. */
function isPlain(piece: Uint8Array): boolean {
  return piece.length > 0 && piece.every((byte) => byte > 0 && byte <= TEXT_BYTE_MAX);
}

function laidOut(pieces: readonly Uint8Array[]): Pick<FrameShape, "doubles" | "rests"> {
  const doubles: number[] = [];
  const rests = new Int32Array(pieces.length * 2);
  const padded = new Uint8Array(DOUBLE_BYTES);
  const view = new DataView(padded.buffer);
  for (const [index, piece] of pieces.entries()) {
    const last = piece.length - DOUBLE_BYTES;
    padded.fill(0);
    if (last < 0) {
      padded.set(piece);
      rests[index * 2] = view.getInt32(0, true);
      rests[index * 2 + 1] = view.getInt32(WORD_BYTES, true);
    }
    for (let p = 0; p < last + DOUBLE_BYTES && last >= 0; p += DOUBLE_BYTES) {
      const from = Math.min(p, last);
      padded.set(piece.subarray(from, from + DOUBLE_BYTES));
      doubles.push(view.getFloat64(0, true));
    }
  }
  return { doubles: Float64Array.from(doubles), rests };
}

/** Walks an object from its brace on; the position after it, or a misfit. */
function walkObject(lesson: Lesson, from: number, path: string, depth: number): number {
  const { frame } = lesson;
  if (frame[from] !== OPEN_BRACE || depth > DEPTH_MAX) return SCAN.misfit;
  let p = from;
  for (let field = 0; field < STEPS_MAX; field++) {
    p = walkField(lesson, p + 1, path, depth);
    if (p < 0) return p;
    if (frame[p] === CLOSE_BRACE) return p + 1;
    if (frame[p] !== COMMA) return SCAN.misfit;
  }
  return SCAN.misfit;
}

function walkField(lesson: Lesson, from: number, path: string, depth: number): number {
  const { frame } = lesson;
  const colon = frame[from] === QUOTE ? skipScalar(frame, from, frame.length) : SCAN.misfit;
  if (colon < 0 || frame[colon] !== COLON) return SCAN.misfit;
  const key = textOf(frame, from + 1, colon - 1);
  return walkValue(lesson, colon + 1, path === "" ? key : `${path}.${key}`, depth);
}

function walkValue(lesson: Lesson, at: number, path: string, depth: number): number {
  const { frame, plan } = lesson;
  if (lesson.seen.has(path)) return SCAN.misfit;
  lesson.seen.add(path);
  const known = plan.get(path);
  if (path === "topic") return walkTopic(lesson, at);
  if (known !== undefined && (known.step === STEP.asks || known.step === STEP.bids)) {
    return note(lesson, at, rowsEnd(frame, at), known);
  }
  if (frame[at] === OPEN_BRACE) return walkObject(lesson, at, path, depth + 1);
  if (frame[at] === OPEN_BRACKET) return walkPair(lesson, at, path);
  const end = skipScalar(frame, at, frame.length);
  if (end < 0 || path === "type" || path === "subject" || path === "data.type") return end;
  // A number that nobody reads would have to be read to be checked: such a frame has no shape.
  if (known === undefined && frame[at] !== QUOTE) return SCAN.misfit;
  return note(lesson, at, end, known ?? { step: STEP.skip, slot: 0 });
}

/** The topic's words are alike, the symbol behind the colon is not. */
function walkTopic(lesson: Lesson, at: number): number {
  const { frame } = lesson;
  const end = skipScalar(frame, at, frame.length);
  const colon = frame.indexOf(COLON, at);
  if (end < 0 || colon < 0 || colon >= end) return SCAN.misfit;
  lesson.pieces.push(frame.subarray(lesson.pieceFrom, colon + 1));
  lesson.steps.push(STEP.symbol);
  lesson.slots.push(0);
  lesson.pieceFrom = end - 1;
  return end;
}

/** `["price","size"]` as level1 has it: its elements are planned as `path.0` and `path.1`. */
function walkPair(lesson: Lesson, at: number, path: string): number {
  const { frame, plan } = lesson;
  const [price, size] = [plan.get(`${path}.0`), plan.get(`${path}.1`)];
  if (price === undefined || size === undefined) return SCAN.misfit;
  const comma = note(lesson, at + 1, skipScalar(frame, at + 1, frame.length), price);
  if (comma < 0 || frame[comma] !== COMMA) return SCAN.misfit;
  const end = note(lesson, comma + 1, skipScalar(frame, comma + 1, frame.length), size);
  return end >= 0 && frame[end] === CLOSE_BRACKET ? end + 1 : SCAN.misfit;
}

function note(
  lesson: Lesson,
  at: number,
  end: number,
  { step, slot }: { readonly step: Step; readonly slot: number },
): number {
  if (end < 0) return end;
  const hasQuote = isQuoted(step) || (step === STEP.integer && lesson.frame[at] === QUOTE);
  if (isQuoted(step) && lesson.frame[at] !== QUOTE) return SCAN.misfit;
  // The quotes around a value are part of the pieces around it.
  lesson.pieces.push(lesson.frame.subarray(lesson.pieceFrom, hasQuote ? at + 1 : at));
  lesson.steps.push(step);
  lesson.slots.push(slot);
  lesson.pieceFrom = hasQuote ? end - 1 : end;
  return end;
}

function rowsEnd(frame: Uint8Array, from: number): number {
  let depth = 0;
  for (let p = from; p < frame.length; p++) {
    if (frame[p] === OPEN_BRACKET) depth++;
    else if (frame[p] === CLOSE_BRACKET && --depth === 0) return p + 1;
  }
  return SCAN.misfit;
}

function textOf(frame: Uint8Array, from: number, end: number): string {
  let text = "";
  for (let p = from; p < end; p++) text += String.fromCharCode(frame[p] as number);
  return text;
}
