// Goal: what the desk writes is what the venue documents, and what it tells is only what there is evidence
// for. Method: the desk alone; the venue's own samples as answers.
import { describe, expect, test } from "vitest";
import { KnownOrders } from "../../../../../hotpath/venues/kraken/execute/executions.ts";
import { DeskRig, START_US } from "./desk-rig.ts";

const ORDER_ID = "OK4GJX-KSTLS-7DZZO5";
const PENDING =
  `{"order_id":"${ORDER_ID}","cl_ord_id":"rk00001-00000001","symbol":"BTC/USD","order_qty":0.00500000,` +
  `"cum_cost":0.0,"time_in_force":"GTC","exec_type":"pending_new","side":"sell","order_type":"limit",` +
  `"limit_price":26500.0,"order_status":"pending_new","timestamp":"2023-09-22T10:33:05.709950Z"}`;
const NEW = `{"timestamp":"2023-09-22T10:33:05.709982Z","order_status":"new","exec_type":"new","order_id":"${ORDER_ID}"}`;
const TRADE =
  `{"order_id":"${ORDER_ID}","exec_id":"TGBB7L-HT5LX-J3BZ4A","exec_type":"trade","trade_id":62887576,` +
  `"symbol":"BTC/USD","side":"sell","last_qty":0.005,"last_price":26599.9,"liquidity_ind":"t",` +
  `"cost":132.9995,"order_type":"limit","timestamp":"2023-09-22T10:33:05.709993Z",` +
  `"order_status":"partially_filled","cum_qty":0.005,"cum_cost":132.9995,"avg_price":26599.9,` +
  `"fee_usd_equiv":0.3458,"fees":[{"asset":"USD","qty":0.3458}]}`;
const FILLED = `{"order_id":"${ORDER_ID}","exec_type":"filled","order_status":"filled","cum_qty":0.005,"timestamp":"2023-09-22T10:33:05.709993Z"}`;

describe("an account that opens", () => {
  test("asks for a token, dials, subscribes with it, and is ready behind both snapshots", () => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 4, epoch: 7, timeoutUs: 5_000_000 });
    expect(rig.calls[0]).toMatchObject({ path: "/0/private/GetWebSocketsToken", kind: "read" });
    rig.answer({ error: [], result: { token: "T", expires: 900 } });
    expect(rig.dialed).toEqual(["wss://stream.test"]);
    rig.desk.onOpen(0);
    expect(rig.sent).toMatchObject([
      { method: "subscribe", params: { channel: "executions", snap_orders: true, token: "T" } },
      { method: "subscribe", params: { channel: "balances", snapshot: true, token: "T" } },
    ]);
    rig.entries("executions", "snapshot", 1, PENDING);
    expect(rig.told().map(({ type }) => type)).toEqual(["orderReported"]);
    rig.entries("balances", "snapshot", 1, '{"asset":"BTC","balance":1.20000000}');
    expect(rig.told()).toMatchObject([
      { type: "balanceReported", balances: [{ asset: "BTC", total: "1.20000000" }] },
      { type: "accountReady", venue: 4, epoch: 7 },
    ]);
  });

  test.each([
    ["the venue refuses", { error: ["EAPI:Invalid key"] }, "EAPI:Invalid key"],
    ["the answer is none", "<html>", "no Kraken answer"],
    ["the answer has none", { error: [], result: {} }, "no token"],
  ])("is closed when %s a token", (_what, body, reason) => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 4, epoch: 1, timeoutUs: 5_000_000 });
    rig.answer(body);
    expect(rig.told()).toMatchObject([
      { type: "accountClosed", reason: expect.stringContaining(reason) },
    ]);
    expect(rig.dialed).toEqual([]);
  });

  test("is closed when the network fails, and when it takes too long", () => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 4, epoch: 1, timeoutUs: 5_000_000 });
    rig.reply({ kind: "failed", code: "ECONNRESET", wasSent: true });
    expect(rig.told()).toMatchObject([{ type: "accountClosed" }]);
    rig.desk.execute({ type: "openAccount", venue: 4, epoch: 2, timeoutUs: 5_000_000 });
    rig.nowUs += 5_000_001;
    rig.desk.onDue(rig.nowUs);
    expect(rig.told()).toMatchObject([
      { type: "accountClosed", epoch: 2, reason: "not ready in time" },
    ]);
  });

  test("is closed when a channel refuses the token", () => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 4, epoch: 1, timeoutUs: 5_000_000 });
    rig.answer({ error: [], result: { token: "T", expires: 900 } });
    rig.desk.onOpen(0);
    rig.refuse("EGeneral:Permission denied", 0);
    expect(rig.told()).toMatchObject([
      { type: "accountClosed", reason: expect.stringContaining("executions") },
    ]);
  });

  test("a token that comes for an epoch that is over opens nothing", () => {
    const rig = new DeskRig();
    rig.desk.execute({ type: "openAccount", venue: 4, epoch: 1, timeoutUs: 5_000_000 });
    rig.desk.execute({ type: "closeAccount", venue: 4, epoch: 1, reason: "test" });
    rig.answer({ error: [], result: { token: "T", expires: 900 } });
    expect(rig.dialed).toEqual([]);
  });
});

describe("an order", () => {
  test("is written with exact numbers, its deadline in the venue's time and its client id", () => {
    const rig = new DeskRig().open();
    const texts: string[] = [];
    const placed = rig.order({ stampUs: START_US + 1_999 });
    rig.desk.execute(placed);
    texts.push(JSON.stringify(rig.sent.at(-1)));
    expect(rig.sent.at(-1)).toEqual({
      method: "add_order",
      params: {
        order_type: "limit",
        side: "buy",
        limit_price: 26_500.4,
        order_qty: 1.2,
        symbol: "BTC/USD",
        time_in_force: "ioc",
        cl_ord_id: "rk00001-00000001",
        fee_preference: "quote",
        deadline: new Date((START_US + 2_000_000) / 1000 + 1).toISOString(),
        token: "token-1",
      },
      req_id: 3,
    });
  });

  test("is accepted under the id that the answer gives", () => {
    const rig = new DeskRig().open();
    rig.desk.execute(rig.order());
    rig.told();
    rig.acknowledge({ order_id: "AA5JGQ-SBMRC-SCJ7J7", cl_ord_id: "rk00001-00000001" });
    expect(rig.told()).toMatchObject([
      { type: "orderAccepted", clientId: "rk00001-00000001", orderId: "AA5JGQ-SBMRC-SCJ7J7" },
    ]);
  });

  test("is refused with the venue's text, and unknown when its answer is about another", () => {
    const rig = new DeskRig().open();
    rig.desk.execute(rig.order());
    rig.told();
    rig.refuse("EOrder:Insufficient funds");
    expect(rig.told()).toMatchObject([{ type: "orderRefused", refusal: { class: "rejected" } }]);
    rig.desk.execute(rig.order({ clientId: "rk00001-00000002" }));
    rig.acknowledge({ order_id: "X", cl_ord_id: "somebody" });
    expect(rig.told()).toMatchObject([
      { type: "accountContradicted" },
      { type: "orderRefused", refusal: { class: "unknown", isListed: true } },
    ]);
  });

  test("that is throttled until a time silences the venue until then", () => {
    const rig = new DeskRig().open();
    rig.desk.execute(rig.order());
    rig.told();
    rig.refuse("EService: Throttled: 1795271288");
    expect(rig.told()).toMatchObject([
      { type: "venueSilenced", untilUs: 1_795_271_288_000_000, isBan: false },
      { type: "orderRefused", refusal: { class: "throttled" } },
    ]);
  });

  test("that is throttled without a time silences the venue for as long as one order costs", () => {
    const rig = new DeskRig().open();
    rig.desk.execute(rig.order());
    rig.told();
    rig.refuse("EOrder:Rate limit exceeded");
    expect(rig.told()).toMatchObject([
      { type: "venueSilenced", untilUs: rig.nowUs + 1_000_000, isBan: false },
      { type: "orderRefused", refusal: { class: "throttled" } },
    ]);
    rig.desk.execute(rig.order({ clientId: "rk00001-00000002" }));
    rig.told();
    rig.refuse("EOrder:Insufficient funds");
    expect(rig.told()).toMatchObject([{ type: "orderRefused", refusal: { class: "rejected" } }]);
  });

  test("without an answer is unknown after its window and the back end's time, and still accepted late", () => {
    const rig = new DeskRig().open();
    rig.desk.execute(rig.order());
    rig.told();
    rig.nowUs += 2_000_000 + 5_000_000;
    rig.desk.onDue(rig.nowUs);
    expect(rig.told()).toMatchObject([
      { type: "orderRefused", refusal: { class: "unknown", code: "timeout" } },
    ]);
    rig.acknowledge({ order_id: "LATE", cl_ord_id: "rk00001-00000001" });
    expect(rig.told().at(-1)).toMatchObject({ type: "orderAccepted", orderId: "LATE" });
  });

  test("that was under way when the connection ended is unknown, before the end is told", () => {
    const rig = new DeskRig().open();
    rig.desk.execute(rig.order());
    rig.told();
    rig.desk.onClosed(0, "cut");
    expect(rig.told()).toMatchObject([
      { type: "orderRefused", refusal: { class: "unknown", code: "closed" } },
      { type: "accountClosed", reason: "cut" },
    ]);
  });

  test("that the socket does not take has certainly not been sent", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.isConnected = false;
    rig.desk.execute(rig.order());
    expect(rig.told()).toMatchObject([{ type: "orderNotSent", reason: "the socket is not open" }]);
    const closed = new DeskRig();
    closed.desk.execute(closed.order());
    expect(closed.told()).toMatchObject([{ reason: "the account is not open" }]);
    expect(closed.sent).toEqual([]);
  });

  test("for a test says so, and its answer makes no order", () => {
    const rig = new DeskRig().open();
    rig.desk.execute(rig.order({ isTest: true }));
    rig.told();
    expect(rig.sent.at(-1)).toMatchObject({ params: { validate: true } });
    rig.acknowledge({});
    expect(rig.told()).toMatchObject([{ type: "orderTested", clientId: "rk00001-00000001" }]);
  });
});

describe("executions", () => {
  test("the venue's own sample: pending, new, a trade that says partially filled, and the end", () => {
    const rig = new DeskRig().open();
    rig.told();
    for (const [i, entry] of [PENDING, NEW, TRADE, FILLED].entries()) {
      rig.entries("executions", "update", i + 2, entry);
    }
    const about = { clientId: "rk00001-00000001", orderId: ORDER_ID, instrument: 0, side: "sell" };
    expect(rig.told()).toMatchObject([
      {
        type: "orderReported",
        source: "stream",
        order: { ...about, state: "received", lots: 500_000, priceTicks: 265_000 },
      },
      { type: "orderReported", order: { ...about, state: "open", filledLots: 0 } },
      {
        type: "orderFilled",
        source: "stream",
        fill: {
          ...about,
          tradeId: "TGBB7L-HT5LX-J3BZ4A",
          lots: 500_000,
          priceTicks: 265_999,
          fee: "0.3458",
          feeAsset: "USD",
          isMaker: false,
        },
      },
      { type: "orderReported", order: { ...about, state: "partiallyFilled", filledLots: 500_000 } },
      { type: "orderReported", order: { ...about, state: "filled", filledLots: 500_000 } },
    ]);
  });

  test("a foreign order is told with its own id, and one of a pair that nobody follows without numbers", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.entries("executions", "update", 2, PENDING.replace("rk00001-00000001", "hand"));
    rig.entries(
      "executions",
      "update",
      3,
      PENDING.replace("BTC/USD", "DOGE/USD").replace(ORDER_ID, "Z"),
    );
    expect(rig.told()).toMatchObject([
      { order: { clientId: "hand", instrument: 0 } },
      { order: { instrument: -1, lots: -1, priceTicks: -1 } },
    ]);
  });

  test.each([
    ["of an order that nobody named", FILLED],
    ["without an order id", '{"exec_type":"new"}'],
  ])("an entry %s is a gap", (_what, entry) => {
    const rig = new DeskRig().open();
    rig.told();
    rig.entries("executions", "update", 2, entry);
    expect(rig.told()).toMatchObject([{ type: "accountGap" }]);
  });

  test.each([
    ["a trade that cannot be read", TRADE.replace("26599.9", "26599.95")],
    ["a status of tomorrow", NEW.replace('"new"', '"paused"')],
  ])("%s is a gap", (_what, entry) => {
    const rig = new DeskRig().open();
    rig.entries("executions", "update", 2, PENDING);
    rig.told();
    rig.entries("executions", "update", 3, entry);
    expect(rig.told()[0]).toMatchObject({ type: "accountGap" });
  });

  test("a trade with two fees leaves the fee to be worked out", () => {
    const rig = new DeskRig().open();
    rig.entries("executions", "update", 2, PENDING);
    rig.told();
    const two = TRADE.replace(
      '{"asset":"USD","qty":0.3458}',
      '{"asset":"USD","qty":1},{"asset":"BTC","qty":2}',
    );
    rig.entries("executions", "update", 3, two);
    expect(rig.told()[0]).toMatchObject({ fill: { fee: "", feeAsset: "" } });
  });

  test("a hole in a sequence is told, and the channel begins anew with its snapshot", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.entries("executions", "update", 3, PENDING);
    expect(rig.told()).toMatchObject([{ type: "accountGap", reason: "executions: 3 follows 1" }]);
    expect(rig.sent.slice(-2)).toMatchObject([
      { method: "unsubscribe", params: { channel: "executions" } },
      { method: "subscribe", params: { channel: "executions" } },
    ]);
    rig.entries("executions", "update", 4, NEW);
    expect(rig.told()).toEqual([]);
    rig.entries("executions", "snapshot", 1, PENDING);
    rig.entries("executions", "update", 2, NEW);
    expect(rig.told()).toHaveLength(2);
  });

  test("of many orders the ended ones are forgotten, oldest first, and open ones never", () => {
    const rig = new DeskRig();
    const orders = new KnownOrders(rig.instruments);
    const entry = { symbol: "BTC/USD", side: "buy", cl_ord_id: "rk00001-00000001" };
    orders.read({ ...entry, order_id: "open", order_status: "new" });
    for (let i = 0; i < 8192; i++) {
      orders.read({ ...entry, order_id: `E${i}`, order_status: "canceled" });
    }
    expect(orders.openClientIds(-1)).toHaveLength(1);
    expect(orders.clientIdOf("open")).toBe(entry.cl_ord_id);
    expect(orders.clientIdOf("E0")).toBe("");
    expect(orders.clientIdOf("E8191")).toBe(entry.cl_ord_id);
  });

  test("an entry that cannot be read is a gap, and those beside it are told", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.entries("executions", "update", 2, `7,${PENDING}`);
    expect(rig.told()).toMatchObject([
      { type: "accountGap", reason: "executions: entries that cannot be read" },
      { type: "orderReported" },
    ]);
    rig.frame({ channel: "executions", type: "update" });
    expect(rig.told()).toMatchObject([{ reason: "executions: none follows 2" }]);
  });

  test("a message without entries is a gap", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.frame({ channel: "executions", type: "update", sequence: 2 });
    expect(rig.told()).toMatchObject([{ type: "accountGap" }]);
  });
});

describe("balances", () => {
  test.each([
    ["trade", "trade", ""],
    ["deposit", "transfer", "-0.005"],
    ["withdrawal", "transfer", "-0.005"],
    ["staking", "unknown", ""],
  ])("a ledger entry of type %s", (type, cause, delta) => {
    const rig = new DeskRig().open();
    rig.told();
    const entry = `{"ledger_id":"A","timestamp":"2023-09-22T10:33:05.710082Z","type":"${type}","asset":"BTC","amount":-0.005,"fee":0.0,"balance":1.195}`;
    rig.entries("balances", "update", 2, entry);
    expect(rig.told()).toMatchObject([
      {
        type: "balanceReported",
        cause,
        delta,
        balances: [{ asset: "BTC", free: "", held: "", total: "1.195" }],
      },
    ]);
  });

  test("what cannot be read is a gap", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.entries("balances", "update", 2, '{"asset":"BTC"}');
    expect(rig.told()).toMatchObject([{ type: "accountGap" }]);
    rig.entries("balances", "snapshot", 3, '{"asset":"BTC"}');
    expect(rig.told()).toMatchObject([{ type: "accountGap" }]);
  });
});

describe("frames that are no answer of ours", () => {
  test("garbage is a gap, a foreign answer a contradiction, a heartbeat a sign of life", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.frame("not JSON");
    expect(rig.told()).toMatchObject([{ type: "accountGap" }]);
    rig.frame({ method: "add_order", req_id: 999, success: true, result: {} });
    expect(rig.told()).toMatchObject([{ type: "accountContradicted" }]);
    rig.nowUs += 1_000_000;
    rig.frame({ channel: "heartbeat" });
    rig.frame({ channel: "heartbeat" });
    expect(rig.told()).toMatchObject([{ type: "accountHeard" }]);
  });

  test("a connection that says nothing is pinged before the venue would close it", () => {
    const rig = new DeskRig().open();
    rig.nowUs += 20_000_000;
    rig.desk.onDue(rig.nowUs);
    const ping = rig.sent.at(-1);
    expect(ping).toMatchObject({ method: "ping" });
    rig.told();
    rig.frame({ method: "pong", req_id: ping?.req_id });
    expect(rig.told().filter(({ type }) => type !== "accountHeard")).toEqual([]);
  });
});

describe("cancels", () => {
  const NAME = { venue: 4, instrument: 0, clientId: "rk00001-00000001", orderId: "" };

  test("one is asked for by its client id and answered, refused or lost", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.desk.execute({ type: "cancelOrder", ...NAME, stampUs: START_US });
    expect(rig.sent.at(-1)).toMatchObject({
      method: "cancel_order",
      params: { cl_ord_id: [NAME.clientId] },
    });
    rig.acknowledge({ order_id: "X" });
    rig.desk.execute({ type: "cancelOrder", ...NAME, stampUs: START_US });
    rig.refuse("EOrder:Unknown order");
    rig.desk.execute({ type: "cancelOrder", ...NAME, stampUs: START_US });
    rig.nowUs += 5_000_000;
    rig.desk.onDue(rig.nowUs);
    rig.isConnected = false;
    rig.desk.execute({ type: "cancelOrder", ...NAME, stampUs: START_US });
    expect(rig.told()).toMatchObject([
      { type: "cancelAccepted" },
      { type: "cancelRefused", refusal: { class: "noSuchOrder" } },
      { type: "cancelRefused", refusal: { code: "timeout" } },
      { type: "cancelRefused", refusal: { code: "closed" } },
    ]);
  });

  test("all of ours at once, those the stream has shown first, then what the venue still has", () => {
    const rig = new DeskRig().open();
    rig.entries("executions", "update", 2, PENDING);
    rig.entries(
      "executions",
      "update",
      3,
      PENDING.replace("rk00001-00000001", "hand").replace(ORDER_ID, "H"),
    );
    rig.told();
    rig.desk.execute({ type: "cancelAll", venue: 4, instrument: -1 });
    expect(rig.sent.at(-1)).toMatchObject({ params: { cl_ord_id: ["rk00001-00000001"] } });
    const row = (clientId: string): object => ({
      cl_ord_id: clientId,
      status: "open",
      opentm: 1,
      vol: "1.0",
      vol_exec: "0",
      descr: { pair: "XBTUSD", type: "buy", price: "100.0" },
    });
    rig.answer({ error: [], result: { open: { A: row("rk00001-0000000z"), B: row("hand") } } });
    expect(rig.sent.at(-1)).toMatchObject({ params: { cl_ord_id: ["rk00001-0000000z"] } });
    const sent = rig.sent.length;
    rig.desk.execute({ type: "cancelAll", venue: 4, instrument: 1 });
    rig.answer({ error: [], result: { open: { A: row("rk00001-0000000z") } } });
    expect(rig.sent).toHaveLength(sent);
    rig.desk.execute({ type: "cancelAll", venue: 4, instrument: 1 });
    rig.answer({ error: ["EGeneral:Internal error"] });
    expect(rig.told()).toMatchObject([
      { type: "accountGap", reason: expect.stringContaining("cancelAll") },
    ]);
  });

  test("the dead man's switch is set in seconds, and a refusal of it is told", () => {
    const rig = new DeskRig().open();
    rig.told();
    rig.desk.execute({ type: "armDeadMan", venue: 4, timeoutUs: 1_500_000 });
    expect(rig.sent.at(-1)).toMatchObject({
      method: "cancel_all_orders_after",
      params: { timeout: 2 },
    });
    rig.refuse("EService:Unavailable");
    expect(rig.told()).toMatchObject([
      { type: "accountGap", reason: "dead man: EService:Unavailable" },
    ]);
  });
});
