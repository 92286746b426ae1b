/**
 * Station: none; what the reads of an account share: whom they ask, how an order is named, what comes out.
 *
 * Every way a signed question can go wrong ends as one sentence, because a read is whole or it failed.
 */
import { assert } from "../../../../contracts/assert.ts";
import type { Refusal } from "../../../core/trade/events.ts";
import type { Read } from "../../../io/trade/account-answers.ts";
import type { AccountMemory } from "../../../io/trade/account-memory.ts";
import type { Param } from "./frames.ts";
import type { OrderSession } from "./order-session.ts";

/** What the reads need to know of the account. */
export type ReadContext = {
  readonly session: OrderSession;
  readonly memory: AccountMemory;
};

export type Tell<Value> = (read: Read<Value>) => void;

export const READ_TIMEOUT_US = 5_000_000;

/** Asks one signed question; every way it can go wrong is one reason. */
export function askRead(
  { session }: ReadContext,
  method: string,
  params: readonly Param[],
  onResult: (result: unknown, recvUs: number) => void,
  onFailed: (reason: string, refusal: Refusal | undefined) => void,
): void {
  session.ask({
    method,
    params,
    isSigned: true,
    timeoutUs: READ_TIMEOUT_US,
    wantsLate: false,
    onResult,
    onRefused: (refusal) => onFailed(`${method}: ${refusal.code} ${refusal.text}`, refusal),
    onLost: (reason) => onFailed(`${method}: ${reason}`, undefined),
  });
}

/** How an order is named to the venue: by its own id where that is known, which is faster. */
export function orderParams(
  symbol: string,
  name: { readonly clientId: string; readonly orderId: string },
): readonly Param[] {
  return name.orderId === ""
    ? [
        ["origClientOrderId", name.clientId],
        ["symbol", symbol],
      ]
    : [
        ["orderId", digitsOf(name.orderId)],
        ["symbol", symbol],
      ];
}

/** An order id may pass 2^53, so it is a number that prints whole. */
export function digitsOf(id: string): bigint {
  assert(/^\d+$/.test(id), "an order id of this venue is digits");
  return BigInt(id);
}
