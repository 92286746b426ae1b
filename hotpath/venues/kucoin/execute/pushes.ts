/**
 * Station: pushes of the private stream -> events. Orders, their trades, balances.
 *
 * A trade is told before the state that it leads to. What cannot be read is a contradiction, never passed
 * over: it may have been a fill of ours.
 */

import type { Told } from "../../../io/trade/account-answers.ts";
import { type Fields, fieldsOf, textOf } from "./json.ts";
import { balanceOfPush, fillOfPush, orderOfPush, type SymbolIndex } from "./reports.ts";

const ORDER_TOPIC = "/spotMarket/tradeOrdersV2";
const BALANCE_TOPIC = "/account/balance";

/** What one push tells, in order. */
export function eventsOfPush(push: Fields, symbols: SymbolIndex): readonly Told[] {
  const data = fieldsOf(push.data);
  const topic = textOf(push.topic);
  if (data === undefined) return [contradiction(`a push of ${topic} has no data`)];
  if (topic === ORDER_TOPIC) return eventsOfOrder(data, symbols);
  if (topic === BALANCE_TOPIC) return eventsOfBalance(data);
  return [contradiction(`a push of ${topic}, which nobody asked for`)];
}

function contradiction(reason: string): Told {
  return { type: "accountContradicted", reason };
}

function eventsOfOrder(data: Fields, symbols: SymbolIndex): readonly Told[] {
  const reading = orderOfPush(data, symbols);
  if (reading.view === undefined) return [contradiction(reading.fault)];
  const report: Told = { type: "orderReported", source: "stream", order: reading.view };
  const instrument = symbols.get(textOf(data.symbol));
  const fill = instrument === undefined ? undefined : fillOfPush(data, instrument);
  if (fill === undefined) return [report];
  if (fill.view === undefined) return [contradiction(fill.fault), report];
  return [{ type: "orderFilled", source: "stream", fill: fill.view }, report];
}

function eventsOfBalance(data: Fields): readonly Told[] {
  const push = balanceOfPush(data);
  if (push === undefined) return [contradiction("a push of the balance is unreadable")];
  const { balance, cause, exchangeUs } = push;
  return [{ type: "balanceReported", balances: [balance], cause, delta: "", exchangeUs }];
}
