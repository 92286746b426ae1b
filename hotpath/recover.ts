/**
 * Station: what earlier lives of the engine left on the disk -> the state that trading begins with, and the
 * fence of this life.
 *
 * The newest state that is whole, everything the journals have after it, and every intent that they do not
 * have: such an order may have left, and is adopted as unknown. Then the venue is asked; that is the core's
 * affair. Nothing is guessed: what cannot be read is refused, because an order that nobody remembers might
 * be open.
 */
import path from "node:path";
import { assert } from "../contracts/assert.ts";
import type { OrderOptions } from "./core/order/order-options.ts";
import { exportOrders } from "./core/order/order-state.ts";
import { Orders } from "./core/order/orders.ts";
import type { PlaceOrder, TradeRecord } from "./core/trade/commands.ts";
import {
  type FoldedState,
  foldTrading,
  readTrading,
  type TradingInput,
} from "./core/trade/restored.ts";
import { type Disk, realDisk } from "./io/journal/disk.ts";
import { listRuns } from "./io/journal/runs.ts";
import { raiseFence, readFence } from "./io/trade/fence.ts";
import { readIntents } from "./io/trade/intent-reader.ts";
import type { SavedState } from "./io/trade/state-store.ts";
import {
  fillName,
  type JournalTail,
  readJournalTail,
  readRunPlan,
  type ToldBefore,
  type Translation,
} from "./trading/journal-tail.ts";

/** Where everything of trading stands below the journal's folder. */
export function tradingFiles(root: string) {
  return {
    intents: path.join(root, "intents"),
    fence: path.join(root, "fence"),
    states: path.join(root, "states"),
  } as const;
}

export type Recovery =
  | {
      readonly ok: true;
      /** "" where there was nothing to take up. */
      readonly restored: string;
      /** Records of the journals that were folded, and intents that were adopted. */
      readonly folded: number;
      readonly adopted: number;
      /** What was counted and had not been told when the last run ended. */
      readonly untold: readonly TradeRecord[];
      /** What the death of a machine has taken from the intents, each a sentence. */
      readonly damaged: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

export type FenceRaise =
  | { readonly ok: true; readonly fence: number }
  | { readonly ok: false; readonly reason: string };

/** The highest fence that was ever used under this folder; 0 for none. Changes nothing. */
export function knownFence(root: string, disk: Disk = realDisk): FenceRaise {
  const read = readFence(tradingFiles(root).fence, disk);
  if (read.kind === "refused") return { ok: false, reason: read.reason };
  return { ok: true, fence: Math.max(read.fence, intentFenceOf(root, disk)) };
}

function intentFenceOf(root: string, disk: Disk): number {
  const intents = readIntents(tradingFiles(root).intents, Number.POSITIVE_INFINITY, disk);
  return intents.kind === "read" ? intents.fenceMax : 0;
}

/**
 * Raises the fence above everything that was ever written under this folder, and to no less than `atLeast`:
 * the fence of a lease, which knows of other folders too.
 */
export function raiseFenceOf(root: string, atLeast = 0, disk: Disk = realDisk): FenceRaise {
  const known = Math.max(intentFenceOf(root, disk), atLeast - 1);
  const raised = raiseFence(tradingFiles(root).fence, known, disk);
  return raised.kind === "raised"
    ? { ok: true, fence: raised.fence }
    : { ok: false, reason: raised.reason };
}

/**
 * Names of the instruments that the last life that traded could trade: they are followed on, whatever their
 * status is. A life that died before it had a plan says nothing, nor does one that cannot be read (recovery says
 * so).
 */
export function tradedBefore(root: string, disk: Disk = realDisk): ReadonlySet<string> {
  for (const run of listRuns(disk, root).toReversed()) {
    const plan = readRunPlan(path.join(root, run), disk);
    if (plan?.trading !== undefined) return new Set(plan.instruments.map(({ id }) => id));
  }
  return new Set();
}

/** Rebuilds the state of trading; `options` are those of the orders of this life. */
export function recoverTrading(
  root: string,
  state: SavedState | undefined,
  options: OrderOptions,
  disk: Disk = realDisk,
): Recovery {
  const numbering = {
    venues: options.venues,
    instruments: options.instruments.map(({ id }) => id),
  };
  const tail = readJournalTail(root, state, numbering, disk);
  if (!tail.ok) return tail;
  const intents = intentsAfter(disk, root, state, tail, options);
  if (!intents.ok) return intents;
  const { damaged } = intents;
  if (state === undefined && tail.inputs.length + intents.inputs.length === 0) {
    return { ok: true, restored: "", folded: 0, adopted: 0, untold: [], damaged };
  }
  const inputs = [...tail.inputs, ...intents.inputs];
  const read = foldTrading(state?.text ?? "", options, inputs);
  if (!read.ok) return { ok: false, reason: `the state of trading: ${read.reason}` };
  return {
    ok: true,
    restored: JSON.stringify(read.state),
    folded: tail.inputs.length,
    adopted: intents.inputs.length,
    untold: untoldOf(read, tail.told),
    damaged,
  };
}

/**
 * A crash may come between an event and the records of what it led to: the journal has the one and not the
 * others. What the fold has counted and no record tells is told by this life.
 */
function untoldOf(
  { fills, settled }: Extract<FoldedState, { readonly ok: true }>,
  told: ToldBefore,
): TradeRecord[] {
  if (!told.tellsFills) return [];
  return [
    ...fills
      .filter((fill) => !told.fills.has(fillName(fill)))
      .map((fill): TradeRecord => ({ type: "recordFill", fill })),
    ...settled
      .filter(({ clientId }) => !told.orders.has(clientId))
      .map((order): TradeRecord => ({ type: "recordOrder", order })),
  ];
}

/**
 * What is still true of a recovered state when another engine has traded on the account since: counters of
 * risk, kills and dust. Orders and balances are the venue's to tell; orders of ours that live are older than
 * our fence and are canceled by the first readings.
 */
export function successorState(restored: string, options: OrderOptions): string {
  if (restored === "") return "";
  const read = readTrading(restored);
  assert(read.ok, "a state that was just folded can be read");
  const orders = exportOrders(new Orders(options));
  return JSON.stringify({ ...read.state, orders, openCycles: [] });
}

type Intents =
  | {
      readonly ok: true;
      readonly inputs: readonly TradingInput[];
      readonly damaged: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Intents that neither the state nor a journal has. Commands are numbered without a gap under each fence,
 * so everything up to the highest number known of a fence is known.
 */
function intentsAfter(
  disk: Disk,
  root: string,
  state: SavedState | undefined,
  { inputs, translations }: Extract<JournalTail, { readonly ok: true }>,
  { fence }: OrderOptions,
): Intents {
  const known = knownCommands(state, inputs);
  const fenceMin = Math.min(...known.keys(), fence);
  const read = readIntents(tradingFiles(root).intents, fenceMin, disk);
  if (read.kind === "refused") return { ok: false, reason: read.reason };
  const adopted: TradingInput[] = [];
  for (const intent of read.orders) {
    if (intent.isTest || intent.command <= (known.get(intent.fence) ?? 0)) continue;
    const command = translated(intent, translations.get(intent.fence));
    if (command === undefined) {
      const reason = `order ${intent.clientId} is of an instrument that is not followed any more`;
      return { ok: false, reason };
    }
    // Time of the signature is the venue's, by our measure; a little off does no harm to a question.
    adopted.push({ kind: "intent", command, nowUs: command.stampUs });
  }
  return { ok: true, inputs: adopted, damaged: read.holes };
}

/** The highest command known of each fence. */
function knownCommands(
  state: SavedState | undefined,
  inputs: readonly TradingInput[],
): Map<number, number> {
  const known = new Map<number, number>();
  const read = state === undefined ? undefined : readTrading(state.text);
  if (read?.ok === true) {
    const { fence, commandMax } = JSON.parse(read.state.orders) as Readonly<
      Record<string, unknown>
    >;
    known.set(Number(fence), Number(commandMax));
  } else known.set(0, 0);
  for (const input of inputs) {
    if (input.kind !== "place") continue;
    const { fence, command } = input.command;
    known.set(fence, Math.max(known.get(fence) ?? 0, command));
  }
  return known;
}

/** The order in the numbers of this run; undefined when its instrument is not followed any more. */
function translated(
  order: PlaceOrder,
  translation: Translation | undefined,
): PlaceOrder | undefined {
  // Without its journal the run's numbers can only be taken as they are.
  const venue = translation === undefined ? order.venue : translation.venues[order.venue];
  const instrument =
    translation === undefined ? order.instrument : translation.instruments[order.instrument];
  if (venue === undefined || instrument === undefined || venue < 0 || instrument < 0) {
    return undefined;
  }
  return { ...order, venue, instrument };
}
