/**
 * Station: core, all the state of trading there is, as one tree beside the market's. Changed in place by the
 * modules of this room and by no one else.
 */

import { assert } from "../../../contracts/assert.ts";
import type { VenueId } from "../../../contracts/ids.ts";
import type { ShutdownPolicy } from "../../../contracts/trade.ts";
import { Budgets } from "../detect/budgets.ts";
import type { Cycle as Triangle } from "../detect/cycles.ts";
import { LEVELS_MAX } from "../detect/depth.ts";
import { type Detector, makeDetector } from "../detect/detector.ts";
import { Evaluator } from "../detect/evaluate.ts";
import { Evaluation } from "../detect/evaluation.ts";
import type { Instrument } from "../instrument.ts";
import { parseAmount } from "../money/amount.ts";
import type { Order } from "../order/order.ts";
import type { OrderOptions } from "../order/order-options.ts";
import { importOrders } from "../order/order-state.ts";
import { Orders } from "../order/orders.ts";
import { divideRules } from "../order/unknown.ts";
import { Risk } from "../risk/risk.ts";
import type { World } from "../world.ts";
import { type Account, makeAccount } from "./account.ts";
import type { BookStamp } from "./commands.ts";
import type { Cycle, PlannedLeg } from "./cycle.ts";
import { interruptedCycles } from "./interrupted.ts";
import type { TradingPlan, VenueTrading } from "./plan.ts";
import { readTrading, type TradingState } from "./restored.ts";
import { WorldRiskView } from "./risk-view.ts";
import { makeStanding, type Standing } from "./standing.ts";

/** What is told of trading in numbers; since the start of the process. */
export type TradeCounts = {
  opportunities: number;
  filled: number;
  failed: number;
  aborted: number;
  orders: number;
  fills: number;
  denials: number;
  ordersOnInvalidBook: number;
  anomalies: number;
};

export type Drain = {
  readonly policy: ShutdownPolicy;
  readonly by: string;
  readonly sinceUs: number;
};

/** What looks for cycles at one venue. */
export type VenueDesk = {
  readonly account: Account;
  readonly detector: Detector;
  readonly evaluator: Evaluator;
  /** Filled again for each candidate. */
  readonly evaluation: Evaluation;
  /** What a cycle may begin with, by start asset. */
  readonly budgets: Budgets;
  readonly levelsMax: number;
  /** A cycle that rests comes back then: what stands over the threshold is looked at again. */
  scanUs: number;
};

/** The order of a new cycle that has been given out, and what is still to be done about it in this tick. */
export type Fired = {
  readonly desk: VenueDesk;
  readonly triangle: Triangle;
  readonly planned: readonly PlannedLeg[];
  readonly books: readonly BookStamp[];
  readonly edgePpm: number;
  readonly order: Order;
  /** Candidates of the same touch that were not looked at yet. */
  nextCandidate: number;
  candidateCount: number;
};

export type Trading = {
  readonly plan: TradingPlan;
  /** By venue; undefined where nothing is traded. */
  readonly accounts: readonly (Account | undefined)[];
  /** By venue, as the accounts. */
  readonly desks: readonly (VenueDesk | undefined)[];
  /** The rules in force, by index in the world. */
  readonly instruments: Instrument[];
  readonly orders: Orders;
  readonly risk: Risk;
  /** Lease and operator's mode. */
  readonly standing: Standing;
  /** Cycles under way. */
  readonly cycles: Cycle[];
  /** Ended cycles whose orders may still hear a late word; the oldest go first. */
  readonly recent: Cycle[];
  cycleCount: number;
  opportunityCount: number;
  readonly counts: TradeCounts;
  readonly denialsByControl: Map<string, number>;
  /** Realised profit by "venue:asset". */
  readonly profit: Map<string, bigint>;
  /** What ended cycles have left of other assets, by "venue:asset": the dust ledger. */
  readonly dust: Map<string, bigint>;
  drain: Drain | undefined;
  /** Undefined between ticks. */
  fired: Fired | undefined;
  /** Least net edge that is fired, in parts per million. */
  edgePpmMin: number;
};

/**
 * Builds the state, from what the last run left where there was one. Asserts that `plan.restored` can be
 * read: whoever made the plan has looked into it and refused what it could not use.
 */
export function makeTrading(world: World, plan: TradingPlan): Trading {
  const venueCount = world.venues.length;
  const accounts: (Account | undefined)[] = Array.from({ length: venueCount });
  const desks: (VenueDesk | undefined)[] = Array.from({ length: venueCount });
  const instruments = [...world.instruments];
  for (const venue of plan.venues) {
    const account = makeAccount(venue);
    accounts[venue.venue] = account;
    desks[venue.venue] = makeVenueDesk(world, plan, account);
  }
  const options = orderOptionsOf(plan, world);
  const restored = plan.restored === "" ? undefined : stateOf(plan.restored);
  const orders = restored === undefined ? new Orders(options) : ordersOf(restored.orders, options);
  // Not while the past was folded: what was counted then has been told then.
  orders.table.tellsFills = plan.tellsFills === true;
  for (const venue of plan.venues) {
    if (venue.mode === "paper" && !orders.table.ledger.isOpen(venue.venue))
      openPaper(orders, venue);
  }
  const standing = makeStanding(plan);
  const subject = { accounts, ledger: orders.table.ledger, instruments, standing };
  const risk = new Risk(plan, world, new WorldRiskView(world, subject));
  if (restored !== undefined) restoreRisk(risk, orders, restored.risk);
  return {
    plan,
    accounts,
    desks,
    instruments,
    orders,
    risk,
    standing,
    cycles: restored === undefined ? [] : interruptedCycles(orders, restored, instruments),
    recent: [],
    cycleCount: restored?.cycleCount ?? 0,
    opportunityCount: restored?.opportunityCount ?? 0,
    counts: {
      opportunities: 0,
      filled: 0,
      failed: 0,
      aborted: 0,
      orders: 0,
      fills: 0,
      denials: 0,
      ordersOnInvalidBook: 0,
      anomalies: 0,
    },
    denialsByControl: new Map(),
    profit: new Map(),
    dust: dustOf(restored?.dust ?? {}),
    drain: undefined,
    fired: undefined,
    edgePpmMin: plan.edgePpmMin,
  };
}

/** What orders are made from; a fold before the start uses the same. */
export function orderOptionsOf(
  plan: Pick<TradingPlan, "fence" | "venues" | "inquiry" | "timeDivisor">,
  world: {
    readonly instruments: readonly Instrument[];
    readonly venues: readonly { readonly id: VenueId }[];
  },
): OrderOptions {
  const roundings = world.venues.map(
    (_, index) => plan.venues.find(({ venue }) => venue === index)?.feeRounding,
  );
  return {
    fence: plan.fence,
    instruments: world.instruments,
    venues: world.venues.map(({ id }) => id),
    feeRoundings: roundings,
    rules: divideRules(plan.inquiry, Math.max(1, plan.timeDivisor)),
  };
}

function stateOf(text: string): TradingState {
  const read = readTrading(text);
  assert(read.ok, "a saved state was looked into before");
  return read.state;
}

function ordersOf(text: string, options: OrderOptions): Orders {
  const imported = importOrders(text, options);
  assert(imported.kind === "orders", "the orders of a saved state were looked into before");
  return imported.orders;
}

/** A paper account begins with what the plan gives it; the venue knows nothing of it. */
function openPaper(orders: Orders, { venue, paperBalances }: VenueTrading): void {
  const balances = Object.entries(paperBalances).map(([asset, total]) => {
    return { asset, free: "", held: "", total };
  });
  const isOpen = orders.openLedger(venue, balances);
  assert(isOpen, "paper balances are decimal text: the configuration was checked");
}

function restoreRisk(risk: Risk, orders: Orders, state: unknown): void {
  if (state !== null) {
    const isWhole = risk.importState(state);
    assert(isWhole, "the risk counters of a saved state were looked into before");
  }
  for (const order of [...orders.table.live, ...orders.table.unsettled]) risk.adopt(order);
}

function dustOf(state: Readonly<Record<string, string>>): Map<string, bigint> {
  return new Map(Object.entries(state).map(([key, text]) => [key, parseAmount(text) ?? 0n]));
}

function makeVenueDesk(world: World, plan: TradingPlan, account: Account): VenueDesk {
  const { venue, startAmounts } = account.plan;
  const detector = makeDetector({
    instruments: world.instruments.filter(({ index }) => world.slots[index]?.venue === venue),
    startAssets: Object.keys(startAmounts),
    edgePpmMin: plan.edgePpmMin,
  });
  return {
    account,
    detector,
    evaluator: new Evaluator(detector),
    evaluation: new Evaluation(),
    budgets: new Budgets(),
    levelsMax: Math.min(LEVELS_MAX, world.venues[venue]?.inStream?.levelsProven ?? LEVELS_MAX),
    scanUs: Number.POSITIVE_INFINITY,
  };
}

/**
 * What the cycles of a venue may begin with: the configured amount, or what is free of it. Called whenever
 * balances or reserves may have changed.
 */
export function updateBudgets(trade: Trading, venue: number): void {
  const desk = trade.desks[venue];
  if (desk === undefined) return;
  const { ledger } = trade.orders.table;
  for (const [asset, text] of Object.entries(desk.account.plan.startAmounts)) {
    const most = parseAmount(text) ?? 0n;
    const free = ledger.isOpen(venue) ? ledger.free(venue, asset) : 0n;
    const spendable = free - trade.risk.reserveOf(asset);
    const amount = spendable < most ? spendable : most;
    if (desk.budgets.amountOf(asset) !== amount) desk.budgets.set(asset, amount < 0n ? 0n : amount);
  }
}

/** Names an asset of one venue. */
export function keyOf(venue: number, asset: string): string {
  return `${venue}:${asset}`;
}

/** Adds to a sum by name; a sum of nothing is not kept. */
export function addTo(sums: Map<string, bigint>, key: string, amount: bigint): void {
  const sum = (sums.get(key) ?? 0n) + amount;
  if (sum === 0n) sums.delete(key);
  else sums.set(key, sum);
}
