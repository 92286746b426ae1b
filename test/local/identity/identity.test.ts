// Goal: tokens of one machine verify by its key set alone, and its private key is its owner's.
import { chmod, mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { tokenReader } from "../../../functions/control-api/token.ts";
import { wallClock } from "../../../functions/platform/clock.ts";
import {
  LOCAL_AUDIENCE,
  LOCAL_ISSUER,
  type LocalIdentity,
  openIdentity,
  TOKEN_LIFE_S_MAX,
} from "../../../local/identity/identity.ts";

let folder = "";

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "identity-")), "identity");
});

const verify = (identity: LocalIdentity, token: string) =>
  jwtVerify(token, createLocalJWKSet(JSON.parse(identity.jwks) as JSONWebKeySet), {
    issuer: LOCAL_ISSUER,
    audience: LOCAL_AUDIENCE,
    algorithms: ["ES256"],
  });

describe("the local identity", () => {
  test("mints what its key set verifies, with roles and an end", async () => {
    const identity = await openIdentity(folder);
    const token = await identity.mint({ subject: "ada", roles: ["risk"], lifeS: 60 });
    const { payload } = await verify(identity, token);
    expect(payload).toMatchObject({
      sub: "ada",
      "cognito:groups": ["risk"],
      client_id: LOCAL_AUDIENCE,
      token_use: "access",
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
    const other = await identity.mint({ subject: "ada", roles: [], lifeS: 10 * TOKEN_LIFE_S_MAX });
    const long = (await verify(identity, other)).payload;
    expect((long.exp ?? 0) - (long.iat ?? 0)).toBe(TOKEN_LIFE_S_MAX);
    expect(long.jti).not.toBe(payload.jti);
  });

  test("is known to the control API by its environment", async () => {
    const identity = await openIdentity(folder);
    const {
      RECKONER_JWKS: jwks,
      RECKONER_ISSUER: issuer,
      RECKONER_AUDIENCE: audience,
    } = identity.environment;
    const read = tokenReader({ jwks: jwks ?? "", issuer: issuer ?? "", audience: audience ?? "" });
    const token = await identity.mint({ subject: "ada", roles: ["operator"], lifeS: 60 });
    expect(await read(token, wallClock())).toMatchObject({ kind: "known" });
    expect(await read(`${token}x`, wallClock())).toMatchObject({ kind: "refused" });
  });

  test("stays the same over starts, and another folder is another", async () => {
    const first = await openIdentity(folder);
    const token = await first.mint({ subject: "ada", roles: [], lifeS: 60 });
    const again = await openIdentity(folder);
    expect(again.jwks).toBe(first.jwks);
    await verify(again, token);
    const other = await openIdentity(join(folder, "other"));
    await expect(verify(other, token)).rejects.toThrow();
  });

  test("keeps the private key to its owner, also when it was opened since", async () => {
    const identity = await openIdentity(folder);
    const path = join(folder, "private.jwk.json");
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    await openIdentity(folder);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { d } = JSON.parse(await readFile(path, "utf8")) as { d: string };
    expect(d).toMatch(/./);
    expect(identity.jwks).not.toContain(d);
    expect(await readFile(join(folder, "jwks.json"), "utf8")).not.toContain(d);
    const token = await identity.mint({ subject: "ada", roles: [], lifeS: 60 });
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: "ES256", kid: expect.any(String) });
  });

  test("a key that cannot be read is named with what to do", async () => {
    await openIdentity(folder);
    await writeFile(join(folder, "private.jwk.json"), "{");
    await expect(openIdentity(folder)).rejects.toThrow(/private\.jwk\.json .* remove it/);
  });
});
