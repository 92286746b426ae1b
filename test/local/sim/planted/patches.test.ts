// Goal: no planted bug rots in silence. Method: each patch is applied to the house as it is, and must still parse.
import { existsSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ACCIDENTS } from "../../../../local/sim/planted/accidents.ts";
import { PLANTED } from "../../../../local/sim/planted/catalog.ts";
import { applyPatch, type Patch } from "../../../../local/sim/planted/patch.ts";

const HOUSE = join(import.meta.dirname, "../../../..");

describe("the planted bugs", () => {
  test("are at least forty, each under a name of its own", () => {
    expect(PLANTED.length).toBeGreaterThanOrEqual(40);
    expect(new Set(PLANTED.map(({ id }) => id)).size).toBe(PLANTED.length);
  });

  test("repeat all 21 public accidents", () => {
    expect(ACCIDENTS.filter(({ accident }) => accident !== "")).toHaveLength(21);
    expect(PLANTED.filter(({ accident }) => accident !== "")).toEqual(ACCIDENTS);
  });

  test.each(PLANTED)("$id still fits, and still parses", (patch) => {
    const text = readFileSync(join(HOUSE, patch.file), "utf8");
    const patched = applyPatch(text, patch);
    if (!patched.ok) expect.fail(patched.reason);
    expect(patched.text).not.toBe(text);
    expect(() => stripTypeScriptTypes(patched.text)).not.toThrow();
  });

  test.each(PLANTED)("$id has hunters that exist", ({ oracles }) => {
    expect(oracles.length).toBeGreaterThan(0);
    for (const oracle of oracles) expect(existsSync(join(HOUSE, oracle)), oracle).toBe(true);
  });
});

describe("a patch", () => {
  const patch: Patch = {
    id: "one",
    accident: "",
    says: "One is two.",
    file: "a.ts",
    find: "= 1;",
    replace: "= $&2;",
    finder: "sim",
    oracles: [],
  };

  test("puts its replacement where its text stood, character by character", () => {
    expect(applyPatch("const a = 1;\n", patch)).toEqual({ ok: true, text: "const a = $&2;\n" });
  });

  test("that finds nothing to replace has rotted", () => {
    const patched = applyPatch("const a = 3;\n", patch);
    expect(patched).toEqual({ ok: false, reason: "a.ts does not hold what is to be replaced" });
  });

  test("that fits twice has rotted", () => {
    const patched = applyPatch("const a = 1;\nconst b = 1;\n", patch);
    expect(patched).toMatchObject({ ok: false, reason: expect.stringContaining("more than once") });
  });
});
