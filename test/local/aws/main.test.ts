// Goal: the embedded AWS serves on loopback only, keeps its data through a kill, and shares its folder with nobody.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bucketName, commandQueueName, tableName } from "../../../contracts/resources.ts";
import type { StoreClients } from "../../../functions/stores/clients.ts";
import type { EmbeddedEndpoints } from "../../../local/aws/embedded.ts";
import { type Child, killChildren, startChild } from "../../fixtures/aws/child.ts";
import { clientsOf } from "../../fixtures/aws/rig.ts";

const MAIN = "local/aws/main.ts";
const PREFIX = "reckoner";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "embedded-aws-"));
});
afterEach(async () => {
  killChildren();
  await rm(folder, { recursive: true, force: true });
});

async function up(child: Child): Promise<{ endpoints: EmbeddedEndpoints; clients: StoreClients }> {
  const endpoints = (await child.ready) as unknown as EmbeddedEndpoints;
  return { endpoints, clients: clientsOf(endpoints) };
}

async function write(clients: StoreClients): Promise<void> {
  const Item = { pk: { S: "a" }, sk: { S: "b" }, n: { S: "kept" } };
  await clients.tables.send(new PutItemCommand({ TableName: tableName(PREFIX, "control"), Item }));
  const QueueName = commandQueueName(PREFIX, "paper");
  const { QueueUrl } = await clients.queues.send(new GetQueueUrlCommand({ QueueName }));
  const fifo = { MessageGroupId: "paper", MessageDeduplicationId: "1" };
  await clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody: "kept", ...fifo }));
  const Bucket = bucketName(PREFIX, "archive");
  await clients.objects.send(new PutObjectCommand({ Bucket, Key: "k", Body: "kept" }));
}

async function readBack(clients: StoreClients): Promise<readonly (string | undefined)[]> {
  const Key = { pk: { S: "a" }, sk: { S: "b" } };
  const item = await clients.tables.send(
    new GetItemCommand({ TableName: tableName(PREFIX, "control"), Key, ConsistentRead: true }),
  );
  const QueueName = commandQueueName(PREFIX, "paper");
  const { QueueUrl } = await clients.queues.send(new GetQueueUrlCommand({ QueueName }));
  const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 });
  const { Messages = [] } = await clients.queues.send(receive);
  const Bucket = bucketName(PREFIX, "archive");
  const object = await clients.objects.send(new GetObjectCommand({ Bucket, Key: "k" }));
  return [item.Item?.n?.S, Messages[0]?.Body, await object.Body?.transformToString()];
}

/** Local addresses that process `pid` listens on, from the kernel's own table. */
async function listeningAddresses(ports: readonly number[]): Promise<readonly string[]> {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFile(path, "utf8").catch(() => "")),
  );
  const wanted = ports.map((port) => port.toString(16).toUpperCase().padStart(4, "0"));
  return tables
    .flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
    .filter(
      ([, local = "", , state]) => state === "0A" && wanted.includes(local.split(":")[1] ?? ""),
    )
    .map(([, local = ""]) => local.split(":")[0] ?? "");
}

describe("the embedded AWS", () => {
  test("keeps tables, messages and objects through a kill, on the same ports", async () => {
    const first = startChild(MAIN, ["--folder", folder, "--engine", "paper"]);
    const { endpoints, clients } = await up(first);
    await write(clients);
    first.process.kill("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");
    const ports = [endpoints.dynamodb, endpoints.sqs].map((url) => new URL(url).port);
    const again = ["--dynamodb-port", ports[0] ?? "", "--sqs-port", ports[1] ?? ""];
    const second = startChild(MAIN, ["--folder", folder, "--engine", "paper", ...again]);
    expect((await up(second)).endpoints).toEqual(endpoints);
    expect(await readBack(clients)).toEqual(["kept", "kept", "kept"]);
    second.process.kill("SIGTERM");
    expect(await second.ended).toBe(0);
  });

  test.runIf(process.platform === "linux")("listens on loopback and nowhere else", async () => {
    const child = startChild(MAIN, ["--folder", folder]);
    const { endpoints } = await up(child);
    const ports = [endpoints.dynamodb, endpoints.sqs].map((url) => Number(new URL(url).port));
    expect(await listeningAddresses(ports)).toEqual(["0100007F", "0100007F"]);
  });

  test("refuses a folder that another process has open", async () => {
    const first = startChild(MAIN, ["--folder", folder]);
    await first.ready;
    const second = startChild(MAIN, ["--folder", folder]);
    expect(await second.ended).toBe(3);
    expect(second.stderr()).toContain(`${folder} is open in another process`);
    expect(second.stdout()).toBe("");
  });

  test("ends when its parent is gone", async () => {
    const child = startChild(MAIN, ["--folder", folder, "--with-parent"]);
    await child.ready;
    child.process.stdin?.end();
    expect(await child.ended).toBe(0);
  });

  test("says in one line that a port is taken", async () => {
    const first = startChild(MAIN, []);
    const { endpoints } = await up(first);
    const second = startChild(MAIN, ["--sqs-port", new URL(endpoints.sqs).port]);
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toMatch(/^[^\n]*EADDRINUSE[^\n]*\n$/);
  });

  test("refuses a wrong flag by its name", async () => {
    const child = startChild(MAIN, ["--sqs-port", "70000"]);
    expect(await child.ended).toBe(2);
    expect(child.stderr()).toBe("--sqs-port is a port or 0, not 70000\n");
  });
});
