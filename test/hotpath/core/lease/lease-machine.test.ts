// Goal: each answer of the store, early, late or lost, leads to the one right next step of the lease.
import { describe, expect, test } from "vitest";
import { LEASE_TIMES, type LeaseItem, takeoverWaitUs } from "../../../../contracts/lease.ts";
import { LeaseMachine, type LeaseWish } from "../../../../hotpath/core/lease/lease-machine.ts";

const S = 1_000_000;
const WAIT_US = takeoverWaitUs(LEASE_TIMES);

function machine(holder = "me", fenceFloor = 0): LeaseMachine {
  const identity = { account: "a", engine: "e", holder, imageDigest: "", schemaHash: "1" };
  return new LeaseMachine({ identity, times: LEASE_TIMES, fenceFloor, nowUs: 0 });
}

function item(fields: Partial<LeaseItem>): LeaseItem {
  const identity = { account: "a", engine: "e", imageDigest: "", schemaHash: "1" };
  return { schemaVersion: 1, ...identity, holder: "other", fence: 7, renewals: 0, ...fields };
}

function putOf(wish: LeaseWish | undefined): Extract<LeaseWish, { kind: "put" }> {
  if (wish?.kind !== "put") throw new Error(`expected a put, got ${wish?.kind}`);
  return wish;
}

/** Looks as often as it wants to, and sees the same each time; when it would look next at or after `untilUs`. */
function watch(made: LeaseMachine, shown: LeaseItem | undefined, fromUs: number, untilUs: number) {
  let nowUs = fromUs;
  for (; nowUs < untilUs; nowUs = made.dueUs()) {
    expect(made.next(nowUs)).toEqual({ kind: "read" });
    made.onRead(shown, nowUs);
  }
  return nowUs;
}

/** A machine that has taken a lease which was given back, at time 0. */
function holding(fenceFloor = 0): LeaseMachine {
  const made = machine("me", fenceFloor);
  made.next(0);
  made.onRead(item({ holder: "" }), 0);
  putOf(made.next(0));
  made.onWritten(0);
  return made;
}

describe("taking", () => {
  test("begins with a read, and asks nothing more while the answer is out", () => {
    const made = machine();
    expect(made.next(0)).toEqual({ kind: "read" });
    expect(made.next(0)).toBeUndefined();
    expect(made.dueUs()).toBe(Number.POSITIVE_INFINITY);
  });

  test("of a lease that was given back is immediate, with the next fence", () => {
    const made = machine();
    made.next(0);
    made.onRead(item({ holder: "" }), 0);
    const put = putOf(made.next(0));
    expect(put.item).toMatchObject({ holder: "me", fence: 8, renewals: 0 });
    expect(put.after).toMatchObject({ holder: "", fence: 7 });
    made.onWritten(5);
    expect(made).toMatchObject({ phase: "held", fence: 8, openFromUs: 0 });
    expect(made.validUntilUs).toBe(LEASE_TIMES.ttlUs);
  });

  test("from a silent holder waits the whole time since the last change that was seen", () => {
    const made = machine();
    made.next(0);
    made.onRead(item({}), 0);
    made.next(2 * S);
    made.onRead(item({ renewals: 1 }), 2 * S);
    let nowUs = made.dueUs();
    for (; nowUs < 2 * S + WAIT_US; nowUs = made.dueUs()) {
      expect(made.next(nowUs)).toEqual({ kind: "read" });
      made.onRead(item({ renewals: 1 }), nowUs);
    }
    expect(nowUs).toBe(2 * S + WAIT_US);
    expect(putOf(made.next(nowUs)).item.fence).toBe(8);
    made.onWritten(nowUs + 10);
    expect(made.openFromUs).toBe(nowUs + 10 + LEASE_TIMES.backEndUs);
  });

  test("where there is no item waits as long: it may have been deleted under a holder", () => {
    const made = machine();
    const nowUs = watch(made, undefined, 0, WAIT_US);
    expect(nowUs).toBe(WAIT_US);
    expect(putOf(made.next(nowUs))).toMatchObject({ after: undefined, item: { fence: 1 } });
  });

  test.each([
    ["no item", undefined],
    ["a silent holder's item", item({})],
  ])("waits anew where %s was not looked at for as long as a lease lasts", (_, shown) => {
    const made = machine();
    watch(made, shown, 0, WAIT_US - 3 * S);
    // It may have been taken, deleted or restored meanwhile, and looks as it did before.
    const againUs = WAIT_US + LEASE_TIMES.ttlUs;
    expect(made.next(againUs)?.kind).toBe("read");
    made.onRead(shown, againUs);
    expect(watch(made, shown, made.dueUs(), againUs + WAIT_US)).toBe(againUs + WAIT_US);
    expect(putOf(made.next(againUs + WAIT_US)).after).toEqual(shown);
  });

  test("from an item that was given back under a fence long past waits: a backup was restored", () => {
    const saw = machine();
    saw.next(0);
    saw.onRead(item({ fence: 90 }), 0);
    const freeUs = 2 * S + WAIT_US;
    expect(watch(saw, item({ fence: 7, holder: "" }), 2 * S, freeUs)).toBe(freeUs);
    expect(putOf(saw.next(freeUs)).item.fence).toBe(91);
    saw.onWritten(freeUs);
    expect(saw.openFromUs).toBe(freeUs + LEASE_TIMES.backEndUs);
  });

  test("never goes below a fence that is known from the disk", () => {
    const onDisk = machine("me", 40);
    onDisk.next(0);
    onDisk.onRead(item({ fence: 40, holder: "" }), 0);
    expect(putOf(onDisk.next(0)).item.fence).toBe(41);

    const behind = machine("me", 40);
    expect(watch(behind, item({ holder: "" }), 0, WAIT_US)).toBe(WAIT_US);
    expect(putOf(behind.next(WAIT_US)).item.fence).toBe(41);
  });

  test("that another has won goes back to watching, and waits anew", () => {
    const made = machine();
    made.next(0);
    made.onRead(item({ holder: "" }), 0);
    made.next(0);
    made.onRefused(5);
    expect(made.next(5)).toEqual({ kind: "read" });
    made.onRead(item({ fence: 8, holder: "third" }), 6);
    expect(made.phase).toBe("watching");
    expect(made.dueUs()).toBe(6 + LEASE_TIMES.renewEveryUs);
  });

  test("whose answer was lost is recognised by its token, counted from when it was first asked", () => {
    const made = machine();
    made.next(0);
    made.onRead(item({ holder: "" }), 0);
    const put = putOf(made.next(0));
    made.onUnknown(3 * S);
    expect(made.next(made.dueUs())).toEqual({ kind: "read" });
    made.onRead(put.item, 4 * S);
    expect(made).toMatchObject({ phase: "held", fence: 8, validUntilUs: LEASE_TIMES.ttlUs });
  });

  test("that has not landed is tried again; a refusal of the second try finds the first", () => {
    const made = machine();
    made.next(0);
    made.onRead(item({ holder: "" }), 0);
    const put = putOf(made.next(0));
    made.onUnknown(S);
    made.next(2 * S);
    made.onRead(item({ holder: "" }), 2 * S);
    expect(putOf(made.next(2 * S)).item).toEqual(put.item);
    made.onRefused(3 * S);
    made.next(3 * S);
    made.onRead(put.item, 3 * S);
    expect(made.validUntilUs).toBe(LEASE_TIMES.ttlUs);
  });

  test("that is recognised only after its time is taken once more, one fence higher", () => {
    const made = machine();
    made.next(0);
    made.onRead(item({ holder: "" }), 0);
    const put = putOf(made.next(0));
    made.onUnknown(LEASE_TIMES.ttlUs);
    made.next(11 * S);
    made.onRead(put.item, 11 * S);
    // Another may have held it between our asking and its landing, and may still believe in it.
    const againUs = 11 * S + WAIT_US;
    expect(watch(made, put.item, made.dueUs(), againUs)).toBe(againUs);
    const again = putOf(made.next(againUs));
    expect(again).toMatchObject({ item: { fence: 9 }, after: { fence: 8 } });
    made.onWritten(againUs);
    expect(made).toMatchObject({ phase: "held", fence: 9, openFromUs: 0 });
  });

  test("is not hurried by reads that fail", () => {
    const made = machine();
    made.next(0);
    made.onReadFailed(1);
    expect(made.dueUs()).toBe(1 + LEASE_TIMES.renewEveryUs / 4);
    expect(made.next(2)).toBeUndefined();
  });
});

describe("holding", () => {
  test("renews at its pace, changing the count alone, and counts from before it asked", () => {
    const made = holding();
    expect(made.dueUs()).toBe(LEASE_TIMES.renewEveryUs);
    const put = putOf(made.next(2 * S));
    expect(put.item).toEqual({ ...put.after, renewals: 1 });
    made.onWritten(5 * S);
    expect(made.validUntilUs).toBe(2 * S + LEASE_TIMES.ttlUs);
  });

  test("a lost answer of a renewal that had landed counts from its first asking", () => {
    const made = holding();
    const put = putOf(made.next(2 * S));
    made.onUnknown(3 * S);
    made.next(4 * S);
    made.onRead(put.item, 4 * S);
    expect(made.validUntilUs).toBe(2 * S + LEASE_TIMES.ttlUs);
  });

  test("a renewal that had not landed is written anew, and counts from then", () => {
    const made = holding();
    const { after } = putOf(made.next(2 * S));
    made.onUnknown(3 * S);
    made.next(4 * S);
    made.onRead(after, 4 * S);
    putOf(made.next(4 * S));
    made.onWritten(5 * S);
    expect(made.validUntilUs).toBe(4 * S + LEASE_TIMES.ttlUs);
  });

  test("ends when another holds it", () => {
    const made = holding();
    made.next(2 * S);
    made.onRefused(2 * S);
    made.next(2 * S);
    made.onRead(item({ fence: 9 }), 2 * S);
    expect(made).toMatchObject({ phase: "lost", fence: 0, validUntilUs: 0 });
    expect(made.reason).toContain("fence 9");
    expect(made.next(3 * S)).toBeUndefined();
  });

  test("ends when its item is gone", () => {
    const made = holding();
    made.next(2 * S);
    made.onRefused(2 * S);
    made.next(2 * S);
    made.onRead(undefined, 2 * S);
    expect(made.reason).toBe("its item is gone");
  });

  test("ends by its own clock, and a renewal that succeeds later changes nothing", () => {
    const made = holding();
    made.next(2 * S);
    expect(made.phase).toBe("held");
    made.onWritten(LEASE_TIMES.ttlUs);
    expect(made).toMatchObject({ phase: "lost", reason: "it was not renewed in time" });
    expect(made.dueUs()).toBe(Number.POSITIVE_INFINITY);
  });

  test("a machine that was paused beyond its time notices at its first look", () => {
    const made = holding();
    expect(made.next(60 * S)).toBeUndefined();
    expect(made.phase).toBe("lost");
  });
});

describe("giving back", () => {
  test("empties the holder, keeps the fence, and needs no wait after", () => {
    const made = holding();
    made.giveBack(S);
    expect(putOf(made.next(S)).item).toMatchObject({ holder: "", fence: 8, renewals: 1 });
    made.onWritten(S);
    expect(made.phase).toBe("released");
    expect(made.next(9 * S)).toBeUndefined();
  });

  test("waits for a renewal that is under way", () => {
    const made = holding();
    made.next(2 * S);
    made.giveBack(2 * S);
    expect(made.next(2 * S)).toBeUndefined();
    made.onWritten(3 * S);
    expect(putOf(made.next(3 * S)).item).toMatchObject({ holder: "", renewals: 2 });
  });
});
