/**
 * Station: what was watched and what the engine said at the end -> the ending of `reckoner start`.
 *
 * Pure. A run is good only when something was proved: books were compared and none was wrong, and
 * no decision was made on a book that was not live.
 */

import type { TradingStatus } from "../contracts/trading-status.ts";
import { compareTrading, type TradingGap, type TradingTruth } from "../local/judge/trading-gap.ts";
import type { Command, Ending, ExitCode } from "./command.ts";
import { EXIT } from "./command.ts";
import type { Watched } from "./watch-engine.ts";

const WRONG_SHOWN_MAX = 10;

export const START_FIELDS: Command["fields"] = [
  ["booksLive, booksTotal", "books that were live at the end, and all that are followed"],
  ["frames", "frames received"],
  ["resyncs", "books made true again, the first time not counted"],
  ["resyncMs", "p50, p99 and max of the whole, in milliseconds"],
  ["stagesMs", "p50 and p99 of each of the six stages, in milliseconds"],
  [
    "wrongBooks",
    "live books that differed from the venue's truth at their sequence; null if live feed",
  ],
  ["wrong", "the first of them: instrument, seq and differing levels"],
  ["comparisons", "live books that were compared; null if live feed"],
  ["unknownSequence", "live books whose sequence the venue no longer, or not yet, knew"],
  ["decisionsOnInvalidBook", "decisions made on a book that was not live; must be 0"],
  ["staleEpochDiscards", "events of replaced sessions that were dropped"],
  ["faults", "every fault that was injected: faultId, kind, venue, symbol, injectedUs, endedUs"],
  ["endedBy", "time, signal, halted or gone"],
  ["modes", "how each account traded; empty where none did, and so are all fields below"],
  ["cycles", "filled, failed, aborted"],
  ["orders, fills, denials", "orders placed or tested, fills counted, orders that were denied"],
  ["denialsByControl", "the denials, by the control of the risk gate"],
  ["unknownOpen", "orders whose outcome was not known at the end; must be 0"],
  ["ordersOnInvalidBook", "orders decided upon a book that was not live; must be 0"],
  ["duplicateVenueOrders", "client ids that a venue accepted more than once; must be 0"],
  ["pnlVsTruth", "what trading brought, ours less the venues': 0, or units of 1e-18 as text"],
  ["positionDrift", "balances, ours less the venues': 0, or units of 1e-18 as text"],
  ["paperOrders", "orders of paper accounts that reached a venue's matcher; must be 0"],
  ["profit", "sum of the cycles' profits, by venue and asset"],
];

/** What the engine's process left behind. */
export type EngineEnd = {
  readonly code: number;
  /** Its account of itself, one line of JSON. */
  readonly lastLine: string;
  /** What the simulated venues know of its orders; null where none of them tells. */
  readonly truth: TradingTruth | null;
};

/** Judges a run. */
export function endingOfRun(
  watched: Watched,
  { code: engineCode, lastLine, truth }: EngineEnd,
): Ending {
  const engine = recordOf(lastLine);
  const { comparison } = watched;
  const books = watched.status?.books ?? [];
  const { trading = null, ...account } = (engine ?? {}) as Account;
  const gap = trading === null || truth === null ? null : compareTrading(trading, truth);
  const json = {
    ...account,
    ...tradingFields(trading, gap),
    // The engine's own account is written when its sessions are closed and no book is live any more.
    booksLive: books.filter((book) => book.state === "live").length,
    booksTotal: books.length,
    wrongBooks: comparison?.wrong.length ?? null,
    wrong: comparison?.wrong.slice(0, WRONG_SHOWN_MAX) ?? [],
    comparisons: comparison?.compared ?? null,
    unknownSequence: comparison?.unknownSequence ?? null,
    faults: watched.faults,
    endedBy: watched.reason,
  };
  const [code, fault] = verdictOf(watched, engineCode, engine);
  const tradingFault = fault === "" ? tradingVerdict(trading, gap) : "";
  const [exitCode, error] = tradingFault === "" ? [code, fault] : [EXIT.failed, tradingFault];
  const lines = [summaryOf(json)];
  return error === "" ? { exitCode, lines, json } : { exitCode, lines, json, error };
}

type Fields = Readonly<Record<string, unknown>>;
type Account = Fields & { readonly trading?: TradingStatus | null };

const DIFFERENCES_SHOWN_MAX = 20;

function tradingFields(trading: TradingStatus | null, gap: TradingGap | null): Fields {
  if (trading === null) return { modes: {}, cycles: null };
  const { counts, accounts, profit, fence, limitsVersion, kills } = trading;
  const { filled, failed, aborted, orders, fills, denials, denialsByControl } = counts;
  return {
    modes: Object.fromEntries(accounts.map(({ venue, mode }) => [venue, mode])),
    cycles: { filled, failed, aborted },
    orders,
    fills,
    denials,
    denialsByControl,
    opportunities: counts.opportunities,
    unknownOpen: counts.unknownOpen,
    ordersOnInvalidBook: counts.ordersOnInvalidBook,
    anomalies: counts.anomalies,
    duplicateVenueOrders: gap?.duplicateVenueOrders ?? null,
    pnlVsTruth: gap?.pnlVsTruth ?? null,
    positionDrift: gap?.positionDrift ?? null,
    paperOrders: gap?.paperOrders ?? null,
    differences: gap?.differences.slice(0, DIFFERENCES_SHOWN_MAX) ?? [],
    profit,
    fence,
    limitsVersion,
    kills,
  };
}

/** The first thing that is wrong with the trading of a run, as a sentence; "" when nothing is. */
function tradingVerdict(trading: TradingStatus | null, gap: TradingGap | null): string {
  if (trading === null) return "";
  const { ordersOnInvalidBook, unknownOpen } = trading.counts;
  if (ordersOnInvalidBook > 0) return `${ordersOnInvalidBook} orders were on an invalid book`;
  if (gap === null) return "";
  const where = gap.differences[0] ?? "";
  if (gap.duplicateVenueOrders > 0) {
    return `${gap.duplicateVenueOrders} client ids were accepted more than once`;
  }
  if (gap.paperOrders > 0) return `${gap.paperOrders} orders of a paper account reached a matcher`;
  if (gap.pnlVsTruth !== 0) return `the profit is off by ${gap.pnlVsTruth} (${where})`;
  if (gap.positionDrift !== 0) return `the balances are off by ${gap.positionDrift} (${where})`;
  if (unknownOpen > 0) return `the outcome of ${unknownOpen} orders was not known at the end`;
  return "";
}

function verdictOf(
  watched: Watched,
  engineCode: number,
  engine: Fields | null,
): [ExitCode, string] {
  const halted = watched.status?.halted ?? "";
  if (halted !== "" || engineCode === EXIT.halted)
    return [EXIT.halted, `the engine halted: ${halted}`];
  if (watched.reason === "gone")
    return [EXIT.failed, `the engine ended by itself with ${engineCode}`];
  if (engine === null)
    return [EXIT.failed, `the engine ended with ${engineCode} and without account`];
  if (engineCode !== EXIT.ok) return [EXIT.failed, `the engine ended with ${engineCode}`];
  const { comparison } = watched;
  const wrong = comparison?.wrong[0];
  if (wrong !== undefined) {
    return [EXIT.failed, `${wrong.instrument} was wrong at its sequence ${wrong.seq}`];
  }
  if (Number(engine.decisionsOnInvalidBook) > 0) {
    return [EXIT.failed, `${engine.decisionsOnInvalidBook} decisions were made on an invalid book`];
  }
  if (comparison !== null && comparison.compared === 0) {
    return [EXIT.failed, "no live book could be compared with the venues' truth"];
  }
  return [EXIT.ok, ""];
}

function recordOf(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null) return null;
    // An engine that died has said where it listens and nothing since.
    return "booksTotal" in value ? { ...value } : null;
  } catch {
    return null;
  }
}

function summaryOf(json: Fields): string {
  const words = [
    `books live ${json.booksLive}/${json.booksTotal}`,
    `frames ${json.frames ?? "?"}`,
    `resyncs ${json.resyncs ?? "?"}`,
  ];
  if (json.comparisons !== null) {
    words.push(`${json.comparisons} books compared, ${json.wrongBooks} wrong`);
  }
  if (json.cycles !== null) {
    const { filled, failed, aborted } = json.cycles as TradingStatus["counts"];
    words.push(`cycles ${filled} filled ${failed} failed ${aborted} aborted`);
    words.push(`${json.orders} orders ${json.fills} fills`);
    if (json.pnlVsTruth !== null) words.push(`profit off by ${json.pnlVsTruth}`);
  }
  return words.join(", ");
}
