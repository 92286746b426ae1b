// Goal: against a venue that loses, repeats, reorders and delays its words, exposure is never too small, and
// in the end every order, fill and amount is the venue's; and a snapshot at any point plus the rest is the
// whole. Method: seeded runs in virtual time against `lying-venue.ts`.
import { describe, expect, test } from "vitest";
import { foldInput, type OrderInput } from "../../../../hotpath/core/order/fold.ts";
import { exposedLots, type Order } from "../../../../hotpath/core/order/order.ts";
import { exportOrders, importOrders } from "../../../../hotpath/core/order/order-state.ts";
import type { Orders } from "../../../../hotpath/core/order/orders.ts";
import { makeOrders, OPTIONS, S, START_US, seeded } from "./fixture.ts";
import { filledOf, LyingVenue, type TrueOrder } from "./lying-venue.ts";

const IS_LONG = process.env.RECKONER_LONG === "1";
const SEEDS = IS_LONG ? 1_000 : 40;
const ORDERS = 60;
const LIMIT_MS = IS_LONG ? 900_000 : 60_000;

type Run = { readonly orders: Orders; readonly venue: LyingVenue; readonly inputs: OrderInput[] };

/** Nothing at the venue may be beyond what we count as filled or exposed. */
function checkExposure({ orders, venue }: Run): void {
  for (const [clientId, truth] of venue.orders) {
    const order = orders.table.get(clientId);
    if (order === undefined) throw new Error(`${clientId} is forgotten`);
    if (order.filledLots + exposedLots(order) < filledOf(truth)) {
      throw new Error(`${clientId} is ${order.state} with ${order.filledLots} lots`);
    }
  }
}

function ask(run: Run, due: Order[]): void {
  const { orders, venue, inputs } = run;
  if (orders.takeDue(venue.nowUs, due).length === 0) return;
  inputs.push({ kind: "due", nowUs: venue.nowUs });
  for (const order of due) {
    venue.query(order);
    const isStuck = order.timeInForce === "gtc" && venue.nowUs - order.sentUs > 5 * S;
    if (!isStuck || order.cancelUs > 0 || order.state !== "open") continue;
    orders.markCancel(order, venue.nowUs);
    inputs.push({ kind: "cancel", clientId: order.clientId, nowUs: venue.nowUs });
    venue.cancel(order);
  }
}

/** One life of an account: orders for a while, then silence until nothing is open any more. */
function live(seed: number): Run {
  const chance = seeded(seed);
  const orders = makeOrders();
  const inputs: OrderInput[] = [];
  const deliver = (input: OrderInput): void => {
    foldInput(orders, input);
    inputs.push(input);
  };
  const venue = new LyingVenue(chance, deliver);
  const run: Run = { orders, venue, inputs };
  const due: Order[] = [];
  let number = 0;
  for (let step = 0; step < 4_000; step++) {
    venue.advance(venue.nowUs + Math.floor(chance() * 100_000));
    if (number < ORDERS && chance() < 0.1) {
      number++;
      const command = venue.commandOf(number);
      deliver({ kind: "place", command, nowUs: venue.nowUs });
      venue.take(command);
    }
    if (chance() < 0.01) venue.read();
    ask(run, due);
    checkExposure(run);
  }
  venue.isLying = false;
  for (let step = 0; step < 200; step++) {
    venue.advance(venue.nowUs + S / 2);
    ask(run, due);
    if (step % 40 === 0) venue.read();
    checkExposure(run);
  }
  return run;
}

function checkEnd({ orders, venue }: Run, seed: number, states: Set<string>): void {
  const open = [...orders.table.live, ...orders.table.unsettled];
  expect({ seed, open: open.map(({ clientId, state }) => `${clientId} ${state}`) }).toEqual({
    seed,
    open: [],
  });
  expect(orders.table.count).toBe(ORDERS);
  for (const order of orders.table.all()) {
    states.add(order.state);
    checkOrder(order, venue.orders.get(order.clientId), seed);
  }
  for (const [asset, moved] of venue.truth()) {
    expect(orders.table.ledger.position(0, asset)).toBe(moved);
    expect(orders.table.ledger.reserved(0, asset)).toBe(0n);
  }
}

function checkOrder(order: Order, truth: TrueOrder | undefined, seed: number): void {
  const said = { seed, id: order.clientId, filledLots: order.filledLots };
  const filledLots = truth === undefined ? 0 : filledOf(truth);
  expect(said).toEqual({ seed, id: order.clientId, filledLots });
  const never = order.state === "notAccepted" || order.state === "rejected";
  expect(never).toBe(truth === undefined);
  if (truth?.end === "filled") expect(order.state).toBe("filled");
}

/** Folds the whole, taking snapshots on the way; each snapshot and the rest give the same end. */
function checkSnapshots(inputs: readonly OrderInput[]): void {
  const whole = makeOrders();
  const snapshots = new Map<number, string>();
  for (const [at, input] of inputs.entries()) {
    if (at % Math.floor(inputs.length / 12) === 0) snapshots.set(at, exportOrders(whole));
    foldInput(whole, input);
  }
  expect(snapshots.size).toBeGreaterThan(11);
  const end = exportOrders(whole);
  for (const [at, snapshot] of snapshots) {
    const restored = importOrders(snapshot, OPTIONS);
    if (restored.kind !== "orders") throw new Error(restored.reason);
    expect(exportOrders(restored.orders)).toBe(snapshot);
    for (const input of inputs.slice(at)) foldInput(restored.orders, input);
    expect(exportOrders(restored.orders)).toBe(end);
  }
}

describe("a life at a venue that lies", () => {
  test("ends with the venue's truth, to the last unit", { timeout: LIMIT_MS }, () => {
    const states = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed++) checkEnd(live(seed), seed, states);
    // A run in which nothing went wrong would prove nothing.
    expect([...states].sort()).toEqual(
      ["canceled", "expired", "filled", "notAccepted", "rejected"].sort(),
    );
  });

  test("is rebuilt from a snapshot at any point and the rest", { timeout: LIMIT_MS }, () => {
    for (let seed = 1; seed <= (IS_LONG ? 50 : 4); seed++) checkSnapshots(live(seed).inputs);
  });

  test("is the same each time", () => {
    expect(exportOrders(live(9).orders)).toBe(exportOrders(live(9).orders));
    expect(live(9).venue.nowUs).toBeGreaterThan(START_US);
  });
});
