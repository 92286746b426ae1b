// Goal: the desk and a venue that was written from the same pages by other hands understand each other.
// Method: the production host and desk over real sockets against the simulated venue, with each kind of key.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PlaceOrder } from "../../../../../hotpath/core/trade/commands.ts";
import type { AccountEvent } from "../../../../../hotpath/core/trade/events.ts";
import { nowUs } from "../../../../../hotpath/io/clock.ts";
import type { DeskHost } from "../../../../../hotpath/io/trade/desk-host.ts";
import { openPlace, type Place, SimulatedAccount } from "./simulated-rig.ts";

let place: Place;
let account: SimulatedAccount;
let host: DeskHost;
let events: AccountEvent[];
let askTicks: number;
let fence = 0;

beforeAll(async () => {
  place = await openPlace(7);
  askTicks = place.askTicks;
});

afterAll(async () => place.venues.stop());
afterEach(async () => account.close());

async function open(kind: string): Promise<void> {
  fence++;
  account = new SimulatedAccount(place, kind, fence);
  ({ host, events } = account);
  await account.open();
}

const until: SimulatedAccount["until"] = (type) => account.until(type);
const next = (part: Partial<PlaceOrder>): PlaceOrder => account.next(part);

describe.each(["hmac", "ed25519"])("with a key of kind %s", (kind) => {
  test("an order that crosses is filled, by its answer and by the stream alike", async () => {
    await open(kind);
    const placed = next({ priceTicks: Math.round(askTicks * 1.02) });
    host.execute(placed);
    expect((await until("orderAccepted")).clientId).toBe(placed.clientId);
    await until("balanceReported");
    const fills = events.filter((event) => event.type === "orderFilled");
    const bySource = (source: string): readonly string[] =>
      fills
        .filter((each) => each.source === source)
        .map(({ fill }) => `${fill.tradeId} ${fill.lots} ${fill.fee} ${fill.feeAsset}`);
    expect(bySource("answer").length).toBeGreaterThan(0);
    await expect.poll(() => bySource("stream")).toEqual(bySource("answer"));
    expect(
      events.filter(({ type }) => type === "accountContradicted" || type === "accountGap"),
    ).toEqual([]);
    events.length = 0;
    host.execute({
      type: "queryOrder",
      venue: 0,
      instrument: 0,
      clientId: placed.clientId,
      orderId: "",
      requestId: 1,
    });
    const queried = await until("orderQueried");
    expect(queried).toMatchObject({
      outcome: "found",
      order: { state: "filled", filledLots: placed.lots },
    });
    expect(queried.fills.reduce((sum, { lots }) => sum + lots, 0)).toBe(placed.lots);
  });

  test("an order far away expires at once, or rests and is canceled", async () => {
    await open(kind);
    const away = next({ priceTicks: Math.round(askTicks * 0.95) });
    host.execute({ ...away, lots: away.lots * 2 });
    await expect
      .poll(() => events.filter((event) => event.type === "orderReported").at(-1))
      .toMatchObject({ order: { state: "expired", filledLots: 0 } });
    events.length = 0;
    const resting = next({ priceTicks: away.priceTicks, lots: away.lots * 2, timeInForce: "gtc" });
    host.execute(resting);
    await expect
      .poll(() => events.filter((event) => event.type === "orderReported").at(-1))
      .toMatchObject({ order: { state: "open" } });
    events.length = 0;
    host.execute({ type: "cancelAll", venue: 0, instrument: -1 });
    expect((await until("cancelAccepted")).clientId).toBe(resting.clientId);
    await expect
      .poll(() => events.filter((event) => event.type === "orderReported").length)
      .toBeGreaterThanOrEqual(1);
    expect(
      events.filter((event) => event.type === "orderReported").map(({ order: view }) => view.state),
    ).toContain("canceled");
  });

  test("an order test has no effect, and refusals have their classes", async () => {
    await open(kind);
    host.execute(next({ priceTicks: askTicks, isTest: true }));
    await until("orderTested");
    host.execute(next({ priceTicks: askTicks, lots: 100_000_000_000 }));
    expect((await until("orderRefused")).refusal).toMatchObject({
      class: "rejected",
      isListed: true,
    });
    events.length = 0;
    host.execute(next({ priceTicks: askTicks, stampUs: nowUs() - 3_000_000 }));
    expect((await until("orderRefused")).refusal).toMatchObject({ class: "clock", code: "-1021" });
    events.length = 0;
    host.execute({
      type: "queryOrder",
      venue: 0,
      instrument: 0,
      clientId: "rk00001-zzzzzzzz",
      orderId: "",
      requestId: 2,
    });
    expect(await until("orderQueried")).toMatchObject({ outcome: "notFound" });
    host.execute({
      type: "cancelOrder",
      venue: 0,
      instrument: 0,
      clientId: "rk00001-zzzzzzzz",
      orderId: "",
      stampUs: nowUs(),
    });
    expect((await until("cancelRefused")).refusal).toMatchObject({ class: "noSuchOrder" });
  });

  test("the account and its fees are read", async () => {
    await open(kind);
    host.execute({
      type: "readAccount",
      venue: 0,
      requestId: 3,
      tradesSinceUs: nowUs() - 60_000_000,
    });
    const read = await until("accountRead");
    expect(read).toMatchObject({ outcome: "read", reason: "" });
    expect(read.balances.length).toBeGreaterThan(0);
    host.execute({ type: "readFees", venue: 0 });
    expect((await until("feesRead")).fees[0]).toMatchObject({ instrument: 0, takerPpb: 1_000_000 });
  });
});
