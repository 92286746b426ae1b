// Goal: each case of a reading has its one right outcome, and a second run of the same reading has none.
import { describe, expect, test } from "vitest";
import { exportOrders, importOrders } from "../../../../hotpath/core/order/order-state.ts";
import type { Orders } from "../../../../hotpath/core/order/orders.ts";
import { reconcile } from "../../../../hotpath/core/order/reconcile.ts";
import { CASES, type ReconcileCase } from "../../../../hotpath/core/order/reconcile-cases.ts";
import { isBlocked, type Reading } from "../../../../hotpath/core/order/reconcile-run.ts";
import type { FillView, OrderView } from "../../../../hotpath/core/trade/events.ts";
import {
  ATTO,
  accepted,
  balances,
  FENCE,
  filled,
  id,
  makeOrders,
  OPTIONS,
  place,
  placed,
  queried,
  reading,
  refused,
  reported,
  S,
  START_US,
  trade,
  view,
} from "./fixture.ts";

/** Long enough after everything that absence may be judged. */
const LATER_US = START_US + 60 * S;
const PART = [trade(1, "a")];
const WHOLE = [trade(1, "a", { lots: 10 })];
const TOTALS = { USDT: "1000", BTC: "1", ETH: "10" };

type Row = {
  readonly name: ReconcileCase;
  /** What led to our state of order 1. */
  readonly before: (orders: Orders) => void;
  readonly openOrders?: readonly OrderView[];
  readonly fills?: readonly FillView[];
  readonly totals?: Readonly<Record<string, string>>;
  /** What has to be true of order 1 (or of what stands for it) afterwards. */
  readonly after: (orders: Orders) => void;
};

const nothing = (): void => undefined;
const sent = (orders: Orders): void => void placed(orders);
const open = (orders: Orders): void => {
  placed(orders);
  orders.applyEvent(accepted(), START_US);
};
const unknown = (orders: Orders): void => {
  placed(orders);
  orders.applyEvent(refused(1, "unknown"), START_US);
};
const canceled = (orders: Orders): void => {
  open(orders);
  orders.applyEvent(reported(1, { state: "canceled", filledLots: 0 }), START_US);
};
const rejected = (orders: Orders): void => {
  placed(orders);
  orders.applyEvent(refused(1, "rejected"), START_US);
};

function isState(state: string, filledLots = 0): (orders: Orders) => void {
  return (orders) => expect(orders.table.get(id(1))).toMatchObject({ state, filledLots });
}

function isAsked(state: string, filledLots = 0): (orders: Orders) => void {
  return (orders) => {
    isState(state, filledLots)(orders);
    expect(orders.takeDue(LATER_US + S, [])).toEqual([orders.table.get(id(1))]);
  };
}

function isCanceling(clientId: string): (orders: Orders) => void {
  return (orders) => {
    const order = orders.table.get(clientId);
    expect(order).toMatchObject({ state: "open", cancelUs: LATER_US + 1000 });
    expect(order?.reserved).toBe(ATTO / 10n);
  };
}

/** Asked twice, far apart and late, and not found. */
function notFoundTwice(orders: Orders): void {
  const order = orders.table.get(id(1));
  if (order === undefined) throw new Error("the order is there");
  for (const askedUs of [LATER_US - 20 * S, LATER_US - 10 * S]) {
    orders.markQuery(order, askedUs);
    orders.applyEvent(queried(order, "notFound", {}, askedUs), askedUs);
  }
}

const ROWS: readonly Row[] = [
  { name: "sentOpen", before: sent, openOrders: [view(1)], after: isState("open") },
  { name: "sentFilled", before: sent, fills: WHOLE, after: isState("filled", 10) },
  { name: "sentAbsent", before: sent, after: isAsked("unknown") },
  {
    name: "openPartial",
    before: open,
    openOrders: [view(1, { state: "partiallyFilled", filledLots: 5 })],
    fills: PART,
    after: isState("open", 5),
  },
  {
    name: "fillsUnread",
    before: open,
    openOrders: [view(1, { state: "partiallyFilled", filledLots: 5 })],
    after: isAsked("open"),
  },
  { name: "openFilled", before: open, fills: WHOLE, after: isState("filled", 10) },
  { name: "endedPart", before: open, fills: PART, after: isAsked("open", 5) },
  { name: "endedPart", before: unknown, fills: PART, after: isAsked("open", 5) },
  { name: "endedPart", before: sent, fills: PART, after: isAsked("open", 5) },
  {
    name: "openAbsent",
    before: (orders) => {
      placed(orders, 1, { timeInForce: "gtc" });
      orders.applyEvent(accepted(1, "v1", LATER_US - 20 * S), LATER_US - 20 * S);
    },
    after: isAsked("open"),
  },
  {
    name: "vanished",
    before: (orders) => {
      open(orders);
      notFoundTwice(orders);
    },
    after: isState("canceled"),
  },
  { name: "unknownOpen", before: unknown, openOrders: [view(1)], after: isState("open") },
  { name: "unknownFilled", before: unknown, fills: WHOLE, after: isState("filled", 10) },
  { name: "endedFillMissing", before: canceled, fills: PART, after: isState("canceled", 5) },
  { name: "endedFillMissing", before: canceled, fills: WHOLE, after: isState("filled", 10) },
  { name: "endedOpen", before: canceled, openOrders: [view(1)], after: isCanceling(id(1)) },
  { name: "neverOpen", before: rejected, openOrders: [view(1)], after: isCanceling(id(1)) },
  { name: "neverFilled", before: rejected, fills: WHOLE, after: isState("filled", 10) },
  { name: "neverFilled", before: rejected, fills: PART, after: isAsked("open", 5) },
  {
    name: "lostOpen",
    before: nothing,
    openOrders: [view(2)],
    after: isCanceling(id(2)),
  },
  {
    name: "olderFenceOpen",
    before: nothing,
    openOrders: [view(3, { clientId: id(3, FENCE - 1) })],
    after: isCanceling(id(3, FENCE - 1)),
  },
  {
    name: "olderFenceOpen",
    before: nothing,
    openOrders: [view(3, { clientId: id(3, FENCE - 1), side: undefined, lots: -1 })],
    after: (orders) => expect(orders.table.foreign.size).toBe(1),
  },
  {
    name: "newerFenceOpen",
    before: nothing,
    openOrders: [view(3, { clientId: id(3, FENCE + 1) })],
    after: (orders) => expect(isBlocked(orders.table, 0)).toBe(true),
  },
  {
    name: "lostFill",
    before: nothing,
    fills: [trade(2, "a")],
    after: (orders) => expect(orders.table.ledger.position(0, "BTC")).toBe(ATTO / 2000n),
  },
  {
    name: "foreignOpen",
    before: nothing,
    openOrders: [view(0, { clientId: "web-1" })],
    after: (orders) => expect(orders.table.foreign.size).toBe(1),
  },
  {
    name: "foreignFill",
    before: nothing,
    fills: [trade(0, "a", { clientId: "web-1" })],
    after: (orders) => expect(orders.table.ledger.position(0, "BTC")).toBe(ATTO / 2000n),
  },
  {
    name: "openDiffers",
    before: open,
    openOrders: [view(1, { lots: 11 })],
    after: (orders) => expect(isBlocked(orders.table, 0)).toBe(true),
  },
  {
    name: "openDiffers",
    before: open,
    openOrders: [view(1, { orderId: "another" })],
    after: isState("open"),
  },
  {
    name: "balanceDiffers",
    before: (orders) => {
      const first = { balances: balances({ ...TOTALS, USDT: "999" }) };
      expect(reconcile(orders, reading(LATER_US - 10 * S, first))).toEqual([]);
    },
    totals: { ...TOTALS, USDT: "999" },
    after: (orders) => expect(isBlocked(orders.table, 0)).toBe(true),
  },
  {
    name: "balanceExplained",
    before: (orders) => {
      const wrong = { balances: balances({ ...TOTALS, USDT: "999" }) };
      reconcile(orders, reading(LATER_US - 20 * S, wrong));
      reconcile(orders, reading(LATER_US - 10 * S, wrong));
      expect(isBlocked(orders.table, 0)).toBe(true);
    },
    totals: TOTALS,
    after: (orders) => expect(isBlocked(orders.table, 0)).toBe(false),
  },
];

function readingOf(row: Row): Reading {
  return reading(LATER_US, {
    openOrders: row.openOrders ?? [],
    fills: row.fills ?? [],
    ...(row.totals === undefined ? {} : { balances: balances(row.totals) }),
  });
}

describe("a reading of the account", () => {
  test.each(ROWS)("$name has its one outcome, once", (row) => {
    const orders = makeOrders();
    row.before(orders);
    const outcomes = reconcile(orders, readingOf(row));
    expect(outcomes.map((outcome) => outcome.case)).toEqual([row.name]);
    expect(outcomes[0]).toMatchObject({ ...CASES[row.name], venue: 0 });
    const state = exportOrders(orders);
    expect(reconcile(orders, readingOf(row))).toEqual([]);
    expect(exportOrders(orders)).toBe(state);
    row.after(orders);
  });

  test("has twenty-four cases, and each is a row here", () => {
    expect(Object.keys(CASES)).toHaveLength(24);
    expect(new Set(ROWS.map(({ name }) => name))).toEqual(new Set(Object.keys(CASES)));
  });

  test("finds the same in the same order, twice from the same beginning", () => {
    const run = (): unknown => {
      const orders = makeOrders();
      for (const row of ROWS) if (row.before === sent) break;
      placed(orders, 1);
      placed(orders, 2);
      const shows = {
        openOrders: [view(2), view(9), view(0, { clientId: "web" })],
        fills: [trade(8, "z"), trade(8, "y"), trade(1, "x", { lots: 10 })],
      };
      return reconcile(orders, reading(LATER_US, shows)).map(({ order, ...rest }) => rest);
    };
    expect(run()).toEqual(run());
  });

  test("tells from when on the next one has to show trades, over a restart too", () => {
    const orders = makeOrders();
    reconcile(orders, reading(LATER_US));
    expect(orders.table.marksOf(0).confirmedUs).toBe(LATER_US - orders.table.rules.sourceLagUs);
    const restored = importOrders(exportOrders(orders), OPTIONS);
    if (restored.kind !== "orders") throw new Error(restored.reason);
    expect(restored.orders.table.marksOf(0).confirmedUs).toBe(LATER_US - 5 * S);
  });

  test("that failed says nothing and changes nothing", () => {
    const orders = makeOrders();
    sent(orders);
    const state = exportOrders(orders);
    expect(reconcile(orders, reading(LATER_US, { outcome: "failed" }))).toEqual([]);
    expect(exportOrders(orders)).toBe(state);
  });
});

describe("what a reading may not show yet", () => {
  test("is not judged by its absence: an order sent while it was under way", () => {
    const orders = makeOrders();
    sent(orders);
    expect(reconcile(orders, reading(START_US + S))).toEqual([]);
    expect(orders.table.get(id(1))?.state).toBe("sent");
  });

  test("is not revived by its past: an order that ended while it was under way", () => {
    const orders = makeOrders();
    canceled(orders);
    expect(reconcile(orders, reading(START_US + S, { openOrders: [view(1)] }))).toEqual([]);
    expect(orders.table.get(id(1))?.state).toBe("canceled");
  });

  test("an unknown order is not ended by absence", () => {
    const orders = makeOrders();
    unknown(orders);
    orders.takeDue(START_US, []);
    expect(reconcile(orders, reading(LATER_US))).toEqual([]);
    expect(orders.table.get(id(1))?.state).toBe("unknown");
  });

  test("an order whose every trade we have is not reopened by a list that lags", () => {
    const orders = makeOrders();
    open(orders);
    orders.applyEvent(filled(1, "a", { lots: 10 }), START_US);
    reconcile(orders, reading(LATER_US, { openOrders: [view(1)] }));
    expect(orders.table.get(id(1))?.state).toBe("filled");
  });

  test("a vanished order needs a reading asked after the last answer", () => {
    const orders = makeOrders();
    open(orders);
    notFoundTwice(orders);
    reconcile(orders, reading(LATER_US - 12 * S));
    expect(orders.table.get(id(1))?.state).toBe("open");
    expect(reconcile(orders, reading(LATER_US)).map((outcome) => outcome.case)).toEqual([
      "vanished",
    ]);
  });
});

describe("an adopted order", () => {
  test("that is still listed long after its cancel is canceled again", () => {
    const orders = makeOrders();
    const shows = { openOrders: [view(3, { clientId: id(3, FENCE - 1) })] };
    reconcile(orders, reading(LATER_US, shows));
    expect(reconcile(orders, reading(LATER_US + 10 * S, shows))).toEqual([]);
    const again = reconcile(orders, reading(LATER_US + 40 * S, shows));
    expect(again.map((outcome) => outcome.case)).toEqual(["olderFenceOpen"]);
  });

  test("of an earlier life that we remember is canceled as well", () => {
    const before = makeOrders();
    open(before);
    const later = importOrders(exportOrders(before), { ...OPTIONS, fence: FENCE + 1 });
    if (later.kind !== "orders") throw new Error(later.reason);
    const shows = { openOrders: [view(1)] };
    const outcomes = reconcile(later.orders, reading(LATER_US, shows));
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["olderFenceOpen"]);
    expect(reconcile(later.orders, reading(LATER_US, shows))).toEqual([]);
  });

  test("takes over the fills that came under its number", () => {
    const orders = makeOrders();
    orders.applyEvent(filled(0, "a", { orderId: "v3" }), START_US);
    const shows = {
      openOrders: [view(3, { clientId: id(3, FENCE - 1), filledLots: 5 })],
      fills: [trade(0, "a", { orderId: "v3" })],
    };
    reconcile(orders, reading(LATER_US, shows));
    expect(orders.table.get(id(3, FENCE - 1))).toMatchObject({ filledLots: 5, reportedLots: 5 });
    expect(orders.table.ledger.position(0, "BTC")).toBe(ATTO / 2000n);
  });

  test("that was an intent only, and is listed, is canceled as well", () => {
    const orders = makeOrders();
    orders.adoptIntent(place(1), START_US);
    const outcomes = reconcile(orders, reading(LATER_US, { openOrders: [view(1)] }));
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["unknownOpen", "lostOpen"]);
  });
});

describe("a trade without a name", () => {
  const nameless = [trade(0, "n", { orderId: "x" })];

  test("is foreign while every order of ours has a number at the venue", () => {
    const orders = makeOrders();
    open(orders);
    const shows = { openOrders: [view(1)], fills: nameless };
    const outcomes = reconcile(orders, reading(LATER_US, shows));
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["foreignFill"]);
  });

  test("may be of one of ours that has ended without a number, and then it was lost", () => {
    const orders = makeOrders();
    rejected(orders);
    const outcomes = reconcile(orders, reading(LATER_US, { fills: nameless }));
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["lostFill"]);
  });

  test.each([placed, unknown])(
    "waits for the answer of an order under way that has none",
    (before) => {
      const orders = makeOrders();
      before(orders);
      const outcomes = reconcile(orders, reading(LATER_US, { fills: nameless }));
      expect(outcomes.map((outcome) => outcome.case)).not.toContain("lostFill");
      expect(orders.nextDueUs()).toBeLessThanOrEqual(LATER_US + 1000);
      const change = orders.applyEvent(accepted(1, "x"), LATER_US);
      expect(change.order?.filledLots).toBe(nameless[0]?.lots);
      expect(orders.table.orphans.size).toBe(0);
    },
  );

  test("of the other side is foreign even then", () => {
    const orders = makeOrders();
    unknown(orders);
    const fills = [trade(0, "n", { orderId: "x", side: "sell" })];
    const outcomes = reconcile(orders, reading(LATER_US, { fills }));
    expect(outcomes.map((outcome) => outcome.case)).toEqual(["foreignFill"]);
  });
});

describe("a foreign order", () => {
  test("that is no longer listed is over", () => {
    const orders = makeOrders();
    const shows = { openOrders: [view(0, { clientId: "web-1" })] };
    reconcile(orders, reading(LATER_US, shows));
    reconcile(orders, reading(LATER_US + S));
    expect(orders.table.foreign.size).toBe(0);
  });
});
