/**
 * S3's notices: a new manifest under `segments/` -> a message on the queue of the archive, a moment later. The
 * queue itself is what may delay, double or lose the order of them.
 */
import { US_PER_MS } from "../../../contracts/time.ts";
import type { VirtualQueue } from "../aws/queue.ts";
import type { Kernel } from "../kernel/kernel.ts";

const NOTICE_US = 500 * US_PER_MS;

export class ObjectNotices {
  readonly #kernel: Kernel;
  readonly #queue: VirtualQueue;

  constructor(kernel: Kernel, queue: VirtualQueue) {
    this.#kernel = kernel;
    this.#queue = queue;
  }

  readonly onPut = (bucket: string, key: string, size: number): void => {
    if (!(key.startsWith("segments/") && key.endsWith(".manifest.json"))) return;
    const object = { key: encodeURIComponent(key).replaceAll("%2F", "/"), size };
    const record = { eventName: "ObjectCreated:Put", s3: { bucket: { name: bucket }, object } };
    const body = JSON.stringify({ Records: [record] });
    this.#kernel.at(this.#kernel.nowUs + NOTICE_US, this.#kernel.world, () => {
      const sending = { body, attributes: undefined, group: "", dedupId: "" };
      this.#queue.send(sending, this.#kernel.nowUs);
    });
  };
}
