// Goal: keys come out of a secret sealed, or not at all, and no reason repeats a value.
// Method: a server on loopback that answers as Secrets Manager does.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfig } from "../../../../contracts/schema/config.ts";
import { readStoredKeys } from "../../../../hotpath/control/stored-keys.ts";
import { readSecretKeys } from "../../../../hotpath/io/aws/secrets.ts";

const SECRETS: Readonly<Record<string, string>> = {
  "p/e/kraken": JSON.stringify({ apiKey: "key-1", secret: "secret-1" }),
  "p/e/kucoin": JSON.stringify({ apiKey: "key-2", secret: "secret-2", passphrase: "phrase-2" }),
  "p/bare/kucoin": JSON.stringify({ apiKey: "key-2", secret: "secret-2" }),
  "p/text/kraken": "key-1:secret-1",
  "p/list/kraken": "[1]",
  "p/null/kraken": "null",
  "p/half/kraken": JSON.stringify({ apiKey: "key-1" }),
  "p/blank/kraken": JSON.stringify({ apiKey: " ", secret: "secret-1" }),
};

let server: Server;
let client: SecretsManagerClient;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => {
      const { SecretId = "" } = JSON.parse(body) as { SecretId?: string };
      const text = SECRETS[SecretId];
      response.setHeader("content-type", "application/x-amz-json-1.1");
      if (text === undefined) {
        response.statusCode = 400;
        const message = `no secret ${SecretId} beside secret-1`;
        response.end(JSON.stringify({ __type: "ResourceNotFoundException", message }));
      } else response.end(JSON.stringify({ Name: SecretId, SecretString: text }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  client = new SecretsManagerClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
});
afterAll(() => {
  client.destroy();
  server.close();
});

function read(engine: string, venue: string, hasPassphrase = false) {
  return readSecretKeys(client, { prefix: "p", engine, venue, hasPassphrase });
}

describe("a secret", () => {
  test("gives keys that show nothing of themselves", async () => {
    const answer = await read("e", "kucoin", true);
    if (answer.kind !== "keys") throw new Error(answer.reason);
    const { apiKey, secret, passphrase } = answer.keys;
    expect([apiKey, secret, passphrase]).toEqual(["key-2", "secret-2", "phrase-2"]);
    expect(`${JSON.stringify(answer)} ${inspect(answer)}`).not.toContain("secret-2");
  });

  test.each([
    ["nobody", "kraken", false],
    ["text", "kraken", false],
    ["list", "kraken", false],
    ["null", "kraken", false],
    ["half", "kraken", false],
    ["blank", "kraken", false],
    ["bare", "kucoin", true],
  ])("of the engine %s at %s is refused by its name and without its value", async (...of) => {
    const answer = await read(...of);
    if (answer.kind !== "refused") throw new Error("it was taken");
    expect(answer.reason).toContain(`p/${of[0]}/${of[1]}`);
    expect(answer.reason).not.toMatch(/secret-1|key-1/);
  });
});

describe("the keys of all accounts", () => {
  const live = { environment: "production", trading: { mode: "paper" } };
  function configOf(venues: object) {
    const parsed = parseConfig({ instance: "e", venues });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    return parsed.config;
  }

  test("are those of venues that trade for real; simulated ones hand out their own", async () => {
    const simulated = { environment: "simulated", trading: { mode: "simulated" } };
    const config = configOf({ kraken: live, kucoin: live, "binance-spot": simulated });
    const stored = await readStoredKeys(config, { prefix: "p", engine: "e" }, client);
    if (!stored.ok) throw new Error(stored.reason);
    expect(Object.keys(stored.keys)).toEqual(["kraken", "kucoin"]);
    expect(stored.keys.kucoin?.passphrase).toBe("phrase-2");
  });

  test("start nothing when one of them is missing", async () => {
    const config = configOf({ kraken: live });
    const stored = await readStoredKeys(config, { prefix: "p", engine: "other" }, client);
    expect(stored).toMatchObject({ ok: false });
    if (!stored.ok) expect(stored.reason).toMatch(/^venues\.kraken: the secret p\/other\/kraken/);
  });
});
