/**
 * Station: the plan of a run and its keys -> whether it may start with them.
 *
 * A key that can take money out, or that works from anywhere, starts nothing, in whatever mode: it would lie
 * on this machine all the same. A live account whose rights cannot be read is not started either.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { HotPlan, VenueShare } from "../plan.ts";
import type { AccountKeys } from "../venues/execution.ts";
import { VENUES } from "../venues/registry.ts";
import { readKeyRights, rightsFault } from "./key-rights.ts";

type Keys = Readonly<Partial<Record<VenueId, AccountKeys>>>;

/** Why the run may not start, as a sentence that names the venue and no key; "" when it may. */
export async function unsafeKeys(plan: HotPlan, keys: Keys): Promise<string> {
  for (const { venue, mode } of plan.trading?.venues ?? []) {
    const share = plan.venues[venue];
    const fault = share === undefined ? "" : await faultOf(share, keys[share.id], mode === "live");
    if (fault !== "") return `${share?.id}: ${fault}`;
  }
  return "";
}

async function faultOf(
  { id, account }: VenueShare,
  keys: AccountKeys | undefined,
  isLive: boolean,
): Promise<string> {
  const { execution } = VENUES[id];
  if (account === undefined || keys === undefined || execution === undefined) return "";
  const read = await readKeyRights(execution, account.rest, keys);
  if (read.kind === "rights") return rightsFault(read.rights);
  if (read.kind === "untold" || !isLive) return "";
  return `the rights of its key cannot be read (${read.reason})`;
}
