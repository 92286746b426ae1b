/**
 * Station: journal -> the same core -> the same commands, or a defect. Started by `bin/replay.ts`.
 *
 * Every input is applied again in the order and with the time that the journal has; frames are decoded
 * again from their raw bytes and must give the recorded numbers. Commands are compared text by text, and
 * the fingerprints of every checkpoint with those of the world at that tick. Nothing here guesses: the
 * first disagreement is named, with the sequence where it stands.
 */
import { assert } from "../contracts/assert.ts";
import {
  BODY_AT,
  CLASS_CMD,
  CLASS_CTL,
  CLASS_NORM,
  CLASS_RAW,
  CTL_CHECKPOINT,
  CTL_EVENT,
  CTL_RUN_HEADER,
  NORM_NUMBERS_AT,
  NORM_RAW_SEQ_AT,
  RAW_BODY_AT,
  RAW_FRAME,
  RAW_SNAPSHOT,
  TICK_AT,
} from "../contracts/journal.ts";
import { DECODED, type FrameDecoder } from "./core/decode/decoder.ts";
import { applyControl, applyMarket, concludeMarket } from "./core/engine.ts";
import type { ControlEvent } from "./core/events.ts";
import { CommandHash, isSameNorm, NORM } from "./core/journal.ts";
import { MarketRing } from "./core/market-ring.ts";
import { hashWorld } from "./core/state-hash.ts";
import { TriangleTrader } from "./core/trade/trader.ts";
import { makeWorld, type World } from "./core/world.ts";
import type { Journal, JournalCursor } from "./io/journal/reader.ts";
import { decodersOf, type HotPlan, PLAN_VERSION, worldPlanOf } from "./plan.ts";

/** Raw bytes that may wait for their event: what the live rings could hold, and some. */
const RAW_WAITING_MAX = 65_536;

/** The first place where the replay and the journal disagree, or the journal cannot be replayed. */
export type Divergence = { readonly seq: number; readonly tick: number; readonly what: string };

export type Checkpoint = {
  readonly tick: number;
  readonly stateHash: string;
  readonly commandHash: string;
};

export class Replay {
  readonly #cursor: JournalCursor;
  readonly #journal: Journal;
  readonly #raw = new Map<number, Uint8Array>();
  readonly #expected: { readonly tick: number; readonly text: string }[] = [];
  readonly #commandHash = new CommandHash();
  readonly #text = new TextDecoder();
  #ring = new MarketRing(64, 65_536);
  #scratch = new Float64Array(65_536);
  #decoders: readonly FrameDecoder[] = [];
  #venueOfSession: readonly number[] = [];
  #plan: HotPlan | undefined;
  world: World | undefined;
  divergence: Divergence | undefined;
  marketEvents = 0;
  controlEvents = 0;
  checkpoints = 0;
  firstUs = 0;
  lastUs = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
    this.#cursor = journal.cursor();
  }

  get plan(): HotPlan | undefined {
    return this.#plan;
  }

  get commandHash(): string {
    return this.#commandHash.hex;
  }

  get commands(): number {
    return this.#commandHash.count;
  }

  get stateHash(): string {
    return this.world === undefined ? "" : hashWorld(this.world);
  }

  /** Runs until `tick` was applied, or to the end; false when a divergence stopped it. */
  run(tick: number = Number.POSITIVE_INFINITY): boolean {
    while (this.divergence === undefined && (this.world?.tick ?? 0) < tick) {
      if (!this.#cursor.next()) break;
      this.#take(this.#cursor);
    }
    const { error } = this.#cursor;
    if (error !== null) this.#diverge(this.#cursor.seq, `the journal is refused: ${error.reason}`);
    const isAtEnd = tick === Number.POSITIVE_INFINITY;
    const missing = this.#expected[0];
    if (isAtEnd && missing !== undefined && this.divergence === undefined) {
      this.#diverge(this.#journal.lastSeq, `a command was never recorded: ${missing.text}`);
    }
    return this.divergence === undefined;
  }

  #take(cursor: JournalCursor): void {
    if (cursor.isRetiredWindow) {
      this.#diverge(cursor.seq, "raw and normalized records were retired here to keep the budget");
      return;
    }
    switch (cursor.classCode) {
      case CLASS_RAW:
        this.#keepRaw(cursor);
        return;
      case CLASS_NORM:
        this.#applyMarket(cursor);
        return;
      case CLASS_CMD:
        this.#compareCommand(cursor);
        return;
      case CLASS_CTL:
        this.#takeControl(cursor);
        return;
      default:
        return;
    }
  }

  #keepRaw(cursor: JournalCursor): void {
    if (cursor.type !== RAW_FRAME && cursor.type !== RAW_SNAPSHOT) return;
    const body = copyOf(cursor, RAW_BODY_AT);
    this.#raw.set(cursor.seq, body);
    if (this.#raw.size <= RAW_WAITING_MAX) return;
    // Frames that gave no event (notices, refusals) are never asked for: the oldest go.
    const oldest = this.#raw.keys().next().value;
    if (oldest !== undefined) this.#raw.delete(oldest);
  }

  #takeRaw(seq: number): Uint8Array | undefined {
    const bytes = this.#raw.get(seq);
    this.#raw.delete(seq);
    return bytes;
  }

  #takeControl(cursor: JournalCursor): void {
    const text = this.#text.decode(cursor.bytes.subarray(cursor.offset + BODY_AT, cursor.end));
    if (cursor.type === CTL_RUN_HEADER) this.#begin(cursor.seq, text);
    else if (cursor.type === CTL_EVENT) this.#applyControl(cursor, text);
    else if (cursor.type === CTL_CHECKPOINT) this.#compareCheckpoint(cursor.seq, text);
  }

  #begin(seq: number, text: string): void {
    const plan = JSON.parse(text) as HotPlan;
    if (plan.version > PLAN_VERSION) {
      const what = `the run's header has version ${plan.version}, newer than ${PLAN_VERSION}`;
      this.#diverge(seq, what);
      return;
    }
    const worldPlan = worldPlanOf(plan);
    this.#plan = plan;
    this.#decoders = decodersOf(plan);
    this.#venueOfSession = worldPlan.sessions.map(({ venue }) => venue);
    this.world = makeWorld(worldPlan);
    if (plan.trading !== undefined) TriangleTrader.inhabit(this.world, plan.trading);
  }

  #applyMarket(cursor: JournalCursor): void {
    const { world } = this;
    const { view, offset, seq, atUs } = cursor;
    if (world === undefined) {
      this.#diverge(seq, "an event stands before the run's header");
      return;
    }
    if (!this.#isNextTick(seq, view.getFloat64(offset + TICK_AT, true))) return;
    const frame = this.#takeRaw(view.getFloat64(offset + NORM_RAW_SEQ_AT, true));
    if (frame === undefined) {
      this.#diverge(seq, "the raw frame of this event is not in the journal");
      return;
    }
    const recorded = numbersOf(cursor);
    if (!this.#decode(seq, frame, recorded)) return;
    const row = this.#ring.oldest;
    this.#ring.processUs[row] = atUs;
    applyMarket(world, this.#ring, row);
    this.#ring.release();
    // The loop takes the commands in between; in one piece they are the same ones in the same order.
    concludeMarket(world);
    this.marketEvents++;
    this.#noteTime(atUs);
    this.#drain();
  }

  /** Decodes the frame again; its numbers must be those recorded. */
  #decode(seq: number, frame: Uint8Array, recorded: Float64Array): boolean {
    const session = recorded[NORM.session] as number;
    const decoder = this.#decoders[this.#venueOfSession[session] ?? -1];
    if (decoder === undefined) {
      this.#diverge(seq, `session ${session} is none of this run`);
      return false;
    }
    const stamp = {
      session,
      epoch: recorded[NORM.epoch] as number,
      recvUs: recorded[NORM.recvUs] as number,
      awayUs: recorded[NORM.awayUs] as number,
      rawSeq: 0,
    };
    if (decoder.decode(frame, stamp, this.#ring) !== DECODED.event) {
      this.#diverge(seq, "the raw frame does not decode to an event any more");
      return false;
    }
    if (isSameNorm(this.#ring, this.#ring.oldest, recorded, this.#scratch)) return true;
    this.#diverge(seq, "the raw frame decodes to other numbers than recorded");
    return false;
  }

  #applyControl(cursor: JournalCursor, text: string): void {
    const { world } = this;
    if (world === undefined) {
      this.#diverge(cursor.seq, "an event stands before the run's header");
      return;
    }
    if (!this.#isNextTick(cursor.seq, cursor.view.getFloat64(cursor.offset + TICK_AT, true)))
      return;
    const event = this.#completed(cursor.seq, JSON.parse(text) as ControlEvent);
    if (event === undefined) return;
    applyControl(world, event, cursor.atUs);
    this.controlEvents++;
    this.#noteTime(cursor.atUs);
    this.#drain();
  }

  /** Puts the levels of a snapshot back in, from the body that was recorded. */
  #completed(seq: number, event: ControlEvent): ControlEvent | undefined {
    if (event.type !== "snapshotReceived") return event;
    const body = this.#takeRaw(event.rawSeq);
    const instrument = this.#plan?.instruments[event.instrument];
    const venue = this.#plan?.venues.findIndex(({ id }) => id === instrument?.venue) ?? -1;
    const decoder = this.#decoders[venue];
    const levels =
      body === undefined || instrument === undefined
        ? undefined
        : decoder?.decodeSnapshot(body, instrument);
    if (levels === undefined) {
      this.#diverge(seq, "the body of this snapshot is not in the journal, or is none");
      return undefined;
    }
    return { ...event, levels };
  }

  #isNextTick(seq: number, tick: number): boolean {
    assert(this.world !== undefined, "a world was made from the header");
    if (tick === this.world.tick + 1) return true;
    this.#diverge(seq, `tick ${tick} follows tick ${this.world.tick}`);
    return false;
  }

  #drain(): void {
    const { world } = this;
    assert(world !== undefined, "a world was made from the header");
    for (const command of world.outbox) {
      this.#expected.push({
        tick: world.tick,
        text: this.#commandHash.add(world.tick, command),
      });
    }
    world.outbox.length = 0;
  }

  #compareCommand(cursor: JournalCursor): void {
    const tick = cursor.view.getFloat64(cursor.offset + TICK_AT, true);
    const text = this.#text.decode(cursor.bytes.subarray(cursor.offset + BODY_AT, cursor.end));
    const expected = this.#expected.shift();
    if (expected?.tick === tick && expected.text === text) return;
    const now = expected === undefined ? "nothing" : `at tick ${expected.tick} ${expected.text}`;
    this.#diverge(cursor.seq, `recorded at tick ${tick}: ${text}; replayed ${now}`);
  }

  #compareCheckpoint(seq: number, text: string): void {
    const recorded = JSON.parse(text) as Checkpoint;
    if (this.world === undefined || recorded.tick !== this.world.tick) {
      this.#diverge(seq, `a checkpoint of tick ${recorded.tick} at tick ${this.world?.tick ?? 0}`);
      return;
    }
    if (recorded.commandHash !== this.commandHash) {
      this.#diverge(seq, `command hash ${this.commandHash}, recorded ${recorded.commandHash}`);
    } else if (recorded.stateHash !== this.stateHash) {
      this.#diverge(seq, `state hash ${this.stateHash}, recorded ${recorded.stateHash}`);
    } else this.checkpoints++;
  }

  #noteTime(atUs: number): void {
    if (this.firstUs === 0) this.firstUs = atUs;
    this.lastUs = atUs;
  }

  #diverge(seq: number, what: string): void {
    this.divergence ??= { seq, tick: this.world?.tick ?? 0, what };
  }
}

/** The event's numbers, copied out: a record need not stand on a multiple of eight in its file. */
function numbersOf(cursor: JournalCursor): Float64Array {
  return new Float64Array(copyOf(cursor, NORM_NUMBERS_AT).buffer);
}

/** The record's bytes from `at` on, in memory of their own (a Buffer's `slice` would share). */
function copyOf({ bytes, offset, end }: JournalCursor, at: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(end - offset - at);
  copy.set(bytes.subarray(offset + at, end));
  return copy;
}
