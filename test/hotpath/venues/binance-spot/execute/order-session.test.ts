// Goal: a connection is kept, judged and ended by what the venue says on it, and by its silence.
// Method: the production desk without sockets, fed with frames in the shapes of the venue's own pages.
import { describe, expect, test } from "vitest";
import { CLIENT_ID, DeskRig, openRig, order, PLACED, START_US } from "./desk-rig.ts";

describe("limits", () => {
  test("usage is told when it changes, by the names of the rates", () => {
    const rig = openRig();
    const rateLimits = [
      { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 50, count: 12 },
      { rateLimitType: "ORDERS", interval: "DAY", intervalNum: 1, limit: 160000, count: 4043 },
      {
        rateLimitType: "REQUEST_WEIGHT",
        interval: "MINUTE",
        intervalNum: 1,
        limit: 6000,
        count: 321,
      },
      {
        rateLimitType: "RAW_REQUESTS",
        interval: "MINUTE",
        intervalNum: 5,
        limit: 300000,
        count: 3,
      },
      { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: 50, count: -1 },
    ];
    rig.desk.execute(order({ isTest: true }));
    rig.answer(CLIENT_ID, {}, { rateLimits });
    rig.desk.execute(order({ isTest: true, clientId: "rk00001-00000002" }));
    rig.answer("rk00001-00000002", {}, { rateLimits });
    expect(rig.told("usageReported")).toEqual([
      { type: "usageReported", rate: "orders10s", used: 12, instrument: -1 },
      { type: "usageReported", rate: "orders1d", used: 4043, instrument: -1 },
      { type: "usageReported", rate: "weight1m", used: 321, instrument: -1 },
    ]);
  });

  test("429 and 418 are told with their end, and no read is sent until then", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.refuse(CLIENT_ID, 418, -1003, "Way too much request weight used; IP banned.", {
      serverTime: 1_655_716_000_000,
      retryAfter: 1_655_716_120_000,
    });
    expect(rig.told("venueSilenced")).toEqual([
      { type: "venueSilenced", untilUs: START_US + 120_000_000, isBan: true },
    ]);
    expect(rig.told("orderRefused")[0]).toMatchObject({ refusal: { class: "throttled" } });
    const sent = rig.texts.length;
    rig.desk.execute({ type: "readAccount", venue: 0, requestId: 1, tradesSinceUs: 0 });
    expect(rig.texts.length).toBe(sent);
    expect(rig.told("accountRead")).toEqual([
      expect.objectContaining({ outcome: "failed", reason: "account.status: silenced" }),
    ]);
  });

  test("a limit without a time is silence for a while", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.refuse(CLIENT_ID, 429, -1015, "Too many new orders.");
    rig.desk.execute(order({ clientId: "rk00001-00000002" }));
    rig.refuse("rk00001-00000002", 418, -1003, "Way too much.");
    expect(rig.told("venueSilenced")).toEqual([
      { type: "venueSilenced", untilUs: START_US + 5_000_000, isBan: false },
      { type: "venueSilenced", untilUs: START_US + 120_000_000, isBan: true },
    ]);
  });
});

describe("an opening", () => {
  test("is given up when one of its questions is not answered, however long it may take", () => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 60_000_000 });
    rig.isOpen = true;
    rig.desk.onOpen(0);
    rig.runTo(5_000_001);
    expect(rig.told()).toEqual([{ type: "accountClosed", reason: "timeout" }]);
  });
});

describe("what Spot has not", () => {
  test("is not asked for: a dead man's switch", () => {
    const rig = openRig();
    const sent = rig.texts.length;
    rig.desk.execute({ type: "armDeadMan", venue: 0, timeoutUs: 60_000_000 });
    expect(rig.texts.length).toBe(sent);
    expect(rig.told()).toEqual([]);
  });
});

describe("signs of life", () => {
  test("a quiet account is asked each second, and its answers are heard once a second", () => {
    const rig = openRig();
    for (let second = 1; second <= 4; second++) {
      rig.runTo(second * 1_000_000 + 1);
      expect(rig.last.method).toBe("ping");
      rig.answer(rig.last.id, {});
      rig.answer(rig.last.id, {});
    }
    expect(rig.told("accountHeard")).toHaveLength(4);
  });

  test("a connection that is heard anyway is not asked", () => {
    const rig = openRig();
    const sent = rig.texts.length;
    for (let tenth = 1; tenth <= 30; tenth++) {
      rig.runTo(tenth * 100_000);
      rig.event({ e: "outboundAccountPosition", E: 1, u: 1, B: [] });
    }
    expect(rig.texts.length).toBe(sent);
  });

  test("a ping that is refused or lost is no news", () => {
    const rig = openRig();
    rig.runTo(1_000_001);
    rig.refuse(rig.last.id, 400, -1100, "no ping here");
    rig.runTo(8_000_000);
    expect(rig.told("accountClosed", "accountGap")).toEqual([]);
  });

  test("frames that are no JSON are a gap", () => {
    const rig = openRig();
    rig.hear("{");
    rig.hear("[1]");
    rig.hear('{"event":7}');
    expect(rig.told("accountGap")).toHaveLength(3);
  });

  test("what comes after the end is not read", () => {
    const rig = openRig();
    rig.desk.onClosed(0, "gone");
    rig.desk.onClosed(0, "gone again");
    rig.hear("{");
    rig.desk.onOpen(0);
    expect(rig.told()).toEqual([{ type: "accountClosed", reason: "gone" }]);
  });

  test("the end of the user data is the end of the account", () => {
    const rig = openRig();
    rig.event({ e: "eventStreamTerminated", E: 1 });
    expect(rig.told()).toEqual([{ type: "accountClosed", reason: "eventStreamTerminated" }]);
  });

  test("a key that is revoked ends the account", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.hear({ id: null, status: 401, error: { code: -2015, msg: "Invalid API-key" } });
    expect(rig.events.map(({ type }) => type)).toEqual(["orderRefused", "accountClosed"]);
    expect(rig.told("accountClosed")[0]).toMatchObject({
      reason: "credentials: -2015 Invalid API-key",
    });
  });

  test("a shutdown that is announced waits for answers on their way, and for nothing else", () => {
    const quiet = openRig();
    quiet.hear({ event: { e: "serverShutdown", E: 1 } });
    quiet.runTo(1);
    expect(quiet.told("accountClosed")).toHaveLength(1);
    const busy = openRig();
    busy.desk.execute(order());
    busy.hear({ event: { e: "serverShutdown", E: 1 } });
    busy.runTo(500_000);
    busy.answer(CLIENT_ID, PLACED);
    busy.runTo(1_100_000);
    expect(busy.events.map(({ type }) => type)).toEqual([
      "orderAccepted",
      "orderReported",
      "accountClosed",
    ]);
  });
});
