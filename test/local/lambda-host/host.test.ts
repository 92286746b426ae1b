// Goal: the host serves every function or starts not at all, and what one function is told comes from one source.

import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import type { SQSEvent } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { queueName } from "../../../contracts/resources.ts";
import { openIdentity } from "../../../local/identity/identity.ts";
import { CATALOG } from "../../../local/lambda-host/catalog.ts";
import { type CatalogEntry, LoadError, startHost } from "../../../local/lambda-host/host.ts";
import { createHostLog } from "../../../local/lambda-host/host-log.ts";
import { killChildren, startChild } from "../../fixtures/aws/child.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";

const MAIN = "local/lambda-host/main.ts";
const OPTIONS = {
  bucketPlace: "local",
  httpPort: 0,
  invokePort: 0,
  retryAfterS: 1,
  hiddenSMax: 30,
  lookEveryMs: 50,
};

describe("the host", () => {
  let rig: AwsRig;
  const log = createHostLog(() => {});

  beforeAll(async () => {
    rig = await startAwsRig();
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    killChildren();
  });
  afterAll(async () => await rig.stop());

  const stubEnvironment = (): void => {
    for (const [name, value] of Object.entries(rig.environment)) vi.stubEnv(name, value);
  };

  test("serves each function behind its trigger and stops with all of them", async () => {
    stubEnvironment();
    const bodies: string[] = [];
    const catalog: readonly CatalogEntry[] = [
      {
        name: "api",
        trigger: { kind: "http" },
        load: async () => ({ handler: () => ({ statusCode: 200, body: "served" }) }),
      },
      {
        name: "records",
        trigger: { kind: "queue", queue: "records" },
        load: async () => ({
          handler: (event: SQSEvent) => {
            for (const { body } of event.Records) bodies.push(body);
          },
        }),
      },
      {
        name: "report",
        trigger: { kind: "schedule", pattern: "0 0 1 1 *" },
        load: async () => ({ handler: (event: unknown) => ({ told: event }) }),
      },
      { name: "called", trigger: { kind: "call" }, load: async () => ({ handler: () => "hello" }) },
    ];
    const host = await startHost(catalog, { ...OPTIONS, prefix: rig.prefix }, log);
    expect(await (await fetch(host.endpoints.http)).text()).toBe("served");
    const QueueName = queueName(rig.prefix, "records");
    const { QueueUrl } = await rig.clients.queues.send(new GetQueueUrlCommand({ QueueName }));
    await rig.clients.queues.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" }));
    await vi.waitFor(() => expect(bodies).toEqual(["m"]), { timeout: 15_000 });
    const call = async (name: string, body: string): Promise<unknown> => {
      const url = `${host.endpoints.invoke}/2015-03-31/functions/${name}/invocations`;
      return await (await fetch(url, { method: "POST", body })).json();
    };
    expect(await call("called", "{}")).toBe("hello");
    expect(await call("report", '{"day":"x"}')).toEqual({ told: { day: "x" } });
    await host.stop();
    await expect(fetch(host.endpoints.http)).rejects.toThrow();
    await expect(fetch(host.endpoints.invoke)).rejects.toThrow();
  });

  test.each([
    [
      () => Promise.reject(new Error("no such table")),
      "the function bad cannot be loaded: no such table",
    ],
    [async () => ({ handler: 7 }), "the function bad cannot be loaded: it exports no handler"],
    [() => Promise.reject("text"), "the function bad cannot be loaded: text"],
  ])("refuses to start without one of its functions", async (load, sentence) => {
    stubEnvironment();
    const catalog: readonly CatalogEntry[] = [
      { name: "api", trigger: { kind: "http" }, load: async () => ({ handler: () => "" }) },
      { name: "bad", trigger: { kind: "call" }, load },
    ];
    const started = startHost(catalog, { ...OPTIONS, prefix: rig.prefix }, log);
    await expect(started).rejects.toThrow(LoadError);
    await expect(started).rejects.toThrow(sentence);
  });

  test("knows every function of the house", async () => {
    const paths = await readdir(new URL("../../../functions", import.meta.url), {
      recursive: true,
    });
    const functions = paths
      .filter((path) => path.endsWith("/handler.ts"))
      .map((path) => path.slice(0, path.indexOf("/")));
    expect(CATALOG.map(({ name }) => name).sort()).toEqual(functions.sort());
  });

  describe("as a process", () => {
    const environment = async (): Promise<Record<string, string>> => {
      const folder = await mkdtemp(join(tmpdir(), "identity-"));
      const identity = await openIdentity(folder);
      return { ...rig.environment, ...identity.environment, RECKONER_ENGINES: "paper" };
    };

    test("says where it serves, answers, and ends on SIGTERM", async () => {
      const child = startChild(MAIN, ["--look-every-ms", "100"], await environment());
      const { http = "", invoke = "" } = await child.ready;
      expect((await fetch(`${http}/v1/health`)).status).toBe(200);
      expect((await fetch(`${http}/v1/engines/paper/limits`)).status).toBe(401);
      expect((await fetch(invoke)).status).toBe(404);
      child.process.kill("SIGTERM");
      expect(await child.ended).toBe(0);
      expect(child.stdout().trim().split("\n")).toHaveLength(1);
    });

    test("ends when its parent is gone", async () => {
      const child = startChild(MAIN, ["--with-parent"], await environment());
      await child.ready;
      child.process.stdin?.end();
      expect(await child.ended).toBe(0);
    });

    test.each([
      [["--http-port", "x"], {}, 2, "--http-port"],
      [["--unknown"], {}, 2, "--unknown"],
      [[], { RECKONER_CONTROL_PREFIX: "" }, 1, "RECKONER_CONTROL_PREFIX"],
      [[], { AWS_ENDPOINT_URL_S3: "https://s3.amazonaws.com" }, 1, "AWS_ENDPOINT_URL_S3"],
      [[], { RECKONER_ISSUER: "" }, 1, "RECKONER_ISSUER"],
    ] as const)("refuses %j with %j in a sentence", async (args, change, code, name) => {
      const child = startChild(MAIN, args, { ...(await environment()), ...change });
      expect(await child.ended).toBe(code);
      expect(child.stderr()).toContain(name);
      expect(child.stdout()).toBe("");
    });
  });
});
