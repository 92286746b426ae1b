/**
 * Station: the journals and intents of all lives of an engine -> what it did, as far as it knew.
 *
 * Read from the disk after the storm, by other code than the engine's own books: every command, how each
 * of them ended, and every trade that was heard of.
 */
import { join } from "node:path";
import {
  BODY_AT,
  CLASS_CMD,
  CLASS_CTL,
  CTL_EVENT,
  CTL_RUN_HEADER,
} from "../../contracts/journal.ts";
import type { OrderState } from "../../contracts/trade.ts";
import type { CoreCommand } from "../../hotpath/core/commands.ts";
import type { ControlEvent } from "../../hotpath/core/events.ts";
import { isTerminal } from "../../hotpath/core/order/order.ts";
import { importOrders } from "../../hotpath/core/order/order-state.ts";
import type { PlaceOrder } from "../../hotpath/core/trade/commands.ts";
import type { FillView } from "../../hotpath/core/trade/events.ts";
import { readTrading } from "../../hotpath/core/trade/restored.ts";
import { orderOptionsOf } from "../../hotpath/core/trade/trading.ts";
import { type Disk, realDisk } from "../../hotpath/io/journal/disk.ts";
import { describeError } from "../../hotpath/io/journal/failure.ts";
import { type JournalCursor, openJournal } from "../../hotpath/io/journal/reader.ts";
import { listRuns } from "../../hotpath/io/journal/runs.ts";
import { readIntents } from "../../hotpath/io/trade/intent-reader.ts";
import type { HotPlan } from "../../hotpath/plan.ts";
import { recoverTrading, tradingFiles } from "../../hotpath/recover.ts";
import { readRunPlan } from "../../hotpath/trading/journal-tail.ts";

/** Journals or intents that cannot be read; the message is one sentence. */
export class EvidenceError extends Error {}

/** One order of ours as the journals tell it. */
export type CommandEvidence = {
  /** Every state in which it was said to have ended, in order. */
  readonly endings: OrderState[];
  filledLots: number;
};

export type Evidence = {
  readonly lives: number;
  readonly commands: ReadonlyMap<string, CommandEvidence>;
  /** "venue:SYMBOL tradeId" of every trade that was heard of, by whichever way. */
  readonly heardTrades: ReadonlySet<string>;
  readonly cycles: Readonly<Record<string, number>>;
  readonly kills: number;
};

type Gathering = {
  lives: number;
  kills: number;
  readonly commands: Map<string, CommandEvidence>;
  readonly heardTrades: Set<string>;
  readonly cycles: Record<string, number>;
};

/** Reads everything under `root`; throws an `EvidenceError` where it cannot be read. */
export function gatherEvidence(root: string, disk: Disk = realDisk): Evidence {
  const found: Gathering = {
    lives: 0,
    kills: 0,
    commands: new Map(),
    heardTrades: new Set(),
    cycles: {},
  };
  for (const run of listRuns(disk, root)) readRun(disk, join(root, run), found);
  const intents = readIntents(tradingFiles(root).intents, 0, disk);
  if (intents.kind === "refused") throw new EvidenceError(intents.reason);
  // An intent without a command in a journal is a command too: the journal ended before it.
  for (const { clientId, isTest } of intents.orders) {
    if (!isTest) commandOf(found, clientId);
  }
  const silent = [...found.commands].filter(([, { endings }]) => endings.length === 0);
  const folded = foldedEndings(
    disk,
    root,
    silent.map(([clientId]) => clientId),
  );
  for (const [clientId, state] of folded) commandOf(found, clientId).endings.push(state);
  return found;
}

/**
 * What became of commands whose end no record tells: a life can die between the word of an end and its
 * record. All journals are folded by the code of recovery, from the first on.
 */
function foldedEndings(
  disk: Disk,
  root: string,
  clientIds: readonly string[],
): Map<string, OrderState> {
  const endings = new Map<string, OrderState>();
  if (clientIds.length === 0) return endings;
  const plan = lastPlan(disk, root);
  if (plan?.trading === undefined) return endings;
  const options = { ...orderOptionsOf(plan.trading, plan), endedMax: Number.MAX_SAFE_INTEGER };
  const recovery = recoverTrading(root, undefined, options, disk);
  if (!recovery.ok) throw new EvidenceError(recovery.reason);
  const read = readTrading(recovery.restored);
  const imported = read.ok ? importOrders(read.state.orders, options) : undefined;
  if (imported?.kind !== "orders") throw new EvidenceError("the folded journals cannot be read");
  for (const clientId of clientIds) {
    const order = imported.orders.table.get(clientId);
    if (order !== undefined && isTerminal(order)) endings.set(clientId, order.state);
  }
  return endings;
}

function lastPlan(disk: Disk, root: string): HotPlan | undefined {
  const run = listRuns(disk, root).at(-1);
  return run === undefined ? undefined : readRunPlan(join(root, run), disk);
}

/**
 * How a trade is named in `heardTrades`. Kraken's ids begin with the number that the simulated venue gives
 * an instrument, which the name says already.
 */
export function tradeKey(instrument: string, tradeId: string): string {
  return `${instrument} ${tradeId.replace(/^T\d+-/, "")}`;
}

function readRun(disk: Disk, directory: string, found: Gathering): void {
  const opened = openJournal(directory, { disk });
  if (!opened.ok) throw new EvidenceError(describeError(opened.error));
  found.lives++;
  let names: readonly string[] = [];
  const cursor = opened.journal.cursor();
  while (cursor.next()) {
    const { classCode, type } = cursor;
    if (classCode === CLASS_CMD) takeCommand(JSON.parse(bodyOf(cursor)) as CoreCommand, found);
    if (classCode !== CLASS_CTL) continue;
    if (type === CTL_RUN_HEADER) {
      names = (JSON.parse(bodyOf(cursor)) as HotPlan).instruments.map(({ id }) => id);
    } else if (type === CTL_EVENT)
      takeEvent(JSON.parse(bodyOf(cursor)) as ControlEvent, names, found);
  }
  if (cursor.error !== null) throw new EvidenceError(describeError(cursor.error));
}

function takeEvent(event: ControlEvent, names: readonly string[], found: Gathering): void {
  for (const { instrument, tradeId } of fillsOf(event)) {
    found.heardTrades.add(tradeKey(names[instrument] ?? "", tradeId));
  }
}

function takeCommand(command: CoreCommand, found: Gathering): void {
  switch (command.type) {
    case "placeOrder":
      if (!(command satisfies PlaceOrder).isTest) commandOf(found, command.clientId);
      return;
    case "recordOrder": {
      const { clientId, state, filledLots } = command.order;
      const evidence = commandOf(found, clientId);
      evidence.endings.push(state);
      evidence.filledLots = Math.max(evidence.filledLots, filledLots);
      return;
    }
    case "recordCycle": {
      const { ending } = command.cycle;
      found.cycles[ending] = (found.cycles[ending] ?? 0) + 1;
      return;
    }
    case "recordKill":
      if (command.isKilled) found.kills++;
      return;
    default:
      return;
  }
}

function commandOf(found: Gathering, clientId: string): CommandEvidence {
  const known = found.commands.get(clientId);
  if (known !== undefined) return known;
  const fresh: CommandEvidence = { endings: [], filledLots: 0 };
  found.commands.set(clientId, fresh);
  return fresh;
}

function fillsOf(event: ControlEvent): readonly FillView[] {
  switch (event.type) {
    case "orderFilled":
      return [event.fill];
    case "orderQueried":
    case "accountRead":
      return event.fills;
    default:
      return [];
  }
}

const text = new TextDecoder();

function bodyOf({ bytes, offset, end }: JournalCursor): string {
  return text.decode(bytes.subarray(offset + BODY_AT, end));
}
