// Goal: notices, keys, manifests and decimals are read exactly or not at all.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ARCHIVE_SCHEMA_VERSION } from "../../../contracts/archive.ts";
import { segmentManifestKey } from "../../../contracts/keys.ts";
import {
  factPartition,
  keysOfNotice,
  readUpload,
  recordPartition,
  scaledOf,
  segmentOfKey,
} from "../../../functions/compact-archive/logic.ts";
import { noticeOf } from "../../fixtures/archive/notice.ts";

const HASH = "0".repeat(64);
const NAME = { engine: "paper", runId: "run-a", segment: 7 };

describe("a notice", () => {
  test("names its objects, decoded as S3 encodes them", () => {
    expect(keysOfNotice(noticeOf("a/b=c.json", "segments/x y"))).toEqual([
      "a/b=c.json",
      "segments/x y",
    ]);
    const plus = JSON.stringify({ Records: [{ s3: { object: { key: "a+b%2Bc" } } }] });
    expect(keysOfNotice(plus)).toEqual(["a b+c"]);
  });

  test("without records names none: it is the test event of a new notification", () => {
    expect(keysOfNotice(JSON.stringify({ Event: "s3:TestEvent" }))).toEqual([]);
  });

  test.each([
    "",
    "null",
    "{",
    '{"Records":7}',
    '{"Records":[{}]}',
    '{"Records":[{"s3":{"object":{"key":5}}}]}',
    '{"Records":[{"s3":{"object":{"key":"%zz"}}}]}',
  ])("that cannot be read is none: %s", (body) => {
    expect(keysOfNotice(body)).toBeUndefined();
  });
});

describe("the key of a manifest", () => {
  test("names its segment, for any number", () => {
    for (const segment of [1, 42, 99_999_999, 123_456_789]) {
      const key = segmentManifestKey("paper", "run-a", segment);
      expect(segmentOfKey(key)).toEqual({ engine: "paper", runId: "run-a", segment });
    }
  });

  test.each([
    "segments/engine=paper/run=run-a/00000007.seg.zst",
    "segments/engine=paper/run=run-a/7.manifest.json",
    "segments/engine=paper/run=run-a/000000007.manifest.json",
    "segments/engine=paper/run=run-a/00000000.manifest.json",
    "segments/engine=Paper/run=run-a/00000007.manifest.json",
    "segments/engine=paper/run=../00000007.manifest.json",
    "other/engine=paper/run=run-a/00000007.manifest.json",
    "manifests/engine=paper/run=run-a/00000007.json",
  ])("%s is none", (key) => {
    expect(segmentOfKey(key)).toBeUndefined();
  });
});

describe("what the uploader says", () => {
  const upload = {
    schemaVersion: ARCHIVE_SCHEMA_VERSION,
    engine: "paper",
    facts: { count: 0, bytes: 0, sha256: HASH },
    manifest: {
      formatVersion: 1,
      runId: "run-a",
      segment: 7,
      firstSeq: 1,
      lastSeq: 2,
      records: 2,
      bytes: 300,
      compressedBytes: 200,
      sha256: HASH,
      compressedSha256: HASH,
      dropped: [],
    },
  };

  test("is believed when it is of this segment and whole", () => {
    expect(readUpload(JSON.stringify(upload), NAME)).toEqual({ ok: true, upload });
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ["schemaVersion", { ...upload, schemaVersion: "1" }],
    ["newer", { ...upload, schemaVersion: ARCHIVE_SCHEMA_VERSION + 1 }],
    ["engine", { ...upload, engine: "other" }],
    ["facts", { ...upload, facts: null }],
    ["facts", { ...upload, facts: { ...upload.facts, sha256: "x" } }],
    ["manifest", { ...upload, manifest: 1 }],
    ["not JSON", undefined],
    ...(
      [
        ["formatVersion", 2],
        ["runId", "run-b"],
        ["segment", 8],
        ["records", -1],
        ["bytes", 2 ** 40],
        ["sha256", HASH.slice(1)],
        ["compressedSha256", 0],
        ["dropped", "raw"],
      ] as const
    ).map(
      ([field, value]) =>
        [field, { ...upload, manifest: { ...upload.manifest, [field]: value } }] as const,
    ),
  ];

  test.each(wrong)("is refused and named: %s", (field, value) => {
    const read = readUpload(JSON.stringify(value) ?? "{", NAME);
    expect(read.ok).toBe(false);
    if (!read.ok) expect(read.reason).toContain(field);
  });
});

describe("a decimal as a whole number with its scale", () => {
  test("is the same number, for any of up to eighteen digits", () => {
    const digits = fc.tuple(
      fc.boolean(),
      fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }),
      fc.integer({ min: 0, max: 18 }),
    );
    fc.assert(
      fc.property(digits, ([isNegative, value, scale]) => {
        const padded = String(value).padStart(scale + 1, "0");
        const whole = padded.slice(0, padded.length - scale);
        const part = scale === 0 ? "" : `.${padded.slice(padded.length - scale)}`;
        const e = isNegative ? -value : value;
        expect(scaledOf(`${isNegative ? "-" : ""}${whole}${part}`)).toEqual({ e, scale });
      }),
    );
  });

  test.each(["", "x", "1e5", "1.", ".5", "1234567890123456789", "NaN"])("%j is none", (text) => {
    expect(scaledOf(text)).toBeNull();
  });

  test("keeps the zeros that say how exact it is", () => {
    expect(scaledOf("0.10")).toEqual({ e: 10n, scale: 2 });
    expect(scaledOf("000000000000000000001")).toEqual({ e: 1n, scale: 0 });
  });
});

test("rows belong to the hour of their own time, and to no venue where they concern none", () => {
  const atUs = Date.UTC(2026, 10, 21, 7, 59, 59) * 1000;
  const place = { day: "2026-11-21", hour: "07" };
  expect(recordPartition(0, 3, atUs)).toEqual({ type: "raw", venue: "kraken", ...place });
  expect(recordPartition(5, -1, atUs)).toEqual({ type: "ctl", venue: "none", ...place });
  expect(factPartition("run", null, atUs)).toEqual({ type: "run", venue: "none", ...place });
});
