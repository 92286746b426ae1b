/**
 * Station: what the venues have had to refuse because of their limits -> invariant 19: we break none of them.
 *
 * The venues count by themselves what they answered with 429 and 418 and which dials they turned away; faults
 * that only pretend a limit are counted elsewhere. Asked once a second, so that a breach has its moment.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { Micros } from "../../../contracts/time.ts";
import { VENUES } from "../../../hotpath/venues/registry.ts";
import type { VenueModel } from "../../venues/venue-model.ts";

type Counted = Pick<VenueModel, "id"> & {
  readonly rest: Pick<VenueModel["rest"], "tooManyCount" | "bannedCount">;
  readonly streams: Pick<VenueModel["streams"], "dialRefusedCount">;
};

/**
 * No life knows what the one before it has dialed: more starts than these within a venue's window of dials
 * excuse a dial that is turned away.
 */
const STARTS_MAX = 2;

export class LimitsCheck {
  readonly #startsUs: Micros[] = [];
  /** Dials that were turned away and excused, by venue. */
  readonly #excused = new Map<VenueId, number>();

  onLife(nowUs: Micros): void {
    this.#startsUs.push(nowUs);
  }

  /** Which limit of which venue was broken since the last look; "" when none was. */
  faultOf(models: readonly Counted[], nowUs: Micros): string {
    for (const { id, rest, streams } of models) {
      if (rest.bannedCount > 0) return `${id} has answered ${rest.bannedCount} requests with a ban`;
      if (rest.tooManyCount > 0) {
        return `${id} has refused ${rest.tooManyCount} requests as too many`;
      }
      const { dialRefusedCount } = streams;
      if (this.#isStartingOften(id, nowUs)) this.#excused.set(id, dialRefusedCount);
      const refused = dialRefusedCount - (this.#excused.get(id) ?? 0);
      if (refused > 0) return `${id} has turned ${refused} dials away`;
    }
    return "";
  }

  #isStartingOften(venue: VenueId, nowUs: Micros): boolean {
    const startUs = this.#startsUs.at(-1 - STARTS_MAX);
    return startUs !== undefined && nowUs - startUs <= VENUES[venue].dialWindowUs;
  }
}
