// Goal: the closing line never makes a run look better than it was.
import { describe, expect, test } from "vitest";
import { addCounts, countLine, countsOfReport, NO_COUNTS } from "../../bin/test-counts.ts";

type File = { status: string; assertionResults: { status: string }[] };

function report(passed: number, failed: number, files: readonly File[] = []): string {
  return JSON.stringify({
    numPassedTests: passed,
    numFailedTests: failed,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: files,
  });
}

describe("counts", () => {
  test("a good run is what it says", () => {
    expect(countsOfReport(report(7, 0), 0)).toEqual({ passed: 7, failed: 0, skipped: 0 });
  });

  test("a file that did not load is a failure", () => {
    const files = [{ status: "failed", assertionResults: [] }];
    expect(countsOfReport(report(7, 0, files), 1).failed).toBe(1);
  });

  test("a file with failed tests is not counted once more", () => {
    const files = [{ status: "failed", assertionResults: [{ status: "failed" }] }];
    expect(countsOfReport(report(7, 1, files), 1).failed).toBe(1);
  });

  test("a run that failed without saying where is a failure", () => {
    expect(countsOfReport(report(7, 0), 1).failed).toBe(1);
  });

  test.each(["", "{", "not json"])(
    "no report (%s) is a failure, whatever the exit code",
    (text) => {
      expect(countsOfReport(text, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    },
  );

  test("pending and todo tests are skipped ones", () => {
    const text = report(1, 0).replace('"numPendingTests":0', '"numPendingTests":2');
    expect(countsOfReport(text.replace('"numTodoTests":0', '"numTodoTests":1'), 0).skipped).toBe(3);
  });
});

test("the line names skipped tests only when there are any", () => {
  expect(countLine(addCounts(NO_COUNTS, { passed: 2, failed: 0, skipped: 0 }))).toBe(
    "2 passed, 0 failed",
  );
  expect(countLine({ passed: 2, failed: 1, skipped: 3 })).toBe("2 passed, 1 failed, 3 skipped");
});
