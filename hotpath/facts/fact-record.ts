/**
 * What goes into a deriver and what comes out: records of the kinds that tell something, and what they told.
 */

import type { Fact } from "../../contracts/history.ts";
import {
  CLASS_CMD,
  CLASS_CTL,
  CMD_COMMAND,
  CTL_EVENT,
  CTL_RUN_HEADER,
} from "../../contracts/journal.ts";
import type { Micros } from "../../contracts/time.ts";
import type { OrderStep } from "./order-step.ts";

/** A record of a class and type that `holdsFacts`. `body` is its JSON text. */
export type FactRecord = {
  readonly classCode: number;
  readonly type: number;
  readonly seq: number;
  readonly atUs: Micros;
  readonly body: string;
};

export type Derived = { readonly facts: readonly Fact[]; readonly orders: readonly OrderStep[] };

/** Whether facts can come of such a record; all others need not even be read. */
export function holdsFacts(classCode: number, type: number): boolean {
  if (classCode === CLASS_CMD) return type === CMD_COMMAND;
  return classCode === CLASS_CTL && (type === CTL_EVENT || type === CTL_RUN_HEADER);
}
