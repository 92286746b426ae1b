// Goal: dead letters are seen and go back, test alerts go out, and people get their roles.
// Method: embedded AWS in this process; commands find it as they would find a cloud, by their environment.
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { decodeJwt } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Command, type Ending, EXIT } from "../../../bin/command.ts";
import { alertsTestCommand } from "../../../bin/control/alerts-test.ts";
import { dlqListCommand, dlqRedriveCommand } from "../../../bin/control/dead-letters.ts";
import { findDeployment } from "../../../bin/control/deployment.ts";
import { userAddCommandOf } from "../../../bin/control/user-add.ts";
import { parseFlags } from "../../../bin/flags.ts";
import { createClients } from "../../../functions/stores/clients.ts";
import { createQueueAddresses } from "../../../functions/stores/queue-address.ts";
import { type Embedded, embeddedEnvironment, startEmbedded } from "../../../local/aws/embedded.ts";

const PREFIX = "reckoner";
let aws: Embedded;
let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "reckoner-deployment-"));
  aws = await startEmbedded({
    prefix: PREFIX,
    bucketPlace: "local",
    engines: ["paper"],
    folder: undefined,
    dynamodbPort: 0,
    sqsPort: 0,
  });
});
afterAll(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  const environment = { ...embeddedEnvironment(aws.endpoints), RECKONER_CONTROL_PREFIX: PREFIX };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  vi.stubEnv("RECKONER_ENGINE", "paper");
});
afterEach(() => vi.unstubAllEnvs());

async function run(command: Command, words: readonly string[]): Promise<Ending> {
  const parsed = parseFlags("test", command, words);
  if (!parsed.ok) throw new Error(parsed.error);
  const { flags, operands } = parsed;
  return await command.run({ json: true, flags, operands, say: () => undefined });
}

/** The queues client of this deployment and the address of one of its queues. */
async function queue(name: string): Promise<{
  readonly url: string;
  readonly clients: ReturnType<typeof createClients>;
}> {
  const clients = createClients(process.env);
  return { clients, url: await createQueueAddresses(clients.queues)(name) };
}

describe("dead letters", () => {
  test("are counted, shown, and go back to their queue", async () => {
    const dead = await queue(`${PREFIX}-records-dead`);
    await dead.clients.queues.send(
      new SendMessageCommand({ QueueUrl: dead.url, MessageBody: "no fact \u202eJ" }),
    );
    const listed = await run(dlqListCommand, ["records"]);
    expect(listed.exitCode).toBe(EXIT.ok);
    expect(listed.lines.join("\n")).toMatch(/reckoner-records-dead +1/);
    expect(listed.lines.at(-1)).toContain("no fact \ufffdJ");
    await vi.waitFor(
      async () => {
        const redriven = await run(dlqRedriveCommand, ["records"]);
        expect(redriven.json).toEqual({ redriven: 1 });
      },
      { timeout: 20_000, interval: 500 },
    );
    const home = await queue(`${PREFIX}-records`);
    const { Messages } = await home.clients.queues.send(
      new ReceiveMessageCommand({ QueueUrl: home.url, WaitTimeSeconds: 1 }),
    );
    expect(Messages?.[0]?.Body).toContain("no fact");
  });

  test("of a queue that does not exist", async () => {
    for (const command of [dlqListCommand, dlqRedriveCommand]) {
      const ending = await run(command, ["facts"]);
      expect(ending).toMatchObject({ exitCode: EXIT.usage });
      expect(ending.error).toContain("QUEUE: no queue facts");
    }
  });

  test("where AWS does not answer", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9");
    const ending = await run(dlqListCommand, []);
    expect(ending.exitCode).toBe(EXIT.environment);
    expect(ending.error).toContain("the queues do not answer");
  });
});

describe("a test alert", () => {
  test("takes the way of every alert", async () => {
    const ending = await run(alertsTestCommand, ["--severity", "1"]);
    const alerts = await queue(`${PREFIX}-alerts.fifo`);
    const { Messages } = await alerts.clients.queues.send(
      new ReceiveMessageCommand({ QueueUrl: alerts.url, WaitTimeSeconds: 1 }),
    );
    expect(JSON.parse(Messages?.[0]?.Body ?? "")).toMatchObject({
      severity: 1,
      engine: "paper",
      kind: "test",
      incidentId: ending.json.incidentId,
    });
  });

  test("where AWS does not answer", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9");
    const ending = await run(alertsTestCommand, []);
    expect(ending.error).toContain("the queue of alerts does not answer");
  });
});

describe("which deployment", () => {
  const running = () => ({
    api: "http://127.0.0.1:1",
    engine: "paper",
    identity: "",
    aws: JSON.stringify(aws.endpoints),
  });

  test("the one that was started here, where the environment names none", () => {
    const found = findDeployment(undefined, {}, running());
    expect(found).toMatchObject({ ok: true, deployment: { prefix: "reckoner", engine: "paper" } });
  });

  test.each([
    ["no engine", undefined, { RECKONER_CONTROL_PREFIX: "x" }, "which engine"],
    ["a prefix that is none", "paper", { RECKONER_CONTROL_PREFIX: "X Y" }, "is no prefix"],
    ["none at all", "paper", {}, "no deployment is known"],
  ])("%s", (_name, engine, environment, sentence) => {
    const found = findDeployment(engine, environment, null);
    expect(found.ok ? "" : found.reason).toContain(sentence);
  });

  test("is said by the commands", async () => {
    vi.stubEnv("RECKONER_CONTROL_PREFIX", "X Y");
    expect((await run(dlqListCommand, [])).error).toContain("is no prefix");
    expect((await run(alertsTestCommand, [])).error).toContain("is no prefix");
  });
});

describe("a person", () => {
  const running = () => ({
    api: "http://127.0.0.1:1",
    engine: "paper",
    identity: join(folder, "identity"),
    aws: "",
  });

  test("gets a token of the role, in a file of its owner's", async () => {
    const command = userAddCommandOf(running);
    const ending = await run(command, ["rita", "--role", "risk"]);
    const file = String(ending.json.tokenFile);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const token = readFileSync(file, "utf8").trim();
    expect(decodeJwt(token)).toMatchObject({ sub: "rita", "cognito:groups": ["risk"] });
    expect(JSON.stringify(ending)).not.toContain(token);
  });

  test("of a user pool is added by its administrator", async () => {
    const ending = await run(
      userAddCommandOf(() => null),
      ["rita", "--role", "risk", "--user-pool", "eu-1_a"],
    );
    expect(ending.lines.at(-1)).toContain("--username rita --group-name risk");
  });

  test("needs a name, and a control plane", async () => {
    const command = userAddCommandOf(() => null);
    expect((await run(command, ["rita; rm"])).exitCode).toBe(EXIT.usage);
    expect((await run(command, ["rita"])).exitCode).toBe(EXIT.environment);
  });
});
