/**
 * Station: none; what the desk of faults, the numbers and the composition root know of a simulated venue.
 *
 * Every venue of this process has this shape, whatever its wire is. Types only.
 */
import type { VenueId } from "../../contracts/ids.ts";
import type { Micros } from "../../contracts/time.ts";
import type { TradingSide } from "./exchange/trading-side.ts";
import type { FrameFaultKind, SessionFaultKind, SnapshotFaultKind } from "./fault-plan.ts";
import type { Market } from "./market/market.ts";

/** What signs at a simulated venue; the same shape as the engine's account keys. */
export type HandedKey = {
  readonly apiKey: string;
  /** HMAC secret, base64 secret, or a PEM of an Ed25519 private key, as the venue has it. */
  readonly secret: string;
  readonly passphrase: string;
};

/** Draws the bytes of keys and tokens: from the host's chance, or in the simulator from a seed. */
export type DrawBytes = (count: number) => Buffer;

/** Where the account side of a venue is reached, and with which keys, by kind. */
export type TradingEndpoints = {
  readonly rest: string;
  readonly stream: string;
  readonly orders: string;
  readonly keys: Readonly<Record<string, HandedKey>>;
};

/** Where a venue is reached; `trading` where orders can be placed. */
export type VenueEndpoints = {
  readonly rest: string;
  readonly ws: string;
  readonly trading?: TradingEndpoints;
};

/** Rights a key may be made to have; a sound one has neither withdrawals nor a free address. */
export type KeyChange = {
  readonly ipRestrict?: boolean;
  readonly enableWithdrawals?: boolean;
  readonly isRevoked?: boolean;
};

/** A session as far as faults concern it. */
export type SpoilableSession = {
  readonly spoil: (kind: SessionFaultKind, span: { durationUs: Micros; delayUs: Micros }) => void;
  readonly cut: () => void;
};

/** Something that is to go wrong with the next depth frame; `done` when the frame was dealt with. */
export type FrameFault = { readonly kind: FrameFaultKind; readonly done: () => void };

/** What can go wrong with the next `count` snapshots of one symbol. */
export type SnapshotFault = {
  readonly kind: SnapshotFaultKind;
  /** Extra time of a slow one. */
  readonly durationMs: number;
  count: number;
  /** Called when the last damaged answer has been sent. */
  readonly done: () => void;
};

/** What a venue's sessions have carried. */
export type SessionTraffic = { framesSent: number; bytesSent: number; backlogCuts: number };

export interface VenueModel {
  readonly id: VenueId;
  readonly market: Market;
  readonly endpoints: VenueEndpoints;
  /** Accounts, orders and their faults; absent where none can be placed. */
  readonly trading?: TradingSide | undefined;
  /** Lets the rights of its keys lie, or revokes them. */
  changeKeys?(change: KeyChange): void;
  /** Whether it announces the end of a session. */
  readonly hasServerShutdown: boolean;
  /** Whether its books are signed. */
  readonly hasChecksums?: boolean;
  /**
   * The update of the market that a book of this sequence holds, where the venue's sequence is not the
   * market's own; undefined for one that nobody was told.
   */
  truthSeq?(index: number, seq: number): number | undefined;
  /** The same, and every update that was told later: a stream whose clock stands still names none of them. */
  truthSeqsFrom?(index: number, seq: number): readonly number[];
  readonly feed: {
    readonly diffsMade: number;
    heardInstruments(): number[];
    arm(index: number, fault: FrameFault): void;
  };
  readonly rest: {
    readonly snapshotCount: number;
    readonly tooManyCount: number;
    readonly bannedCount: number;
    arm(index: number, fault: SnapshotFault): void;
  };
  readonly streams: {
    readonly sessions: { readonly size: number };
    readonly traffic: SessionTraffic;
    readonly dialCount: number;
    readonly dialRefusedCount: number;
    refusalCount: number;
    cutAll(): void;
  };
  readonly limiter: { readonly limit: number; usedWeight(nowUs: Micros): number };
  sessionsOf(symbol: string | null): readonly SpoilableSession[];
  /** Tells the sessions that hear a symbol (or all) that they will be cut. */
  announceShutdown(symbol: string | null): void;
  tick(nowUs: Micros): void;
  /** Takes the whole venue down, and every session with it; reasons to be down may overlap. */
  goDown(): void;
  /** Comes back, once no reason to be down is left; `done` when it did what there was to do. */
  comeBack(done: () => void): void;
}
