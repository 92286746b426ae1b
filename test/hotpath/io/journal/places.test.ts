// Goal: how far each run has been dealt with is found again after any end; what cannot be read is done anew.
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realDisk } from "../../../../hotpath/io/journal/disk.ts";
import {
  Places,
  PUBLISHED_FOLDER,
  UPLOADS_FILE,
  uploadedSegments,
} from "../../../../hotpath/io/journal/places.ts";
import { temporaryRoot } from "./fixture.ts";

type Place = { readonly segment: number };

let folder: ReturnType<typeof temporaryRoot>;
beforeEach(() => {
  folder = temporaryRoot();
});
afterEach(() => folder[Symbol.dispose]());

const places = (): Places<Place> => new Places<Place>(realDisk, folder.root, UPLOADS_FILE);

test("a place that was noted is there in the next life, and for retention", () => {
  places().note("run-1", { segment: 3 });
  const next = places();
  expect(next.get("run-1")).toEqual({ segment: 3 });
  expect(next.get("run-2")).toBeUndefined();
  next.note("run-2", { segment: 1 });
  expect([...uploadedSegments(realDisk, folder.root)]).toEqual([
    ["run-1", 3],
    ["run-2", 1],
  ]);
});

test("runs that are gone are forgotten with the next note", () => {
  const kept = places();
  kept.note("run-1", { segment: 3 });
  kept.keepOnly(["run-2"]);
  kept.note("run-2", { segment: 1 });
  expect(places().get("run-1")).toBeUndefined();
});

test.each(["", "{", "null", "[]", '{"version":2,"runs":{"run-1":{"segment":9}}}', '{"version":1}'])(
  "a file that says %j is as good as none",
  (text) => {
    places().note("run-1", { segment: 3 });
    fs.writeFileSync(path.join(folder.root, PUBLISHED_FOLDER, UPLOADS_FILE), text);
    expect(places().get("run-1")).toBeUndefined();
    expect(uploadedSegments(realDisk, folder.root).size).toBe(0);
  },
);

test("where nothing was ever published nothing is uploaded", () => {
  expect(uploadedSegments(realDisk, folder.root).size).toBe(0);
});
