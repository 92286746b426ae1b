/**
 * Station: none; what a desk remembers of its account: its instruments, and the names of its orders.
 *
 * Venues tell trades by their own order ids and read them by symbol; with this a trade finds our client id,
 * and a read of the account asks for no more symbols than it must. It forgets the oldest names first.
 */
import { assert } from "../../../contracts/assert.ts";
import { CLIENT_ID_PREFIX } from "../../../contracts/trade.ts";
import type { Instrument } from "../../core/instrument.ts";
import type { OrderView } from "../../core/trade/events.ts";

/** Trades of all instruments are read up to so many; of more, those where something was going on. */
const INSTRUMENTS_READ_MAX = 40;
/** Client ids that are kept; the trades of older orders are told without them. */
const ORDERS_KEPT_MAX = 20_000;

export class AccountMemory {
  readonly instruments: readonly Instrument[];
  readonly bySymbol: ReadonlyMap<string, Instrument>;
  readonly #byIndex: ReadonlyMap<number, Instrument>;
  /** Instruments where this process has placed or heard of an order. */
  readonly #touched = new Set<number>();
  readonly #clientIds = new Map<string, string>();
  readonly #kept: number;

  /** The list may be of the whole world, with holes where other venues' instruments stand. */
  constructor(instruments: readonly (Instrument | undefined)[], kept: number = ORDERS_KEPT_MAX) {
    this.instruments = instruments.filter((each) => each !== undefined);
    this.#byIndex = new Map(this.instruments.map((each) => [each.index, each]));
    this.bySymbol = new Map(this.instruments.map((each) => [each.symbol, each]));
    this.#kept = kept;
  }

  /** The instrument that a command names. */
  instrumentAt(index: number): Instrument {
    const instrument = this.#byIndex.get(index);
    assert(instrument !== undefined, "a command names an instrument of its venue");
    return instrument;
  }

  /** Something is going on in this instrument. */
  touch(index: number): void {
    this.#touched.add(index);
  }

  /** The instruments whose trades are worth asking for. */
  tradedInstruments(): readonly Instrument[] {
    if (this.instruments.length <= INSTRUMENTS_READ_MAX) return this.instruments;
    return this.instruments.filter(({ index }) => this.#touched.has(index));
  }

  /** Keeps an order's names, the first that were told. */
  learn({ orderId, clientId }: Pick<OrderView, "orderId" | "clientId">): void {
    if (this.#clientIds.has(orderId) || clientId === "") return;
    this.#clientIds.set(orderId, clientId);
    if (this.#clientIds.size <= this.#kept) return;
    for (const oldest of this.#clientIds.keys()) {
      this.#clientIds.delete(oldest);
      return;
    }
  }

  /** Our client id of an order of the venue, "" when it is not known here. */
  clientIdOf(orderId: string): string {
    return this.#clientIds.get(orderId) ?? "";
  }
}

/** Orders that we may cancel: of our own making, and of instruments that we follow. */
export function ownOrders(orders: readonly OrderView[]): readonly OrderView[] {
  return orders.filter(
    ({ clientId, instrument }) => clientId.startsWith(CLIENT_ID_PREFIX) && instrument !== -1,
  );
}
