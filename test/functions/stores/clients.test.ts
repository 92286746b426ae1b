// Goal: local mode makes no client that could reach the real AWS, and every client has its limits.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  ATTEMPTS_MAX,
  createClients,
  destroyClients,
  EnvironmentError,
} from "../../../functions/stores/clients.ts";
import { embeddedEnvironment } from "../../../local/aws/embedded.ts";

const URL_ANY = "http://127.0.0.1:1";
const LOCAL = embeddedEnvironment({ dynamodb: URL_ANY, sqs: URL_ANY, s3: URL_ANY });

let server: Server | undefined;

afterEach(() => {
  vi.unstubAllEnvs();
  server?.closeAllConnections();
  server?.close();
});

describe("clients", () => {
  test("of a local environment that leads elsewhere are not made", () => {
    const environment = { ...LOCAL, AWS_ENDPOINT_URL_S3: "https://s3.amazonaws.com" };
    expect(() => createClients(environment)).toThrow(EnvironmentError);
    expect(() => createClients(environment)).toThrow("AWS_ENDPOINT_URL_S3");
  });

  test("send to the endpoint of the environment, whatever address a queue claims", async () => {
    const asked: string[] = [];
    server = createServer((request, response) => {
      asked.push(`${request.headers.host}`);
      response.setHeader("content-type", "application/x-amz-json-1.0");
      response.end(JSON.stringify({ QueueUrl: "http://203.0.113.1/queue", MessageId: "m" }));
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const url = `http://${host}`;
    const environment = embeddedEnvironment({ dynamodb: url, sqs: url, s3: url });
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const clients = createClients(environment);
    await clients.queues.send(new GetQueueUrlCommand({ QueueName: "a" }));
    expect(asked).toEqual([host]);
    expect(await clients.queues.config.useQueueUrlAsEndpoint).toBe(false);
    expect(await clients.objects.config.forcePathStyle).toBe(true);
    for (const client of [clients.tables, clients.queues, clients.objects]) {
      expect(await client.config.maxAttempts()).toBe(ATTEMPTS_MAX);
    }
    destroyClients(clients);
  });
});
