/**
 * Station: what the risk gate asks of the world, and what it says. The world implements `RiskView`; tests
 * implement another, where every reading can be set one unit beyond what is allowed.
 *
 * Readings are filled into structs that the gate owns, so that asking allocates nothing. A reading that is
 * not known is NaN or undefined, never a comfortable zero: the gate blocks on what is missing.
 */
import type { Mode } from "../../../contracts/status.ts";
import type { OrderPurpose, Side, TradingMode } from "../../../contracts/trade.ts";
import type { PlaceOrder } from "../trade/commands.ts";

/** A book as it is now. */
export type BookReading = {
  /** In sync and free of known faults. */
  isLive: boolean;
  /** Of the book, and of the session that now feeds it; they differ only while it must not be used. */
  epoch: number;
  sessionEpoch: number;
  seq: number;
  /** Since the stream of the book last gave a sign of life. */
  ageUs: number;
  /** How old the newest message was when it came, clock offset removed; -1 where the venue tells no time. */
  exchangeAgeUs: number;
  /** How long what is now being decided upon has waited in our own process. */
  queueDelayUs: number;
  bidTicks: number;
  askTicks: number;
};

/** An instrument and its venue's rules as they are now. */
export type InstrumentReading = {
  /** As in `InstrumentId`; what kills and the allowlist name. */
  name: string;
  isTrading: boolean;
  rulesAgeUs: number;
  /** Parts per billion; NaN while the account's own fee is not known. */
  takerPpb: number;
  feePaidIn: "quote" | "received" | "third";
};

/** A venue's account and what stands around it. */
export type AccountReading = {
  /** The venue's id; what kills name. */
  name: string;
  tradingMode: TradingMode;
  mode: Mode;
  /** The private stream is live, and the account was reconciled since it opened. */
  isReady: boolean;
  /** When that began; NaN while it is not so. */
  readySinceUs: number;
  /** Something that only a person, or a clean reconciliation, clears; "" for nothing. */
  blockedReason: string;
  /** NaN while it was never measured. */
  clockOffsetUs: number;
  clockErrorUs: number;
  /** Time left to the holder of the lease; Infinity where a counter file is the fence. */
  leaseRemainingUs: number;
  /** The stall of our own process that is reckoned with when a request is to close before the lease. */
  leaseStallUs: number;
  /** What must be left by the protocol of the lease, however well our clock is known. */
  leaseMarginUs: number;
  /** The dead-man switch of the venue: "none" where it has none. */
  deadMan: "none" | "armed" | "disarmed";
};

/** Plain readers over the world; called once for each order, at the last synchronous step. */
export interface RiskView {
  readBook(instrument: number, into: BookReading): void;
  readInstrument(instrument: number, into: InstrumentReading): void;
  readAccount(venue: number, into: AccountReading): void;
  /** Best bid plus best ask in ticks of a book that is live and heard of; NaN otherwise. */
  touchSumTicks(instrument: number): number;
  /** Visible lots that an order of this side could take down (or up) to a price; NaN if unknown. */
  visibleLots(instrument: number, side: Side, priceTicks: number): number;
  /** What an asset's balance allows to be spent, all reservations taken off; undefined if unknown. */
  free(venue: number, asset: string): bigint | undefined;
  /** Everything held of an asset, and what of it has come since the start; undefined if unknown. */
  total(venue: number, asset: string): bigint | undefined;
  position(venue: number, asset: string): bigint | undefined;
  /** Which filter of the venue the order breaks; "" for none. */
  filterFault(order: PlaceOrder): string;
}

/** What an order does not say of itself, because no venue and no journal needs it. Reused by the caller. */
export type OrderContext = {
  /** Number of the opportunity that the cycle was opened for; 0 for an order without one. */
  opportunity: number;
  /** What kills name. */
  strategy: string;
  /** Predicted net edge of the cycle; NaN if unknown. Read for orders that open. */
  edgePpm: number;
  /** When the first leg of the cycle was sent; NaN if unknown. Read for orders that finish. */
  cycleSinceUs: number;
};

/** A hard block: which control, why (with its numbers), and under which version of the limits. */
export type Denial = {
  readonly control: string;
  readonly reason: string;
  readonly limitsVersion: number;
};

/** Purposes of an order that is placed; taking one back is not judged here but by its rate alone. */
export type PlacePurpose = Exclude<OrderPurpose, "cancel">;

export function emptyBookReading(): BookReading {
  return {
    isLive: false,
    epoch: 0,
    sessionEpoch: 0,
    seq: 0,
    ageUs: Number.NaN,
    exchangeAgeUs: Number.NaN,
    queueDelayUs: Number.NaN,
    bidTicks: Number.NaN,
    askTicks: Number.NaN,
  };
}

export function emptyInstrumentReading(): InstrumentReading {
  return {
    name: "",
    isTrading: false,
    rulesAgeUs: Number.NaN,
    takerPpb: Number.NaN,
    feePaidIn: "quote",
  };
}

export function emptyAccountReading(): AccountReading {
  return {
    name: "",
    tradingMode: "off",
    mode: "suspended",
    isReady: false,
    readySinceUs: Number.NaN,
    blockedReason: "",
    clockOffsetUs: Number.NaN,
    clockErrorUs: Number.NaN,
    leaseRemainingUs: Number.NaN,
    leaseStallUs: Number.NaN,
    leaseMarginUs: Number.NaN,
    deadMan: "disarmed",
  };
}
