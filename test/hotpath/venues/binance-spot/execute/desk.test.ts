// Goal: whatever the venue answers, or does not, each command of an account has the outcome it should.
// Method: the production desk without sockets, fed with frames in the shapes of the venue's own pages.
import { describe, expect, test } from "vitest";
import { CLIENT_ID, DeskRig, ED25519_KEYS, openRig, order, PLACED, START_US } from "./desk-rig.ts";

const FILL = {
  price: "51999.50000000",
  qty: "0.01000000",
  commission: "0.00001000",
  commissionAsset: "BTC",
  tradeId: 56,
};

describe("opening an account", () => {
  test("asks the time, subscribes to the user data with a signature, and is ready then", () => {
    const rig = new DeskRig();
    rig.open(7, 250_000);
    expect(rig.dials).toEqual(["wss://orders.test/ws-api/v3"]);
    expect(rig.requests.map(({ method }) => method)).toEqual([
      "time",
      "userDataStream.subscribe.signature",
    ]);
    // Our clock is behind by 250 ms, so the stamp is ahead of it by as much.
    expect(rig.last.params.timestamp).toBe((START_US + 250_000) / 1000);
    expect(rig.events).toEqual([{ type: "accountReady", venue: 0, epoch: 7, recvUs: START_US }]);
  });

  test("an Ed25519 key logs the session on, and the subscription needs no signature", () => {
    const rig = new DeskRig(ED25519_KEYS);
    rig.open();
    expect(rig.requests.map(({ method }) => method)).toEqual([
      "time",
      "session.logon",
      "userDataStream.subscribe",
    ]);
    expect(rig.last.params).toEqual({});
  });

  test("a key that the venue does not know ends it with the venue's words", () => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 5_000_000 });
    rig.isOpen = true;
    rig.desk.onOpen(0);
    rig.answer(rig.last.id, { serverTime: START_US / 1000 });
    rig.refuse(rig.last.id, 401, -2015, "Invalid API-key, IP, or permissions for action.");
    expect(rig.told()).toEqual([
      {
        type: "accountClosed",
        reason: "credentials: -2015 Invalid API-key, IP, or permissions for action.",
      },
    ]);
    expect(rig.hangUps).toBe(1);
  });

  test("what does not open in time is given up", () => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 2_000_000 });
    rig.runTo(1_900_000);
    expect(rig.events).toEqual([]);
    rig.runTo(2_100_000);
    expect(rig.told()).toEqual([{ type: "accountClosed", reason: "not open in time" }]);
  });

  test("a venue that does not tell the time is not opened", () => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 0, epoch: 1, timeoutUs: 2_000_000 });
    rig.isOpen = true;
    rig.desk.onOpen(0);
    rig.refuse(rig.last.id, 400, -1100, "Illegal characters found in a parameter.");
    expect(rig.told("accountClosed")).toHaveLength(1);
  });

  test("opening anew ends what was open, and its questions are lost", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.desk.execute({ type: "openAccount", venue: 0, epoch: 2, timeoutUs: 5_000_000 });
    expect(rig.events.map(({ type }) => type)).toEqual(["orderRefused", "accountClosed"]);
    expect(rig.events.every((event) => "epoch" in event && event.epoch === 1)).toBe(true);
  });

  test("an order to close an earlier epoch closes nothing", () => {
    const rig = openRig();
    rig.desk.execute({ type: "closeAccount", venue: 0, epoch: 0, reason: "late" });
    expect(rig.hangUps).toBe(0);
    rig.desk.execute({ type: "closeAccount", venue: 0, epoch: 1, reason: "drained" });
    expect(rig.told()).toEqual([{ type: "accountClosed", reason: "drained" }]);
  });
});

describe("placing", () => {
  test("an order is on the wire at once, signed over its params by name", () => {
    const rig = openRig();
    rig.desk.execute(order());
    expect(rig.last).toEqual({
      id: CLIENT_ID,
      method: "order.place",
      params: {
        apiKey: expect.any(String),
        newClientOrderId: CLIENT_ID,
        newOrderRespType: "FULL",
        price: "52000.00",
        quantity: "0.01000",
        recvWindow: 1000,
        side: "BUY",
        symbol: "BTCUSDT",
        timeInForce: "IOC",
        timestamp: 1_700_000_005_000,
        type: "LIMIT",
        signature: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
  });

  test("on a session that is logged on neither key nor signature is sent", () => {
    const rig = openRig(ED25519_KEYS);
    rig.desk.execute(order({ side: "sell", timeInForce: "gtc" }));
    expect(Object.keys(rig.last.params)).toEqual([
      "newClientOrderId",
      "newOrderRespType",
      "price",
      "quantity",
      "recvWindow",
      "side",
      "symbol",
      "timeInForce",
      "timestamp",
      "type",
    ]);
  });

  test("an answer with fills tells acceptance, each fill, and then the state", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.answer(CLIENT_ID, {
      ...PLACED,
      executedQty: "0.01000000",
      status: "FILLED",
      fills: [
        { ...FILL, qty: "0.00400000", tradeId: 56 },
        { ...FILL, qty: "0.00600000", tradeId: 57 },
      ],
    });
    expect(rig.told().slice(0, 2)).toEqual([
      { type: "orderAccepted", clientId: CLIENT_ID, orderId: "12510053279" },
      {
        type: "orderFilled",
        source: "answer",
        fill: {
          clientId: CLIENT_ID,
          orderId: "12510053279",
          instrument: 3,
          tradeId: "56",
          side: "buy",
          priceTicks: 5_199_950,
          lots: 400,
          // Not told by this answer: 51999.5 times 0.004, cut to 8 places.
          quote: "207.998",
          fee: "0.00001000",
          feeAsset: "BTC",
          isMaker: false,
          exchangeUs: 1_655_716_096_505_000,
        },
      },
    ]);
    expect(rig.events.map(({ type }) => type)).toEqual([
      "orderAccepted",
      "orderFilled",
      "orderFilled",
      "orderReported",
    ]);
    expect(rig.told("orderReported")).toEqual([
      {
        type: "orderReported",
        source: "answer",
        order: {
          clientId: CLIENT_ID,
          orderId: "12510053279",
          instrument: 3,
          side: "buy",
          state: "filled",
          lots: 1000,
          filledLots: 1000,
          priceTicks: 5_200_000,
          reason: "",
          exchangeUs: 1_655_716_096_505_000,
        },
      },
    ]);
  });

  test("an id above 2^53 keeps its digits", () => {
    const rig = openRig();
    rig.desk.execute(order());
    const text = JSON.stringify({ id: CLIENT_ID, status: 200, result: PLACED });
    rig.hear(text.replace("12510053279", "9007199254740993"));
    expect(rig.told("orderAccepted")).toEqual([
      { type: "orderAccepted", clientId: CLIENT_ID, orderId: "9007199254740993" },
    ]);
  });

  test("a test order goes to order.test and is told apart", () => {
    const rig = openRig();
    rig.desk.execute(order({ isTest: true }));
    expect(rig.last.method).toBe("order.test");
    rig.answer(CLIENT_ID, {});
    expect(rig.told()).toEqual([{ type: "orderTested", clientId: CLIENT_ID }]);
  });

  test("a refusal carries the class of its code", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.refuse(CLIENT_ID, 400, -2010, "Account has insufficient balance for requested action.");
    expect(rig.told()).toEqual([
      {
        type: "orderRefused",
        clientId: CLIENT_ID,
        refusal: {
          class: "rejected",
          code: "-2010",
          text: "Account has insufficient balance for requested action.",
          isListed: true,
        },
      },
    ]);
  });

  test.each([
    [503, -1008, "Server is currently overloaded with other requests."],
    [500, -2010, "Account has insufficient balance for requested action."],
    [504, -1007, "Timeout waiting for response from backend server."],
    [400, -1006, "An unexpected response was received from the message bus."],
  ])("a status of %s with %s may have been carried out", (status, code, msg) => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.refuse(CLIENT_ID, status, code, msg);
    expect(rig.told()).toEqual([
      expect.objectContaining({ refusal: expect.objectContaining({ class: "unknown" }) }),
    ]);
  });

  test("without a ready account nothing is written, and that is told", () => {
    const rig = new DeskRig();
    rig.desk.execute(order());
    rig.open();
    rig.isOpen = false;
    rig.desk.execute(order());
    expect(rig.told("orderNotSent")).toEqual([
      { type: "orderNotSent", clientId: CLIENT_ID, reason: "the account is not open" },
      { type: "orderNotSent", clientId: CLIENT_ID, reason: "the socket is not open" },
    ]);
    expect(rig.requests.some(({ method }) => method === "order.place")).toBe(false);
  });

  test("no answer within the window and the venue's own timeout is unknown, and a late one still counts", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.runTo(10_900_000);
    expect(rig.told("orderRefused")).toEqual([]);
    rig.runTo(11_100_000);
    expect(rig.told("orderRefused")).toEqual([
      {
        type: "orderRefused",
        clientId: CLIENT_ID,
        refusal: { class: "unknown", code: "timeout", text: "", isListed: true },
      },
    ]);
    rig.answer(CLIENT_ID, PLACED);
    expect(rig.told("orderAccepted", "orderReported")).toHaveLength(2);
  });

  test("a connection that is lost makes every order in flight unknown, before it is closed", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.desk.execute(order({ clientId: "rk00001-00000002" }));
    rig.desk.onClosed(0, "closed 1006");
    expect(rig.events.map(({ type }) => type)).toEqual([
      "orderRefused",
      "orderRefused",
      "accountClosed",
    ]);
    expect(rig.told("orderRefused")[1]).toMatchObject({
      clientId: "rk00001-00000002",
      refusal: { class: "unknown", code: "closed" },
    });
  });

  test("a second answer to the same order changes nothing", () => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.answer(CLIENT_ID, PLACED);
    const before = rig.events.length;
    rig.answer(CLIENT_ID, PLACED);
    expect(rig.events.length).toBe(before);
  });
});

describe("contradictions", () => {
  test("an answer to what was never asked", () => {
    const rig = openRig();
    rig.answer("rk00009-00000001", PLACED);
    expect(rig.told()).toEqual([
      {
        type: "accountContradicted",
        reason: "an answer to rk00009-00000001, which was not asked",
      },
    ]);
  });

  test.each([
    ["another client id", { clientOrderId: "rk00001-00000009" }],
    ["another instrument", { symbol: "ETHUSDT" }],
    ["another symbol", { symbol: "NOSUCH" }],
    ["the other side", { side: "SELL" }],
    ["another quantity", { origQty: "0.02000000" }],
    ["more filled than there is", { executedQty: "0.02000000" }],
    ["no status", { status: "SOMETHING" }],
    ["no order id", { orderId: "x" }],
    ["no side", { side: "HOLD" }],
    ["no time", { transactTime: "soon" }],
    ["a quantity off its steps", { origQty: "0.010000001" }],
  ])("an accepted order of %s is unknown, and alarms", (_what, change) => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.answer(CLIENT_ID, { ...PLACED, ...change });
    expect(rig.events.map(({ type }) => type)).toEqual(["accountContradicted", "orderRefused"]);
    expect(rig.told("orderRefused")[0]).toMatchObject({ refusal: { class: "unknown" } });
  });

  test.each([
    ["that do not add up", [{ ...FILL, qty: "0.00500000" }]],
    ["without a fee", [{ ...FILL, commission: "much" }]],
    ["without an id", [{ ...FILL, tradeId: null }]],
    ["off the steps", [{ ...FILL, price: "51999.505" }]],
  ])("fills %s", (_what, fills) => {
    const rig = openRig();
    rig.desk.execute(order());
    rig.answer(CLIENT_ID, { ...PLACED, executedQty: "0.01000000", status: "FILLED", fills });
    expect(rig.told("accountContradicted").length).toBeGreaterThan(0);
  });

  test("user data of another subscription", () => {
    const rig = openRig();
    rig.event({ e: "outboundAccountPosition", E: 1, u: 1, B: [] }, 5);
    expect(rig.told()).toEqual([
      { type: "accountContradicted", reason: "an event of subscription 5" },
    ]);
  });
});
