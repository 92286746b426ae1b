// Goal: snapshots asked for before the confirmation shorten the wait, and never decide what is true.
import { describe, expect, test } from "vitest";
import { Driver, MS, SECOND } from "../driver.ts";

/** A session that was cut; subscribing takes much longer than a snapshot does. */
function cutWhileSlow(): Driver {
  const driver = new Driver().start();
  driver.speak(2 * SECOND);
  driver.subscribeUs = 100 * MS;
  driver.noted.length = 0;
  driver.cut();
  return driver;
}

describe("a snapshot in advance", () => {
  test("is asked for when the transport opens, not when it is confirmed", () => {
    const driver = cutWhileSlow();
    driver.advance(driver.dialUs + MS);
    expect(driver.session().state).toBe("subscribing");
    expect(driver.commandsOf("fetchSnapshot")).toHaveLength(2);
    driver.speak(SECOND);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("that the first delta does not join is dropped, and a newer one serves", () => {
    const driver = cutWhileSlow();
    driver.advance(driver.dialUs + 30 * MS);
    const early = driver.slot(0).early?.seq ?? 0;
    expect(early).toBeGreaterThan(0);
    // The truth goes on unheard, so what was asked for in advance is older than the stream.
    for (let i = 0; i < 5; i++) driver.step(0);
    driver.snapshotUs = 200 * MS;
    driver.advance(driver.subscribeUs);
    expect(driver.session().state).toBe("live");
    driver.tell(0);
    expect(driver.slot(0).early).toBeUndefined();
    expect(driver.liveCount).toBe(0);
    expect(driver.world.counters.staleSnapshots).toBe(1);
    driver.speak(SECOND);
    expect(driver.liveCount).toBe(1);
    expect(driver.slot(0).book.seq).toBeGreaterThan(early);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("serves without another round trip when the first delta joins it", () => {
    const driver = cutWhileSlow();
    driver.advance(driver.dialUs + driver.subscribeUs + 5 * MS);
    expect(driver.slot(0).early).toBeDefined();
    driver.snapshotUs = 500 * MS;
    driver.speak(50 * MS);
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });

  test("is not asked for when weight is short", () => {
    const driver = cutWhileSlow();
    driver.venue.weightUsed = driver.venue.rules.weightLimit * 0.75;
    driver.advance(driver.dialUs + 30 * MS);
    expect(driver.commandsOf("fetchSnapshot")).toEqual([]);
    driver.speak(SECOND);
    expect(driver.commandsOf("fetchSnapshot")).toHaveLength(1);
    expect(driver.liveCount).toBe(1);
  });

  test("is let go with the successor that was not needed", () => {
    const driver = new Driver({ limits: { suspectFloorUs: 200 * MS } }).start();
    driver.speak(2 * SECOND);
    driver.subscribeUs = 100 * MS;
    for (const transport of driver.transports) transport.isSpeaking = false;
    driver.advance(driver.world.limits.suspectFloorUs + driver.dialUs + 40 * MS);
    expect(driver.slot(0).early).toBeDefined();
    driver.tell(0);
    for (const transport of driver.transports) {
      transport.isSpeaking = transport.epoch === driver.session().epoch;
    }
    driver.deliver(0, driver.step(0), { epoch: driver.session().epoch });
    driver.speak(50 * MS);
    expect(driver.session().candidate).toBeUndefined();
    expect(driver.slot(0)).toMatchObject({ early: undefined, earlyWanted: 0 });
    expect(driver.liveCount).toBe(1);
    expect(driver.wrongBooks).toEqual([]);
  });
});
