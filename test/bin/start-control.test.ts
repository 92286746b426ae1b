// Goal: a start brings up a control plane of its own exactly when nobody has named another one.
// Method: scripts of a few lines stand for embedded AWS and the host of the functions.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Child } from "../../bin/child.ts";
import { type Control, startControl, wantsOwnControl } from "../../bin/start-control.ts";
import { startAndWait } from "../../bin/start-process.ts";
import type { Config } from "../../contracts/schema/config.ts";
import { standardConfig } from "../../hotpath/config.ts";

let folder = "";
let children: Child[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckoner-start-control-"));
  children = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const child of children) await child.stop();
  rmSync(folder, { recursive: true });
});

function script(name: string, lines: string): string {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, lines);
  return path;
}

/** A process that notes what it was given, says `firstLine` and lives until its parent is gone. */
function processThat(name: string, firstLine: unknown): string {
  return script(
    name,
    `import { writeFileSync } from "node:fs";
    writeFileSync(${JSON.stringify(join(folder, `${name}.json`))},
      JSON.stringify({ args: process.argv.slice(2), env: process.env }));
    console.log(${JSON.stringify(JSON.stringify(firstLine))});
    process.stdin.on("end", () => process.exit(0)).resume();`,
  );
}

type Given = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

function givenTo(name: string): Given {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Given;
}

function configOf(control: Partial<Config["control"]> = {}): Config {
  const config = standardConfig();
  const journal = { ...config.journal, directory: join(folder, "journal") };
  return { ...config, instance: "paper-1", journal, control: { ...config.control, ...control } };
}

async function start(scripts: { readonly aws: string; readonly host: string }) {
  return await startControl(
    configOf(),
    0,
    (_name, args, environment) => startAndWait(args, children, () => undefined, environment),
    scripts,
  );
}

const AWS_LINE = {
  dynamodb: "http://127.0.0.1:11",
  sqs: "http://127.0.0.1:12",
  s3: "http://127.0.0.1:12",
};

describe("whether one is wanted", () => {
  test.each([
    ["nobody has named one", "", {}, true],
    ["the variable is empty", "", { RECKONER_CONTROL_PREFIX: "" }, true],
    ["the file names one", "reckoner-paper", {}, false],
    ["the environment names one", "", { RECKONER_CONTROL_PREFIX: "reckoner-paper" }, false],
  ])("%s", (_name, prefix, environment, wanted) => {
    expect(wantsOwnControl(configOf({ prefix }), environment)).toBe(wanted);
  });
});

describe("what comes up", () => {
  test("AWS, then the functions, whose identity and data lie beside the journal", async () => {
    vi.stubEnv("AWS_PROFILE", "somebody");
    const started = await start({
      aws: processThat("aws", AWS_LINE),
      host: processThat("host", { http: "http://127.0.0.1:13", invoke: "http://127.0.0.1:14" }),
    });
    const { control } = started as { readonly control: Control };
    expect(control).toMatchObject({ api: "http://127.0.0.1:13", engine: "paper-1" });
    const aws = givenTo("aws");
    expect(aws.args).toEqual(
      expect.arrayContaining(["--folder", join(folder, "control"), "--engine", "paper-1"]),
    );
    const { env } = givenTo("host");
    expect(env).toMatchObject({
      RECKONER_LOCAL: "1",
      RECKONER_CONTROL_PREFIX: "reckoner",
      RECKONER_ENGINES: "paper-1",
      AWS_ENDPOINT_URL_DYNAMODB: AWS_LINE.dynamodb,
      AWS_ENDPOINT_URL_SQS: AWS_LINE.sqs,
    });
    expect(env.RECKONER_JWKS).toContain('"kty"');
    // Whatever account this person has, none of it may stand beside the dummies.
    expect(env).not.toHaveProperty("AWS_PROFILE");
    expect(JSON.parse(readFileSync(join(folder, "control/identity/jwks.json"), "utf8"))).toEqual(
      JSON.parse(env.RECKONER_JWKS ?? ""),
    );
  });
});

describe("what does not come up", () => {
  const refusing = () => script("refuses", "console.error('no room'); process.exit(3);");

  test("AWS", async () => {
    const ended = await start({ aws: refusing(), host: refusing() });
    expect(ended).toEqual({ ok: false, code: 3, reason: "no room" });
  });

  test("the functions", async () => {
    const ended = await start({ aws: processThat("aws", AWS_LINE), host: refusing() });
    expect(ended).toEqual({ ok: false, code: 3, reason: "no room" });
  });
});
