// Goal: recordings are merged by time, ties by file, and no file is ever reordered.
import { describe, expect, test } from "vitest";
import { mergeRecordings, venueTimeUs } from "../../../hotpath/verify/merge.ts";
import type { RecordedLine } from "../../../hotpath/verify/recording.ts";

let closed = 0;

async function* recordingOf(times: readonly number[], text = ""): AsyncGenerator<RecordedLine> {
  try {
    for (const [i, recvUs] of times.entries()) {
      yield { line: i + 1, kind: "frame", recvUs, text, url: "" };
    }
  } finally {
    closed++;
  }
}

async function merged(...recordings: AsyncIterable<RecordedLine>[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { file, line, atUs } of mergeRecordings(recordings)) {
    found.push(`${atUs} ${file}:${line.line}`);
  }
  return found;
}

describe("merging", () => {
  test("goes by time, and by the order of the files where that is the same", async () => {
    expect(await merged(recordingOf([1, 5, 5]), recordingOf([1, 2, 5]), recordingOf([5]))).toEqual([
      "1 0:1",
      "1 1:1",
      "2 1:2",
      "5 0:2",
      "5 0:3",
      "5 1:3",
      "5 2:1",
    ]);
  });

  test("never reorders a file: an earlier stamp has the time of the one before it", async () => {
    expect(await merged(recordingOf([5, 3, 9]), recordingOf([4, 6]))).toEqual([
      "4 1:1",
      "5 0:1",
      "5 0:2",
      "6 1:2",
      "9 0:3",
    ]);
  });

  test("takes the venue's own time where there is no receive time, the last one before it failing that", async () => {
    const timed = '{"timestamp":"2026-07-19T17:54:39.123456Z"}';
    const at = Date.parse("2026-07-19T17:54:39.123Z") * 1000 + 456;
    expect(await merged(recordingOf([0], timed), recordingOf([0, at + 1], "{}"))).toEqual([
      "0 1:1",
      `${at} 0:1`,
      `${at + 1} 1:2`,
    ]);
  });

  test("closes what it has not read to the end", async () => {
    closed = 0;
    for await (const _ of mergeRecordings([recordingOf([1, 2]), recordingOf([1, 2])])) break;
    expect(closed).toBe(2);
  });
});

describe("the venue's time in a message", () => {
  test.each([
    ['{"timestamp":"2026-07-19T17:54:39Z"}', "2026-07-19T17:54:39Z", 0],
    ['{"timestamp":"2026-07-19T17:54:39.1Z"}', "2026-07-19T17:54:39.1Z", 0],
    ['{"timestamp":"2026-07-19T17:54:39.123456789Z"}', "2026-07-19T17:54:39.123Z", 456],
    [
      '[{"timestamp":"2026-07-19T17:54:39Z"},{"timestamp":"2026-07-19T17:54:40Z"}]',
      "2026-07-19T17:54:40Z",
      0,
    ],
  ])("of %s is read to the microsecond", (text, iso, us) => {
    expect(venueTimeUs(text)).toBe(Date.parse(iso) * 1000 + us);
  });

  test("is zero where there is none", () => expect(venueTimeUs('{"timestamp":"soon"}')).toBe(0));
});
