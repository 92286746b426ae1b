/**
 * Station: what the venues have had to refuse because of their limits -> invariant 19: we break none of them.
 *
 * The venues count by themselves what they answered with 429 and 418 and which dials they turned away; faults
 * that only pretend a limit are counted elsewhere. Asked once a second, so that a breach has its moment.
 */
import type { VenueModel } from "../../venues/venue-model.ts";

type Counted = Pick<VenueModel, "id"> & {
  readonly rest: Pick<VenueModel["rest"], "tooManyCount" | "bannedCount">;
  readonly streams: Pick<VenueModel["streams"], "dialRefusedCount">;
};

/** Which limit of which venue was broken; "" when none was. */
export function limitFault(models: readonly Counted[]): string {
  for (const { id, rest, streams } of models) {
    if (rest.bannedCount > 0) return `${id} has answered ${rest.bannedCount} requests with a ban`;
    if (rest.tooManyCount > 0) return `${id} has refused ${rest.tooManyCount} requests as too many`;
    if (streams.dialRefusedCount > 0)
      return `${id} has turned ${streams.dialRefusedCount} dials away`;
  }
  return "";
}
