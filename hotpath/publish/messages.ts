/**
 * Station: supervisor <-> publisher. What the publisher's worker is started with, what it may be told, and
 * what it tells. None of it is on the way of an order, and nothing of it waits for AWS.
 */
import type { Alert } from "../../contracts/alert.ts";
import type { Fact } from "../../contracts/history.ts";

/** What the worker is started with, once the recorder is ready: earlier runs are in order by then. */
export type PublisherWorkerData = {
  /** The folder of all runs, and this run's name. */
  readonly root: string;
  readonly runId: string;
  /** `instance` of the configuration. */
  readonly engine: string;
  /** Begins the names of tables, queues and buckets; ends those of buckets. */
  readonly prefix: string;
  readonly bucketPlace: string;
  /** The recorder's status block: nothing is published before it is acknowledged. */
  readonly recorderStatus: SharedArrayBuffer;
};

export type PublisherOrder =
  /** Facts that no journal holds (positions, latency): sent as far as there is room for them. */
  | { readonly type: "facts"; readonly facts: readonly Fact[] }
  /** An alert that no journal holds (a lease lost, a recorder dead): sent ahead of everything. */
  | { readonly type: "alert"; readonly alert: Alert }
  /** The recorder has sealed the last segment: flush what can be flushed and end. */
  | { readonly type: "stop" };

/** Which way out is blocked. */
export type PublisherPath = "records" | "alerts" | "orders" | "segments" | "journal";

export type PublisherMessage =
  | {
      readonly type: "progress";
      /** Of this run: everything up to here is on the queue. */
      readonly publishedSeq: number;
      /** By this process, of all runs. */
      readonly uploadedSegments: number;
      /** Age of the oldest acknowledged record that is not published; 0 when there is none. */
      readonly lagUs: number;
      /** Tries that failed since the start. */
      readonly failures: number;
      /** Facts without a journal that were given up because there was no room. */
      readonly droppedFacts: number;
      /** Segments that lost their raw records, or could not be read, before they were uploaded. */
      readonly lostSegments: number;
    }
  /** The first failure on a path, and each time its reason changes; "" when it works again. */
  | { readonly type: "blocked"; readonly path: PublisherPath; readonly reason: string }
  | { readonly type: "stopped"; readonly publishedSeq: number; readonly isFlushed: boolean };
