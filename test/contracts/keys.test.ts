// Goal: two facts never share a key, and order as text is order in time and number.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  archiveObjectKey,
  ENGINE_ID_PATTERN,
  historyIndexPartition,
  historyKey,
  idempotencyId,
  joinKey,
  limitsKey,
  paddedCount,
  paddedTime,
  segmentFactsKey,
  segmentManifestKey,
  segmentObjectKey,
  segmentPrefix,
} from "../../contracts/keys.ts";

describe("sort keys", () => {
  test("counts and times sort as numbers do", () => {
    const number = fc.integer({ min: 0, max: 999_999_999_999 });
    fc.assert(
      fc.property(number, number, (first, second) => {
        expect(paddedCount(first) < paddedCount(second)).toBe(first < second);
        expect(paddedTime(first) < paddedTime(second)).toBe(first < second);
      }),
    );
  });

  test("facts of one moment are told apart by their ids", () => {
    const first = historyKey("fill", "paper", 1_763_718_000_000_000, "kraken:BTC/USD:1:buy");
    const second = historyKey("fill", "paper", 1_763_718_000_000_000, "kraken:BTC/USD:2:buy");
    expect(first.pk).toBe("fill#paper#2025-11-21");
    expect(second.pk).toBe(first.pk);
    expect(second.sk).not.toBe(first.sk);
  });

  test.each([
    ["an empty part", ["a", ""]],
    ["a part with the separator", ["a", "b#c"]],
  ])("%s is refused", (_name, parts) => {
    expect(() => joinKey(...parts)).toThrow("is no part of a key");
  });

  test.each([-1, 1.5, Number.NaN])("%s is neither a count nor a time", (number) => {
    expect(() => paddedCount(number)).toThrow("a count in a key");
    expect(() => paddedTime(number)).toThrow("a time in a key");
  });

  test("foreign text in an index or an idempotency record cannot forge another key", () => {
    expect(historyIndexPartition("fill", "e", "2026-11-21", "x#y")).toBe("fill#e#2026-11-21#x_y");
    expect(idempotencyId("project-records", "a#b")).toBe("project-records#a_b");
  });
});

describe("objects", () => {
  test("what belongs to one segment stands under its run, in the order of numbers", () => {
    const keys = [9, 10].flatMap((segment) => [
      segmentObjectKey("paper", "run", segment),
      segmentFactsKey("paper", "run", segment),
      segmentManifestKey("paper", "run", segment),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => key.startsWith(segmentPrefix("paper", "run")))).toBe(true);
    expect(segmentObjectKey("paper", "run", 9) < segmentObjectKey("paper", "run", 10)).toBe(true);
  });

  test("the archive is partitioned as the table says", () => {
    const partition = { type: "fill", venue: "kraken", day: "2026-11-21", hour: "17" };
    expect(archiveObjectKey(partition, "paper", "run", 3)).toBe(
      "archive/type=fill/venue=kraken/day=2026-11-21/hour=17/paper.run.00000003.parquet",
    );
  });
});

test("versions of limits stand under their engine", () => {
  expect(limitsKey("paper", 7)).toEqual({ pk: "limits#paper", sk: "000000000007" });
});

test.each(["paper", "a", "tokyo-1"])("%s names an engine", (name) => {
  expect(ENGINE_ID_PATTERN.test(name)).toBe(true);
});

test.each(["", "-a", "a-", "A", "a#b", "a".repeat(33)])("%s does not", (name) => {
  expect(ENGINE_ID_PATTERN.test(name)).toBe(false);
});
