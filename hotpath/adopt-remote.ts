/**
 * Station: order records of a host that is lost -> orders of this life, as unknown; the venue is then asked.
 *
 * The journal went down with that host. Its order records are behind by moments, so what they call open may
 * have ended since, and what they lack the first reading of the account finds by its name. Nothing is sent
 * again: an adopted order is only ever asked about and canceled. Only orders of fences that this folder has
 * never had are taken: of all others the journal here knows more.
 */

import { parseClientId } from "./core/order/client-id.ts";
import type { OrderOptions } from "./core/order/order-options.ts";
import type { PlaceOrder } from "./core/trade/commands.ts";
import { foldTrading, type TradingInput } from "./core/trade/restored.ts";
import type { PlacedOrder } from "./facts/order-step.ts";
import type { RemoteOrder } from "./io/aws/order-records.ts";

export type Adoption =
  | {
      readonly ok: true;
      readonly restored: string;
      readonly adopted: number;
      /** Records that cannot be read, each with its reason. */
      readonly damaged: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

export type RemoteOrders = {
  readonly orders: readonly RemoteOrder[];
  /** The highest fence that was ever used under this folder. */
  readonly fenceKnown: number;
};

/** Adds remote orders to a restored state; refused where one of them could not be followed to its end. */
export function adoptRemote(
  restored: string,
  { orders, fenceKnown }: RemoteOrders,
  options: OrderOptions,
): Adoption {
  const inputs: TradingInput[] = [];
  const damaged: string[] = [];
  for (const { clientId, placed } of orders) {
    const fence = parseClientId(clientId)?.fence ?? 0;
    if (fence <= fenceKnown) continue;
    const read = readPlaced(placed);
    if (read === undefined) {
      damaged.push(`the record of order ${clientId} cannot be read`);
      continue;
    }
    if (read.isTest) continue;
    const command = commandOf(clientId, read, options);
    if (typeof command === "string") return { ok: false, reason: command };
    inputs.push({ kind: "intent", command, nowUs: command.stampUs });
  }
  if (inputs.length === 0) return { ok: true, restored, adopted: 0, damaged };
  const folded = foldTrading(restored, options, inputs);
  if (!folded.ok) return { ok: false, reason: `the state of trading: ${folded.reason}` };
  return { ok: true, restored: JSON.stringify(folded.state), adopted: inputs.length, damaged };
}

/** The order in the numbers of this run, or why it cannot be followed. */
function commandOf(
  clientId: string,
  placed: PlacedOrder,
  { venues, instruments }: OrderOptions,
): PlaceOrder | string {
  const venue = (venues as readonly string[]).indexOf(placed.venue);
  const instrument = instruments.findIndex(({ id }) => id === placed.instrument);
  const rules = instruments[instrument];
  if (venue < 0 || rules === undefined) {
    return `order ${clientId} is of ${placed.instrument}, which is not followed any more`;
  }
  if (rules.tickSize !== placed.tickSize || rules.lotSize !== placed.lotSize) {
    return `order ${clientId} of ${placed.instrument} was placed in other steps`;
  }
  const { fence, command, side, timeInForce, priceTicks, lots, purpose, cycle, leg } = placed;
  const { stampUs, windowUs, limitsVersion, isTest } = placed;
  return {
    type: "placeOrder",
    venue,
    instrument,
    command,
    fence,
    clientId,
    side,
    timeInForce,
    priceTicks,
    lots,
    purpose,
    cycle,
    leg,
    stampUs,
    windowUs,
    limitsVersion,
    books: [],
    isTest,
  };
}

/** What the publisher wrote; undefined where it is not that. */
function readPlaced(text: string): PlacedOrder | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const placed = value as PlacedOrder;
  const numbers = [placed.fence, placed.command, placed.priceTicks, placed.lots, placed.stampUs];
  const areNumbers = [...numbers, placed.windowUs, placed.cycle, placed.leg].every(
    Number.isSafeInteger,
  );
  const areTexts = [placed.venue, placed.instrument].every((name) => typeof name === "string");
  const isOrder = placed.side === "buy" || placed.side === "sell";
  return areNumbers && areTexts && isOrder ? placed : undefined;
}
