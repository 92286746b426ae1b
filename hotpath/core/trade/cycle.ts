/**
 * Station: core, one cycle: what it holds, where it stands, and how it ends. Data and arithmetic only;
 * who sends its orders is `executor.ts`.
 *
 * What a cycle holds is the sum of its fills and fees, asset by asset, and nothing else: a leg passes on
 * what was really received, and what is left at the end has a name.
 */
import { assert } from "../../../contracts/assert.ts";
import type { CycleEnding, OrderState, Side } from "../../../contracts/trade.ts";
import type { Order } from "../order/order.ts";
import type { BookStamp } from "./commands.ts";

/**
 * `leg`: the order of the current leg is out. `balance`: the venue's word on a balance is awaited. `exit`:
 * an order that gets out of an asset is out. `recovering`: orders of an earlier process are being
 * resolved. `ended`: reported, and its slot is free.
 */
export type CycleStep = "leg" | "balance" | "exit" | "recovering" | "ended";

/** One order of a cycle: a leg, or (from leg 3 on) what gets out of an asset. */
export type CycleOrder = {
  readonly leg: number;
  readonly instrument: number;
  readonly side: Side;
  readonly clientId: string;
  readonly inputAsset: string;
  readonly outputAsset: string;
  readonly lots: number;
  readonly limitTicks: number;
  /** The touch that was taken from, at the signal and when this order was fired. */
  readonly signalTicks: number;
  readonly fireTicks: number;
  state: OrderState;
  filledLots: number;
  /** What was spent and received, fees in those assets included; all fees by asset. */
  input: bigint;
  output: bigint;
  fees: ReadonlyMap<string, bigint>;
  firedUs: number;
  ackUs: number;
  fillUs: number;
  endUs: number;
};

/** One leg as it was planned when the opportunity was seen. */
export type PlannedLeg = {
  readonly instrument: number;
  readonly side: Side;
  readonly lots: number;
  readonly limitTicks: number;
  readonly touchTicks: number;
  readonly inputAsset: string;
  readonly outputAsset: string;
};

export type Cycle = {
  readonly number: number;
  /** Position of the triangle in its venue's detector; -1 for one that an earlier process left. */
  readonly key: number;
  readonly venue: number;
  readonly corr: string;
  readonly opportunity: number;
  /** Predicted net edge in parts per million. */
  readonly edgePpm: number;
  readonly triangle: readonly string[];
  readonly startAsset: string;
  readonly startAmount: bigint;
  readonly planned: readonly PlannedLeg[];
  readonly predictedBps: string;
  readonly grossBps: number;
  readonly depthBps: number;
  readonly signalUs: number;
  readonly bookTsUs: number;
  readonly stamps: readonly BookStamp[];
  readonly tops: readonly string[];
  readonly orders: CycleOrder[];
  readonly holdings: Map<string, bigint>;
  step: CycleStep;
  /** The leg under way, 0 to 2. */
  leg: number;
  /** The order that is waited for; "" for none. */
  waitingFor: string;
  waitingSinceUs: number;
  /** What blocks is looked at again at this time; 0 for nothing. */
  retryUs: number;
  /** How often it was looked at in vain since the last order, and which control blocked it last. */
  waits: number;
  deniedBy: string;
  exitTries: number;
  /** The same by asset: so many orders may be spent on each. */
  readonly exitsOf: Map<string, number>;
  legTries: number;
  failure: string;
  abortReason: string;
  /** Something worth selling could not be sold. */
  isStranded: boolean;
  endUs: number;
};

/** What the cycle holds of an asset; negative where it has spent more than it received. */
export function holdingOf(cycle: Cycle, asset: string): bigint {
  return cycle.holdings.get(asset) ?? 0n;
}

/**
 * Takes over what is now known of one of its orders, and counts the cycle's holdings anew. Trades that come
 * late, fees that are corrected and fills that were only said before all end in the same sums.
 */
export function noteOrder(cycle: Cycle, mine: CycleOrder, order: Order): void {
  mine.state = order.state;
  mine.filledLots = order.filledLots;
  mine.ackUs = order.ackUs;
  mine.fillUs = order.firstFillUs;
  mine.endUs = order.endUs;
  const [input, output] =
    mine.side === "buy"
      ? [-order.quoteMoved, order.baseMoved]
      : [-order.baseMoved, order.quoteMoved];
  mine.fees = feesOf(order);
  mine.input = input + (mine.fees.get(mine.inputAsset) ?? 0n);
  mine.output = output - (mine.fees.get(mine.outputAsset) ?? 0n);
  cycle.holdings.clear();
  for (const each of cycle.orders) countOrder(cycle.holdings, each);
}

function countOrder(holdings: Map<string, bigint>, order: CycleOrder): void {
  add(holdings, order.inputAsset, -order.input);
  add(holdings, order.outputAsset, order.output);
  for (const [asset, fee] of order.fees) {
    if (asset !== order.inputAsset && asset !== order.outputAsset) add(holdings, asset, -fee);
  }
}

function add(sums: Map<string, bigint>, asset: string, amount: bigint): void {
  const sum = (sums.get(asset) ?? 0n) + amount;
  if (sum === 0n) sums.delete(asset);
  else sums.set(asset, sum);
}

function feesOf(order: Order): Map<string, bigint> {
  const fees = new Map<string, bigint>();
  for (const { fee, feeAsset } of order.fills) add(fees, feeAsset, fee);
  add(fees, order.syntheticFeeAsset, order.syntheticFee);
  return fees;
}

/** How a cycle ends, once nothing of it is under way. */
export function endingOf(cycle: Cycle): CycleEnding {
  assert(cycle.step !== "leg", "a leg under way has no ending");
  if (cycle.abortReason !== "") return "ABORTED";
  return cycle.failure === "" ? "FILLED" : "FAILED";
}

/** The order of a cycle by its client id. */
export function orderOf(cycle: Cycle, clientId: string): CycleOrder | undefined {
  return cycle.orders.find((order) => order.clientId === clientId);
}
