/**
 * Station: fence and command number <-> the name that an order has at its venue.
 *
 * The name is worked out, never drawn, so that a replay and a recovery spell the same one, and so that a
 * late order of an earlier owner of the account can be told by its fence. Sixteen characters fit every
 * venue (Kraken takes 18, Binance 36, KuCoin 40).
 */
import { assert } from "../../../contracts/assert.ts";
import { CLIENT_ID_PREFIX } from "../../../contracts/trade.ts";

const RADIX = 36;
const FENCE_DIGITS = 5;
const COMMAND_DIGITS = 8;

/** Starts of an engine that one account can live through: sixty million. */
export const FENCE_MAX = RADIX ** FENCE_DIGITS - 1;
/** Orders under one fence: 2.8e12, still a safe integer. */
export const COMMAND_MAX = RADIX ** COMMAND_DIGITS - 1;

const SHAPE = new RegExp(
  `^${CLIENT_ID_PREFIX}([0-9a-z]{${FENCE_DIGITS}})-([0-9a-z]{${COMMAND_DIGITS}})$`,
);

/** Begins the order id of an order that was filled on paper; no venue gives such a one. */
export const PAPER_ORDER_ID_PREFIX = "paper-";

export type ClientIdParts = { readonly fence: number; readonly command: number };

/** The client order id of one command: `rk0000c-0000002r`. Asserts that both numbers fit. */
export function clientIdOf(fence: number, command: number): string {
  assert(Number.isInteger(fence), "a fence is a whole number");
  assert(fence >= 0 && fence <= FENCE_MAX, "a fence has five digits");
  assert(Number.isInteger(command), "a command is counted");
  assert(command >= 1 && command <= COMMAND_MAX, "a command number has eight digits");
  const fenceText = fence.toString(RADIX).padStart(FENCE_DIGITS, "0");
  const commandText = command.toString(RADIX).padStart(COMMAND_DIGITS, "0");
  return `${CLIENT_ID_PREFIX}${fenceText}-${commandText}`;
}

/** What a client id says; undefined when it is not one of ours. */
export function parseClientId(text: string): ClientIdParts | undefined {
  const match = SHAPE.exec(text);
  if (match === null) return undefined;
  const fence = Number.parseInt(match[1] ?? "", RADIX);
  const command = Number.parseInt(match[2] ?? "", RADIX);
  return command >= 1 ? { fence, command } : undefined;
}

/**
 * Whether an order is ours. Prefix alone is not enough: an order that only begins like ours was made by
 * somebody else, and is never canceled by us.
 */
export function isOurs(clientId: string): boolean {
  return parseClientId(clientId) !== undefined;
}
