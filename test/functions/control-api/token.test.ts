// Goal: a token is good by its signature, issuer, audience and time, of each kind of key, and where the keys
// cannot be had nobody is let in and nobody is called a liar.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TokenReading, tokenReader } from "../../../functions/control-api/token.ts";
import { openIdentity } from "../../../local/identity/identity.ts";
import { START_US } from "./memory-ports.ts";
import { AUDIENCE, createMint, ISSUER, type Mint } from "./test-tokens.ts";

let mint: Mint;
let server: Server;
let answers: () => { readonly status: number; readonly body: string };

beforeAll(async () => {
  mint = await createMint();
  server = createServer((_request, response) => {
    const { status, body } = answers();
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
});

function remoteReader() {
  const { port } = server.address() as AddressInfo;
  return tokenReader({
    jwks: `http://127.0.0.1:${port}/jwks.json`,
    issuer: ISSUER,
    audience: AUDIENCE,
  });
}

describe("a good token", () => {
  test.each(["es", "ed", "rs"] as const)("signed with %s tells who it is", async (key) => {
    const token = await mint.token("vera", ["viewer", "risk", "other"], { key });
    expect(await mint.readToken(token, START_US)).toMatchObject({
      kind: "known",
      principal: { subject: "vera", role: "risk", engines: "all" },
    });
  });

  test("may name its audience as Cognito's access tokens do, or among others", async () => {
    for (const claims of [
      { aud: undefined, client_id: AUDIENCE },
      { aud: ["another", AUDIENCE] },
    ]) {
      const token = await mint.token("vera", [], { claims });
      expect((await mint.readToken(token, START_US)).kind).toBe("known");
    }
  });

  test("may narrow its owner to engines, and may name no role", async () => {
    const token = await mint.token("vera", ["engine:a", "engine:b"]);
    expect(await mint.readToken(token, START_US)).toMatchObject({
      principal: { role: undefined, engines: ["a", "b"] },
    });
    const bare = await mint.token("vera", [], { claims: { "cognito:groups": undefined } });
    expect(await mint.readToken(bare, START_US)).toMatchObject({ kind: "known" });
  });

  test("of the identity of one machine goes the same way", async () => {
    const folder = await mkdtemp(join(tmpdir(), "reckoner-identity-"));
    try {
      const identity = await openIdentity(folder);
      const { RECKONER_ISSUER: issuer = "", RECKONER_AUDIENCE: audience = "" } =
        identity.environment;
      const read = tokenReader({ jwks: identity.jwks, issuer, audience });
      const token = await identity.mint({ subject: "me", roles: ["admin"], lifeS: 60 });
      expect(await read(token, Date.now() * 1000)).toMatchObject({
        kind: "known",
        principal: { subject: "me", role: "admin" },
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

test("a token of endless length is not even looked at", async () => {
  expect(await mint.readToken("a".repeat(9_000), START_US)).toEqual({
    kind: "refused",
    reason: "tooLong",
  });
});

describe("keys at an address", () => {
  const read = async (): Promise<TokenReading> =>
    await remoteReader()(await mint.token("vera", ["viewer"]), START_US);

  test("are fetched and used", async () => {
    answers = () => ({ status: 200, body: mint.jwks });
    expect((await read()).kind).toBe("known");
  });

  test.each([
    ["an error", { status: 500, body: "{}" }],
    ["no set", { status: 200, body: '{"a":1}' }],
    ["no JSON", { status: 200, body: "<html>" }],
  ])("that answer with %s are unavailable, not a refusal", async (_name, answer) => {
    answers = () => answer;
    expect((await read()).kind).toBe("unavailable");
  });

  test("where nobody listens are unavailable", async () => {
    const nobody = createServer();
    await new Promise<void>((resolve) => nobody.listen(0, "127.0.0.1", resolve));
    const { port } = nobody.address() as AddressInfo;
    await new Promise((resolve) => nobody.close(resolve));
    const reader = tokenReader({
      jwks: `http://127.0.0.1:${port}/`,
      issuer: ISSUER,
      audience: AUDIENCE,
    });
    expect((await reader(await mint.token("vera", []), START_US)).kind).toBe("unavailable");
  });
});

test("a key set that is none stops the start", () => {
  expect(() => tokenReader({ jwks: "{}", issuer: ISSUER, audience: AUDIENCE })).toThrow();
  expect(() => tokenReader({ jwks: "{", issuer: ISSUER, audience: AUDIENCE })).toThrow();
});
