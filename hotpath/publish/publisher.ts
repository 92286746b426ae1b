/**
 * Station: everything that leaves, side by side: a loop for each way out, with a backoff of its own.
 *
 * Each loop takes turns until nothing is waiting, then looks again soon; what fails is tried again after a
 * pause that grows, is capped, and is jittered so that engines do not come back all at once. Asked to stop
 * it goes on until all is sent or the time is up: the rest is on the disk.
 */
import type { Alert } from "../../contracts/alert.ts";
import type { Fact } from "../../contracts/history.ts";
import { type Micros, US_PER_MS } from "../../contracts/time.ts";
import type { AlertQueue } from "../io/aws/alert-queue.ts";
import type { FactQueue } from "../io/aws/fact-queue.ts";
import type { OrderRecords } from "../io/aws/order-records.ts";
import type { SegmentBucket } from "../io/aws/segment-bucket.ts";
import type { Disk } from "../io/journal/disk.ts";
import { Places, UPLOADS_FILE } from "../io/journal/places.ts";
import { deliverAlerts, deliverFacts, deliverOrders, sendAlerts } from "./deliveries.ts";
import { Lane, type LaneParts, type LanePlace, type TurnResult } from "./lane.ts";
import type { PublisherMessage, PublisherPath } from "./messages.ts";
import { Outlet } from "./outlet.ts";
import { unreadableAlert } from "./own-alerts.ts";
import { Uploader, type UploadPlace } from "./uploader.ts";

export type PublisherParts = {
  readonly disk: Disk;
  readonly root: string;
  readonly runId: string;
  readonly engine: string;
  readonly ackedSeq: () => number;
  readonly facts: FactQueue;
  readonly alerts: AlertQueue;
  readonly orders: OrderRecords;
  readonly bucket: SegmentBucket;
  readonly nowUs: () => Micros;
  /** Between 0 and 1; draws the jitter of pauses. */
  readonly chance: () => number;
  readonly emit: (message: PublisherMessage) => void;
  readonly pauses: Pauses;
};

/** Between looks when nothing is waiting, and after a failure: doubled up to the cap. */
export type Pauses = {
  readonly idleMs: number;
  readonly firstMs: number;
  readonly capMs: number;
  readonly progressMs: number;
};

/** A fact is on the queue within a second of its record, so looks are frequent; each reads one number. */
export const PAUSES: Pauses = { idleMs: 50, firstMs: 250, capMs: 15_000, progressMs: 1_000 };

type Loop = {
  readonly path: PublisherPath;
  readonly turn: () => Promise<TurnResult>;
  failures: number;
  reason: string;
  /** Whether nothing was waiting at its last turn. */
  isIdle: boolean;
  /** Ends the pause under way. */
  wake: () => void;
};

export class Publisher {
  readonly #parts: PublisherParts;
  readonly #records: Lane;
  readonly #alerts: Lane;
  readonly #orders: Lane;
  readonly #uploader: Uploader;
  readonly #ownAlerts: Outlet<Alert>;
  readonly #ownFacts: Outlet<Fact>;
  readonly #loops: Loop[];
  #failures = 0;
  #isStopping = false;
  #deadlineUs = Number.POSITIVE_INFINITY;
  #progress: NodeJS.Timeout | undefined;

  constructor(parts: PublisherParts) {
    const { disk, root, engine, runId, nowUs, facts, alerts, orders, bucket } = parts;
    this.#parts = parts;
    this.#ownAlerts = new Outlet((some) => sendAlerts(alerts, some));
    this.#ownFacts = new Outlet((some) => deliverFacts(facts, some));
    const lane = (name: string, deliver: LaneParts["deliver"]): Lane =>
      new Lane({
        disk,
        root,
        engine,
        runId,
        nowUs,
        deliver,
        ackedSeq: parts.ackedSeq,
        places: new Places<LanePlace>(disk, root, `${name}.json`),
        onUnreadable: (run, reason) => this.#onUnreadable(name, run, reason),
      });
    this.#records = lane("records", (batch) => deliverFacts(facts, batch.facts));
    this.#alerts = lane("alerts", (batch) => deliverAlerts(alerts, batch.facts, nowUs()));
    this.#orders = lane("orders", (batch) => deliverOrders(orders, engine, batch.orders));
    this.#uploader = new Uploader({
      disk,
      root,
      engine,
      runId,
      nowUs,
      bucket,
      places: new Places<UploadPlace>(disk, root, UPLOADS_FILE),
      onLost: (alert) => this.tellAlert(alert),
    });
    this.#loops = [
      loopOf("alerts", () => firstOf(this.#ownAlerts, this.#alerts)),
      loopOf("records", () => firstOf(this.#ownFacts, this.#records)),
      loopOf("orders", () => this.#orders.turn()),
      loopOf("segments", () => this.#uploader.turn()),
    ];
  }

  /** Facts that no journal holds. */
  tellFacts(facts: readonly Fact[]): void {
    this.#ownFacts.add(facts);
  }

  tellAlert(alert: Alert): void {
    this.#ownAlerts.add([alert]);
  }

  /** Runs until it is stopped; resolves when every loop has ended. */
  async run(): Promise<void> {
    const { progressMs } = this.#parts.pauses;
    this.#progress = setInterval(() => this.#tellProgress(), progressMs);
    await Promise.all(this.#loops.map((loop) => this.#runLoop(loop)));
    clearInterval(this.#progress);
    for (const lane of [this.#records, this.#alerts, this.#orders]) lane.close();
    this.#tellProgress();
    const isFlushed = this.#loops.every(({ isIdle }) => isIdle);
    const { publishedSeq } = this.#records;
    this.#parts.emit({ type: "stopped", publishedSeq, isFlushed });
  }

  /** Lets every loop go on until nothing is waiting, for `flushMs` at most. */
  stop(flushMs: number): void {
    this.#isStopping = true;
    this.#deadlineUs = this.#parts.nowUs() + flushMs * US_PER_MS;
    for (const loop of this.#loops) loop.wake();
  }

  async #runLoop(loop: Loop): Promise<void> {
    for (;;) {
      const result = await loop.turn();
      const isBlocked = typeof result !== "string";
      loop.isIdle = result === "idle";
      this.#note(loop, isBlocked ? result.blocked : "");
      const isOver = this.#parts.nowUs() >= this.#deadlineUs;
      if (this.#isStopping && (isOver || result === "idle")) return;
      if (result !== "worked") await this.#pause(loop, isBlocked);
    }
  }

  #note(loop: Loop, reason: string): void {
    if (reason === "") loop.failures = 0;
    else {
      loop.failures++;
      this.#failures++;
    }
    if (reason === loop.reason) return;
    loop.reason = reason;
    this.#parts.emit({ type: "blocked", path: loop.path, reason });
  }

  #pause(loop: Loop, isBlocked: boolean): Promise<void> {
    const { pauses, chance } = this.#parts;
    const grownMs = Math.min(pauses.firstMs * 2 ** (loop.failures - 1), pauses.capMs);
    // Half of it is fixed, half is drawn; while stopping there is no time to grow.
    const waitedMs = this.#isStopping ? pauses.firstMs : grownMs * (0.5 + chance() / 2);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, isBlocked ? waitedMs : pauses.idleMs);
      loop.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tellProgress(): void {
    const records = this.#records;
    this.#parts.emit({
      type: "progress",
      publishedSeq: records.publishedSeq,
      uploadedSegments: this.#uploader.uploadedCount,
      lagUs: records.lagUs,
      failures: this.#failures,
      droppedFacts: this.#ownFacts.droppedCount,
      lostSegments: this.#uploader.lostCount,
    });
  }

  #onUnreadable(lane: string, runId: string, reason: string): void {
    const { engine, nowUs, emit } = this.#parts;
    emit({ type: "blocked", path: "journal", reason: `${runId} for ${lane}: ${reason}` });
    this.tellAlert(unreadableAlert(engine, runId, reason, nowUs()));
  }
}

function loopOf(path: PublisherPath, turn: Loop["turn"]): Loop {
  return { path, turn, failures: 0, reason: "", isIdle: false, wake: () => undefined };
}

/** What is waiting in memory goes before what is safe on the disk. */
async function firstOf<Item>(outlet: Outlet<Item>, lane: Lane): Promise<TurnResult> {
  const result = await outlet.turn();
  return result === "idle" ? await lane.turn() : result;
}
