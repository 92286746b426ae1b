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

/** Bars from the gross edge to what was made, in basis points. */
export function basisPointBars(row: Row): Html {
  const attribution = rowOf(row.attribution);
  const known = Object.entries(attribution).filter(([, value]) => shownText(value) !== "");
  if (known.length === 0)
    return html`<p class="empty">It was not filled, so there is nothing to explain.</p>`;
  const names = ["gross", ...LOSSES].filter((name) => Object.hasOwn(attribution, name));
  const others = known.map(([name]) => name).filter((name) => !names.includes(name));
  const bars = [...names, ...others].map((name) => {
    return {
      name: name === "gross" ? "edge at the touch" : `less ${name}`,
      text: shownText(attribution[name]),
    };
  });
  const made = { name: "made", text: shownText(row.effectiveBps) };
  const all = [...bars, made];
  const greatest = Math.max(1e-9, ...all.map(({ text }) => Math.abs(Number(text) || 0)));
  return html`<ol class="waterfall bps">${all.map(({ name, text }) => {
    // A drawing only: the text beside it is the number.
    const share = (Number(text) || 0) / greatest;
    const width = Math.abs(share) * 50;
    const x = share < 0 ? 50 - width : 50;
    return html`<li><span class="name">${name}</span><svg width="100%" height="14" aria-hidden="true"><rect class="track" width="100%" height="14"></rect><rect class="${share < 0 ? "span-loss" : "span-gain"}" x="${shortNumber(x, 2)}%" width="${shortNumber(Math.max(0.3, width), 2)}%" height="14"></rect><line class="zero" x1="50%" x2="50%" y1="0" y2="14"></line></svg><span class="number">${text} bps</span></li>`;
  })}</ol>`;
}
