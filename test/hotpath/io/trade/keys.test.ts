// Goal: keys are found where they may be, and are shown by nothing.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readKeys, sealKeys } from "../../../../hotpath/io/trade/keys.ts";

const KEY = "RECKONER_BINANCE_SPOT_API_KEY";
const SECRET = "RECKONER_BINANCE_SPOT_SECRET";
const PASSPHRASE = "RECKONER_BINANCE_SPOT_PASSPHRASE";
const HIDDEN = { apiKey: "hidden-api-key", secret: "hidden-secret", passphrase: "hidden-words" };

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("reading", () => {
  test("keys come from variables, or from the files that variables name", () => {
    const file = join(folder, "secret");
    writeFileSync(file, "  the secret\n");
    const read = readKeys("binance-spot", false, { [KEY]: "key", [`${SECRET}_FILE`]: file });
    if (read.kind !== "keys") throw new Error("there are keys");
    expect([read.keys.apiKey, read.keys.secret, read.keys.passphrase]).toEqual([
      "key",
      "the secret",
      "",
    ]);
  });

  test("a PEM whose line ends are written out is put right", () => {
    const pem = "-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----";
    const read = readKeys("binance-spot", false, { [KEY]: "key", [SECRET]: pem });
    expect(read.kind === "keys" && read.keys.secret.split("\n")).toHaveLength(3);
  });

  test("an account without a single variable is absent", () => {
    expect(readKeys("binance-spot", true, {})).toEqual({ kind: "absent" });
  });

  test.each([
    ["half a key", { [KEY]: "hidden" }, false, SECRET],
    ["no passphrase", { [KEY]: "hidden", [SECRET]: "hidden" }, true, PASSPHRASE],
    ["an empty part", { [KEY]: "hidden", [SECRET]: " \n" }, false, SECRET],
    ["a part twice", { [KEY]: "hidden", [`${KEY}_FILE`]: "/x", [SECRET]: "hidden" }, false, KEY],
    ["a file that is not there", { [`${KEY}_FILE`]: "/nowhere/hidden" }, false, KEY],
    ["far too much", { [KEY]: "hidden".repeat(2000), [SECRET]: "hidden" }, false, KEY],
  ])("%s is refused by the name of the variable", (_what, env, hasPassphrase, name) => {
    const read = readKeys("binance-spot", hasPassphrase, env);
    expect(read).toEqual({ kind: "refused", reason: expect.stringContaining(name) });
    expect(JSON.stringify(read)).not.toContain("hidden");
  });
});

describe("sealed keys", () => {
  const keys = sealKeys(HIDDEN);

  test("answer to their names", () => {
    expect(keys.apiKey + keys.secret + keys.passphrase).toBe(
      "hidden-api-keyhidden-secrethidden-words",
    );
  });

  test.each([
    ["String", () => String(keys)],
    ["a template", () => `${keys as unknown as string}`],
    ["JSON", () => JSON.stringify({ keys })],
    ["inspect", () => inspect({ keys }, { depth: null, showHidden: true })],
    ["an error's cause", () => inspect(new Error("failed", { cause: keys }), { showHidden: true })],
    ["a copy", () => JSON.stringify({ ...keys })],
    ["its names", () => Object.getOwnPropertyNames(keys).join()],
    ["a clone", () => JSON.stringify(structuredClone(keys))],
    ["a thrown message", () => messageOf(() => (keys as unknown as () => void)())],
  ])("are not shown by %s", (_how, show) => {
    expect(show()).not.toContain("hidden");
  });
});

function messageOf(act: () => void): string {
  try {
    act();
    return "";
  } catch (error) {
    return inspect(error);
  }
}
