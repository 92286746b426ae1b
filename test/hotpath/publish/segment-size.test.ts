// Goal: a segment that is uploaded stays below what an object may be; one that is not is as configured.
import { expect, test } from "vitest";
import { OBJECT_BYTES_MAX } from "../../../hotpath/io/aws/segment-bucket.ts";
import {
  segmentBytesOf,
  UPLOADED_SEGMENT_BYTES_MAX,
} from "../../../hotpath/publish/segment-size.ts";

const MIB = 1024 * 1024;

test("the configured size holds where nothing is uploaded, and where it is small enough", () => {
  expect(segmentBytesOf(64 * MIB, false)).toBe(64 * MIB);
  expect(segmentBytesOf(4 * MIB, true)).toBe(4 * MIB);
});

test("a segment to be uploaded fits into an object even if it shrinks to half only", () => {
  expect(segmentBytesOf(64 * MIB, true)).toBe(UPLOADED_SEGMENT_BYTES_MAX);
  expect(UPLOADED_SEGMENT_BYTES_MAX / 2).toBeLessThanOrEqual(OBJECT_BYTES_MAX * 1.05);
});
