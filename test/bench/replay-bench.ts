/**
 * Budget 17: recorded frames through the code that live frames take (reader, decoder, loop, core), beside
 * a pass of JSON.parse over the same frames. The recordings stand beside the repository; where they do
 * not, that is said and nothing is measured.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { ControlEvent } from "../../hotpath/core/events.ts";
import { instrumentOf } from "../../hotpath/core/instrument.ts";
import { MarketRing } from "../../hotpath/core/market-ring.ts";
import { makeWorld, type World } from "../../hotpath/core/world.ts";
import { Loop } from "../../hotpath/loop.ts";
import { decodersOf, worldPlanOf } from "../../hotpath/plan.ts";
import { Reader } from "../../hotpath/reader.ts";
import { planOf } from "../hotpath/recorded-run.ts";
import { atLeast, type BenchOptions, median, notMeasured, type Row, timeNs } from "./measure.ts";

const FILE = fileURLToPath(
  new URL("../../../shared/data/binance/spot_btcusdt_20240808.gz", import.meta.url),
);
const NS_PER_US = 1000;
const NS_PER_S = 1e9;

type Line = { readonly recvUs: number; readonly bytes: Buffer; readonly isFrame: boolean };

function linesOf(file: string): Line[] {
  const text = gunzipSync(readFileSync(file)).toString();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const at = line.indexOf(" ");
      return {
        recvUs: Math.floor(Number(line.slice(0, at)) / NS_PER_US),
        bytes: Buffer.from(line.slice(at + 1)),
        isFrame: line.startsWith('{"stream"', at + 1),
      };
    });
}

/** One whole run over the recording, in its own time; the world it ends with. */
function replay(lines: readonly Line[]): World {
  const made = planOf(["BTCUSDT"]);
  const rules = made.instruments[0] ?? never();
  // Three quantities of this recording have six decimals, one more than the pair's lot has.
  const instrument =
    instrumentOf({ ...rules, tickSize: "0.01", lotSize: "0.000001" }, 0) ?? never();
  const plan = { ...made, instruments: [instrument] };
  const world = makeWorld(worldPlanOf(plan));
  const market = new MarketRing(plan.marketRingSlots);
  const decoder = decodersOf(plan)[0] ?? never();
  const waiting: ControlEvent[] = [];
  let nowUs = lines[0]?.recvUs ?? 0;
  let snapshotRequest = 0;
  const loop = new Loop(
    world,
    market,
    {
      nowUs: () => nowUs,
      recordMarket: () => true,
      recordControl: () => undefined,
      recordCommand: () => undefined,
      recordTickEnd: () => undefined,
      execute: (command) => {
        if (command.type === "openSession") {
          const { session, epoch, attempt } = command;
          waiting.push({ type: "sessionOpened", session, epoch, attempt });
        } else if (command.type === "subscribe") {
          const { session, epoch } = command;
          waiting.push({ type: "subscriptionConfirmed", session, epoch });
        } else if (command.type === "stepResync") {
          const { resyncId } = command;
          waiting.push({ type: "resyncStepped", instrument: command.instrument, resyncId });
        } else if (command.type === "fetchSnapshot") snapshotRequest = command.requestId;
      },
      yieldThen: (run) => run(),
      armTimer: () => undefined,
    },
    plan.loop,
  );
  const settle = (): void => {
    while (waiting.length > 0) for (const event of waiting.splice(0)) loop.emit(event);
  };
  const source = { venue: 0, shard: 0, epoch: 1, recvUs: 0, awayUs: 0 };
  const reader = new Reader([{ decoder, source, feed: undefined }], market, loop.control, {
    recordFrame: () => 0,
    run: () => {
      loop.run();
      if (waiting.length > 0) settle();
    },
  });
  loop.emit({ type: "started" });
  settle();
  const stamp = { recvUs: 0, awayUs: 0 };
  for (const { recvUs, bytes, isFrame } of lines) {
    nowUs = recvUs;
    stamp.recvUs = recvUs;
    if (isFrame) {
      reader.onFrame(0, 1, bytes, stamp);
      continue;
    }
    const levels = decoder.decodeSnapshot(bytes, instrument);
    if (levels === undefined) throw new Error("the recorded snapshot is good");
    const answer = { instrument: 0, requestId: snapshotRequest, recvUs, weightUsed: 1, rawSeq: 0 };
    loop.emit({ type: "snapshotReceived", ...answer, levels });
    settle();
  }
  return world;
}

function never(): never {
  throw new Error("a plan of one instrument has it");
}

export function replayBench({ isQuick }: BenchOptions): Row[] {
  const goal = ">= 5 x a JSON.parse-only pass";
  if (!existsSync(FILE)) {
    return [notMeasured(17, "replay of recorded frames", goal, "the recordings are not here")];
  }
  const lines = linesOf(FILE);
  const kept = new Float64Array(1);
  const ratios: number[] = [];
  const tookNs: number[] = [];
  const rounds = isQuick ? 6 : 15;
  for (let round = 0; round < rounds + 3; round++) {
    const parsed = timeNs(() => {
      for (const { bytes } of lines) {
        kept[0] = Object.keys(JSON.parse(bytes.toString()) as object).length;
      }
    });
    let world: World | undefined;
    const took = timeNs(() => {
      world = replay(lines);
    });
    if (world?.slots[0]?.book.state !== "live") throw new Error("the replayed book is not live");
    if (round < 3) continue;
    ratios.push(parsed / took);
    tookNs.push(took);
  }
  const recordedS = ((lines.at(-1)?.recvUs ?? 0) - (lines[0]?.recvUs ?? 0)) / 1e6;
  const speed = recordedS / (median(tookNs) / NS_PER_S);
  const note = `${lines.length} frames of BTCUSDT, ${(median(tookNs) / lines.length).toFixed(0)} ns a frame`;
  return [
    atLeast(17, "replay of recorded frames", 5, median(ratios), "x a JSON.parse pass", note),
    atLeast(17, "replay of 20 pairs like it", 2000, speed / 20, "x real time", "one pair / 20"),
  ];
}
