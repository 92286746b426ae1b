// Goal: order entry greets only whoever signs its challenge, answers each request once with its budget, and
// the private topics tell of every order from receipt to end.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Message } from "../../venue-client.ts";
import { greeted } from "../kucoin-client.ts";
import { SYMBOL, TradingRig } from "./trading-rig.ts";

let rig: TradingRig;

beforeAll(async () => {
  rig = await TradingRig.start(12);
});

afterEach(async () => {
  await rig.tidy();
});

afterAll(async () => {
  await rig.venues.stop();
});

describe("a session", () => {
  test("is welcomed for its challenge, signed as it was sent", async () => {
    const client = await rig.entered();
    const [challenge = "", welcome = ""] = client.texts;
    expect(challenge).toMatch(/^\{"sessionId":"[\w-]+", "timestamp": \d{13}\}$/);
    expect(JSON.parse(welcome)).toMatchObject({
      sessionId: (JSON.parse(challenge) as Message).sessionId,
      data: "welcome",
      pingInterval: expect.any(Number),
      pingTimeout: expect.any(Number),
    });
    const pong = await rig.ask(client, "ping", {});
    expect(pong).toMatchObject({ op: "pong", timestamp: expect.any(Number) });
  });

  test("is refused for a wrong signature of its challenge", async () => {
    const client = await rig.dial();
    await client.until(() => client.texts.length > 0, "the challenge");
    // The same fields without the blanks are other bytes.
    client.send(rig.sign(JSON.stringify(JSON.parse(client.texts[0] ?? ""))));
    expect(await client.find(({ code }) => code !== undefined)).toMatchObject({ code: "400011" });
    await client.until(() => client.closeCode !== null, "the end");
  });

  test.each([
    ["400003", { apikey: "someone-else" }],
    ["400004", { passphrase: "clear text" }],
    ["400002", { timestamp: "1" }],
    ["400005", { sign: "AAAA" }],
  ])("is refused with %s for %j", async (code, spoil) => {
    const client = await rig.dial(spoil);
    expect(await client.find((one) => one.code !== undefined)).toMatchObject({ code });
    await client.until(() => client.closeCode !== null, "the end");
  });

  test("answers what it does not know as a bad request", async () => {
    const client = await rig.entered();
    expect(await rig.ask(client, "spot.dance", {})).toMatchObject({ code: "400100" });
    client.send("no JSON at all");
    expect(await client.find(({ id, code }) => id === "" && code === "400100")).toMatchObject({
      op: "",
    });
  });
});

describe("requests", () => {
  test("an order and its cancel are answered with times and what is left of the pool", async () => {
    const client = await rig.entered();
    const order = await rig.resting();
    const placed = await rig.ask(client, "spot.order", order);
    expect(placed).toMatchObject({
      op: "spot.order",
      code: "200000",
      data: { clientOid: order.clientOid, orderId: expect.stringMatching(/^[0-9a-f]{24}$/) },
      inTime: expect.any(Number),
      outTime: expect.any(Number),
      rateLimit: { limit: expect.any(Number), reset: expect.any(Number) },
    });
    const cancel = { symbol: SYMBOL, clientOid: order.clientOid };
    expect(await rig.ask(client, "spot.cancel", cancel)).toMatchObject({
      code: "200000",
      data: { clientOid: order.clientOid },
    });
    const again = await rig.ask(client, "spot.cancel", cancel);
    expect(["100004", "102436"]).toContain(again.code);
    const left = (one: Message) => (one.rateLimit as { remaining: number }).remaining;
    expect(left(placed) - left(again)).toBe(2);
  });

  test("refusals carry their code, whoever refuses", async () => {
    const client = await rig.entered();
    const shapeless = await rig.ask(client, "spot.order", { side: "both" });
    expect(shapeless).toMatchObject({ code: "400100", msg: "side is invalid" });
    const poor = await rig.ask(client, "spot.order", await rig.ioc({ size: "80" }));
    expect(poor).toMatchObject({ code: "200004" });
  });

  test("a used up pool and an overload differ by the budget that they show", async () => {
    const client = await rig.entered();
    rig.arm({ kind: "rateLimited" });
    const spent = await rig.ask(client, "spot.order", await rig.ioc());
    expect(spent).toMatchObject({ code: "429000", rateLimit: { remaining: 0 } });
    await rig.until(
      async () => (await rig.ask(client, "spot.order", await rig.ioc())).code === "200000",
    );
    const faces = new Set<string>();
    for (let i = 0; i < 60 && faces.size < 3; i++) {
      rig.arm({ kind: "errorNotExecuted" });
      const answer = await rig.ask(client, "spot.order", await rig.ioc());
      faces.add(`${String(answer.code)} ${answer.rateLimit === undefined ? "without" : "with"}`);
    }
    expect([...faces].sort()).toEqual(["230005 with", "429000 without", "500000 with"]);
  });

  test("an answer may be lost or doubled, and the order is there", async () => {
    const client = await rig.entered();
    rig.arm({ kind: "ackLost" });
    const lost = await rig.ioc();
    client.send({ id: "lost", op: "spot.order", args: lost });
    await rig.until(async () => (await rig.order(lost.clientOid)).code === "200000");
    rig.arm({ kind: "duplicateAck" });
    client.send({ id: "twice", op: "spot.order", args: await rig.ioc() });
    const twice = () => client.messages().filter(({ id }) => id === "twice");
    await client.until(() => twice().length === 2, "two answers");
    expect(twice()[0]?.data).toEqual(twice()[1]?.data);
    expect(client.messages().some(({ id }) => id === "lost")).toBe(false);
  });
});

describe("private topics", () => {
  const ofOrder = (all: readonly Message[], clientOid: string) =>
    all.flatMap(({ topic, data }) => {
      const push = data as Message | undefined;
      return topic === "/spotMarket/tradeOrdersV2" && push?.clientOid === clientOid ? [push] : [];
    });

  test("an order that takes is received, matched and filled, and balances change", async () => {
    const stream = await rig.listening();
    const order = await rig.ioc();
    await rig.call("POST", "/api/v1/hf/orders", order);
    await stream.until(
      () => ofOrder(stream.messages(), order.clientOid).some(({ type }) => type === "filled"),
      "filled",
    );
    const pushes = ofOrder(stream.messages(), order.clientOid);
    expect(pushes[0]).toMatchObject({ type: "received", status: "new", originSize: order.size });
    const matches = pushes.filter(({ type }) => type === "match");
    const matched = matches.reduce((sum, { matchSize }) => sum + Number(matchSize), 0);
    expect(matched).toBeCloseTo(Number(order.size), 12);
    expect(matches.every(({ feeType }) => feeType === "takerFee")).toBe(true);
    await stream.until(
      () => stream.messages().some(({ topic }) => topic === "/account/balance"),
      "a balance",
    );
    const text = stream.texts.find((one) => one.includes("orderChange")) ?? "";
    expect(text).toMatch(/"ts":\d{19}\b/);
  });

  test("an order that rests is open, and is told when it is canceled", async () => {
    const stream = await rig.listening();
    const order = await rig.resting();
    await rig.call("POST", "/api/v1/hf/orders", order);
    const types = () => ofOrder(stream.messages(), order.clientOid).map(({ type }) => type);
    await stream.until(() => types().includes("open"), "open");
    await rig.call("DELETE", "/api/v1/hf/orders/cancelAll");
    await stream.until(() => types().includes("canceled"), "canceled");
    expect(types()).toEqual(["received", "open", "canceled"]);
  });

  test("are cut when the venue cuts them", async () => {
    const stream = await rig.listening();
    rig.arm({ kind: "privateStreamCut" });
    await stream.until(() => stream.closeCode !== null, "the cut");
  });

  test("are refused to a public session", async () => {
    const client = await greeted(rig.venues);
    const topic = "/spotMarket/tradeOrdersV2";
    client.send({ id: "no", type: "subscribe", topic, privateChannel: true, response: true });
    const answer = await client.find(({ id }) => id === "no");
    expect(answer).toMatchObject({ type: "error" });
    client.close();
  });
});
