/**
 * Station: user data of Binance spot -> trade events (user-data-stream.md, 2026-07-21).
 *
 * A fill is told before the order's new state, so that a filled order never stands there without the fills
 * that made it so. What cannot be read is a gap, because something has happened that is not known now.
 */
import { wordOf } from "../../../../contracts/word-of.ts";
import type { Told } from "../../../io/trade/account-answers.ts";
import { decimalOf, exchangeUsOf, type Fields, textOf } from "./json.ts";
import { balancesOfEvent, fillOfReport, orderOfReport, type SymbolIndex } from "./reports.ts";

/** What one event of the stream tells, in the order in which it is to be believed. */
export function eventsOfUserData(event: Fields, symbols: SymbolIndex): readonly Told[] {
  switch (event.e) {
    case "executionReport":
      return eventsOfReport(event, symbols);
    case "outboundAccountPosition": {
      const balances = balancesOfEvent(event.B);
      const exchangeUs = exchangeUsOf(event.u);
      if (balances === undefined || exchangeUs < 0) return [gap("a position without balances")];
      return [{ type: "balanceReported", balances, cause: "unknown", delta: "", exchangeUs }];
    }
    case "balanceUpdate": {
      const asset = textOf(event.a);
      const delta = decimalOf(event.d);
      const exchangeUs = exchangeUsOf(event.T);
      if (asset === "" || delta === undefined || exchangeUs < 0) {
        return [gap("a balance update without its amount")];
      }
      const balances = [{ asset, free: "", held: "", total: "" }];
      return [{ type: "balanceReported", balances, cause: "transfer", delta, exchangeUs }];
    }
    case "externalLockUpdate":
      // Part of a balance was locked or freed by another of the venue's systems; which part is free now
      // is not said.
      return [gap("externalLockUpdate")];
    case "listStatus":
      // The reports of its orders come beside it and say everything.
      return [];
    default:
      return [gap(`an event of a kind that is not known here: ${wordOf(event.e).slice(0, 64)}`)];
  }
}

function eventsOfReport(event: Fields, symbols: SymbolIndex): readonly Told[] {
  const order = orderOfReport(event, symbols);
  if (order.view === undefined) return [gap(order.fault), contradiction(order.fault)];
  const reported: Told = { type: "orderReported", source: "stream", order: order.view };
  const instrument = symbols.get(textOf(event.s));
  if (event.x !== "TRADE" || instrument === undefined) return [reported];
  const { clientId, orderId } = order.view;
  const fill = fillOfReport(event, { clientId, orderId, instrument });
  if (fill.view === undefined) return [contradiction(fill.fault), reported];
  if (fill.view.lots > order.view.filledLots) {
    return [contradiction(`fill ${fill.view.tradeId} is more than all fills of its order`)];
  }
  return [{ type: "orderFilled", source: "stream", fill: fill.view }, reported];
}

function gap(reason: string): Told {
  return { type: "accountGap", reason };
}

function contradiction(reason: string): Told {
  return { type: "accountContradicted", reason };
}
