// Goal: a snapshot that holds everything the stream has shown is live at once, and one that may not be
// waits for the next delta.
import { describe, expect, test } from "vitest";
import { Driver, MS, SECOND } from "../driver.ts";

/** One live book on a stream that has spoken for a while. */
function live(): Driver {
  const driver = new Driver().start();
  driver.speak(2 * SECOND);
  expect(driver.liveCount).toBe(1);
  return driver;
}

/** Time for one snapshot, in which the stream shows nothing. */
function fetchOnly(driver: Driver): void {
  driver.advance(driver.snapshotUs + 2 * MS);
}

describe("a book voided while its stream is whole", () => {
  test("is live with the snapshot, before any other delta", () => {
    const driver = live();
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    expect(driver.liveCount).toBe(0);
    fetchOnly(driver);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("is not live with a snapshot older than what was heard", () => {
    const driver = live();
    driver.save();
    driver.tell(0);
    driver.fateOf = () => "old";
    driver.emit({ type: "resyncRequested", instrument: 0, cause: "operator" });
    fetchOnly(driver);
    expect(driver.liveCount).toBe(0);
    driver.fateOf = () => "good";
    driver.speak(SECOND);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });
});

describe("a book whose stream said something unreadable", () => {
  test("waits for the next delta, however new its snapshot is", () => {
    const driver = live();
    const { epoch } = driver.session();
    const refused = { instrument: 0, isDelta: true, reason: "malformed" } as const;
    driver.emit({ type: "frameRefused", session: 0, epoch, ...refused });
    fetchOnly(driver);
    expect(driver.liveCount).toBe(0);
    driver.tell(0);
    driver.advance(MS);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });
});
