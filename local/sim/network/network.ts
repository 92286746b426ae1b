/**
 * Station: engines that dial and ask -> wires and answers, through whatever weather there is.
 *
 * What was asked of a venue that is down is refused; what was asked through a fault ends as real sockets end
 * it. Every wire that is in use is known here, because faults and crashes happen to wires.
 */
import { assert } from "../../../contracts/assert.ts";
import type { VenueId } from "../../../contracts/ids.ts";
import { US_PER_MS } from "../../../contracts/time.ts";
import type { OpenHttp } from "../../../hotpath/io/http-side.ts";
import type { Dial } from "../../../hotpath/io/web-socket.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { MemoryVenues } from "../venues/memory-venues.ts";
import { hostOf, REFUSED_US, VirtualHttp } from "./virtual-http.ts";
import { VirtualWire } from "./virtual-wire.ts";
import type { Weather } from "./weather.ts";

const DNS_US = 2_000_000;

export type NetworkParts = {
  readonly kernel: Kernel;
  readonly weather: Weather;
  readonly venues: MemoryVenues;
};

export class Network {
  readonly #parts: NetworkParts;
  readonly #processes = new Map<VenueId, Process>();
  /** Every wire that an engine still uses, with the engine's process. */
  readonly #wires = new Map<VirtualWire, Process>();

  constructor(parts: NetworkParts) {
    this.#parts = parts;
  }

  /** In the order in which they were dialed. */
  get wires(): readonly VirtualWire[] {
    return [...this.#wires.keys()];
  }

  /** The process in which a venue's code runs. */
  processOf(venue: VenueId): Process {
    const known = this.#processes.get(venue);
    if (known !== undefined) return known;
    const process = this.#parts.kernel.makeProcess(venue);
    this.#processes.set(venue, process);
    return process;
  }

  /** An engine's process has died; its host closes its sockets, or has died with it. */
  drop(process: Process, isHostAlive: boolean): void {
    for (const [wire, owner] of this.#wires) if (owner === process) wire.abandon(isHostAlive);
  }

  /** How a process dials. */
  dialOf(client: Process): Dial {
    return (url, timeoutMs, handlers) => {
      const { kernel, weather, venues } = this.#parts;
      const venueId = this.#venueAt(url);
      const venue = this.processOf(venueId);
      const onOver = (over: VirtualWire): void => void this.#wires.delete(over);
      const wire = new VirtualWire({ kernel, weather, client, venue, handlers, onOver });
      this.#wires.set(wire, client);
      kernel.at(kernel.nowUs + timeoutMs * US_PER_MS, client, () => {
        if (!wire.isOpen && wire.isWanted) wire.close("Opening handshake has timed out");
      });
      const fault = this.#dialFault();
      if (fault !== undefined) {
        kernel.at(kernel.nowUs + fault.afterUs, client, () => wire.fail(fault.reason));
        return wire;
      }
      kernel.at(kernel.nowUs + weather.latencyUs(), venue, () => {
        if (wire.isWanted)
          wire.reach(venues.accept(venueId, { url, address: hostOf(client) }, wire));
      });
      return wire;
    };
  }

  #dialFault(): { readonly reason: string; readonly afterUs: number } | undefined {
    const { weather } = this.#parts;
    if (weather.isFair) return undefined;
    if (weather.hits("T15")) return { reason: "connect ECONNREFUSED", afterUs: REFUSED_US };
    if (weather.hits("T14")) return { reason: "getaddrinfo EAI_AGAIN", afterUs: DNS_US };
    if (weather.hits("T12")) return { reason: "certificate has expired", afterUs: REFUSED_US };
    return undefined;
  }

  /** How a process opens the HTTP side of an origin. */
  openHttpOf(client: Process): OpenHttp {
    return (origin) => {
      const venueId = this.#venueAt(origin);
      return new VirtualHttp({ ...this.#parts, client, venue: this.processOf(venueId), venueId });
    };
  }

  #venueAt(url: string): VenueId {
    const id = this.#parts.venues.venueAt(url);
    assert(id !== undefined, `somebody lives at ${url}`);
    return id;
  }
}
