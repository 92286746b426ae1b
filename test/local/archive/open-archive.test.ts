// Goal: the folder of a control plane is opened for as long as it is needed, by one at a time, and leaves no trace in
// the process.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openDeployedArchive, openStoredArchive } from "../../../local/archive/open-archive.ts";
import { FolderLockedError } from "../../../local/aws/folder-lock.ts";

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "reckoner-open-archive-"));
});

afterEach(() => {
  vi.unstubAllEnvs();
  fs.rmSync(folder, { recursive: true, force: true });
});

test("what one opening stored the next one finds", async () => {
  const before = { ...process.env };
  const first = await openStoredArchive(folder, "reckoner");
  await first.store.putOnce("archive/a", new Uint8Array([1, 2]));
  await expect(openStoredArchive(folder, "reckoner")).rejects.toThrow(FolderLockedError);
  await first.close();
  expect(process.env).toEqual(before);
  const second = await openStoredArchive(folder, "reckoner");
  expect(await second.store.read("archive/a")).toEqual(new Uint8Array([1, 2]));
  await second.close();
});

test("credentials of an account of AWS are put aside while it is open", async () => {
  vi.stubEnv("AWS_PROFILE", "work");
  const opened = await openStoredArchive(folder, "reckoner");
  expect(process.env.AWS_PROFILE).toBeUndefined();
  await opened.close();
  expect(process.env.AWS_PROFILE).toBe("work");
});

test("an environment that leads to AWS all the same leaves nothing open and nothing changed", async () => {
  vi.stubEnv("AWS_ENDPOINT_URL_SES", "https://email.us-east-1.amazonaws.com");
  const before = { ...process.env };
  await expect(openStoredArchive(folder, "reckoner")).rejects.toThrow("AWS_ENDPOINT_URL_SES");
  expect(process.env).toEqual(before);
  vi.unstubAllEnvs();
  await (await openStoredArchive(folder, "reckoner")).close();
});

test("a deployment that the environment does not name is not opened", () => {
  expect(() => openDeployedArchive({})).toThrow("RECKONER_CONTROL_PREFIX");
});
