/**
 * Station: a story at its end -> what it did that must never be, each as a sentence.
 *
 * Judged by the venue's truth and by what stands on the disk, not by what the engine believes of itself.
 */
import type { TradingStatus } from "../../../contracts/trading-status.ts";
import { parseClientId } from "../../../hotpath/core/order/client-id.ts";
import { tradingStatus } from "../../../hotpath/trading-status.ts";
import { EvidenceError, gatherEvidence } from "../../judge/evidence.ts";
import { judgeStorm, missOf } from "../../judge/judge.ts";
import { compareTrading, type TradingTruth } from "../../judge/trading-gap.ts";
import { MAIN_ACCOUNT_ID } from "../../venues/exchange/trading-side.ts";
import { ordersAndTrades } from "../../venues/exchange/truth.ts";
import { readFillRecords } from "./fill-records.ts";
import { intentsOn } from "./intent-watch.ts";
import { lossOf, markJournal } from "./journal-mark.ts";
import type { Play } from "./play.ts";
import { judgeRecovery } from "./recovery-check.ts";
import { STORY_ROOT } from "./story-config.ts";

/** Everything that is wrong with a story; empty when nothing is. */
export async function judgePlay(play: Play): Promise<string[]> {
  const wrong = [...play.violations];
  const status = statusOf(play);
  if (status === undefined) return wrong.length > 0 ? wrong : ["no life was left to be judged"];
  wrong.push(...judgeJournals(play), ...judgeFences(play), ...judgeTrading(play, status));
  wrong.push(...judgeFills(play), ...judgeWriters(play), ...judgeKill(play, status));
  for (const recovery of play.recoveries) wrong.push(...(await judgeRecovery(recovery)));
  return wrong;
}

function statusOf({ life, trade }: Play): TradingStatus | undefined {
  const world = life?.side?.world;
  return world === undefined || trade === undefined ? undefined : tradingStatus(world, trade);
}

/** No acknowledged record is lost, and nothing is there that was not written (invariant 4). */
function judgeJournals({ lives, disk }: Play): string[] {
  return lives
    .flatMap(({ mark }) =>
      mark === undefined ? [] : [lossOf(mark, markJournal(disk, STORY_ROOT, mark))],
    )
    .filter((text) => text !== "");
}

/** Every life has a higher fence, and so have the orders it placed (invariant 14). */
function judgeFences({ lives }: Play): string[] {
  const wrong: string[] = [];
  let before = 0;
  for (const { runId, fence } of lives) {
    if (fence <= before) wrong.push(`${runId} began under fence ${fence} after ${before}`);
    before = fence;
  }
  return wrong;
}

/** A kill that was acknowledged outlives every crash (invariant 16). */
function judgeKill({ isKilled }: Play, { kills }: TradingStatus): string[] {
  if (!isKilled || kills.some(({ scope }) => scope === "all")) return [];
  return ["a kill was acknowledged and is forgotten"];
}

/** Orders reach the venue under fences that never fall (invariant 14). */
function judgeWriters({ stage }: Play): string[] {
  let before = 0;
  for (const { state } of stage.side.exchange.log.everything(MAIN_ACCOUNT_ID)) {
    const fence = parseClientId(state.clientOrderId)?.fence ?? 0;
    if (fence < before) return [`${state.clientOrderId} was accepted after fence ${before}`];
    before = fence;
  }
  return [];
}

/** Whether a machine has died that had not synced its intents. */
function mayLoseIntents({ options, hasLostHost }: Play): boolean {
  return hasLostHost && options.intentSync === "none";
}

/** Each fill is told once, whichever life came to tell of it (invariant 8). */
function judgeFills(play: Play): string[] {
  const { stage, disk } = play;
  const { doubled, lotsOf } = readFillRecords(disk, STORY_ROOT);
  const intents = intentsOn(disk);
  const wrong = doubled.map((fill) => `told more than once: ${fill}`);
  for (const { state } of stage.side.exchange.log.everything(MAIN_ACCOUNT_ID)) {
    const told = lotsOf.get(state.clientOrderId) ?? 0;
    if (told === state.filledLots) continue;
    // Of an order that nobody remembers there is nobody to tell: its trades move balances, and wake somebody.
    if (told === 0 && mayLoseIntents(play) && !intents.includes(state.clientOrderId)) continue;
    wrong.push(`${state.clientOrderId} has ${state.filledLots} lots, and ${told} were told`);
  }
  return wrong;
}

/** Once each, all known, all ended, balances to the last unit (invariants 2, 7, 8, 10). */
function judgeTrading(play: Play, status: TradingStatus): string[] {
  const { stage, disk, options } = play;
  const truth = stage.venues.built.trading.desk.truth() as TradingTruth;
  const gap = compareTrading(status, truth);
  const histories = new Map([
    [options.venue, ordersAndTrades(stage.side.exchange, MAIN_ACCOUNT_ID)],
  ]);
  try {
    const evidence = gatherEvidence(STORY_ROOT, disk);
    const judged = judgeStorm({ evidence, histories, gap });
    // A dead machine has lost intents that nobody had synced: found at the venue, they are no fault.
    const verdict = mayLoseIntents(play) ? { ...judged, unknownOrigin: 0 } : judged;
    const miss = verdict.commands === 0 ? "" : missOf(verdict);
    const pnl = gap.pnlVsTruth === 0 ? "" : `what trading brought is off by ${gap.pnlVsTruth}`;
    const open = stage.side.exchange.log.open(MAIN_ACCOUNT_ID, null).length;
    return [miss, pnl, open === 0 ? "" : `${open} orders are still open`].filter(
      (text) => text !== "",
    );
  } catch (error) {
    if (error instanceof EvidenceError) return [error.message];
    throw error;
  }
}
