// Goal: the keeper carries the machine's wishes out, tells each renewal once, and the loss once.
// Method: a store in memory whose answers a test may lose; real timers, all times divided by a hundred.
import { afterEach, describe, expect, test } from "vitest";
import { dividedTimes, LEASE_TIMES, type LeaseItem } from "../../../contracts/lease.ts";
import { LeaseKeeper } from "../../../hotpath/control/lease-keeper.ts";
import { firstLease, type LeaseStore } from "../../../hotpath/io/aws/lease-store.ts";
import { monotonicUs } from "../../../hotpath/io/clock.ts";
import { openLog } from "../../../hotpath/io/log.ts";

const TIMES = dividedTimes(LEASE_TIMES, 50);

class Store implements LeaseStore {
  item: LeaseItem | undefined = { ...firstLease("a"), fence: 4 };
  /** Kinds of answers to come before the honest ones. */
  faults: ("lost" | "away" | "unreadable")[] = [];

  async read() {
    const fault = this.faults.shift();
    if (fault !== undefined) return { kind: "failed", reason: fault } as const;
    return { kind: "read", item: this.item } as const;
  }

  async put(item: LeaseItem, after: LeaseItem | undefined) {
    const fault = this.faults.shift();
    if (fault === "away") return { kind: "unknown", reason: fault } as const;
    const isSame = JSON.stringify(after) === JSON.stringify(this.item);
    if (isSame) this.item = item;
    if (fault === "lost") return { kind: "unknown", reason: fault } as const;
    return { kind: isSame ? "written" : "refused" } as const;
  }
}

const running: LeaseKeeper[] = [];
afterEach(() => {
  for (const keeper of running.splice(0)) keeper.stop();
});

function keeperOf(store: Store, holder = "run-1", lines: string[] = []): LeaseKeeper {
  const keeper = new LeaseKeeper({
    store,
    identity: { account: "a", engine: "e", holder, imageDigest: "", schemaHash: "" },
    times: TIMES,
    fenceFloor: 4,
    monotonicUs,
    log: openLog({ instance: "t", nowUs: () => 0, write: (line) => void lines.push(line) }),
  });
  running.push(keeper);
  return keeper;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe("a keeper", () => {
  test("wins a lease that is free, with a fence above all that is known", async () => {
    const store = new Store();
    const held = await keeperOf(store).acquire();
    expect(held).toMatchObject({ fence: 5, fenceBefore: 4, openFromUs: 0 });
    expect(held.validUntilUs).toBeGreaterThan(monotonicUs());
    expect(store.item).toMatchObject({ holder: "run-1", fence: 5 });
  });

  test("renews, and tells each renewal once and the latest to who listens late", async () => {
    const store = new Store();
    const keeper = keeperOf(store);
    await keeper.acquire();
    const told: number[] = [];
    keeper.listen({ onHeld: (untilUs) => told.push(untilUs), onLost: () => undefined });
    expect(told).toHaveLength(1);
    await until(() => told.length >= 4);
    expect([...new Set(told)].sort()).toEqual(told);
    expect(store.item?.renewals).toBeGreaterThanOrEqual(3);
    expect(keeper.remainingUs).toBeGreaterThan(0);
    expect(keeper.fence).toBe(5);
  });

  test("lives through answers that are lost and a table that is away for a moment", async () => {
    const store = new Store();
    const lines: string[] = [];
    const keeper = keeperOf(store, "run-1", lines);
    await keeper.acquire();
    const told: number[] = [];
    const lost: string[] = [];
    keeper.listen({ onHeld: (untilUs) => told.push(untilUs), onLost: (why) => lost.push(why) });
    store.faults = ["lost", "away", "unreadable"];
    await until(() => told.length >= 5);
    expect(lost).toEqual([]);
    expect(lines.some((line) => line.includes("cannot be written"))).toBe(true);
  });

  test("tells the loss once, and looks no more", async () => {
    const store = new Store();
    const keeper = keeperOf(store);
    await keeper.acquire();
    const lost: string[] = [];
    keeper.listen({ onHeld: () => undefined, onLost: (why) => lost.push(why) });
    store.item = { ...firstLease("a"), holder: "other", engine: "e2", fence: 9 };
    await until(() => lost.length > 0);
    expect(lost).toEqual(["it is another's now: fence 9, engine e2"]);
    expect(keeper.remainingUs).toBe(0);
    const late: string[] = [];
    keeper.listen({ onHeld: () => undefined, onLost: (why) => late.push(why) });
    expect(late).toEqual(lost);
  });

  test("tells the loss when the table stays away until its time is over", async () => {
    const store = new Store();
    const keeper = keeperOf(store);
    await keeper.acquire();
    const lost: string[] = [];
    keeper.listen({ onHeld: () => undefined, onLost: (why) => lost.push(why) });
    store.faults = Array.from({ length: 10_000 }, () => "away" as const);
    await until(() => lost.length > 0);
    expect(lost).toEqual(["it was not renewed in time"]);
  });

  test("waits while another holds it, says so, and takes its place when it falls silent", async () => {
    const store = new Store();
    const first = keeperOf(store, "run-1");
    await first.acquire();
    const lines: string[] = [];
    const second = keeperOf(store, "run-2", lines).acquire();
    await until(() => lines.some((line) => line.includes("standby")));
    first.stop();
    const held = await second;
    expect(held).toMatchObject({ fence: 6, fenceBefore: 5 });
    expect(held.openFromUs).toBeGreaterThan(monotonicUs());
  });

  test("gives it back, and the next one need not wait", async () => {
    const store = new Store();
    const first = keeperOf(store, "run-1");
    await first.acquire();
    await first.giveBack();
    expect(store.item).toMatchObject({ holder: "", fence: 5 });
    await first.giveBack();
    const held = await keeperOf(store, "run-2").acquire();
    expect(held).toMatchObject({ fence: 6, fenceBefore: 5, openFromUs: 0 });
  });

  test("does not give it back while requests of the holder before may still come out", async () => {
    const store = new Store();
    store.item = { ...firstLease("a"), holder: "run-0", engine: "e", fence: 4 };
    const keeper = keeperOf(store);
    const { openFromUs } = await keeper.acquire();
    await keeper.giveBack();
    expect(store.item).toMatchObject({ holder: "run-1" });
    await until(() => monotonicUs() >= openFromUs);
    await keeper.giveBack();
    expect(store.item).toMatchObject({ holder: "" });
  });
});
