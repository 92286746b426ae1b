// Goal: a host that is lost takes no order with it: its open orders are taken up elsewhere as unknown, asked
// about, and never sent again.
// Method: a rig trades; of what a journal would have held only the order records survive; another rig begins.
import { describe, expect, test } from "vitest";
import { adoptRemote } from "../../hotpath/adopt-remote.ts";
import type { OrderOptions } from "../../hotpath/core/order/order-options.ts";
import { orderOptionsOf } from "../../hotpath/core/trade/trading.ts";
import { Names } from "../../hotpath/facts/names.ts";
import { placedOrder } from "../../hotpath/facts/order-step.ts";
import type { RemoteOrder } from "../../hotpath/io/aws/order-records.ts";
import { SECOND, TradeRig } from "./core/trade/rig.ts";

/** What the table holds of an order of `rig` that has left. */
function recordOf(rig: TradeRig, over: Partial<Record<string, unknown>> = {}): RemoteOrder {
  const { order } = rig;
  const { instruments, venues } = rig.world;
  const names = new Names({ version: 1, instruments, venues });
  const placed = { ...placedOrder(names, order), ...over };
  const { clientId } = order;
  return { clientId, state: "sent", orderId: "", placed: JSON.stringify(placed) };
}

function lost(): TradeRig {
  const rig = new TradeRig();
  rig.ready();
  rig.opportunity();
  return rig;
}

function optionsOf(rig: TradeRig, fence = 8): OrderOptions {
  return { ...orderOptionsOf(rig.trade.plan, rig.world), fence };
}

describe("an order of a host that is lost", () => {
  test("is unknown in the next life, asked about there, and not sent again", () => {
    const before = lost();
    const { clientId } = before.order;
    const remote = { orders: [recordOf(before)], fenceKnown: 0 };
    const adoption = adoptRemote("", remote, optionsOf(before));
    if (!adoption.ok) throw new Error(adoption.reason);
    expect(adoption).toMatchObject({ adopted: 1, damaged: [] });
    const after = new TradeRig({
      nowUs: before.nowUs + 30 * SECOND,
      plan: { fence: 8, restored: adoption.restored, tellsFills: true },
    });
    expect(after.trade.orders.table.get(clientId)?.state).toBe("unknown");
    after.advance(SECOND / 1000);
    after.event({ type: "accountReady", ...after.stamp() });
    after.fees(1_000_000);
    after.advance(SECOND);
    const asked = after.all("queryOrder");
    expect(asked.map((query) => query.clientId)).toContain(clientId);
    expect(after.orders.map((order) => order.clientId)).not.toContain(clientId);
    const query = asked.find((each) => each.clientId === clientId);
    const { instrument, side, lots, priceTicks } = before.order;
    const ids = { clientId, orderId: "900", instrument } as const;
    after.event({
      type: "orderQueried",
      ...after.stamp(),
      requestId: query?.requestId ?? 0,
      clientId,
      outcome: "found",
      order: {
        ...ids,
        side,
        state: "filled",
        lots,
        filledLots: lots,
        priceTicks,
        reason: "",
        exchangeUs: before.nowUs,
      },
      fills: [
        {
          ...ids,
          tradeId: "t-1",
          side,
          priceTicks,
          lots,
          fee: "",
          feeAsset: "",
          isMaker: false,
          exchangeUs: before.nowUs,
        },
      ],
      reason: "",
    });
    expect(after.all("recordFill").map(({ fill }) => fill.tradeId)).toEqual(["t-1"]);
    expect(after.trade.orders.table.get(clientId)?.state).toBe("filled");
  });

  test("of a fence that this folder has had is left to the journal here", () => {
    const rig = lost();
    const { fence } = rig.trade.plan;
    const orders = [recordOf(rig)];
    const options = optionsOf(rig);
    expect(adoptRemote("", { orders, fenceKnown: fence }, options)).toEqual({
      ok: true,
      restored: "",
      adopted: 0,
      damaged: [],
    });
    expect(adoptRemote("", { orders, fenceKnown: fence - 1 }, options)).toMatchObject({
      adopted: 1,
    });
  });

  test("that was only a test reached no matcher and is not taken up", () => {
    const rig = lost();
    const orders = [recordOf(rig, { isTest: true })];
    expect(adoptRemote("", { orders, fenceKnown: 0 }, optionsOf(rig))).toMatchObject({
      adopted: 0,
    });
  });

  test.each([
    ["of an instrument that is not followed", { instrument: "binance-spot:GONE" }, "not followed"],
    ["of a venue that is not followed", { venue: "kraken" }, "not followed"],
    ["in other steps", { tickSize: "0.5" }, "other steps"],
    ["in other lots", { lotSize: "0.5" }, "other steps"],
  ])("%s refuses the start", (_name, over, words) => {
    const rig = lost();
    const adoption = adoptRemote(
      "",
      { orders: [recordOf(rig, over)], fenceKnown: 0 },
      optionsOf(rig),
    );
    expect(adoption.ok ? "" : adoption.reason).toContain(words);
  });

  test.each(["", "{", "null", '"text"', '{"fence":1}'])(
    "whose record says %j is told of, and hinders nothing",
    (placed) => {
      const rig = lost();
      const orders = [{ ...recordOf(rig), placed }];
      const adoption = adoptRemote("", { orders, fenceKnown: 0 }, optionsOf(rig));
      expect(adoption).toMatchObject({ ok: true, adopted: 0 });
      expect(adoption.ok ? adoption.damaged : []).toEqual([
        `the record of order ${rig.order.clientId} cannot be read`,
      ]);
    },
  );

  test("is refused with a state that cannot be read", () => {
    const rig = lost();
    const orders = [recordOf(rig)];
    expect(adoptRemote("{", { orders, fenceKnown: 0 }, optionsOf(rig))).toMatchObject({
      ok: false,
    });
  });
});
