/**
 * Station: views of orders, fills and balances -> whether they say what was written.
 *
 * What every desk's judge has in common: numbers are whole and exact, ids have lost no digit, and amounts are
 * the venue's own text.
 */
import type { Instrument } from "../../../../hotpath/core/instrument.ts";
import type { BalanceView, FillView, OrderView } from "../../../../hotpath/core/trade/events.ts";
import { bareOf, stringOf, type Tree } from "../oracle/json-tree.ts";
import { exactOf, isSteps } from "../oracle/numbers.ts";

/** Text of a value that a venue may send in quotes or bare. */
export function wordOfTree(tree: Tree | undefined): string | undefined {
  return stringOf(tree) ?? bareOf(tree);
}

/** Whether an id of ours is the one that was written, digit by digit. */
export function isSameId(id: string, tree: Tree | undefined): boolean {
  if (id === stringOf(tree)) return true;
  const bare = bareOf(tree);
  if (id === bare) return true;
  const value = exactOf(bare);
  return value !== undefined && /^-?\d+$/.test(id) && isWorth(id, value);
}

function isWorth(id: string, { units, places }: { units: bigint; places: number }): boolean {
  return BigInt(id) * 10n ** BigInt(places) === units;
}

/** Whether microseconds are what `digits` of a unit of `factor` microseconds say. */
export function isTimeOf(us: number, digits: string | undefined, factor: number): boolean {
  const value = exactOf(digits);
  if (value === undefined || !Number.isSafeInteger(us)) return false;
  return value.units * BigInt(factor) === BigInt(us) * 10n ** BigInt(value.places);
}

export function isTicks(ticks: number, text: string | undefined, instrument: Instrument): boolean {
  const { priceDecimals: decimals, tickUnits: units } = instrument;
  return isSteps(text, ticks, { decimals, units });
}

export function isLots(lots: number, text: string | undefined, instrument: Instrument): boolean {
  const { quantityDecimals: decimals, lotUnits: units } = instrument;
  return isSteps(text, lots, { decimals, units });
}

/** What no view may ever be, whoever wrote it. */
export function judgeOrderView(view: OrderView): string | undefined {
  const { lots, filledLots, priceTicks, exchangeUs } = view;
  const numbers = [lots, filledLots, priceTicks];
  if (!numbers.every((each) => Number.isSafeInteger(each) && each >= -1)) {
    return "an order has a number that is not exact";
  }
  if (view.orderId === "") return "an order has no id";
  return isMoment(exchangeUs) ? undefined : "an order has a time that is none";
}

export function judgeFillView(view: FillView): string | undefined {
  const { lots, priceTicks, tradeId, fee, quote } = view;
  const isCounted = Number.isSafeInteger(lots) && lots > 0 && Number.isSafeInteger(priceTicks);
  if (!isCounted || priceTicks < 0) return "a fill has a number that is not exact";
  if (tradeId === "") return "a fill has no id";
  if (!isAmount(fee) || !isAmount(quote ?? "")) return "a fill has an amount that is none";
  return isMoment(view.exchangeUs) ? undefined : "a fill has a time that is none";
}

export function judgeBalances(balances: readonly BalanceView[]): string | undefined {
  const areAmounts = balances.every(
    ({ free, held, total }) => isAmount(free) && isAmount(held) && isAmount(total),
  );
  return areAmounts ? undefined : "a balance has an amount that is none";
}

/** Decimal text, or none. */
function isAmount(text: string): boolean {
  return text === "" || /^-?\d+(?:\.\d+)?$/.test(text);
}

/** A time of a venue, or 0 for none: the state is saved with it and read back as that. */
function isMoment(us: number): boolean {
  return Number.isSafeInteger(us) && us >= 0;
}
