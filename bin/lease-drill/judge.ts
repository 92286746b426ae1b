/**
 * Station: what the venue has accepted, and what the engines have said of their leases -> whether there ever
 * were two holders. The venue's order of acceptance is the truth; no clock of an engine counts.
 */
import { parseClientId } from "../../hotpath/core/order/client-id.ts";
import type { Term } from "./engine.ts";

/** One order as the venue knows it; its numbers grow in the order of acceptance. */
export type VenueOrder = { readonly orderId: number; readonly clientOrderId: string };

export type LeaseVerdict = {
  readonly orders: number;
  /** Fences among the accepted orders. */
  readonly fences: number;
  /** Orders accepted after one of a higher fence; must be 0. */
  readonly fencesDecreased: number;
  /** Fences that two lives have held; must be 0. */
  readonly fencesShared: number;
  /** Fences of orders that no life has said it held; must be 0. */
  readonly fencesUnheld: number;
  /** Client ids that were accepted more than once; must be 0. */
  readonly duplicates: number;
  readonly foreign: number;
  readonly examples: readonly string[];
};

const EXAMPLES_MAX = 10;

export function judgeLease(orders: readonly VenueOrder[], terms: readonly Term[]): LeaseVerdict {
  const examples: string[] = [];
  const names = new Set<string>();
  const fences = new Set<number>();
  const count = { fencesDecreased: 0, duplicates: 0, foreign: 0 };
  let highest = 0;
  for (const { orderId, clientOrderId } of [...orders].sort((a, b) => a.orderId - b.orderId)) {
    const parts = parseClientId(clientOrderId);
    if (parts === undefined) {
      count.foreign++;
      continue;
    }
    if (names.has(clientOrderId)) count.duplicates++;
    names.add(clientOrderId);
    fences.add(parts.fence);
    if (parts.fence < highest) {
      count.fencesDecreased++;
      examples.push(`order ${orderId} of fence ${parts.fence} after fence ${highest}`);
    }
    highest = Math.max(highest, parts.fence);
  }
  const holders = new Map<number, number>();
  for (const { fence } of terms) holders.set(fence, (holders.get(fence) ?? 0) + 1);
  const shared = [...holders].filter(([, lives]) => lives > 1).map(([fence]) => fence);
  const unheld = [...fences].filter((fence) => !holders.has(fence));
  for (const fence of shared) examples.push(`fence ${fence} was held twice`);
  for (const fence of unheld) examples.push(`fence ${fence} was held by nobody`);
  return {
    orders: names.size,
    fences: fences.size,
    ...count,
    fencesShared: shared.length,
    fencesUnheld: unheld.length,
    examples: examples.slice(0, EXAMPLES_MAX),
  };
}

/** What must be nothing and is not, as one sentence; "" when all of it is. */
export function missOf(verdict: LeaseVerdict): string {
  const { fencesDecreased, fencesShared, fencesUnheld, duplicates } = verdict;
  const wrong = { fencesDecreased, fencesShared, fencesUnheld, duplicates };
  const named = Object.entries(wrong).filter(([, value]) => value > 0);
  if (named.length > 0) return named.map(([name, value]) => `${name} is ${value}`).join(", ");
  return verdict.orders === 0 ? "no order was accepted, so nothing was tried" : "";
}
