/**
 * Station: one depth frame ready to be told -> its listeners, as it is or wrong on purpose.
 *
 * A frame that goes wrong does so here, after the truth went into the log, so the truth never contains
 * a fault. What the frame says was decided before; this room only decides how it arrives.
 */
import type { Micros } from "../../../contracts/time.ts";
import type { FrameFaultKind } from "../fault-plan.ts";
import type { Random } from "../market/random.ts";
import type { Channel } from "./channels.ts";
import {
  type DepthLevels,
  depthText,
  type SeqSpan,
  type WireInstrument,
  withExtraBid,
} from "./wire.ts";

/** What one depth frame says. */
export type DepthFrame = {
  readonly wire: WireInstrument;
  readonly levels: DepthLevels;
  readonly span: SeqSpan;
  readonly symbol: string;
};

/** How far above the best ask a crossing bid is put: far enough that no honest change touches it. */
const CROSSING_TICKS = 40;

/** Sends a frame to everybody who listens. */
export function emitDepth(
  channel: Channel,
  frame: DepthFrame,
  nowUs: Micros,
  spoil?: (text: string) => string,
): void {
  const { wire, levels, span, symbol } = frame;
  const encode = (eventUs: Micros) => depthText(wire, levels, { eventUs, span, symbol });
  channel.emit(nowUs, encode, spoil);
}

/** Sends a frame the wrong way. */
export function emitFaultyDepth(
  channel: Channel,
  frame: DepthFrame,
  fault: { kind: FrameFaultKind; nowUs: Micros; otherSymbol: string; random: Random },
): void {
  const { nowUs } = fault;
  switch (fault.kind) {
    case "dropDiff":
      break;
    // No message here is signed: the desk refuses it.
    case "wrongChecksum":
      break;
    case "duplicateDiff":
      emitDepth(channel, frame, nowUs);
      emitDepth(channel, frame, nowUs);
      break;
    case "malformedFrame":
      emitDepth(channel, frame, nowUs, spoiler(fault.random));
      break;
    case "wrongSymbol":
      emitDepth(channel, { ...frame, symbol: fault.otherSymbol }, nowUs);
      break;
    case "crossedBook": {
      const { book, rules } = frame.wire.instrument;
      const extra = { ticks: book.bestAskTicks + CROSSING_TICKS, lots: rules.medianLots };
      const levels = withExtraBid(frame.wire, frame.levels, extra);
      emitDepth(channel, { ...frame, levels }, nowUs);
      break;
    }
  }
}

/** One of three ways to damage a text: cut short, not JSON at all, or JSON with a wrong inside. */
function spoiler(random: Random): (text: string) => string {
  const way = random.integer(3);
  const share = random.between(0.3, 0.9);
  if (way === 0) return (text) => text.slice(0, Math.floor(text.length * share));
  if (way === 1) return () => "\u0000\u0001 upstream connect error \u007f{]";
  return (text) => text.replace(/"b":\[.*?\],"a"/, '"b":[["1e999",null]],"a"');
}
