// Goal: the token of the admin port is hard to guess, hard to read, and compared whole.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type AdminToken, openAdminToken } from "../../../hotpath/io/admin-token.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-token-"));
  folders.push(made);
  return made;
}

function opened(chosen: string | undefined, directory: string): AdminToken {
  const reading = openAdminToken(chosen, directory);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.token;
}

describe("a token that is drawn", () => {
  test("stands in a file that only this user may read, and differs each time", () => {
    const directory = path.join(folder(), "deep", "journal");
    const first = opened(undefined, directory);
    const word = fs.readFileSync(first.file, "utf8").trim();
    expect(word.length).toBeGreaterThanOrEqual(40);
    expect(fs.statSync(first.file).mode & 0o777).toBe(0o600);
    expect(first.fits(`Bearer ${word}`)).toBe(true);
    const second = opened("", directory);
    expect(second.fits(`Bearer ${word}`)).toBe(false);
    expect(JSON.stringify(first)).not.toContain(word);
  });

  test("replaces a file that anybody could read", () => {
    const directory = folder();
    fs.writeFileSync(path.join(directory, "admin.token"), "old", { mode: 0o644 });
    expect(fs.statSync(opened(undefined, directory).file).mode & 0o777).toBe(0o600);
  });

  test("is gone when it is forgotten", () => {
    const token = opened(undefined, folder());
    token.forget();
    expect(fs.existsSync(token.file)).toBe(false);
  });

  test("is refused where the folder cannot be made", () => {
    const file = path.join(folder(), "file");
    fs.writeFileSync(file, "");
    const reading = openAdminToken(undefined, path.join(file, "journal"));
    expect(reading.ok ? "" : reading.reason).toContain("cannot be written");
  });
});

describe("a token that was chosen", () => {
  test("is taken as it is and written nowhere", () => {
    const directory = folder();
    const token = opened("0123456789abcdef", directory);
    token.forget();
    expect(token.file).toBe("");
    expect(fs.readdirSync(directory)).toEqual([]);
    expect(token.fits("Bearer 0123456789abcdef")).toBe(true);
  });

  test.each(["short", "has a space in it and is long"])("is refused when it is %s", (chosen) => {
    const reading = openAdminToken(chosen, folder());
    expect(reading.ok ? "" : reading.reason).toContain(
      "RECKONER_ADMIN_TOKEN: expected at least 16",
    );
  });

  test.each([
    "",
    "Bearer",
    "Bearer ",
    "bearer 0123456789abcdef",
    "Bearer 0123456789abcdef ",
    "Bearer 0123456789ABCDEF",
  ])("does not fit %j", (header) => {
    expect(opened("0123456789abcdef", folder()).fits(header)).toBe(false);
  });
});
