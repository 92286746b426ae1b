/**
 * The host: functions, each behind the source that triggers it.
 *
 * It is given the functions and serves them; which functions there are is said in `catalog.ts`. All sources
 * stop together, and what is under way is finished.
 */
import { randomUUID } from "node:crypto";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { bucketName, QUEUES, type QueueName, queueName } from "../../contracts/resources.ts";
import { createArchiveStore } from "../../functions/stores/archive-store.ts";
import { createClients, destroyClients } from "../../functions/stores/clients.ts";
import { createIdempotencyStore } from "../../functions/stores/idempotency-store.ts";
import type { HostLog } from "./host-log.ts";
import { serveHttp, serveInvocations } from "./http-source.ts";
import type { HostedFunction, LambdaHandler } from "./invocation.ts";
import { watchObjects } from "./object-source.ts";
import { pollQueue } from "./queue-source.ts";
import { keepSchedule } from "./schedule-source.ts";

export type Trigger =
  | { readonly kind: "http" }
  | { readonly kind: "queue"; readonly queue: Exclude<QueueName, "commands"> }
  /** Five fields, UTC. */
  | { readonly kind: "schedule"; readonly pattern: string }
  /** Only called by name. */
  | { readonly kind: "call" };

export type CatalogEntry = {
  /** Its folder under `functions/`. */
  readonly name: string;
  readonly trigger: Trigger;
  /** Imports the handler; nothing of a function runs before. */
  readonly load: () => Promise<{ readonly handler: unknown }>;
};

export type HostOptions = {
  readonly prefix: string;
  readonly bucketPlace: string;
  /** 0 is any port. */
  readonly httpPort: number;
  readonly invokePort: number;
  readonly retryAfterS: number | undefined;
  /** How long a message is hidden at most; what its handler's time limit needs when that is shorter. */
  readonly hiddenSMax?: number;
  readonly lookEveryMs: number;
};

export type Host = {
  readonly endpoints: { readonly http: string; readonly invoke: string };
  readonly stop: () => Promise<void>;
};

/** A function that cannot be loaded; the message names it. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

/** API Gateway gives up after 29 s (HTTP API quotas, 2026-11). */
const HTTP_TIMEOUT_MS = 29_000;
/** Pollers of a standard queue; one of a FIFO queue keeps its order plain. */
const POLLERS = 2;
/** Between the deadline of a handler and the deletion of what it did. */
const HIDDEN_SLACK_S = 5;
const CALL_TIMEOUT_MS = 120_000;

/** Loads every function of `catalog`, then serves them with the environment of this process. */
export async function startHost(
  catalog: readonly CatalogEntry[],
  options: HostOptions,
  log: HostLog,
): Promise<Host> {
  const clients = createClients(process.env);
  const stops: (() => Promise<void>)[] = [async () => destroyClients(clients)];
  const stop = async (): Promise<void> => {
    const [closeClients, ...sources] = stops.splice(0);
    await Promise.all(sources.map((each) => each()));
    await closeClients?.();
  };
  try {
    const functions: HostedFunction[] = [];
    for (const entry of catalog) functions.push(await load(entry));
    let http = "";
    for (const [n, { trigger }] of catalog.entries()) {
      const hosted = functions[n];
      if (hosted === undefined) continue;
      stops.push(...sourcesOf(hosted, trigger, clients.queues, options, log));
      if (trigger.kind !== "http") continue;
      const source = await serveHttp(hosted, options.httpPort, log);
      stops.push(source.stop);
      http = source.url;
    }
    const calls = await serveInvocations(functions, options.invokePort, log);
    stops.push(calls.stop);
    const watcher = watchObjects({
      archive: createArchiveStore(clients.objects, options.prefix, options.bucketPlace),
      idempotency: createIdempotencyStore(clients.documents, options.prefix),
      client: clients.queues,
      bucket: bucketName(options.prefix, "archive", options.bucketPlace),
      queueName: queueName(options.prefix, "archive"),
      everyMs: options.lookEveryMs,
      owner: randomUUID(),
      log,
    });
    stops.push(watcher.stop);
    return { endpoints: { http, invoke: calls.url }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function sourcesOf(
  hosted: HostedFunction,
  trigger: Trigger,
  client: SQSClient,
  { prefix, retryAfterS, hiddenSMax = Number.POSITIVE_INFINITY }: HostOptions,
  log: HostLog,
): (() => Promise<void>)[] {
  switch (trigger.kind) {
    // Served by name and path, not by a source of its own.
    case "call":
    case "http":
      return [];
    case "schedule":
      return [keepSchedule(hosted, trigger.pattern, log).stop];
    case "queue": {
      const count = QUEUES[trigger.queue].isFifo ? 1 : POLLERS;
      const name = queueName(prefix, trigger.queue);
      const hiddenS = Math.min(hiddenSMax, QUEUES[trigger.queue].consumerTimeoutS + HIDDEN_SLACK_S);
      return Array.from(
        { length: count },
        () => pollQueue({ client, queueName: name, hosted, retryAfterS, hiddenS, log }).stop,
      );
    }
  }
}

async function load({ name, trigger, load }: CatalogEntry): Promise<HostedFunction> {
  try {
    const { handler } = await load();
    if (typeof handler !== "function") throw new TypeError("it exports no handler");
    return { name, handler: handler as LambdaHandler, timeoutMs: timeoutMsOf(trigger) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LoadError(`the function ${name} cannot be loaded: ${reason}`, { cause: error });
  }
}

function timeoutMsOf(trigger: Trigger): number {
  switch (trigger.kind) {
    case "http":
      return HTTP_TIMEOUT_MS;
    case "queue":
      return QUEUES[trigger.queue].consumerTimeoutS * 1_000;
    case "schedule":
    case "call":
      return CALL_TIMEOUT_MS;
  }
}
