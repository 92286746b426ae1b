/**
 * Station: why an account has closed itself -> invariant 7: nothing moves a balance but trades, fees and what
 * happens outside.
 *
 * A person opens such an account by accepting the difference, and with it whatever the ledger has got wrong. So
 * a difference counts as a violation, unless something in this history has moved balances from outside.
 */
import type { Coverage } from "../faults/coverage.ts";

/** Transfers, fees that change, other people's orders, and orders that the venue loses. */
const MOVING_CLASSES = ["O33", "O34", "O35", "O39"] as const;
/** As the ledger's comparison says it (`hotpath/core/order/balance-check.ts`). */
const DIFFERENCE = /at the venue, .* counted/;

/** What is wrong with an account that is closed for `reason`; "" where something explains it. */
export function blockFault(reason: string, { fired }: Pick<Coverage, "fired">): string {
  if (!DIFFERENCE.test(reason)) return "";
  const isExplained = MOVING_CLASSES.some((id) => (fired.get(id) ?? 0) > 0);
  return isExplained ? "" : `a balance differs, and nothing outside has moved it: ${reason}`;
}
