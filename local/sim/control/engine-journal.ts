/**
 * Station: invented orders, fills and alarms -> a journal on a virtual disk, written by the production feed, ring
 * and recorder. What the engine's publisher reads, and what everything that leaves is compared with.
 *
 * Sealing compresses on real threads; virtual time stands still for it, so a seed stays one history.
 */
import path from "node:path";
import { assert } from "../../../contracts/assert.ts";
import { CTL_EVENT, CTL_RUN_HEADER, RAW_FRAME } from "../../../contracts/journal.ts";
import type { RiskLimits } from "../../../contracts/risk-limits.ts";
import { standardConfig } from "../../../hotpath/config.ts";
import type { CoreCommand } from "../../../hotpath/core/commands.ts";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import { type Instrument, instrumentOf } from "../../../hotpath/core/instrument.ts";
import { ByteRing, createRingMemory } from "../../../hotpath/io/byte-ring.ts";
import {
  createStatusMemory,
  Recorder,
  STATUS_ACKED_SEQ,
} from "../../../hotpath/io/journal/recorder.ts";
import { beginRun } from "../../../hotpath/io/journal/run.ts";
import { JournalFeed } from "../../../hotpath/io/journal-feed.ts";
import { coreLimitsOf, venueRulesOf } from "../../../hotpath/limits-of.ts";
import { type HotPlan, PLAN_VERSION } from "../../../hotpath/plan.ts";
import { tradingPlanOf } from "../../../hotpath/trading-plan.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import type { VirtualDisk } from "../disk/virtual-disk.ts";
import type { Kernel } from "../kernel/kernel.ts";

export const JOURNAL_ROOT = "/journal";
/** The fence that every order of the scene was placed under. */
export const SCENE_FENCE = 3;

const RING_BYTES = 1 << 18;
const SEGMENT_BYTES = 90_000;
const NEVER_US = 1e15;
const GIB = 1024 ** 3;
const SYMBOLS: readonly string[] = ["BTCUSDT", "ETHUSDT"];

/** A plan under which one simulated account of Binance spot trades two instruments. */
export function scenePlan(): HotPlan {
  const config = standardConfig();
  const share = config.venues["binance-spot"];
  const venue = VENUES["binance-spot"];
  assert(share !== undefined, "the standard configuration has Binance spot");
  assert(venue.execution !== undefined, "Binance spot trades");
  const account = { ...share.trading, mode: "simulated" } as const;
  const trading = tradingPlanOf({
    config,
    venues: [{ index: 0, config: account, execution: venue.execution }],
    fence: SCENE_FENCE,
    limitsVersion: 0,
    restored: "",
  });
  assert(trading !== undefined, "an account trades");
  return {
    version: PLAN_VERSION,
    limits: coreLimitsOf(config),
    loop: { controlCapacity: 1024, commandCapacity: 1024, eventsPerTurnMax: 1024 },
    marketRingSlots: 1024,
    venues: [
      {
        id: venue.id,
        addresses: { rest: "https://venue.sim", ws: "wss://venue.sim" },
        rules: venueRulesOf(venue, share, 6000),
        streams: { depth: "100ms", quotes: true, trades: true },
        streamsPerConnectionMax: 200,
      },
    ],
    instruments: SYMBOLS.map(instrumentAt),
    trading,
  };
}

/** The limits that the engine's configuration has: version 0. */
export function sceneLimits(): RiskLimits {
  const { trading } = scenePlan();
  assert(trading !== undefined, "an account trades");
  return trading.limits;
}

function instrumentAt(symbol: string, index: number): Instrument {
  const id = `binance-spot:${symbol}` as const;
  const rules = {
    id,
    venue: "binance-spot",
    symbol,
    tickSize: "0.01",
    lotSize: "0.00001",
  } as const;
  const instrument = instrumentOf(rules, index);
  assert(instrument !== undefined, "the steps are good");
  return { ...instrument, baseAsset: symbol.slice(0, -4), quoteAsset: "USDT" };
}

export class EngineJournal {
  readonly runId: string;
  readonly directory: string;
  readonly #kernel: Kernel;
  readonly #status = new Float64Array(createStatusMemory());
  readonly #feed: JournalFeed;
  readonly #recorder: Recorder;
  #tick = 0;
  #failure = "";

  constructor(kernel: Kernel, disk: VirtualDisk, runId: string) {
    this.runId = runId;
    this.#kernel = kernel;
    this.directory = path.join(JOURNAL_ROOT, runId);
    const begun = beginRun(disk, this.directory, { runId, firstSeq: 1 });
    assert(begun.ok, "a run begins on an empty disk");
    const memory = createRingMemory(RING_BYTES);
    this.#recorder = new Recorder({
      disk,
      ring: new ByteRing(memory),
      status: this.#status,
      root: JOURNAL_ROOT,
      directory: this.directory,
      start: begun.start,
      options: {
        sync: "off",
        segmentBytes: SEGMENT_BYTES,
        segmentUs: NEVER_US,
        retention: { retainBytes: GIB, retainUs: NEVER_US, reserveFreeBytes: 0 },
      },
      nowUs: () => kernel.nowUs,
      emit: (message) => {
        if (message.type === "failed") this.#failure = message.reason;
      },
    });
    this.#feed = new JournalFeed(new ByteRing(memory));
    this.#feed.recordControl(CTL_RUN_HEADER, 0, kernel.nowUs, JSON.stringify(scenePlan()));
  }

  /** The last record that is safe. */
  get ackedSeq(): number {
    return this.#status[STATUS_ACKED_SEQ] as number;
  }

  /** Why the recorder gave up, or "". */
  get failure(): string {
    return this.#failure;
  }

  /** What the loop was told, in a tick of its own. */
  event(event: ControlEvent): number {
    this.#tick += 1;
    this.#feed.recordControl(CTL_EVENT, this.#tick, this.#kernel.nowUs, JSON.stringify(event));
    return this.#tick;
  }

  /** What the loop said, in a tick of its own. */
  command(command: CoreCommand): number {
    this.#tick += 1;
    this.#feed.recordCommand(this.#tick, this.#kernel.nowUs, JSON.stringify(command));
    return this.#tick;
  }

  /** A frame of the market, which holds no facts and fills segments. */
  frame(bytes: number): void {
    const source = { venue: 0, shard: 0, epoch: 1, recvUs: this.#kernel.nowUs, awayUs: 0 };
    this.#feed.recordRaw(RAW_FRAME, source, new Uint8Array(bytes).fill(this.#tick % 251));
  }

  /** Makes safe what was recorded, and seals what is full. */
  commit(): void {
    while (this.#recorder.turn()) {
      // Each turn is bounded.
    }
    void this.#kernel.freeze(this.#recorder.settle());
  }

  /** Ends the run as an orderly process does: its last segment is sealed. */
  stop(): Promise<void> {
    return this.#kernel.freeze(this.#recorder.stop());
  }
}
