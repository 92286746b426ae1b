// Goal: of two exits one is done and the other gone, whichever way the market goes. Method: a rig whose market leans on request.
import { beforeEach, describe, expect, test } from "vitest";
import {
  type ListEvent,
  type ListPlan,
  type OrderList,
  OrderLists,
} from "../../../../../local/venues/binance/trading/order-lists.ts";
import { binanceFees } from "../../../../../local/venues/exchange/fees.ts";
import { MAIN_ACCOUNT_ID, TradingSide } from "../../../../../local/venues/exchange/trading-side.ts";
import { assetValues } from "../../../../../local/venues/market/listings.ts";
import { order, Rig } from "../../exchange/rig.ts";

let rig: Rig;
let side: TradingSide;
let lists: OrderLists;
let told: ListEvent[];
let answers: unknown[];

beforeEach(() => {
  rig = new Rig();
  side = new TradingSide({
    market: rig.market,
    name: "lists",
    seed: 1,
    fees: binanceFees(),
    quoteDigits: 8,
    speed: 100,
    rejectCodes: [],
    firstOrderId: 1,
    balances: null,
    values: assetValues(),
  });
  told = [];
  answers = [];
  lists = new OrderLists(side, (event) => told.push(event));
});

function live(count: number): void {
  for (let at = 0; at < count; at += 1) {
    rig.nowUs += 20_000;
    side.tick(rig.nowUs);
    lists.tick(rig.nowUs);
    for (let index = 0; index < rig.market.instruments.length; index += 1) {
      rig.market.step(index, rig.nowUs);
    }
  }
}

const lean = (factor: number) => rig.market.lean(rig.market.indexOf("BTCUSDT") ?? 0, factor);

function plan(change: Partial<ListPlan> = {}): ListPlan {
  const { bidTicks, askTicks } = rig.best();
  return {
    accountId: MAIN_ACCOUNT_ID,
    listClientOrderId: "list",
    symbol: "BTCUSDT",
    working: null,
    exits: {
      side: "sell",
      quantity: "0.01",
      limitId: "up",
      limitPrice: rig.price(askTicks + 100),
      stopId: "down",
      stopPrice: rig.price(bidTicks - 100),
    },
    notAfterUs: Number.POSITIVE_INFINITY,
    ...change,
  };
}

function place(wish: ListPlan): OrderList {
  lists.place(wish, rig.nowUs, (answer) => answers.push(answer));
  return answers[0] as OrderList;
}

const statusOf = (clientOrderId: string) =>
  side.exchange.log.order(MAIN_ACCOUNT_ID, { clientOrderId })?.status;
const stages = () => told.map(({ event }) => (event as { l: string }).l);

describe("two exits", () => {
  test("end with the limit leg when the market rises", () => {
    place(plan());
    expect(statusOf("up")).toBe("open");
    lean(1.003);
    live(60);
    expect(statusOf("up")).toBe("filled");
    expect(statusOf("down")).toBeUndefined();
    expect(stages()).toEqual(["EXEC_STARTED", "ALL_DONE"]);
    expect(lists.openCount).toBe(0);
  });

  test("end with the stop leg when it falls", () => {
    place(plan());
    lean(0.997);
    live(60);
    expect(statusOf("up")).toBe("canceled");
    expect(statusOf("down")).toBe("filled");
  });

  test("of a buyer lie the other way round", () => {
    const { bidTicks, askTicks } = rig.best();
    const exits = {
      ...plan().exits,
      side: "buy" as const,
      limitPrice: rig.price(bidTicks - 100),
      stopPrice: rig.price(askTicks + 100),
    };
    expect(lists.arePricesRight(plan({ exits }))).toBe(true);
    expect(lists.arePricesRight(plan({ exits: { ...exits, side: "sell" } }))).toBe(false);
    expect(lists.arePricesRight(plan({ symbol: "NOSUCH" }))).toBe(false);
    place(plan({ exits }));
    lean(1.003);
    live(60);
    expect(statusOf("down")).toBe("filled");
  });

  test("are gone when one of them is canceled, or the list is", () => {
    const { orderListId } = place(plan());
    side.exchange.cancel(MAIN_ACCOUNT_ID, { clientOrderId: "up" }, { nowUs: rig.nowUs });
    live(1);
    expect(stages()).toEqual(["EXEC_STARTED", "ALL_DONE"]);
    const key = { orderListId, listClientOrderId: undefined };
    expect(lists.cancel(MAIN_ACCOUNT_ID, key, rig.nowUs)).toBeUndefined();
    answers.length = 0;
    place(plan({ listClientOrderId: "second" }));
    const named = { orderListId: undefined, listClientOrderId: "second" };
    expect(lists.cancel("other", named, rig.nowUs)).toBeUndefined();
    expect(lists.cancel(MAIN_ACCOUNT_ID, named, rig.nowUs)?.stage).toBe("done");
    expect(statusOf("up")).toBe("canceled");
  });

  test("that are refused leave no list, and a doubled answer only one", () => {
    place(plan({ exits: { ...plan().exits, quantity: "900" } }));
    expect(answers).toMatchObject([{ kind: "rejected" }]);
    side.backEnd.faults.arm("duplicateAck", 1);
    place(plan());
    expect(answers).toHaveLength(3);
    expect(answers[1]).toBe(answers[2]);
    expect(lists.openCount).toBe(1);
  });
});

describe("an entry", () => {
  const entry = (change = {}) =>
    order({
      accountId: MAIN_ACCOUNT_ID,
      clientOrderId: "in",
      price: rig.price(rig.best().askTicks + 5),
      ...change,
    });

  test("that fills is followed by its exits", () => {
    place(plan({ working: entry() }));
    expect(statusOf("in")).toBe("filled");
    live(1);
    expect(statusOf("up")).toBe("open");
    expect(stages()).toEqual(["EXEC_STARTED", "UPDATED"]);
    lean(0.995);
    live(60);
    expect(statusOf("down")).toBe("filled");
  });

  test("that does not fill has none, and takes the list with it", () => {
    place(
      plan({ working: entry({ timeInForce: "IOC", price: rig.price(rig.best().bidTicks - 9) }) }),
    );
    live(1);
    expect(statusOf("in")).toBe("expired");
    expect(statusOf("up")).toBeUndefined();
    expect(stages()).toEqual(["EXEC_STARTED", "ALL_DONE"]);
  });

  test("whose exits are refused ends the list", () => {
    const exits = {
      ...plan().exits,
      limitPrice: rig.price(rig.best().bidTicks - 50),
      quantity: "900",
    };
    place(plan({ working: entry(), exits }));
    live(1);
    expect(stages()).toEqual(["EXEC_STARTED", "ALL_DONE"]);
  });
});
