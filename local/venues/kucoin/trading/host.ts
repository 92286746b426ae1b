/**
 * Station: none; what the account's endpoints share: the trading side, the key, and how a refusal looks.
 */
import type { Micros } from "../../../../contracts/time.ts";
import type { TradingSide } from "../../exchange/trading-side.ts";
import type { Answer } from "../rest.ts";
import type { Refused } from "./codes.ts";
import type { KucoinKeys } from "./keys.ts";

export type AccountHost = {
  readonly side: TradingSide;
  readonly keys: KucoinKeys;
  readonly clock: () => Micros;
};

/** A refusal as an HTTP answer; one without a budget takes the pool's headers off (see `rest.ts`). */
export function refusedAnswer({ code, msg, status, hasBudget, resetMs }: Refused): Answer {
  const body = JSON.stringify({ code, msg });
  const reset = resetMs === undefined ? {} : { resetMs };
  return { status, body, ...reset, ...(hasBudget ? {} : { hasNoBudget: true }) };
}
