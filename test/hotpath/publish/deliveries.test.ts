// Goal: a batch leaves whole, and trying again sends only what has not left.
import { describe, expect, test } from "vitest";
import { ALERT_SCHEMA_VERSION } from "../../../contracts/alert.ts";
import type { Fact } from "../../../contracts/history.ts";
import { factOf } from "../../../hotpath/facts/fact.ts";
import type { OrderStep } from "../../../hotpath/facts/order-step.ts";
import {
  deliverAlerts,
  deliverFacts,
  deliverOrders,
  furthestOf,
  sendAlerts,
} from "../../../hotpath/publish/deliveries.ts";
import { Outlet } from "../../../hotpath/publish/outlet.ts";
import { WaysOut } from "../../fixtures/publish/ways-out.ts";

const HOUR_US = 3_600_000_000;
const AT_US = 1_790_000_000_000_000;

function alarm(seq: number, text = "t", atUs = AT_US): Fact {
  const payload = { severity: 1, kind: `k${seq}`, instrument: "", text } as const;
  return factOf({ engine: "e", runId: "r" }, { seq, atUs }, "alert", { venue: null }, payload);
}

function step(
  clientId: string,
  state: OrderStep["state"],
  over: Partial<OrderStep> = {},
): OrderStep {
  return { clientId, state, atUs: 1, runId: "r", orderId: "", ...over };
}

describe("facts", () => {
  test("that one request did not take are sent again, and only those", async () => {
    const out = new WaysOut();
    // Large enough that each message is a request of its own.
    const facts = Array.from({ length: 4 }, (_, seq) => alarm(seq, "x".repeat(150_000)));
    const deliver = deliverFacts(out.factQueue, facts);
    out.refusals = 0;
    const queue = out.factQueue.send;
    let sent = 0;
    const flaky = {
      send: async (bodies: readonly string[]) => {
        sent++;
        return sent === 3 ? { left: bodies, reason: "refused" } : await queue(bodies);
      },
    };
    const again = deliverFacts(flaky, facts);
    expect(await again?.()).toBe("refused");
    expect(out.facts).toHaveLength(2);
    expect(await again?.()).toBe("");
    expect(out.facts).toEqual(facts);
    expect(await deliver?.()).toBe("");
  });

  test("that are none need no delivery", () => {
    expect(deliverFacts(new WaysOut().factQueue, [])).toBeUndefined();
  });
});

describe("alerts", () => {
  test("keep their order over a refusal", async () => {
    const out = new WaysOut();
    const deliver = deliverAlerts(out.alertQueue, [alarm(1), alarm(2), alarm(3)], AT_US);
    out.refusals = 1;
    expect(await deliver?.()).toBe("refused");
    expect(await deliver?.()).toBe("");
    expect(out.alerts.map(({ kind }) => kind)).toEqual(["k1", "k2", "k3"]);
  });

  test("of long ago wake nobody any more", () => {
    const out = new WaysOut();
    expect(deliverAlerts(out.alertQueue, [alarm(1)], AT_US + 7 * HOUR_US)).toBeUndefined();
    expect(deliverAlerts(out.alertQueue, [alarm(1)], AT_US + 5 * HOUR_US)).toBeDefined();
  });
});

describe("orders", () => {
  test("are written once each, as far as they have come, with everything that was learned", () => {
    const placed = { side: "buy" } as unknown as NonNullable<OrderStep["placed"]>;
    const ended = { state: "filled", filledQuantity: "1", cause: "" } as const;
    const writes = furthestOf([
      step("a", "sent", { placed }),
      step("b", "sent"),
      step("a", "terminal", { ended, atUs: 9 }),
      step("a", "acked", { orderId: "77", atUs: 5 }),
    ]);
    expect(writes).toEqual([
      {
        clientId: "a",
        state: "terminal",
        changedUs: 9,
        runId: "r",
        orderId: "77",
        placed: '{"side":"buy"}',
        ended: JSON.stringify(ended),
      },
      {
        clientId: "b",
        state: "sent",
        changedUs: 1,
        runId: "r",
        orderId: "",
        placed: "",
        ended: "",
      },
    ]);
  });

  test("that were refused are written again, and only those", async () => {
    const out = new WaysOut();
    const steps = Array.from({ length: 20 }, (_, at) => step(`o-${at}`, "sent"));
    const deliver = deliverOrders(out.orderRecords, "e", steps);
    out.refusals = 1;
    expect(await deliver?.()).toBe("refused");
    expect(out.orders).toHaveLength(7);
    expect(await deliver?.()).toBe("");
    const names = out.orders.map(({ clientId }) => clientId).sort();
    expect(names).toEqual(steps.map(({ clientId }) => clientId).sort());
    expect(deliverOrders(out.orderRecords, "e", [])).toBeUndefined();
  });
});

describe("what no journal holds", () => {
  test("waits for its way out, and the oldest is given up where there is no room", async () => {
    const out = new WaysOut();
    const outlet = new Outlet<Fact>((some) => deliverFacts(out.factQueue, some));
    expect(await outlet.turn()).toBe("idle");
    outlet.add(Array.from({ length: 2_003 }, (_, seq) => alarm(seq)));
    expect(outlet.droppedCount).toBe(3);
    out.refusals = 1;
    expect(await outlet.turn()).toEqual({ blocked: "refused" });
    for (let turn = 0; turn < 10; turn++) expect(await outlet.turn()).toBe("worked");
    expect(await outlet.turn()).toBe("idle");
    expect(out.facts).toHaveLength(2_000);
    expect(out.facts[0]?.fact_id).toBe("r.3");
  });

  test("an alert of the engine itself is sent like any other", async () => {
    const out = new WaysOut();
    const alert = {
      schemaVersion: ALERT_SCHEMA_VERSION,
      incidentId: "i",
      engine: "e",
      severity: 1,
      kind: "leaseLost",
      text: "t",
      atUs: 1,
    } as const;
    expect(await sendAlerts(out.alertQueue, [alert])?.()).toBe("");
    expect(out.alerts).toEqual([alert]);
    expect(sendAlerts(out.alertQueue, [])).toBeUndefined();
  });
});
