/**
 * Station: nothing -> a journal for the bit flips: the production recorder's, of an exact size, with a tail.
 *
 * All but the last group are acknowledged. The last one is whole on the disk and its acknowledgment is not:
 * the head file refused the write and the recorder stopped, as it must. Two calls give the same bytes.
 */
import { assert } from "../../../contracts/assert.ts";
import { BODY_AT, CTL_RUN_HEADER, MARK_BYTES, RAW_FRAME } from "../../../contracts/journal.ts";
import { MARKET, MarketRing } from "../../../hotpath/core/market-ring.ts";
import { ByteRing, createRingMemory } from "../../../hotpath/io/byte-ring.ts";
import { HEAD_FILE } from "../../../hotpath/io/journal/head.ts";
import { createStatusMemory, Recorder } from "../../../hotpath/io/journal/recorder.ts";
import { beginRun } from "../../../hotpath/io/journal/run.ts";
import { segmentFiles } from "../../../hotpath/io/journal/segment.ts";
import { JournalFeed } from "../../../hotpath/io/journal-feed.ts";
import { VirtualDisk } from "../disk/virtual-disk.ts";

/** A run whose only segment is about to be damaged. */
export type FlipJournal = {
  readonly disk: VirtualDisk;
  readonly directory: string;
  /** Path of the segment, its bytes, and how many of them are acknowledged. */
  readonly segment: string;
  readonly bytes: Uint8Array;
  readonly ackedBytes: number;
};

const ROOT = "/journal";
const RUN_ID = "flips";
const DIRECTORY = `${ROOT}/${RUN_ID}`;
const SEGMENT = `${DIRECTORY}/${segmentFiles(1).open}`;
const START_US = 1_763_000_000_000_000;
const RING_BYTES = 1 << 20;
const NEVER = Number.MAX_SAFE_INTEGER;
/** Ticks of one group; a few, so that the journal has many marks. */
const GROUP_TICKS = 4;
const MARKET_LEVELS = 4;
/** A group of the usual kind is smaller, and the last one has room for it and a record that fills up. */
const GROUP_BYTES_MAX = 4096;
const TAIL_BYTES_MIN = GROUP_BYTES_MAX + 1024;

/** Writes a journal whose segment has exactly `segmentBytes`, a multiple of eight. */
export function makeFlipJournal(segmentBytes: number): FlipJournal {
  assert(segmentBytes % 8 === 0, "records are aligned, so a segment is");
  assert(segmentBytes <= RING_BYTES / 2, "the ring holds all of it");
  assert(
    segmentBytes >= 2 * TAIL_BYTES_MIN,
    "there is room for what is acknowledged and for a tail",
  );
  const desk = new FlipDesk();
  while (desk.sizeBytes + GROUP_BYTES_MAX + TAIL_BYTES_MIN <= segmentBytes) desk.commitGroup();
  const ackedBytes = desk.sizeBytes;
  desk.failLast(segmentBytes);
  const bytes = desk.disk.readWhole(SEGMENT);
  assert(bytes.length === segmentBytes, "the last record fills the segment up");
  // What the process held open died with it; nothing that was written is lost.
  return { disk: desk.disk.clone(), directory: DIRECTORY, segment: SEGMENT, bytes, ackedBytes };
}

/** The hot thread's side and the recorder's, in one. */
class FlipDesk {
  readonly disk = new VirtualDisk();
  readonly #ring: ByteRing;
  readonly #feed: JournalFeed;
  readonly #recorder: Recorder;
  readonly #market = new MarketRing(1, 1 << 15);
  readonly #encoder = new TextEncoder();
  #tick = 0;
  #hasFailed = false;

  constructor() {
    const begun = beginRun(this.disk, DIRECTORY, { runId: RUN_ID, firstSeq: 1 });
    assert(begun.ok, "a new disk takes a run");
    const memory = createRingMemory(RING_BYTES);
    this.#ring = new ByteRing(memory);
    this.#feed = new JournalFeed(this.#ring);
    this.#recorder = new Recorder({
      disk: this.disk,
      ring: new ByteRing(memory),
      status: new Float64Array(createStatusMemory()),
      root: ROOT,
      directory: DIRECTORY,
      start: begun.start,
      options: {
        sync: "group",
        segmentBytes: NEVER,
        segmentUs: NEVER,
        retention: { retainBytes: NEVER, retainUs: NEVER, reserveFreeBytes: 0 },
      },
      // Retention is not due while no time passes.
      nowUs: () => 0,
      emit: (message) => {
        if (message.type === "failed") this.#hasFailed = true;
      },
    });
    const header = JSON.stringify({ version: 1, venues: [], instruments: [] });
    this.#feed.recordControl(CTL_RUN_HEADER, 0, START_US, header);
    this.#turn();
  }

  get sizeBytes(): number {
    return this.disk.sizeBytes(SEGMENT);
  }

  /** Some ticks, acknowledged. */
  commitGroup(): void {
    for (let n = 0; n < GROUP_TICKS; n += 1) this.#recordTick();
    this.#turn();
    assert(!this.#hasFailed, "a sound disk takes a group");
  }

  /** One group more that ends at `segmentBytes`, and whose acknowledgment the disk refuses. */
  failLast(segmentBytes: number): void {
    for (let n = 0; n < GROUP_TICKS; n += 1) this.#recordTick();
    const written = this.sizeBytes + this.#ring.status().depthBytes;
    const left = segmentBytes - MARK_BYTES - written;
    assert(left > BODY_AT, "a record fits in what is left");
    this.#tick += 1;
    const empty = JSON.stringify({ pad: "" });
    const pad = "x".repeat(left - BODY_AT - empty.length);
    this.#feed.recordEvent(this.#tick, START_US + this.#tick, JSON.stringify({ pad }));
    this.#feed.endTick();
    this.disk.plant({ kind: "writeError", file: `/${HEAD_FILE}` });
    this.#turn();
    assert(this.#hasFailed, "the recorder stops where its head file does");
  }

  #turn(): void {
    while (this.#recorder.turn()) {
      // Each turn is bounded, and nothing is published meanwhile.
    }
  }

  /** A frame, the event that was made of it, and now and then what the core had to say. */
  #recordTick(): void {
    this.#tick += 1;
    const tick = this.#tick;
    const atUs = START_US + tick * 1000;
    const frame = JSON.stringify({
      e: "depthUpdate",
      E: tick,
      u: tick * 7,
      b: [[`${tick}.1`, "2"]],
    });
    const source = { venue: 0, shard: 0, epoch: 1, recvUs: atUs, awayUs: tick % 50 };
    const rawSeq = this.#feed.recordRaw(RAW_FRAME, source, this.#encoder.encode(frame));
    this.#fillRow(rawSeq, atUs);
    assert(this.#feed.recordMarket(this.#market, 0, tick), "the ring has room");
    if (tick % 3 === 0)
      this.#feed.recordCommand(tick, atUs, JSON.stringify({ type: "x", n: tick }));
    this.#feed.endTick();
    if (tick % 5 !== 0) return;
    this.#feed.recordEvent(tick, atUs, JSON.stringify({ type: "heartbeat", n: tick }));
    this.#feed.endTick();
  }

  #fillRow(rawSeq: number, atUs: number): void {
    const market = this.#market;
    market.kind[0] = MARKET.bookDelta;
    market.rawSeq[0] = rawSeq;
    market.recvUs[0] = atUs;
    market.processUs[0] = atUs;
    market.seqLast[0] = rawSeq * 7;
    market.bidCount[0] = MARKET_LEVELS / 2;
    market.askCount[0] = MARKET_LEVELS / 2;
    for (let level = 0; level < MARKET_LEVELS; level += 1) {
      market.ticks[level] = 5_000_000 + rawSeq + level;
      market.lots[level] = 1 + level;
    }
  }
}
