/**
 * The seam between the sweep and the venues: three things that can be asked of an account. Each venue's client
 * is small enough to be read in one sitting.
 */
import type { OpenOrder } from "./logic.ts";

export type CancelKeys = {
  readonly apiKey: string;
  readonly secret: string;
  /** "" where the venue has none. */
  readonly passphrase: string;
};

/** What became of the cancel of one order. */
export type Cancel = "canceled" | "gone";

/** Every method throws `VenueError` where the venue gives no usable answer. */
export interface CancelClient {
  list(): Promise<readonly OpenOrder[]>;
  cancel(order: OpenOrder): Promise<Cancel>;
  /** Cancels whatever is open, by the venue's own means; `orders` is what was listed last. */
  cancelEverything(orders: readonly OpenOrder[]): Promise<void>;
}

/** `value` as text; ids that are numbers are safe integers at every venue that sends them so. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return Number.isSafeInteger(value) ? String(value) : "";
}
