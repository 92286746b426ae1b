// Goal: the environment is parsed or names what is wrong, hashes are those of the treaty, and time is in microseconds.
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { AUDIT_GENESIS, auditText } from "../../../contracts/audit.ts";
import { wallClock } from "../../../functions/platform/clock.ts";
import {
  ConfigurationError,
  deploymentOf,
  parseEnvironment,
} from "../../../functions/platform/environment.ts";
import { hashOfAudit, sealedAudit, sha256Hex } from "../../../functions/platform/hash.ts";

describe("the environment", () => {
  test("names a deployment", () => {
    expect(deploymentOf({ RECKONER_CONTROL_PREFIX: "reckoner-paper" })).toEqual({
      prefix: "reckoner-paper",
      bucketPlace: "local",
      isLocal: false,
    });
    const local = { RECKONER_LOCAL: "1", RECKONER_BUCKET_PLACE: "1-eu-west-1" };
    expect(deploymentOf({ RECKONER_CONTROL_PREFIX: "r", ...local })).toMatchObject({
      bucketPlace: "1-eu-west-1",
      isLocal: true,
    });
  });

  test.each([
    [{}, "RECKONER_CONTROL_PREFIX"],
    [{ RECKONER_CONTROL_PREFIX: "" }, "RECKONER_CONTROL_PREFIX"],
    [{ RECKONER_CONTROL_PREFIX: "Bad Prefix" }, "RECKONER_CONTROL_PREFIX"],
    [{ RECKONER_CONTROL_PREFIX: "r", RECKONER_BUCKET_PLACE: "../x" }, "RECKONER_BUCKET_PLACE"],
  ])("%j is refused by the name of its variable", (environment, name) => {
    expect(() => deploymentOf(environment)).toThrow(ConfigurationError);
    expect(() => deploymentOf(environment)).toThrow(name);
  });

  test("never repeats a value, which may be a secret", () => {
    const shape = { TOKEN: z.string().regex(/^\d+$/, "digits") };
    const failure = ((): unknown => {
      try {
        return parseEnvironment({ TOKEN: "hunter2" }, shape);
      } catch (error) {
        return error;
      }
    })();
    expect(String(failure)).toContain("TOKEN: digits");
    expect(String(failure)).not.toContain("hunter2");
  });
});

describe("hashes", () => {
  test("are SHA-256 of UTF-8, as hex", () => {
    expect(sha256Hex("abc")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
    expect(sha256Hex("é")).toBe(sha256Hex("\u00e9"));
  });

  test("of an audit item cover every field but the hash itself", () => {
    const bare = {
      schemaVersion: 1,
      engine: "paper",
      chain: "action",
      seq: 1,
      kind: "kill",
      atUs: 1,
      by: "ada",
      approvedBy: "",
      reason: "",
      requestId: "r",
      before: "null",
      after: "null",
      previousHash: AUDIT_GENESIS,
    } as const;
    const sealed = sealedAudit(bare);
    expect(sealed).toEqual({ ...bare, hash: sha256Hex(auditText(bare)) });
    expect(hashOfAudit(sealed)).toBe(sealed.hash);
    for (const field of Object.keys(bare)) {
      expect(hashOfAudit({ ...bare, [field]: "edited" })).not.toBe(sealed.hash);
    }
  });
});

test("the clock counts microseconds since 1970", () => {
  const before = Date.now();
  const us = wallClock();
  expect(Number.isSafeInteger(us)).toBe(true);
  expect(us).toBeGreaterThanOrEqual(before * 1_000);
  expect(us).toBeLessThanOrEqual(Date.now() * 1_000);
});
