/**
 * dynalite and fauxqs in this process, on loopback, with everything the control plane needs made.
 *
 * With a folder the data outlives the process, also one that is killed; without one all is in memory, which
 * is what tests use. The clients it makes are its own and are closed before it says that it is up.
 */
import { mkdirSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type AddressInfo, Server as NetServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import dynalite from "dynalite";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { LOCAL_CREDENTIAL } from "../../contracts/aws-environment.ts";
import { lockFolder } from "./folder-lock.ts";
import { createResources, type ResourceClients, type ResourceNames } from "./resources.ts";

const LOOPBACK = "127.0.0.1";
const SWEEP_MS = 20;
/** A request that hangs longer than this is cut. */
const STOP_MS_MAX = 5_000;
export const LOCAL_REGION = "us-east-1";

export type EmbeddedOptions = ResourceNames & {
  /** Where the data lives; undefined for memory. */
  readonly folder: string | undefined;
  /** 0 is any port. SQS and S3 share one. */
  readonly dynamodbPort: number;
  readonly sqsPort: number;
};

/** Base addresses, `http://127.0.0.1:<port>`. */
export type EmbeddedEndpoints = {
  readonly dynamodb: string;
  readonly sqs: string;
  readonly s3: string;
};

export type Embedded = {
  readonly endpoints: EmbeddedEndpoints;
  readonly stop: () => Promise<void>;
};

/** Starts both and makes the resources. Throws a `FolderLockedError` when the folder is open elsewhere. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { folder } = options;
  const lock = folder === undefined ? undefined : lockFolder(folder);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
    lock?.release();
  };
  try {
    const tables = await startTables(folder, options.dynamodbPort);
    stops.push(stopOf(tables));
    const queues = await startQueues(folder, options.sqsPort);
    stops.push(() => queues.stop());
    const dynamodb = `http://${LOOPBACK}:${(tables.address() as AddressInfo).port}`;
    const sqs = `http://${LOOPBACK}:${queues.port}`;
    const endpoints: EmbeddedEndpoints = { dynamodb, sqs, s3: sqs };
    await withClients(endpoints, (clients) => createResources(clients, options));
    return { endpoints, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a process needs in its environment to speak to `endpoints`, and to nothing else. */
export function embeddedEnvironment(endpoints: EmbeddedEndpoints): Record<string, string> {
  return {
    RECKONER_LOCAL: "1",
    AWS_REGION: LOCAL_REGION,
    AWS_ACCESS_KEY_ID: LOCAL_CREDENTIAL,
    AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIAL,
    // Services that have no stand-in are asked here, and the answer is an error, not the real service.
    AWS_ENDPOINT_URL: endpoints.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
  };
}

async function startTables(folder: string | undefined, port: number): Promise<Server> {
  const path = folder === undefined ? undefined : join(folder, "dynamodb");
  if (path !== undefined) mkdirSync(path, { recursive: true });
  const server = dynalite({
    ...(path !== undefined && { path }),
    createTableMs: 0,
    deleteTableMs: 0,
    updateTableMs: 0,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, LOOPBACK, resolve);
  });
  return server;
}

/**
 * Counts what `server` is working on and returns its stop. dynalite 4.0.0 throws from a callback of its own when
 * its store is closed under a request (`db/index.js`, 2025-10), and it works on for clients that are gone; so
 * its work is over when it has ended its answers, whoever is there to read them.
 */
function stopOf(server: Server): () => Promise<void> {
  const working = new Set<ServerResponse>();
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    working.add(response);
    const end = response.end.bind(response) as (...args: readonly unknown[]) => ServerResponse;
    response.end = ((...args: readonly unknown[]) => {
      working.delete(response);
      return end(...args);
    }) as typeof response.end;
  });
  return async () => {
    server.removeAllListeners("request");
    server.on("request", (request) => request.socket.destroy());
    for (let waitedMs = 0; working.size > 0 && waitedMs < STOP_MS_MAX; waitedMs += SWEEP_MS) {
      await wait(SWEEP_MS);
    }
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

async function startQueues(folder: string | undefined, port: number): Promise<FauxqsServer> {
  const dataDir = folder === undefined ? undefined : join(folder, "sqs-s3");
  if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true });
  return await listeningOnLoopback(() =>
    startFauxqs({
      port,
      logger: false,
      host: LOOPBACK,
      defaultRegion: LOCAL_REGION,
      ...(dataDir !== undefined && { dataDir }),
    }),
  );
}

/**
 * Runs `start` with every server of it bound to loopback. fauxqs 2.4.1 binds to all interfaces and has no
 * setting for it (`dist/app.js`, 2026-03), and an open S3 is not for the neighbors.
 */
async function listeningOnLoopback<Started>(start: () => Promise<Started>): Promise<Started> {
  const prototype: { listen: unknown } = NetServer.prototype;
  const listen = prototype.listen as (...args: unknown[]) => NetServer;
  prototype.listen = function (this: NetServer, options: unknown, ...rest: unknown[]): NetServer {
    this.prependListener("request", shortenPolls);
    const isPlain = typeof options === "object" && options !== null;
    return listen.call(this, isPlain ? { ...options, host: LOOPBACK } : options, ...rest);
  };
  try {
    return await start();
  } finally {
    prototype.listen = listen;
  }
}

/** `"WaitTimeSeconds":20` in the body of a ReceiveMessage. */
const LONG_WAIT = /"WaitTimeSeconds":\s*(?:[2-9]|1\d|20)\b/;

/**
 * Makes every long poll one of a second at most. fauxqs 2.4.1 goes on waiting for a client that is gone and
 * hands it the next message, which is then hidden from all others (`dist/sqs/actions/receiveMessage.js`,
 * 2026-03); so an engine that was killed would swallow the first command of its successor. The text keeps its
 * length, because the header with the length has been read already.
 */
function shortenPolls(request: IncomingMessage): void {
  if (request.headers["x-amz-target"] !== "AmazonSQS.ReceiveMessage") return;
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    if (!Buffer.isBuffer(chunk)) return push(chunk, encoding);
    const text = chunk
      .toString("latin1")
      .replace(LONG_WAIT, (wait) => '"WaitTimeSeconds":1'.padEnd(wait.length));
    return push(Buffer.from(text, "latin1"), encoding);
  };
}

async function withClients(
  endpoints: EmbeddedEndpoints,
  use: (clients: ResourceClients) => Promise<void>,
): Promise<void> {
  const login = {
    region: LOCAL_REGION,
    credentials: { accessKeyId: LOCAL_CREDENTIAL, secretAccessKey: LOCAL_CREDENTIAL },
  };
  const clients = {
    tables: new DynamoDBClient({ ...login, endpoint: endpoints.dynamodb }),
    queues: new SQSClient({ ...login, endpoint: endpoints.sqs, useQueueUrlAsEndpoint: false }),
    objects: new S3Client({ ...login, endpoint: endpoints.s3, forcePathStyle: true }),
  };
  try {
    await use(clients);
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}
