/**
 * Station: supervisor -> the publisher's worker, and what it tells -> supervisor. Owns that worker's life.
 *
 * The engine trades on without it: the journal keeps what was not published, and a worker that died is
 * begun again from the place that it noted. Starting again is paced, so that a fault that kills it at once
 * costs no more than a try now and then.
 */
import { Worker } from "node:worker_threads";
import type { Alert } from "../../contracts/alert.ts";
import type { Fact } from "../../contracts/history.ts";
import type { PublisherMessage, PublisherOrder, PublisherWorkerData } from "./messages.ts";

/** The flush at the end may take this long; what is left is published by the next start. */
const STOP_MS_MAX = 6_000;
const RESTART_MS = 1_000;

export type PublisherWorkerOptions = {
  readonly data: PublisherWorkerData;
  readonly onMessage: (message: PublisherMessage) => void;
  /** The worker died and will be begun again. */
  readonly onDeath: (reason: string) => void;
};

export class PublisherWorker {
  readonly #options: PublisherWorkerOptions;
  #worker: Worker | undefined;
  #isStopping = false;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: PublisherWorkerOptions) {
    this.#options = options;
  }

  /** Begins to publish; call it once the recorder is ready. */
  start(): void {
    const url = new URL("../publisher-thread.ts", import.meta.url);
    const worker = new Worker(url, { workerData: this.#options.data });
    this.#worker = worker;
    worker.on("message", this.#options.onMessage);
    worker.on("error", (error) => this.#onEnd(worker, `the publisher threw: ${error.message}`));
    worker.on("exit", (code) => this.#onEnd(worker, `the publisher ended with ${code}`));
  }

  /** Facts without a journal. Given up while the worker is away: they are for charts. */
  tellFacts(facts: readonly Fact[]): void {
    this.#tell({ type: "facts", facts });
  }

  tellAlert(alert: Alert): void {
    this.#tell({ type: "alert", alert });
  }

  /** Ends it after the recorder has stopped; resolves within seconds, whatever AWS does. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#restart);
    const worker = this.#worker;
    if (worker === undefined) return;
    const exited = new Promise<void>((resolve) => {
      worker.once("exit", () => resolve());
    });
    worker.postMessage({ type: "stop" } satisfies PublisherOrder);
    const deadline = setTimeout(() => void worker.terminate(), STOP_MS_MAX);
    await exited;
    clearTimeout(deadline);
  }

  #tell(order: PublisherOrder): void {
    this.#worker?.postMessage(order);
  }

  #onEnd(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    if (this.#isStopping) return;
    this.#options.onDeath(reason);
    this.#restart = setTimeout(() => this.start(), RESTART_MS);
    this.#restart.unref();
  }
}
