// Goal: the API behind its Lambda handler does over real tables and queues what it does over stores in
// memory. Method: one embedded AWS, the ports made from an environment, events of an HTTP API.
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { handle } from "hono/aws-lambda";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { historyItemOf } from "../../../contracts/history-item.ts";
import { reportObjectKey } from "../../../contracts/keys.ts";
import { commandQueueName } from "../../../contracts/resources.ts";
import { createApp } from "../../../functions/control-api/app.ts";
import type { ApiPorts } from "../../../functions/control-api/ports.ts";
import { createRequestMemory } from "../../../functions/control-api/request-memory.ts";
import { portsOf } from "../../../functions/control-api/wiring.ts";
import { createArchiveStore } from "../../../functions/stores/archive-store.ts";
import { createHistoryStore } from "../../../functions/stores/history-store.ts";
import { createRequestPersistence } from "../../../functions/stores/idempotency-store.ts";
import { createQueueAddresses } from "../../../functions/stores/queue-address.ts";
import { StoreError } from "../../../functions/stores/store-error.ts";
import { type AwsRig, startAwsRig } from "../../fixtures/aws/rig.ts";
import { fillAt } from "./facts.ts";
import { ENGINE, START_US } from "./memory-ports.ts";
import { freshKey, limitsWith } from "./rig.ts";
import { AUDIENCE, createMint, ISSUER, type Mint } from "./test-tokens.ts";

const PATH = `/v1/engines/${ENGINE}`;
let aws: AwsRig;
let mint: Mint;
let ports: ApiPorts;
let serve: ReturnType<typeof handle>;

beforeAll(async () => {
  [aws, mint] = await Promise.all([startAwsRig(undefined, [ENGINE]), createMint()]);
  for (const [name, value] of Object.entries(environment())) vi.stubEnv(name, value);
  const made = portsOf(process.env);
  // Tokens of the mint are of the tests' own day.
  // And a busy machine must not lose the races that a kill runs against its tables.
  const slowly = (ms: number): Promise<void> => sleep(ms * 20, undefined, { ref: false });
  const log = { info: () => {}, error: () => {} };
  ports = { ...made, nowUs: () => START_US, pause: slowly, log };
  serve = handle(createApp(ports));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.stop();
});

function environment(): Record<string, string> {
  return {
    ...aws.environment,
    RECKONER_ENGINES: ENGINE,
    RECKONER_JWKS: mint.jwks,
    RECKONER_ISSUER: ISSUER,
    RECKONER_AUDIENCE: AUDIENCE,
  };
}

type Told = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, never>> & Record<string, unknown>;
};

/** An event of an HTTP API, payload 2.0, and what the handler makes of it. */
async function ask(
  as: string,
  [method, path]: readonly [string, string],
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  const role = as === "vera" ? "viewer" : as === "otto" ? "operator" : "risk";
  const event = {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers: {
      host: "api.test",
      authorization: `Bearer ${await mint.token(as, [role])}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    requestContext: {
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "t" },
      domainName: "api.test",
      requestId: "r",
      stage: "$default",
    },
    body: body === undefined ? null : JSON.stringify(body),
    isBase64Encoded: false,
  };
  const told = (await serve(event as never)) as unknown as {
    readonly statusCode: number;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: string;
  };
  return { status: told.statusCode, headers: told.headers, body: JSON.parse(told.body) };
}

const keyed = (): Record<string, string> => ({ "idempotency-key": freshKey() });

async function messages(): Promise<readonly Record<string, unknown>[]> {
  const QueueUrl = await createQueueAddresses(aws.clients.queues)(
    commandQueueName(aws.prefix, ENGINE),
  );
  const found: Record<string, unknown>[] = [];
  for (;;) {
    const receive = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 });
    const { Messages: [message] = [] } = await aws.clients.queues.send(receive);
    if (message?.ReceiptHandle === undefined) return found;
    found.push(JSON.parse(message.Body ?? "{}"));
    const { ReceiptHandle } = message;
    await aws.clients.queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}

describe("over real stores", () => {
  test("limits are proposed, approved, tightened, raced for and listed", async () => {
    const wide = limitsWith({ orderNotionalMax: "100", openNotionalMax: "100" });
    const put = (as: string, version: number, limits: unknown): Promise<Told> =>
      ask(
        as,
        ["PUT", `${PATH}/limits`],
        { limits, reason: "test" },
        { "if-match": `"${version}"` },
      );
    const proposed = await put("rita", 0, wide);
    expect(proposed.status).toBe(202);
    const { proposalId, payloadHash } = proposed.body.proposal as unknown as Record<string, string>;
    const approve = (as: string): Promise<Told> =>
      ask(
        as,
        ["POST", `${PATH}/proposals/${proposalId}/approve`],
        { payloadHash, reason: "seen" },
        keyed(),
      );
    expect((await approve("rita")).status).toBe(403);
    expect((await approve("rolf")).status).toBe(200);
    const races = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        put(n % 2 === 0 ? "rita" : "rolf", 1, { ...wide, orderNotionalMax: String(n + 1) }),
      ),
    );
    expect(races.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    const history = await ask("vera", ["GET", `${PATH}/limits/history`]);
    const versions = history.body.items as unknown as readonly Record<string, unknown>[];
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);
    const one = await ask("vera", ["GET", `${PATH}/limits/versions/1`]);
    expect(one.body).toMatchObject({ version: 1, by: "rita", approvedBy: "rolf" });
    const told = await messages();
    expect(told.map(({ action }) => action)).toEqual([
      { kind: "applyLimits", version: 1 },
      { kind: "applyLimits", version: 2 },
    ]);
    const verified = await ask("vera", ["GET", `${PATH}/audit/verify?chain=limits`]);
    expect(verified.body).toMatchObject({ isComplete: true, headSeq: 2 });
  });

  test("one key is one command, also of many at once", async () => {
    const headers = keyed();
    const pause = (reason: string): Promise<Told> =>
      ask("otto", ["POST", `${PATH}/commands/pause`], { reason }, headers);
    const told = await Promise.all(Array.from({ length: 6 }, () => pause("lunch")));
    expect(told.every(({ status }) => status === 202 || status === 409)).toBe(true);
    const again = await pause("lunch");
    expect(again.status).toBe(202);
    expect((await pause("dinner")).status).toBe(422);
    const { commandId } = again.body.command as unknown as Record<string, string>;
    const found = await ask("vera", ["GET", `${PATH}/commands/${commandId}`]);
    expect(found.body).toMatchObject({ state: "queued", by: "otto" });
    const list = await ask("vera", ["GET", `${PATH}/commands`]);
    expect(list.body.items).toHaveLength(1);
  });

  test("what broke before is not remembered: the same key works when the table is back", async () => {
    const headers = keyed();
    const { append } = ports.control;
    ports.control.append = () => Promise.reject(new Error("away"));
    const resume = (): Promise<Told> =>
      ask("otto", ["POST", `${PATH}/commands/resume`], { reason: "back" }, headers);
    expect((await resume()).status).toBe(500);
    ports.control.append = append;
    expect((await resume()).status).toBe(202);
  });

  test("an answer of 503 is given and not remembered", async () => {
    const once = await ports.memory.once("k-503", "h", async () => ({ status: 503, body: {} }));
    expect(once).toMatchObject({ kind: "answer", answer: { status: 503 }, isReplay: false });
    const twice = await ports.memory.once("k-503", "h", async () => ({ status: 200, body: {} }));
    expect(twice).toMatchObject({ kind: "answer", answer: { status: 200 }, isReplay: false });
    const again = await ports.memory.once("k-503", "h", async () => ({ status: 500, body: {} }));
    expect(again).toMatchObject({ kind: "answer", answer: { status: 200 }, isReplay: true });
    const work = async (): Promise<never> => await Promise.reject(new Error("broke"));
    await expect(ports.memory.once("k-throws", "h", work)).rejects.toThrow();
  });

  test("a kill is recorded, queued and audited, and what was refused is audited too", async () => {
    const told = await ask("otto", ["POST", `${PATH}/kill`], { scope: "all", reason: "odd" });
    expect(told.body).toMatchObject({ recorded: true, queued: true, audited: true });
    const refused = await ask("vera", ["POST", `${PATH}/kill`], { scope: "all", reason: "odd" });
    expect(refused.status).toBe(403);
    const audit = await ask("vera", ["GET", `${PATH}/audit?limit=2`]);
    const items = audit.body.items as unknown as readonly Record<string, unknown>[];
    expect(items.map(({ kind }) => kind)).toEqual(["refused", "kill"]);
    expect(audit.body.fault).toBeNull();
  });

  test("fills are found, and a cursor leads on", async () => {
    const facts = Array.from({ length: 5 }, (_, n) => fillAt(START_US - 1000 + n));
    const store = createHistoryStore(aws.clients.documents, aws.prefix);
    await store.put(facts.map((fact) => historyItemOf(fact)) as never);
    const first = await ask("vera", ["GET", `${PATH}/trades?limit=3&venue=kraken`]);
    expect(first.body.items).toHaveLength(3);
    const next = `${PATH}/trades?limit=3&venue=kraken&cursor=${first.body.nextCursor}`;
    const second = await ask("vera", ["GET", next]);
    expect(second.body.items).toHaveLength(2);
    // Older than the table keeps: the archive's bucket, in which nothing lies.
    const old = await ask("vera", ["GET", `${PATH}/trades?from=2026-09-01&to=2026-09-02`]);
    expect(old.body).toMatchObject({ items: [], sources: ["cold"] });
  });

  test("a report is read from the bucket", async () => {
    const archive = createArchiveStore(aws.clients.objects, aws.prefix, aws.bucketPlace);
    const bytes = new TextEncoder().encode('{"day":"2026-11-20"}');
    await archive.putOnce(reportObjectKey(ENGINE, "2026-11-20"), bytes);
    const told = await ask("vera", ["GET", `${PATH}/reports/2026-11-20`]);
    expect(told.body).toEqual({ day: "2026-11-20" });
    expect((await ask("vera", ["GET", `${PATH}/reports/2026-11-19`])).status).toBe(404);
  });
});

test("a memory that is away is a store that does not answer, and nothing is done", async () => {
  const gone = createRequestPersistence(aws.clients.tables, "nowhere");
  let isDone = false;
  const asked = createRequestMemory(gone).once("k-gone", "h", async () => {
    isDone = true;
    return { status: 200, body: {} };
  });
  await expect(asked).rejects.toThrow(StoreError);
  expect(isDone).toBe(false);
});

describe("an environment", () => {
  test.each([
    ["RECKONER_ENGINES", "Not An Engine"],
    ["RECKONER_ENGINES", undefined],
    ["RECKONER_JWKS", "http://keys.test/jwks.json"],
    ["RECKONER_ISSUER", undefined],
    ["RECKONER_AUDIENCE", ""],
    ["RECKONER_BASE_LIMITS", "{"],
    ["RECKONER_BASE_LIMITS", "7"],
    ["RECKONER_BASE_LIMITS", '{"reckoner":{}}'],
    ["RECKONER_HOT_DAYS", "0"],
    ["RECKONER_PROPOSAL_S", "soon"],
    ["RECKONER_ATHENA_DATABASE", "only_this"],
    ["AWS_ENDPOINT_URL_SQS", "https://sqs.eu-west-1.amazonaws.com"],
  ])("with %s = %j stops the start and names the variable", (name, value) => {
    const named = name === "RECKONER_ATHENA_DATABASE" ? "RECKONER_ATHENA" : name;
    expect(() => portsOf({ ...environment(), [name]: value })).toThrow(named);
  });

  test("of the cloud asks Athena for what is old", () => {
    const made = portsOf({
      ...environment(),
      RECKONER_ATHENA_WORKGROUP: "reckoner",
      RECKONER_ATHENA_DATABASE: "reckoner",
      RECKONER_JWKS: "https://issuer.test/jwks.json",
      RECKONER_BASE_LIMITS: JSON.stringify({ [ENGINE]: limitsWith() }),
    });
    expect(made.settings.baseLimits.get(ENGINE)).toEqual(limitsWith());
    expect(made.archive).not.toBe(ports.archive);
    expect(made.settings).toMatchObject({ engines: [ENGINE], hotDays: 30 });
  });
});

test("the log of the handler has the cause of what broke, and the handler has its answer", async () => {
  // The logger writes past the console of the process unless it is told that people are watching.
  vi.stubEnv("POWERTOOLS_DEV", "true");
  const lines: string[] = [];
  const spy = vi
    .spyOn(console, "error")
    .mockImplementation((line) => void lines.push(String(line)));
  try {
    const { log } = portsOf(environment());
    log.error("a request broke", { route: "x" }, new Error("outer", { cause: new Error("inner") }));
    log.error("a request broke", { route: "x" }, "no error at all");
  } finally {
    spy.mockRestore();
  }
  expect(lines.join()).toContain("Error: outer < Error: inner");
  expect(lines.join()).toContain("no error at all");
  const { handler } = await import("../../../functions/control-api/handler.ts");
  expect(typeof handler).toBe("function");
});
