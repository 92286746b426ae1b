/**
 * Station: a seed, options and a virtual clock -> the simulated venues in memory.
 *
 * The same markets, exchanges, desks, feeds and texts as behind real ports, built by the same code; only
 * what carries them differs, and that their keys come from the seed. Whoever owns the virtual time calls
 * `tick`; timers are the globals' of the process, which the simulator replaces.
 */
import { assert } from "../../../contracts/assert.ts";
import { VENUE_IDS, type VenueId } from "../../../contracts/ids.ts";
import type { Micros } from "../../../contracts/time.ts";
import { type BuiltVenues, buildVenues } from "../../venues/build.ts";
import { Random } from "../../venues/market/random.ts";
import { DEFAULT_OPTIONS, type VenuesOptions } from "../../venues/options.ts";
import type { DrawBytes, VenueModel } from "../../venues/venue-model.ts";
import type { MemoryClient, MemoryLink } from "./memory-link.ts";
import {
  type AnswerMemory,
  type MemoryRequest,
  MemoryTransport,
  type PendingRequest,
} from "./memory-transport.ts";

/** Ports that no socket ever opens: addresses must look like a laptop's, and nothing more. */
const FIRST_PORT = 20_001;
const BYTE_VALUES_COUNT = 256;

/** Bytes from a seeded stream of their own. */
export function seededBytes(seed: number, label: string): DrawBytes {
  const random = new Random(seed, label);
  return (count) =>
    Buffer.from(Array.from({ length: count }, () => random.integer(BYTE_VALUES_COUNT)));
}

function transportAt(index: number): MemoryTransport {
  const restPort = FIRST_PORT + 2 * index;
  const restUrl = `http://127.0.0.1:${restPort}`;
  return new MemoryTransport({ restUrl, wsUrl: `ws://127.0.0.1:${restPort + 1}` });
}

/** The venues of one simulated world. */
export class MemoryVenues {
  /** Faults, trading, truth, delays and numbers: what acts on the venues from outside the wire. */
  readonly built: BuiltVenues;
  readonly #transports: ReadonlyMap<VenueId, MemoryTransport>;
  readonly #venueByOrigin = new Map<string, VenueId>();

  /** Builds these venues (all when absent) with options, whose seed names every accident. */
  constructor(world: {
    readonly clock: () => Micros;
    readonly options?: Partial<VenuesOptions>;
    readonly venues?: readonly VenueId[];
  }) {
    const { clock, venues = VENUE_IDS } = world;
    const options = { ...DEFAULT_OPTIONS, ...world.options };
    // In the house's order whatever the caller's, so that a subset is always the same world.
    const chosen = VENUE_IDS.filter((venue) => venues.includes(venue));
    this.#transports = new Map(
      chosen.map((venue) => [venue, transportAt(VENUE_IDS.indexOf(venue))]),
    );
    for (const [venue, { restUrl, wsUrl }] of this.#transports) {
      this.#venueByOrigin.set(restUrl, venue).set(wsUrl, venue);
    }
    const drawBytesOf = (venue: VenueId) => seededBytes(options.seed, `${venue} keys`);
    this.built = buildVenues({ options, clock, transports: this.#transports, drawBytesOf });
  }

  /** The model of a venue: its endpoints and keys, its market, its trading side. */
  model(venue: VenueId): VenueModel {
    const model = this.built.models.find(({ id }) => id === venue);
    assert(model !== undefined, `${venue} is one of this world's venues`);
    return model;
  }

  /** Whose address a URL is; undefined for an address of nobody. */
  venueAt(url: string): VenueId | undefined {
    const { protocol, host } = new URL(url);
    return this.#venueByOrigin.get(`${protocol}//${host}`);
  }

  /** A client dials a venue by its whole URL; undefined when the venue is down. */
  accept(
    venue: VenueId,
    dialed: { readonly url: string; readonly address: string },
    client: MemoryClient,
  ): MemoryLink | undefined {
    const { pathname, search } = new URL(dialed.url);
    const { address } = dialed;
    return this.#transport(venue).dial({ target: pathname + search, address }, client);
  }

  /** A client asks a venue; undefined when the venue is down. */
  request(
    venue: VenueId,
    request: MemoryRequest,
    answer: AnswerMemory,
  ): PendingRequest | undefined {
    return this.#transport(venue).request(request, answer);
  }

  /** Lets every venue live until now. */
  tick(nowUs: Micros): void {
    this.built.tick(nowUs);
  }

  isUp(venue: VenueId): boolean {
    return this.#transport(venue).isUp;
  }

  /** Takes a venue down, with every session and request; reasons to be down may overlap. */
  goDown(venue: VenueId): void {
    this.model(venue).goDown();
  }

  /** Takes one reason away; a venue without any is up when this returns. */
  comeBack(venue: VenueId): void {
    this.model(venue).comeBack(() => {});
  }

  #transport(venue: VenueId): MemoryTransport {
    const transport = this.#transports.get(venue);
    assert(transport !== undefined, `${venue} is one of this world's venues`);
    return transport;
  }
}
