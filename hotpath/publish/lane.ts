/**
 * Station: runs on the disk -> one way out, in order, at least once.
 *
 * A lane reads what is acknowledged, derives, sends, and only then notes how far it has come. The run that
 * is being written goes first, because its facts are waited for; runs that ended before everything was
 * sent are worked off beside it. Lanes share nothing, so that one blocked way out stops no other.
 */
import path from "node:path";
import type { Micros } from "../../contracts/time.ts";
import { FactDeriver } from "../facts/deriver.ts";
import { type Derived, holdsFacts } from "../facts/fact-record.ts";
import { type FactMemory, NO_MEMORY } from "../facts/memory.ts";
import type { FactPlan } from "../facts/names.ts";
import type { Disk } from "../io/journal/disk.ts";
import { describeError, messageOf, valueOrReason } from "../io/journal/failure.ts";
import { JournalFollower } from "../io/journal/follow.ts";
import { decodeHead, HEAD_FILE } from "../io/journal/head.ts";
import type { Places } from "../io/journal/places.ts";
import { listRuns } from "../io/journal/runs.ts";
import { readFactPlan } from "./fact-plan.ts";

/** Up to where a run has left by one lane. */
export type LanePlace = {
  readonly isDone: boolean;
  /** Everything up to here was read, and what it held has left. */
  readonly seq: number;
  readonly memory: FactMemory;
};

/** Sends what is left of one batch; "" when all of it has left, else why not. */
export type Delivery = () => Promise<string>;

export type LaneParts = {
  readonly disk: Disk;
  readonly root: string;
  readonly engine: string;
  /** The run that is being written, and up to where that is safe. */
  readonly runId: string;
  readonly ackedSeq: () => number;
  readonly places: Places<LanePlace>;
  /** Undefined where nothing of the batch goes this way. */
  readonly deliver: (batch: Derived) => Delivery | undefined;
  readonly nowUs: () => Micros;
  /** A run that cannot be read any further is given up, and somebody must know. */
  readonly onUnreadable: (runId: string, reason: string) => void;
};

/** `idle`: nothing is waiting. `worked`: there may be more. Anything else is why nothing moves. */
export type TurnResult = "idle" | "worked" | { readonly blocked: string };

/** Facts of one turn fit into a few requests; bytes keep a turn over a busy market short. */
const TURN_LIMITS = { recordsMax: 400, bytesMax: 16 * 1024 * 1024 } as const;
/** A place without anything sent is noted this often: to be read again costs time, nothing else. */
const NOTE_US = 2_000_000;
/** Reading is tried again this often, because sealing and retention may have come between. */
const READ_TRIES_MAX = 3;

type Batch = { readonly deliver: Delivery; readonly place: LanePlace };

export class Lane {
  readonly #parts: LaneParts;
  /** Earlier runs that are not done, oldest first. */
  readonly #backlog: string[];
  #reading: RunReading | undefined;
  #batch: Batch | undefined;
  #notedUs = 0;
  #failedReads = 0;
  #sentUs: Micros = 0;
  /** Of the run that is being written: read and without anything to send, noted or not. */
  #leftSeq = 0;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    const runs = listRuns(parts.disk, parts.root);
    parts.places.keepOnly(runs);
    this.#backlog = runs.filter(
      (run) => run !== parts.runId && parts.places.get(run)?.isDone !== true,
    );
  }

  /** Of the run that is being written: everything up to here has left. */
  get publishedSeq(): number {
    return Math.max(this.#leftSeq, this.#parts.places.get(this.#parts.runId)?.seq ?? 0);
  }

  /** Age of what has not left yet, 0 when nothing is waiting. */
  get lagUs(): Micros {
    const isWaiting = this.#batch !== undefined || this.publishedSeq < this.#parts.ackedSeq();
    return isWaiting && this.#sentUs > 0 ? Math.max(0, this.#parts.nowUs() - this.#sentUs) : 0;
  }

  /** One step: delivers what is pending, or reads on. Never rejects. */
  async turn(): Promise<TurnResult> {
    try {
      if (this.#batch !== undefined) return await this.#send(this.#batch);
      return this.#read();
    } catch (thrown) {
      return { blocked: messageOf(thrown) };
    }
  }

  /** Lets go of open files, after noting what was read and held nothing. */
  close(): void {
    if (this.#batch === undefined && this.#reading !== undefined) this.#note(this.#reading.place);
    this.#reading?.close();
    this.#reading = undefined;
  }

  async #send({ deliver, place }: Batch): Promise<TurnResult> {
    const reason = await deliver();
    if (reason !== "") return { blocked: reason };
    this.#batch = undefined;
    this.#note(place);
    return "worked";
  }

  #read(): TurnResult {
    const reading = this.#choose();
    if (reading === undefined) {
      this.#sentUs = this.#parts.nowUs();
      return "idle";
    }
    // A record that cannot be told is never passed over in silence: its batch is read again from the start.
    const read = valueOrReason(() => reading.next(TURN_LIMITS));
    if (typeof read === "string") return this.#onUnread(reading, read);
    this.#failedReads = 0;
    const { place } = reading;
    if (reading.isCurrent && place.memory.atUs > 0) this.#sentUs = place.memory.atUs;
    const deliver = this.#parts.deliver(read);
    if (deliver !== undefined) {
      this.#batch = { deliver, place };
      return "worked";
    }
    if (reading.isCurrent) this.#leftSeq = place.seq;
    if (place.isDone || this.#parts.nowUs() - this.#notedUs > NOTE_US) this.#note(place);
    return "worked";
  }

  /** The run being written whenever it has something new, else the oldest that is not done. */
  #choose(): RunReading | undefined {
    const { runId, ackedSeq } = this.#parts;
    const acked = ackedSeq();
    const seq = this.#reading?.runId === runId ? this.#reading.place.seq : this.publishedSeq;
    const [oldest] = this.#backlog;
    const wanted = seq < acked ? runId : oldest;
    if (wanted === undefined) return undefined;
    if (this.#reading?.runId === wanted) return this.#reading;
    this.close();
    this.#reading = new RunReading(this.#parts, wanted);
    return this.#reading;
  }

  #note(place: LanePlace): void {
    const runId = this.#reading?.runId;
    if (runId === undefined) return;
    this.#parts.places.note(runId, place);
    this.#notedUs = this.#parts.nowUs();
    if (!place.isDone) return;
    this.#backlog.splice(0, this.#backlog.length, ...this.#backlog.filter((run) => run !== runId));
    this.#reading?.close();
    this.#reading = undefined;
  }

  /** An earlier run that stays unreadable is given up from there; the one being written never is. */
  #onUnread(reading: RunReading, reason: string): TurnResult {
    this.#failedReads++;
    reading.close();
    this.#reading = undefined;
    if (reading.isCurrent || this.#failedReads < READ_TRIES_MAX) return { blocked: reason };
    this.#failedReads = 0;
    this.#parts.onUnreadable(reading.runId, reason);
    this.#reading = reading;
    this.#note({ ...reading.place, isDone: true });
    return "worked";
  }
}

/** One run, read from the place that was noted. */
class RunReading {
  readonly runId: string;
  readonly isCurrent: boolean;
  readonly #parts: LaneParts;
  readonly #directory: string;
  #deriver: FactDeriver | undefined;
  #follower: JournalFollower | undefined;
  #place: LanePlace | undefined;
  #seq: number;

  constructor(parts: LaneParts, runId: string) {
    this.runId = runId;
    this.isCurrent = runId === parts.runId;
    this.#parts = parts;
    this.#directory = path.join(parts.root, runId);
    this.#place = parts.places.get(runId);
    this.#seq = this.#place?.seq ?? 0;
  }

  get place(): LanePlace {
    const { isDone = false } = this.#place ?? {};
    const memory = this.#deriver?.memory ?? this.#place?.memory ?? NO_MEMORY;
    return { isDone, seq: this.#seq, memory };
  }

  /** The next facts and steps, or why the run cannot be read. */
  next(limits: { readonly recordsMax: number; readonly bytesMax: number }): Derived | string {
    const opened = this.#open();
    if (typeof opened === "string") return opened;
    const { deriver, follower } = opened;
    const acked = this.isCurrent ? this.#parts.ackedSeq() : this.#headSeq();
    if (acked === undefined) return "its head file cannot be read";
    const followed = follower.take(acked, limits);
    if (!followed.ok) return describeError(followed.error);
    const derived = followed.records.map((record) => deriver.take(record));
    this.#seq = followed.seq;
    if (!this.isCurrent && followed.seq >= acked) {
      derived.push(deriver.finish());
      this.#place = { isDone: true, seq: followed.seq, memory: deriver.memory };
    }
    return {
      facts: derived.flatMap(({ facts }) => facts),
      orders: derived.flatMap(({ orders }) => orders),
    };
  }

  close(): void {
    this.#follower?.close();
    this.#follower = undefined;
  }

  #open(): { readonly deriver: FactDeriver; readonly follower: JournalFollower } | string {
    if (this.#deriver !== undefined && this.#follower !== undefined) {
      return { deriver: this.#deriver, follower: this.#follower };
    }
    const source = { engine: this.#parts.engine, runId: this.runId };
    const memory = this.#place?.memory;
    const plan = this.#seq === 0 ? undefined : this.#plan();
    if (typeof plan === "string") return plan;
    const deriver =
      memory === undefined || plan === undefined
        ? new FactDeriver({ source })
        : new FactDeriver({ source, plan, memory });
    const follower = this.#follow();
    this.#deriver = deriver;
    this.#follower = follower;
    return { deriver, follower };
  }

  #plan(): FactPlan | string {
    const { runId } = this;
    return readFactPlan(this.#parts.disk, this.#directory, { runId, seq: this.#seq });
  }

  #follow(): JournalFollower {
    const { disk } = this.#parts;
    const place = { directory: this.#directory, runId: this.runId, fromSeq: this.#seq + 1 };
    return new JournalFollower({ disk, ...place, wants: holdsFacts });
  }

  #headSeq(): number | undefined {
    const head = decodeHead(this.#parts.disk.readWhole(path.join(this.#directory, HEAD_FILE)));
    return head.kind === "head" ? head.head.ackedSeq : undefined;
  }
}
