// Goal: the config commands tell the truth of a file, and docs/CONFIG.md is the schema's own page.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Invocation } from "../../bin/command.ts";
import { EXIT } from "../../bin/command.ts";
import { configCheckCommand, configReferenceCommand } from "../../bin/config.ts";
import { configReference } from "../../bin/config-reference.ts";
import { configJsonSchema } from "../../contracts/schema/config.ts";

const folder = mkdtempSync(join(tmpdir(), "reckoner-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function call(operands: readonly string[]): Invocation {
  return { json: true, operands, flags: new Map(), say: () => undefined };
}

function fileWith(text: string): string {
  const path = join(folder, "reckoner.yaml");
  writeFileSync(path, text);
  return path;
}

describe("config check", () => {
  test("a right file ends with 0 and shows the whole configuration", async () => {
    const ending = await configCheckCommand.run(call([fileWith("admin: {port: 0}\n")]));
    expect(ending.exitCode).toBe(EXIT.ok);
    expect(ending.json.config).toMatchObject({ admin: { port: 0 }, instance: "reckoner" });
    expect(ending.json.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("a wrong file ends with 2 and one line for each fault", async () => {
    const path = fileWith("admin: {port: -1}\nlimits: {x: 1}\n");
    const ending = await configCheckCommand.run(call([path]));
    expect(ending.exitCode).toBe(EXIT.usage);
    expect(ending.error?.split("\n")).toHaveLength(2);
    expect(ending.error).toContain(`${path}:1: admin.port:`);
    expect(ending.json.faults).toHaveLength(2);
  });
});

describe("config reference", () => {
  test("docs/CONFIG.md is up to date (reckoner config reference --write)", () => {
    const written = readFileSync(new URL("../../docs/CONFIG.md", import.meta.url), "utf8");
    expect(written).toBe(configReference(configJsonSchema()));
  });

  test("prints the page, with every field", async () => {
    const ending = await configReferenceCommand.run(call([]));
    const page = ending.lines.join("\n");
    for (const field of ["limits.queueDelayMs", "venues.VENUE.streams.depth", "journal.sync"]) {
      expect(page).toContain(`| \`${field}\` |`);
    }
  });
});
