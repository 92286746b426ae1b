// Goal: the desk opens as the venue wants it, writes an order once, and tells every way in which it can end.
import { describe, expect, test } from "vitest";
import { CHALLENGE, CHALLENGE_ANSWER, CLIENT_ID, DeskRig, order, START_US } from "./desk-rig.ts";

function opened(): DeskRig {
  const rig = new DeskRig();
  rig.openAll();
  return rig;
}

describe("opening", () => {
  test("asks the time, takes a ticket, subscribes twice, answers the challenge, and is ready", () => {
    const rig = opened();
    expect(rig.dials.map(([connection]) => connection)).toEqual([0, 1]);
    expect(rig.dials[0]?.[1]).toBe("wss://stream.test/?token=t&connectId=rk-1");
    expect(rig.dials[1]?.[1]).toMatch(/^wss:\/\/orders\.test\/v1\/private\?apikey=key&sign=/);
    const topics = rig.sent
      .filter(([connection]) => connection === 0)
      .map(([, text]) => JSON.parse(text));
    expect(topics).toMatchObject([
      {
        id: "1",
        type: "subscribe",
        topic: "/spotMarket/tradeOrdersV2",
        privateChannel: true,
        response: true,
      },
      { id: "2", type: "subscribe", topic: "/account/balance" },
    ]);
    expect(rig.sent.filter(([connection]) => connection === 1)).toEqual([[1, CHALLENGE_ANSWER]]);
    expect(rig.told()).toEqual([{ type: "accountReady" }]);
  });

  test("without an order socket is ready with the stream alone", () => {
    const rig = new DeskRig("");
    rig.openAll(1, { isSocket: false });
    expect(rig.told()).toEqual([{ type: "accountReady" }]);
    expect(rig.dials).toHaveLength(1);
  });

  test.each<[string, (rig: DeskRig) => unknown, string]>([
    ["no time", (rig) => rig.fail(/timestamp/), "does not tell its time"],
    ["a time that is none", (rig) => rig.ok(/timestamp/, "soon"), "does not tell its time"],
    [
      "no ticket",
      (rig) => [
        rig.ok(/timestamp/, 1),
        rig.answer(/bullet/, { code: "400003", msg: "KC-API-KEY not exists" }),
      ],
      "400003",
    ],
    ["a ticket that is none", (rig) => [rig.ok(/timestamp/, 1), rig.ok(/bullet/, {})], "is none"],
    [
      "a stream that refuses",
      (rig) => [
        rig.ok(/timestamp/, 1),
        rig.ticket(),
        rig.hear(0, { type: "error", code: 401, data: "token is invalid" }),
      ],
      "token is invalid",
    ],
    [
      "a stream that talks nonsense",
      (rig) => [rig.ok(/timestamp/, 1), rig.ticket(), rig.hear(0, "{")],
      "no message",
    ],
    [
      "a stream that ends",
      (rig) => [rig.ok(/timestamp/, 1), rig.ticket(), rig.desk.onClosed(0, "1006")],
      "1006",
    ],
    ["a deadline", (rig) => rig.run(6_000_000), "not ready in time"],
  ])("%s closes the account, with the reason", (_, act, said) => {
    const rig = new DeskRig();
    rig.openAccount();
    act(rig);
    expect(rig.told("accountClosed")).toEqual([
      { type: "accountClosed", reason: expect.stringContaining(said) },
    ]);
    expect(rig.told("accountReady")).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ["a refused signature", { code: "400011", msg: "Session verification failed." }, "400011"],
    ["an unknown key", { code: "400003", msg: "KC-API-KEY not exists." }, "400003"],
    ["a welcome before the challenge", { sessionId: "", data: "welcome" }, "out of turn"],
    ["nonsense", "[", "no message"],
  ])("order entry with %s closes the account", (_, frame, said) => {
    const rig = new DeskRig();
    rig.openAccount();
    rig.ok(/timestamp/, 1);
    rig.ticket();
    rig.hear(0, { type: "welcome" });
    rig.hear(0, { id: "1", type: "ack" });
    rig.hear(0, { id: "2", type: "ack" });
    rig.hear(1, frame);
    expect(rig.told("accountClosed")).toEqual([
      { type: "accountClosed", reason: expect.stringContaining(said) },
    ]);
    expect(rig.hangUps).toEqual([0, 1]);
  });

  test("a second challenge is out of turn, and an answer of an earlier life is nobody's", () => {
    const rig = new DeskRig();
    rig.openAccount();
    const early = rig.take(/timestamp/);
    rig.openAccount(2);
    rig.reply(early, { kind: "failed", code: "late", wasSent: true });
    expect(rig.told("accountClosed")).toEqual([]);
    rig.ok(/timestamp/, 1);
    rig.ticket();
    rig.hear(0, { type: "welcome" });
    rig.hear(0, { id: "1", type: "ack" });
    rig.hear(0, { id: "2", type: "ack" });
    rig.hear(1, CHALLENGE);
    rig.hear(1, CHALLENGE);
    expect(rig.told("accountClosed")).toHaveLength(1);
  });
});

describe("pings", () => {
  test("are sent at the venue's pace, and one without an answer closes the account", () => {
    const rig = opened();
    rig.run(18_500_000);
    const pings = rig.sent
      .map(([connection, text]) => [connection, text])
      .filter(([, text]) => String(text).includes("ping"));
    expect(pings).toEqual([
      [0, '{"id":"ping-1","type":"ping"}'],
      [1, expect.stringMatching(/^\{"id":"ping-1","op":"ping","timestamp":\d+\}$/)],
    ]);
    rig.hear(0, { id: "ping-1", type: "pong" });
    rig.hear(1, { id: "ping-1", op: "pong", timestamp: 1 });
    rig.run(18_000_000);
    rig.hear(0, { id: "ping-2", type: "pong" });
    expect(rig.told("accountClosed")).toEqual([]);
    rig.run(12_000_000);
    expect(rig.told("accountClosed")).toEqual([
      { type: "accountClosed", reason: "order entry does not answer its ping" },
    ]);
  });

  test("that the stream answers are signs of life of the account, and those of order entry are none", () => {
    const rig = opened();
    rig.run(18_500_000);
    rig.hear(1, { id: "ping-1", op: "pong", timestamp: 1 });
    expect(rig.told("accountHeard")).toEqual([]);
    rig.hear(0, { id: "ping-1", type: "pong" });
    expect(rig.told("accountHeard")).toHaveLength(1);
  });

  test("of a silent stream close the account too", () => {
    const rig = opened();
    rig.run(18_500_000);
    rig.hear(1, { op: "pong" });
    rig.run(10_000_000);
    expect(rig.told("accountClosed")).toEqual([
      { type: "accountClosed", reason: "the private stream does not answer its ping" },
    ]);
  });
});

describe("an order", () => {
  test("is one frame, with its window, in whole steps", () => {
    const rig = opened();
    rig.desk.execute(order());
    expect(rig.sent.at(-1)).toEqual([
      1,
      `{"id":"${CLIENT_ID}","op":"spot.order","args":{"clientOid":"${CLIENT_ID}","symbol":"BTC-USDT","side":"buy","type":"limit","timeInForce":"IOC","price":"52000.0","size":"0.015","clientTimestamp":${(START_US + 5_000_000) / 1000},"allowMaxTimeWindow":1000}}`,
    ]);
    expect(rig.calls).toEqual([]);
  });

  test("is accepted by its answer, which also tells the pool", () => {
    const rig = opened();
    rig.desk.execute(order());
    const rateLimit = { limit: 4000, reset: 15_244, remaining: 3996 };
    rig.hear(1, {
      id: CLIENT_ID,
      op: "spot.order",
      code: "200000",
      data: { orderId: "670f", clientOid: CLIENT_ID },
      rateLimit,
    });
    expect(rig.told().slice(1)).toEqual([
      { type: "usageReported", rate: "spot30s", instrument: -1, used: 4 },
      { type: "orderAccepted", clientId: CLIENT_ID, orderId: "670f" },
    ]);
  });

  test("answered twice alike says nothing new; answered twice differently contradicts", () => {
    const rig = opened();
    rig.desk.execute(order());
    const answer = { id: CLIENT_ID, code: "200000", data: { orderId: "670f" } };
    rig.hear(1, answer);
    rig.hear(1, answer);
    expect(rig.told("accountContradicted")).toEqual([]);
    expect(rig.told("orderAccepted")).toHaveLength(1);
    rig.hear(1, { ...answer, code: "200004" });
    rig.hear(1, { id: "nobody", code: "200000" });
    expect(rig.told("accountContradicted")).toHaveLength(2);
  });

  test.each([
    ["another order's name", { orderId: "1", clientOid: "rk00001-00000009" }],
    ["no order id", { clientOid: CLIENT_ID }],
  ])("accepted under %s is contradicted, and unknown", (_, data) => {
    const rig = opened();
    rig.desk.execute(order());
    rig.hear(1, { id: CLIENT_ID, code: "200000", data });
    expect(rig.told("accountContradicted")).toHaveLength(1);
    expect(rig.told("orderRefused")).toMatchObject([
      { clientId: CLIENT_ID, refusal: { class: "unknown", code: "unreadable" } },
    ]);
  });

  test("refused is refused by its class; throttled is silence for as long as told", () => {
    const rig = opened();
    rig.desk.execute(order());
    rig.hear(1, { id: CLIENT_ID, code: "200004", msg: "Balance insufficient!" });
    expect(rig.told("orderRefused")).toMatchObject([
      { refusal: { class: "rejected", code: "200004", isListed: true } },
    ]);
    rig.desk.execute(order({ clientId: "rk00001-00000002" }));
    const userRateLimit = { limit: 4000, reset: 1500, remaining: 0 };
    rig.hear(1, {
      id: "rk00001-00000002",
      code: "429000",
      msg: "Too Many Requests",
      userRateLimit,
    });
    expect(rig.told("venueSilenced")).toEqual([
      { type: "venueSilenced", untilUs: rig.nowUs + 1_500_000, isBan: false },
    ]);
    rig.desk.execute(order({ clientId: "rk00001-00000003" }));
    rig.hear(1, { id: "rk00001-00000003", code: "429000", msg: "busy" });
    expect(rig.told("orderRefused").at(-1)).toMatchObject({
      refusal: { class: "unknown", code: "429000" },
    });
  });

  test("without an answer is unknown in time, and its late answer is told all the same", () => {
    const rig = opened();
    rig.desk.execute(order());
    rig.run(10_900_000);
    expect(rig.told("orderRefused")).toEqual([]);
    rig.run(200_000);
    expect(rig.told("orderRefused")).toMatchObject([
      { clientId: CLIENT_ID, refusal: { class: "unknown", code: "timeout" } },
    ]);
    rig.hear(1, { id: CLIENT_ID, code: "200000", data: { orderId: "670f" } });
    expect(rig.told("orderAccepted")).toHaveLength(1);
  });

  test("on its way when the connection ends is unknown, told before the account is closed", () => {
    const rig = opened();
    rig.desk.execute(order());
    rig.desk.onClosed(1, "1006");
    expect(rig.told().slice(1)).toMatchObject([
      { type: "orderRefused", refusal: { class: "unknown", code: "closed" } },
      { type: "accountClosed", reason: "order entry ended: 1006" },
    ]);
  });

  test("is not sent while the account is closed, or when the socket takes nothing", () => {
    const rig = new DeskRig();
    rig.desk.execute(order());
    expect(rig.told()).toEqual([
      { type: "orderNotSent", clientId: CLIENT_ID, reason: "the account is not open" },
    ]);
    const other = opened();
    other.open.delete(1);
    other.desk.execute(order());
    expect(other.told("orderNotSent")).toEqual([
      { type: "orderNotSent", clientId: CLIENT_ID, reason: "order entry is not open" },
    ]);
  });

  test("that is a test goes to the test endpoint only", () => {
    const rig = opened();
    rig.desk.execute(order({ isTest: true }));
    const call = rig.ok(/orders\/test$/, { orderId: "0" });
    expect(call).toMatchObject({ method: "POST", kind: "read" });
    expect(rig.told("orderTested")).toEqual([{ type: "orderTested", clientId: CLIENT_ID }]);
    rig.desk.execute(order({ isTest: true }));
    rig.answer(/orders\/test$/, { code: "400100", msg: "Price increment invalid." });
    expect(rig.told("orderRefused")).toMatchObject([{ refusal: { class: "rejected" } }]);
  });

  test("over REST is signed with its own time, written once, and unknown when it was lost", () => {
    const rig = new DeskRig("");
    rig.openAll(1, { isSocket: false });
    rig.desk.execute(order());
    const [call] = rig.calls;
    expect(call).toMatchObject({ method: "POST", path: "/api/v1/hf/orders", kind: "order" });
    expect(call?.headers["KC-API-TIMESTAMP"]).toBe(String((START_US + 5_000_000) / 1000));
    rig.fail(/orders$/);
    expect(rig.told("orderRefused")).toMatchObject([
      { refusal: { class: "unknown", code: "ECONNRESET" } },
    ]);
    rig.desk.execute(order({ clientId: "rk00001-00000002" }));
    rig.fail(/orders$/, false);
    expect(rig.told("orderNotSent")).toEqual([
      { type: "orderNotSent", clientId: "rk00001-00000002", reason: "ECONNRESET" },
    ]);
    rig.desk.execute(order({ clientId: "rk00001-00000003" }));
    rig.answer(/orders$/, "<html>", { status: 502 });
    expect(rig.told("orderRefused").at(-1)).toMatchObject({
      refusal: { class: "unknown", code: "HTTP 502" },
    });
  });
});

describe("a cancel", () => {
  const cancel = {
    type: "cancelOrder",
    venue: 0,
    instrument: 3,
    clientId: CLIENT_ID,
    orderId: "",
    stampUs: START_US,
  } as const;

  test("goes over order entry, by the venue's id where it is known", () => {
    const rig = opened();
    rig.desk.execute(cancel);
    expect(rig.sent.at(-1)?.[1]).toBe(
      `{"id":"c-1","op":"spot.cancel","args":{"symbol":"BTC-USDT","clientOid":"${CLIENT_ID}"}}`,
    );
    rig.hear(1, { id: "c-1", op: "spot.cancel", code: "200000", data: { clientOid: CLIENT_ID } });
    rig.desk.execute({ ...cancel, orderId: "670f" });
    expect(rig.sent.at(-1)?.[1]).toContain('"orderId":"670f"');
    rig.hear(1, {
      id: "c-2",
      op: "spot.cancel",
      code: "100004",
      msg: "The order cannot be canceled.",
    });
    expect(rig.told("cancelAccepted", "cancelRefused")).toMatchObject([
      { type: "cancelAccepted", clientId: CLIENT_ID },
      { type: "cancelRefused", refusal: { class: "noSuchOrder" } },
    ]);
  });

  test("without an answer is unknown", () => {
    const rig = opened();
    rig.desk.execute(cancel);
    rig.run(5_100_000);
    expect(rig.told("cancelRefused")).toMatchObject([
      { refusal: { class: "unknown", code: "timeout" } },
    ]);
  });

  test("goes over REST while order entry is down", () => {
    const rig = new DeskRig();
    rig.desk.execute(cancel);
    rig.ok(/client-order/, { clientOid: CLIENT_ID });
    rig.desk.execute({ ...cancel, orderId: "670f" });
    const call = rig.answer(/orders\/670f/, { code: "102436", msg: "Order does not exist" });
    expect(call).toMatchObject({
      method: "DELETE",
      kind: "cancel",
      path: "/api/v1/hf/orders/670f?symbol=BTC-USDT",
    });
    expect(rig.told()).toMatchObject([
      { type: "cancelAccepted" },
      { type: "cancelRefused", refusal: { class: "noSuchOrder" } },
    ]);
  });

  test("of all looks up what is open and leaves foreign orders alone", () => {
    const rig = opened();
    rig.desk.execute({ type: "cancelAll", venue: 0, instrument: -1 });
    rig.ok(/active\/symbols/, { symbols: ["BTC-USDT"] });
    const row = {
      symbol: "BTC-USDT",
      side: "buy",
      price: "1",
      size: "0.001",
      dealSize: "0",
      active: true,
      createdAt: 1_730_000_000_000,
    };
    rig.ok(/active\?symbol=BTC-USDT/, [
      { ...row, id: "a1", clientOid: CLIENT_ID },
      { ...row, id: "a2", clientOid: "web_1" },
    ]);
    expect(rig.sent.filter(([, text]) => text.includes("spot.cancel"))).toHaveLength(1);
    rig.desk.execute({ type: "cancelAll", venue: 0, instrument: 3 });
    rig.fail(/active\?symbol=BTC-USDT/);
    expect(rig.told("accountGap")).toEqual([
      { type: "accountGap", reason: "cancelAll: ECONNRESET" },
    ]);
  });
});

describe("the dead man's switch", () => {
  test("is armed in seconds, five at least, and switched off; a failure is told", () => {
    const rig = opened();
    rig.desk.execute({ type: "armDeadMan", venue: 0, timeoutUs: 2_000_000 });
    expect(rig.ok(/dead-cancel-all/, {}).body).toBe('{"timeout":5,"symbols":""}');
    rig.desk.execute({ type: "armDeadMan", venue: 0, timeoutUs: 0 });
    expect(rig.ok(/dead-cancel-all/, {}).body).toBe('{"timeout":-1,"symbols":""}');
    expect(rig.told("accountGap")).toEqual([]);
    rig.desk.execute({ type: "armDeadMan", venue: 0, timeoutUs: 60_000_000 });
    rig.fail(/dead-cancel-all/);
    expect(rig.told("accountGap")).toMatchObject([{ reason: "dead man: ECONNRESET" }]);
  });
});

describe("closing", () => {
  test("ends both connections without a word, for its own epoch only", () => {
    const rig = opened();
    rig.desk.execute({ type: "closeAccount", venue: 0, epoch: 9, reason: "x" });
    expect(rig.hangUps).toEqual([]);
    rig.desk.execute({ type: "closeAccount", venue: 0, epoch: 1, reason: "drill" });
    expect(rig.hangUps).toEqual([0, 1]);
    expect(rig.told("accountClosed")).toEqual([]);
    expect(rig.wakeUs).toBe(Number.POSITIVE_INFINITY);
  });
});
