// Goal: a secret is read by its name, and what cannot be read is a fault that repeats no value.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createSecretStore, type SecretStore } from "../../../functions/stores/secret-store.ts";

let server: Server;
let store: SecretStore;
let answer: { readonly status: number; readonly body: unknown };
const asked: string[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    asked.push(body);
    response.writeHead(answer.status, { "Content-Type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  store = createSecretStore(
    new SecretsManagerClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
    }),
  );
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  asked.length = 0;
});

test("a secret is its text", async () => {
  answer = { status: 200, body: { Name: "r/alerts", SecretString: '{"a":1}' } };
  expect(await store.read("r/alerts")).toBe('{"a":1}');
  expect(JSON.parse(asked[0] ?? "")).toEqual({ SecretId: "r/alerts" });
});

test("a secret without text is empty", async () => {
  answer = { status: 200, body: { Name: "r/alerts" } };
  expect(await store.read("r/alerts")).toBe("");
});

test("a secret that may not be read, or is not there, is a fault with its name", async () => {
  answer = { status: 400, body: { __type: "AccessDeniedException", message: "no" } };
  await expect(store.read("r/alerts")).rejects.toMatchObject({
    fault: "denied",
    message: "read the secret r/alerts: denied",
  });
  answer = { status: 400, body: { __type: "ResourceNotFoundException", message: "no" } };
  await expect(store.read("r/alerts")).rejects.toMatchObject({ fault: "refused" });
});

test("without a client of its own the store asks the region of the environment", () => {
  process.env.AWS_REGION = "us-east-1";
  expect(createSecretStore()).toHaveProperty("read");
});
