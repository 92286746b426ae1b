// Goal: times in text are the microseconds that the calendar says, or a misfit. Method: Date as oracle.
import { describe, expect, test } from "vitest";
import { SCAN } from "../../../../hotpath/core/decode/scan.ts";
import { scanTimeUs, TimeReader } from "../../../../hotpath/core/decode/time-text.ts";

function scan(text: string): { readonly end: number; readonly us: number } {
  const out = new Float64Array(1);
  const end = scanTimeUs(new TextEncoder().encode(`${text}"`), 0, out, 0);
  return { end, us: out[0] as number };
}

describe("a time in text", () => {
  test.each([
    ["1970-01-01T00:00:00Z", 0],
    ["2026-07-19T17:54:39.753424Z", Date.UTC(2026, 6, 19, 17, 54, 39) * 1000 + 753_424],
    ["2023-10-04T16:30:00.000000999Z", Date.UTC(2023, 9, 4, 16, 30) * 1000],
    ["2023-10-04T16:30:00.5Z", Date.UTC(2023, 9, 4, 16, 30) * 1000 + 500_000],
    ["2024-02-29T23:59:59.999999Z", Date.UTC(2024, 1, 29, 23, 59, 59) * 1000 + 999_999],
  ])("%s", (text, us) => {
    expect(scan(text)).toEqual({ end: text.length, us });
  });

  test("every week until microseconds are no exact numbers any more", () => {
    for (let day = 0; day < 104_000; day += 7) {
      const ms = day * 86_400_000;
      expect(scan(new Date(ms).toISOString()).us).toBe(ms * 1000);
    }
  });

  test.each([
    "",
    "2026",
    "1969-12-31T23:59:59Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-32T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2100-02-29T00:00:00Z",
    "2255-06-06T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:60:00Z",
    "2026-01-01T00:00:61Z",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00",
    "2026-01-01T00:00:00+00:00",
    "2026-01-01T00:00:00.Z",
    "2026-01-01T00:00:00.12x",
    "2026-0a-01T00:00:00Z",
    "10xx-01-01T00:00:00Z",
    "11 6-01-01T00:00:00Z",
    "xx26-01-01T00:00:00Z",
  ])("%j is none", (text) => {
    expect(scan(text).end).toBe(SCAN.misfit);
  });
});

describe("times that follow one another", () => {
  function readBoth(reader: TimeReader, text: string): void {
    const bytes = new TextEncoder().encode(`${text}"`.padEnd(32));
    const out = new Float64Array(1);
    const end = reader.scan(new DataView(bytes.buffer), bytes, 0, out, 0);
    const plain = scan(text);
    expect(end, text).toBe(plain.end);
    if (end >= 0) expect(out[0], text).toBe(plain.us);
  }

  test("are the same as each alone, within a minute and over its end, of every shape", () => {
    const reader = new TimeReader();
    const startMs = Date.UTC(2026, 6, 19, 23, 59, 30);
    for (let step = 0; step < 400; step++) {
      const whole = new Date(startMs + step * 177).toISOString();
      readBoth(reader, `${whole.slice(0, -1)}${String(step % 1000).padStart(3, "0")}Z`);
      if (step % 9 === 0) readBoth(reader, whole);
      if (step % 13 === 0) readBoth(reader, `${whole.slice(0, 19)}Z`);
      if (step % 17 === 0) readBoth(reader, `${whole.slice(0, 17)}7x.123456Z`);
      if (step % 19 === 0) readBoth(reader, `${whole.slice(0, 17)}60.123456Z`);
    }
  });
});
