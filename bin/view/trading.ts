/**
 * Station: the engine's word on its trading -> one panel: sums, kills, accounts, the last cycles.
 *
 * Kills come first and are never folded; cycles are the first to go when room is short.
 */
import type { CycleEnding } from "../../contracts/trade.ts";
import type { AccountStatus, TradingStatus } from "../../contracts/trading-status.ts";
import { countText, spanText } from "./numbers.ts";
import { cell, type Line, printable, type Span, type Tone } from "./spans.ts";
import type { ShownCycle, ViewInput } from "./view-input.ts";

const ENDING_TONES: Readonly<Record<CycleEnding, Tone>> = {
  FILLED: "good",
  FAILED: "bad",
  ABORTED: "warn",
};
const KILLS_SHOWN_MAX = 3;
const CYCLES_SHOWN_MAX = 3;
/** The sums and the empty line below the panel. */
const LINES_FIXED = 2;

/** The panel in at most `room` lines; nothing where no account trades. */
export function tradingLines(input: ViewInput, room: number): Line[] {
  const { trading } = input.status;
  if (trading === null) return [];
  const kills = killLines(trading);
  let left = Math.max(0, room - LINES_FIXED - kills.length);
  const accounts = trading.accounts.slice(0, left).map((each) => accountLine(each, trading));
  left -= accounts.length;
  const shown = Math.min(left, CYCLES_SHOWN_MAX);
  const cycles = shown === 0 ? [] : input.cycles.slice(-shown).toReversed();
  const names = input.status.venues.map(({ venue }) => venue);
  return [
    sumLine(trading),
    ...kills,
    ...accounts,
    ...cycles.map((cycle) => cycleLine(cycle, names[cycle.venue] ?? "")),
    [],
  ];
}

function sumLine({ counts, isDraining }: TradingStatus): Line {
  const { filled, failed, aborted, cyclesOpen, orders, fills, denials, unknownOpen } = counts;
  const line: Span[] = [
    [cell("trading", 14), "strong"],
    [`${countText(filled)} filled`, filled > 0 ? "good" : "plain"],
    [`  ${countText(failed)} failed`, failed > 0 ? "bad" : "plain"],
    [`  ${countText(aborted)} aborted`, aborted > 0 ? "warn" : "plain"],
    [`  ${countText(cyclesOpen)} open`, "dim"],
    [`  ${countText(orders)} orders  ${countText(fills)} fills`, "plain"],
    [`  ${countText(denials)} denied`, "dim"],
  ];
  if (unknownOpen > 0) line.push([`  ${countText(unknownOpen)} unknown`, "bad"]);
  if (counts.ordersOnInvalidBook > 0) {
    line.push([`  ${countText(counts.ordersOnInvalidBook)} on invalid books`, "bad"]);
  }
  if (isDraining) line.push(["  draining", "warn"]);
  return line;
}

function killLines({ kills }: TradingStatus): Line[] {
  const lines = kills.slice(0, KILLS_SHOWN_MAX).map(({ scope, target, by, reason }): Line => {
    const what = target === "" ? scope : `${scope} ${target}`;
    return [
      [cell("killed", 14), "bad"],
      [`${printable(what)} by ${printable(by)}: ${printable(reason)}`, "bad"],
    ];
  });
  const more = kills.length - lines.length;
  if (more > 0) lines.push([[`${cell("", 14)}and ${more} more`, "bad"]]);
  return lines;
}

function accountLine(account: AccountStatus, { profit }: TradingStatus): Line {
  const { venue, mode, phase, blocked, openOrders, unknownOrders, drift } = account;
  const own = Object.entries(profit).filter(([name]) => name.startsWith(`${venue}:`));
  const made = own.map(([name, amount]) => `${signed(amount)} ${name.slice(venue.length + 1)}`);
  const drifting = Object.keys(drift);
  const line: Span[] = [
    [`  ${cell(venue, 14)}`, "plain"],
    [cell(mode, 10), mode === "live" ? "strong" : "dim"],
    [cell(phase, 12), phase === "ready" ? "good" : "warn"],
    [cell(made.join("  ") || "-", 24), "plain"],
    [`${openOrders} open`, "dim"],
  ];
  if (unknownOrders > 0) line.push([`  ${unknownOrders} unknown`, "bad"]);
  if (drifting.length > 0) line.push([`  drift ${printable(drifting.join(" "))}`, "bad"]);
  if (blocked !== "") line.push([`  ${printable(blocked)}`, "warn"]);
  return line;
}

function signed(amount: string): string {
  return amount.startsWith("-") ? amount : `+${amount}`;
}

function cycleLine(cycle: ShownCycle, venue: string): Line {
  const { ending, triangle, effectiveBps, profit, profitAsset, totalUs, reason } = cycle;
  const line: Span[] = [
    [`  ${cell(venue, 14)}`, "dim"],
    [cell(ending, 10), ENDING_TONES[ending]],
    [cell(printable(triangle.join(">")), 18), "plain"],
    [cell(`${effectiveBps} bp`, 14, "right"), "plain"],
    [`  ${signed(profit)} ${printable(profitAsset)}`, "plain"],
    [`  ${spanText(totalUs)}`, "dim"],
  ];
  if (reason !== "") line.push([`  ${printable(reason)}`, "dim"]);
  return line;
}
