/**
 * Station: none; what of a world faults may touch. Types only.
 */
import type { VenueId } from "../../../contracts/ids.ts";
import type { EngineChecks } from "../checks/engine-checks.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Network } from "../network/network.ts";
import type { MemoryVenues } from "../venues/memory-venues.ts";
import type { Host } from "../world/host.ts";
import type { Settings } from "../world/settings.ts";
import type { TraceHash } from "../world/trace-hash.ts";
import type { Coverage } from "./coverage.ts";

/** A world as far as faults strike it. */
export type Stricken = {
  readonly kernel: Kernel;
  readonly network: Network;
  readonly venues: MemoryVenues;
  readonly host: Host;
  readonly settings: Settings;
  readonly coverage: Coverage;
  readonly trace: TraceHash;
  readonly checks: EngineChecks;
  /** While a kill of everything by a person holds. */
  isKilled: boolean;
  /** A venue's times stand still from now on. */
  onFrozen(venue: VenueId): void;
  violate(invariant: number, sentence: string): void;
};
