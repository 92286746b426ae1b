// Goal: it is always clear which control plane is asked and as whom, and a token never goes where it may be read.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findAccess } from "../../../bin/control/profile.ts";
import type { RunningControl } from "../../../bin/run-file.ts";

let folder = "";
let running: RunningControl;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "reckoner-profile-"));
  running = {
    api: "http://127.0.0.1:8484",
    engine: "paper",
    identity: join(folder, "identity"),
    aws: "",
  };
  writeFileSync(join(folder, "token"), "from-a-file\n");
  writeFileSync(
    join(folder, "profiles.json"),
    JSON.stringify({
      cloud: { api: "https://api.example/", engine: "tokyo", tokenFile: join(folder, "token") },
      wrong: { api: 5 },
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

type Words = Readonly<Record<string, string>>;

async function found(flags: Words, environment: Words = {}, isRunning = false) {
  return await findAccess(
    { flags: new Map(Object.entries(flags)) },
    { environment, settings: folder, running: isRunning ? running : null },
  );
}

async function refusalOf(flags: Words, environment: Words = {}, isRunning = false) {
  const access = await found(flags, environment, isRunning);
  if (access.ok) throw new Error("access was found");
  return access.ending.error;
}

describe("who is asked, as whom", () => {
  test("flags stand over everything", async () => {
    const flags = {
      api: "https://other.example",
      engine: "one",
      "token-file": join(folder, "token"),
    };
    const environment = { RECKONER_API: "https://x.example", RECKONER_TOKEN: "from-a-variable" };
    expect(await found(flags, environment, true)).toEqual({
      ok: true,
      access: { api: "https://other.example", engine: "one", token: "from-a-file" },
    });
  });

  test("a profile stands over variables", async () => {
    expect(await found({ profile: "cloud" }, { RECKONER_API: "https://x.example" })).toEqual({
      ok: true,
      access: { api: "https://api.example", engine: "tokyo", token: "from-a-file" },
    });
  });

  test("variables alone are enough", async () => {
    const environment = {
      RECKONER_API: "https://x.example",
      RECKONER_ENGINE: "two",
      RECKONER_TOKEN: "from-a-variable",
    };
    expect(await found({}, environment)).toMatchObject({ access: { token: "from-a-variable" } });
  });

  test("for what was started here a token is made on the spot, of the role that was asked for", async () => {
    const access = await found({ by: "otto", as: "operator" }, {}, true);
    if (!access.ok) throw new Error("no access");
    expect(access.access).toMatchObject({ api: running.api, engine: "paper" });
    expect(decodeJwt(access.access.token)).toMatchObject({
      sub: "otto",
      "cognito:groups": ["operator"],
    });
  });
});

describe("what is refused", () => {
  test.each([
    ["nothing is known", {}, {}, "no control plane is known here"],
    ["plain http to another machine", { api: "http://api.example" }, {}, "expected https"],
    ["an address that is none", { api: "somewhere" }, {}, "expected https"],
    ["no engine", { api: "https://api.example" }, {}, "which engine is meant?"],
    ["no token", { api: "https://api.example", engine: "one" }, {}, "no token: set RECKONER_TOKEN"],
    ["a profile that is not there", { profile: "none" }, {}, "has no profile none"],
    ["a profile that is wrong", { profile: "wrong" }, {}, "profile wrong: api must be text"],
    [
      "a token file that is not there",
      { api: "https://api.example", engine: "one", "token-file": "/nowhere/token" },
      {},
      "the token cannot be read",
    ],
  ] as const)("%s", async (_name, flags, environment, sentence) => {
    expect(await refusalOf(flags, environment)).toContain(sentence);
  });

  test("profiles that cannot be read", async () => {
    const access = await findAccess(
      { flags: new Map([["profile", "cloud"]]) },
      { environment: {}, settings: join(folder, "nowhere"), running: null },
    );
    expect(access).toMatchObject({ ok: false });
  });

  test("the token of this machine is for its own control plane and no other", async () => {
    const flags = { api: "https://api.example", engine: "paper" };
    expect(await refusalOf(flags, {}, true)).toContain("no token");
  });
});
