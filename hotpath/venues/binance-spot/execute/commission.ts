/**
 * Station: `account.commission` of one symbol -> its fees, in parts per billion.
 *
 * Rates are read as the decimal text they are and rounded up: a fee is never taken for less than it is.
 */
import type { Instrument } from "../../../core/instrument.ts";
import type { FeeView } from "../../../core/trade/events.ts";
import { decimalOf, type Fields, fieldsOf, textOf } from "./json.ts";
import { fault, type Reading } from "./reports.ts";

const PPB_DECIMALS = 9;
const PPB_MAX = 1_000_000_000n;

/**
 * `account.commission` of one symbol (rest-api.md "Query Commission Rates", 2026-07-21): standard, special
 * and tax parts add up, and the side's own part comes on top; the dearer side is taken. A discount is
 * ignored where it only makes things cheaper, but it tells which asset pays.
 */
export function feesOf(result: Fields, instrument: Instrument): Reading<FeeView> {
  const { standardCommission, specialCommission, taxCommission } = result;
  let maker = 0n;
  let taker = 0n;
  // Only the standard part must be there: accounts without the others are told nothing of them.
  const others = [specialCommission, taxCommission].filter((part) => part !== undefined);
  for (const part of [standardCommission, ...others]) {
    const rates = fieldsOf(part) ?? {};
    const makerPart = ppbOf(rates.maker);
    const takerPart = ppbOf(rates.taker);
    const bySide = sidePart(rates);
    if (makerPart === undefined || takerPart === undefined || bySide === undefined) {
      return fault(`the commission of ${instrument.symbol} has no rates`);
    }
    maker += makerPart + bySide;
    taker += takerPart + bySide;
  }
  if (maker > PPB_MAX || taker > PPB_MAX || maker < 0n || taker < 0n) {
    return fault(`the commission of ${instrument.symbol} is absurd`);
  }
  const discount = fieldsOf(result.discount);
  const paysThird = discount?.enabledForAccount === true && discount.enabledForSymbol === true;
  return {
    view: {
      instrument: instrument.index,
      makerPpb: Number(maker),
      takerPpb: Number(taker),
      paidIn: paysThird ? "third" : "received",
      feeAsset: paysThird ? textOf(discount?.discountAsset) : "",
    },
  };
}

/** The dearer side's own part; nothing where none is told, and undefined where one cannot be read. */
function sidePart({ buyer = "0", seller = "0" }: Fields): bigint | undefined {
  const [bought, sold] = [ppbOf(buyer), ppbOf(seller)];
  return bought === undefined || sold === undefined ? undefined : max(bought, sold);
}

/** A rate such as "0.00100000" in parts per billion, rounded up: a fee is never taken for less. */
function ppbOf(value: unknown): bigint | undefined {
  const text = decimalOf(value);
  if (text === undefined) return undefined;
  const [whole = "", fraction = ""] = text.split(".");
  const digits = fraction.padEnd(PPB_DECIMALS, "0");
  const ppb = BigInt(whole + digits.slice(0, PPB_DECIMALS));
  return /[1-9]/.test(digits.slice(PPB_DECIMALS)) ? ppb + 1n : ppb;
}

function max(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
