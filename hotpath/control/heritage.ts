/**
 * Station: the tables of a control plane -> what a start needs of them beside the lease: the keys of its
 * accounts, and the orders that a lost host may have left open.
 */
import type { Config } from "../../contracts/schema/config.ts";
import { tablesClient } from "../io/aws/clients.ts";
import { createOrderRecords, type RemoteOrder } from "../io/aws/order-records.ts";
import type { KeysByVenue } from "../prepare-trading.ts";
import { type Claimed, retried } from "./claim.ts";
import type { ControlPlan } from "./control-plan.ts";
import { readStoredKeys } from "./stored-keys.ts";

export type Heritage =
  | {
      readonly ok: true;
      /** Undefined where keys come from the environment. */
      readonly keys: KeysByVenue | undefined;
      readonly orders: readonly RemoteOrder[];
    }
  | { readonly ok: false; readonly reason: string };

export type HeritageQuestion = {
  readonly control?: ControlPlan | undefined;
  readonly claimed?: Claimed | undefined;
};

/** Reads both; a start that cannot know of them is none. */
export async function readHeritage(
  { config, isFresh }: { readonly config: Config; readonly isFresh: boolean },
  { control, claimed }: HeritageQuestion,
): Promise<Heritage> {
  if (control === undefined) return { ok: true, keys: undefined, orders: [] };
  const isStored = config.control.keys === "secretsManager";
  const stored = isStored ? await readStoredKeys(config, control) : undefined;
  if (stored?.ok === false) return stored;
  // Asked only where another host has traded since this folder last did: of the rest the journal knows more.
  if (claimed?.isSuccessor !== true || isFresh) return { ok: true, keys: stored?.keys, orders: [] };
  const { readOpen } = createOrderRecords(tablesClient(), control.prefix);
  const read = await retried(() => readOpen(control.engine));
  return read.ok ? { ok: true, keys: stored?.keys, orders: read.orders } : read;
}
