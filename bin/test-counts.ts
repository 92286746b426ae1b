/**
 * Station: the test runner's report -> counts -> the closing line.
 *
 * Pessimistic on purpose: a report that is missing, a file that did not load and a runner that
 * failed without naming a test each count as a failure, because silence is not success.
 */

export type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
};

export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: 0 };

type Report = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
};

export function addCounts(left: Counts, right: Counts): Counts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

/** Counts of the runner's JSON report `text`, given the exit code of the run. */
export function countsOfReport(text: string, exitCode: number): Counts {
  const report = parseReport(text);
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  // A file that could not be loaded is listed as failed and has no failed test of its own.
  const unloaded = report.testResults.filter(
    (file) =>
      file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = report.numFailedTests + unloaded;
  const unexplained = exitCode !== 0 && failed === 0 ? 1 : 0;
  return {
    passed: report.numPassedTests,
    failed: failed + unexplained,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function parseReport(text: string): Report | null {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return null;
  }
}

/** `N passed, N failed`, and the skipped ones only when there are any. */
export function countLine(counts: Counts): string {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  return `${counts.passed} passed, ${counts.failed} failed${skipped}`;
}
