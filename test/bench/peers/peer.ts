/**
 * One peer in a process of its own: `node --expose-gc peer.ts <name> [--quick]`. Prints one JSON line with
 * the median of its per-round ratios to JSON.parse of the same bytes, and the books that ended wrong.
 *
 * The frames are one long chain and are fed once, because a peer that checks sequences must not see one
 * twice; the books are old by then, as books are.
 */
import { performance } from "node:perf_hooks";
import { makeFrames } from "../frames.ts";
import { collectGarbage, median } from "../measure.ts";
import { ADAPTERS, type Touch } from "./adapters.ts";

const BOOKS = 20;
const LEVELS = 1000;
const ROUND_FRAMES = 200;
const TICKS_PER_UNIT = 100;

const [name = "", word] = process.argv.slice(2);
const rounds = word === "--quick" ? 20 : 40;
const warmUp = rounds / 2;

const set = makeFrames({
  profile: "wide",
  books: BOOKS,
  levels: LEVELS,
  frames: (rounds + warmUp) * ROUND_FRAMES,
});
const make = ADAPTERS[name];
if (make === undefined) throw new Error(`no peer is named ${name}`);
const { feed } = await make(set);
const touches: Touch[] = set.symbols.map(() => ({ bid: 0, ask: 0 }));
const ratios: number[] = [];
const frameUs: number[] = [];
const kept = new Float64Array(1);
for (let round = 0; round < rounds + warmUp; round++) {
  const frames = set.frames.slice(round * ROUND_FRAMES, (round + 1) * ROUND_FRAMES);
  if (round === warmUp) collectGarbage();
  const start = performance.now();
  for (const frame of frames) {
    kept[0] = (JSON.parse(frame.toString()) as { data: { u: number } }).data.u;
  }
  const parsed = performance.now();
  for (const [i, frame] of frames.entries()) feed(frame, touches[i % BOOKS] as Touch);
  const fed = performance.now();
  if (round < warmUp) continue;
  ratios.push((fed - parsed) / (parsed - start));
  frameUs.push(((fed - parsed) * 1000) / frames.length);
}
const wrong = set.touches.filter(({ bid, ask }, i) => {
  const touch = touches[i] as Touch;
  return touch.bid !== bid / TICKS_PER_UNIT || touch.ask !== ask / TICKS_PER_UNIT;
}).length;
process.stdout.write(
  `${JSON.stringify({ name, ratio: median(ratios), frameUs: median(frameUs), wrong })}\n`,
);
// A peer may hold timers or sockets of its own.
process.exit(0);
