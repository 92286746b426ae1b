// Goal: fees are read as the venue charges them, never for less, and not known where they are absurd.
import { describe, expect, test } from "vitest";
import { DeskRig, spotInstrument } from "./desk-rig.ts";

function openRig(...more: Parameters<typeof spotInstrument>[]): DeskRig {
  const rig = new DeskRig(
    undefined,
    more.map((each) => spotInstrument(...each)),
  );
  rig.open();
  rig.events.length = 0;
  return rig;
}

function answerLast(rig: DeskRig, method: string, result: unknown): void {
  rig.answer(rig.lastOf(method).id, result);
}

describe("readFees", () => {
  const RATES = {
    maker: "0.00100000",
    taker: "0.00100000",
    buyer: "0.00000000",
    seller: "0.00000000",
  };
  const COMMISSION = {
    symbol: "BTCUSDT",
    standardCommission: RATES,
    specialCommission: { ...RATES, maker: "0.00000000", taker: "0.00000000" },
    taxCommission: {
      maker: "0.00000000",
      taker: "0.00000000",
      buyer: "0.00000000",
      seller: "0.00000000",
    },
    discount: {
      enabledForAccount: false,
      enabledForSymbol: true,
      discountAsset: "BNB",
      discount: "0.75000000",
    },
  };

  function feesAfter(change: object): unknown {
    const rig = openRig();
    rig.desk.execute({ type: "readFees", venue: 0 });
    answerLast(rig, "account.commission", { ...COMMISSION, ...change });
    return rig.told()[0];
  }

  test("tells each instrument as it comes", () => {
    const rig = openRig();
    rig.desk.execute({ type: "readFees", venue: 0 });
    answerLast(rig, "account.commission", COMMISSION);
    answerLast(rig, "account.commission", { ...COMMISSION, symbol: "ETHUSDT" });
    const fee = { makerPpb: 1_000_000, takerPpb: 1_000_000, paidIn: "received", feeAsset: "" };
    expect(rig.told()).toEqual([
      { type: "feesRead", fees: [{ instrument: 3, ...fee }] },
      { type: "feesRead", fees: [{ instrument: 4, ...fee }] },
    ]);
    expect(rig.requests.filter(({ method }) => method === "account.commission")).toHaveLength(2);
  });

  test("all parts add up, the dearer side counts, and a rate is rounded up", () => {
    expect(
      feesAfter({
        specialCommission: {
          ...RATES,
          maker: "0.00010000",
          taker: "0.00020000",
          seller: "0.00000007",
        },
        taxCommission: {
          ...RATES,
          maker: "0.0000000001",
          taker: "0.0000000011",
          buyer: "0.00000003",
        },
      }),
    ).toMatchObject({ fees: [{ makerPpb: 1_100_101, takerPpb: 1_200_102 }] });
  });

  test("a discount in use names its asset", () => {
    const discount = { ...COMMISSION.discount, enabledForAccount: true };
    expect(feesAfter({ discount })).toMatchObject({ fees: [{ paidIn: "third", feeAsset: "BNB" }] });
  });

  test("parts that an account does not have are left out", () => {
    expect(feesAfter({ specialCommission: undefined, taxCommission: undefined })).toMatchObject({
      fees: [{ takerPpb: 1_000_000 }],
    });
  });

  test.each([
    ["no standard part", { standardCommission: undefined }],
    ["a rate that is no number", { standardCommission: { ...RATES, taker: "free" } }],
    ["a rate above everything", { standardCommission: { ...RATES, taker: "1.00000001" } }],
    ["a rate below nothing", { standardCommission: { ...RATES, maker: "-0.10000000" } }],
    ["another symbol", { symbol: "DOGEUSDT" }],
  ])("%s is a failure", (_what, change) => {
    expect(feesAfter(change)).toMatchObject({ type: "feesFailed" });
  });

  test("fees of many instruments are asked for slowly", () => {
    const more = Array.from({ length: 60 }, (_, i) => [`A${i}USDT`, 10 + i] as [string, number]);
    const rig = openRig(...more);
    rig.desk.execute({ type: "readFees", venue: 0 });
    answerLast(rig, "account.commission", COMMISSION);
    const asked = (): number =>
      rig.requests.filter(({ method }) => method === "account.commission").length;
    rig.runTo(400_000);
    expect(asked()).toBe(1);
    rig.runTo(600_000);
    expect(asked()).toBe(2);
    rig.desk.onClosed(0, "gone");
    rig.runTo(20_000_000);
    expect(rig.told("feesFailed")).toMatchObject([{ reason: "account.commission: closed" }]);
  });
});
