/**
 * Station: one cycle -> drawings of where its time went and where its basis points went.
 *
 * Each bar begins where the one before it ended, and each says its number in text beside it.
 */
import { html } from "hono/html";
import type { Html } from "./markup.ts";
import {
  durationText,
  numberOf,
  type Row,
  rowOf,
  rowsOf,
  shortNumber,
  shownText,
} from "./words.ts";

export type Span = {
  readonly name: string;
  readonly kind: "decide" | "ack" | "fill" | "end";
  readonly fromUs: number;
  readonly toUs: number;
};

/** What a cycle was doing, one span after another; moments that never came are left out. */
export function cycleSpans(row: Row): readonly Span[] {
  const spans: Span[] = [];
  let lastUs = numberOf(row, "signalUs");
  for (const leg of rowsOf(row.legs)) {
    const name = `leg ${numberOf(leg, "leg") + 1}`;
    const marks = [
      ["decide", numberOf(leg, "firedUs"), "decided and sent"],
      ["ack", numberOf(leg, "ackUs"), "acknowledged"],
      ["fill", numberOf(leg, "fillUs"), "filled"],
      ["end", numberOf(leg, "endUs"), "closed"],
    ] as const;
    for (const [kind, atUs, says] of marks) {
      // A fill may come before its acknowledgment; then the latter took no time of its own.
      if (atUs <= lastUs || lastUs === 0) continue;
      spans.push({ name: `${name} ${says}`, kind, fromUs: lastUs, toUs: atUs });
      lastUs = atUs;
    }
  }
  return spans;
}

export function latencyWaterfall(row: Row): Html {
  const spans = cycleSpans(row);
  const first = spans[0];
  const last = spans.at(-1);
  if (first === undefined || last === undefined)
    return html`<p class="empty">No leg was sent, so no time was spent.</p>`;
  const totalUs = last.toUs - first.fromUs;
  return html`<ol class="waterfall">${spans.map(({ name, kind, fromUs, toUs }) => {
    const x = ((fromUs - first.fromUs) / totalUs) * 100;
    const width = Math.max(0.4, ((toUs - fromUs) / totalUs) * 100);
    return html`<li><span class="name">${name}</span><svg width="100%" height="14" aria-hidden="true"><rect class="track" width="100%" height="14"></rect><rect class="span-${kind}" x="${Math.min(x, 99.6).toFixed(2)}%" width="${width.toFixed(2)}%" height="14"></rect></svg><span class="number">${durationText(toUs - fromUs)}</span></li>`;
  })}<li class="total"><span class="name">signal to end</span><span></span><span class="number">${durationText(totalUs)}</span></li></ol>`;
}

/** Gross is the edge at the touch when the signal came; what is lost on the way is taken off it. */
const LOSSES = ["spread", "depth", "fees", "rounding", "latency"] as const;

type Bar = {
  readonly name: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
};

/** The way from the gross edge to what was made: each loss begins where the one before it ended. */
export function basisPointSteps(row: Row): readonly Bar[] {
  const attribution = rowOf(row.attribution);
  const bars: Bar[] = [];
  // For the drawing only: the text beside a bar is the number.
  const sizeOf = (text: string): number => Number(text) || 0;
  const gross = shownText(attribution.gross);
  if (gross === "") return bars;
  bars.push({ name: "edge at the touch", text: gross, from: 0, to: sizeOf(gross) });
  let left = sizeOf(gross);
  for (const name of LOSSES) {
    const text = shownText(attribution[name]);
    if (text === "") continue;
    bars.push({ name: `less ${name}`, text, from: left, to: left - sizeOf(text) });
    left -= sizeOf(text);
  }
  const made = shownText(row.effectiveBps);
  bars.push({ name: "made", text: made, from: 0, to: sizeOf(made) });
  return bars;
}

/** Those steps as bars, in basis points. */
export function basisPointBars(row: Row): Html {
  const bars = basisPointSteps(row);
  if (bars.length === 0) {
    return html`<p class="empty">It was not filled, so there is nothing to explain.</p>`;
  }
  const least = Math.min(0, ...bars.map(({ to }) => to));
  const span = Math.max(1e-9, Math.max(0, ...bars.map(({ to }) => to)) - least);
  const at = (bps: number): string => shortNumber(((bps - least) / span) * 100, 2);
  return html`<ol class="waterfall bps">${bars.map(({ name, text, from, to }) => {
    const width = shortNumber(Math.max(0.3, (Math.abs(to - from) / span) * 100), 2);
    return html`<li><span class="name">${name}</span><svg width="100%" height="14" aria-hidden="true"><rect class="track" width="100%" height="14"></rect><rect class="${to < from ? "span-loss" : "span-gain"}" x="${at(Math.min(from, to))}%" width="${width}%" height="14"></rect><line class="zero" x1="${at(0)}%" x2="${at(0)}%" y1="0" y2="14"></line></svg><span class="number">${text} bps</span></li>`;
  })}</ol>`;
}
