/**
 * The port: what a venue must offer, so that the house can act there.
 *
 * A desk is one account at one venue as a plain state machine without input or output of its own: it is
 * given commands, frames and answers, and uses its ports to send, to ask and to tell. It opens nothing,
 * waits for nothing and reads no clock, so the same desk runs over real sockets and over virtual ones.
 * It never decides, never repeats a request that places an order, and can neither withdraw nor transfer.
 */

import type { Instrument } from "../core/instrument.ts";
import type { FeeRounding } from "../core/order/fees.ts";
import type { RateRule } from "../core/risk/rate-rule.ts";
import type { AccountCommand } from "../core/trade/commands.ts";
import type { FeeView, Refusal, TradeEvent } from "../core/trade/events.ts";

/** Where the account side of a venue lives. Sockets of venues that hand out addresses stay "". */
export type AccountAddresses = {
  readonly rest: string;
  /** Private stream, and order entry, which may be the same. */
  readonly stream: string;
  readonly orders: string;
};

/** What signs. Never logged, journaled or shown; `toString` and JSON of it show nothing. */
export type AccountKeys = {
  readonly apiKey: string;
  /** HMAC secret, base64 secret, or a PEM of an Ed25519 private key: the venue's room knows. */
  readonly secret: string;
  readonly passphrase: string;
};

/** One request over warm keep-alive HTTPS; signed by the desk already. */
export type DeskCall = {
  readonly method: "GET" | "POST" | "DELETE" | "PUT";
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /**
   * What it is for: "order" may have had an effect, whatever becomes of it, and is written once; "read"
   * may be repeated by the desk.
   */
  readonly kind: "order" | "cancel" | "read";
  /** Comes back with the answer. */
  readonly tag: DeskTag;
};

/** Whatever the desk needs to know which question an answer belongs to. */
export type DeskTag = { readonly what: string; readonly [field: string]: unknown };

export type DeskAnswer =
  | {
      readonly kind: "body";
      readonly status: number;
      readonly header: (name: string) => string | undefined;
      readonly body: Uint8Array;
    }
  /** `wasSent` is false only on positive evidence that nothing of it has left. */
  | { readonly kind: "failed"; readonly code: string; readonly wasSent: boolean };

export interface DeskPorts {
  /** Writes one text frame in this turn; false when that connection is not open: nothing has left. */
  send(connection: number, text: string): boolean;
  call(call: DeskCall): void;
  /** Opens (or opens anew) one of the desk's connections. */
  dial(connection: number, url: string): void;
  /** Ends a connection; `onClosed` is not called for it. */
  hangUp(connection: number): void;
  emit(event: TradeEvent): void;
  /** Our clock in microseconds since 1970; for stamps of reads and pings. Orders carry theirs. */
  nowUs(): number;
  /** `onDue` is wanted at this time; the latest call counts. Infinity for never. */
  wakeAt(dueUs: number): void;
}

export interface Desk {
  /** Carries one command out; a placeOrder is on the wire when this returns, or `orderNotSent` was told. */
  execute(command: AccountCommand): void;
  onOpen(connection: number): void;
  onText(connection: number, frame: Uint8Array, recvUs: number): void;
  onClosed(connection: number, reason: string): void;
  onAnswer(call: DeskCall, answer: DeskAnswer, recvUs: number): void;
  onDue(nowUs: number): void;
}

export type DeskOptions = {
  readonly venue: number;
  /** Of this venue, by their index in the world. */
  readonly instruments: readonly Instrument[];
  readonly addresses: AccountAddresses;
  readonly keys: AccountKeys;
  readonly ports: DeskPorts;
};

/** Rights of a key as far as the venue tells; undefined where it does not. */
export type KeyRights = {
  readonly mayTrade: boolean | undefined;
  readonly mayWithdraw: boolean | undefined;
  readonly isIpRestricted: boolean | undefined;
};

/** What a venue's account can do and how it is spoken to; one value for each venue that trades. */
export type Execution = {
  readonly features: {
    readonly orderTest: boolean;
    /** Connections that an account's desk dials when it opens. */
    readonly dialsToOpen: number;
    readonly deadManSwitch: boolean;
    readonly cancelAll: "account" | "instrument" | "none";
    /** Bounds of what the venue enforces as the life of a request. */
    readonly windowUsMin: number;
    readonly windowUsMax: number;
    /** How long a request may still be working inside the venue after that (RELIABILITY 3.1: S). */
    readonly backEndUs: number;
  };
  readonly rates: readonly RateRule[];
  /** Public taker and maker fee where an account's own is not known: for show and for verify, never to trade. */
  readonly publicFee: Pick<FeeView, "makerPpb" | "takerPpb" | "paidIn">;
  /** How the venue rounds the fee of one trade; what is worked out must be what it charges. */
  readonly feeRounding: FeeRounding;
  readonly addresses: Readonly<Record<"production" | "testnet", AccountAddresses>>;
  readonly makeDesk: (options: DeskOptions) => Desk;
  /** Every code or text the venue documents, to its class; unlisted ones are `unknown`. */
  readonly classify: (code: string, text: string) => Refusal;
  /** The signed request that tells a key's rights; undefined where the venue has none. */
  readonly keyRightsCall: ((keys: AccountKeys, nowUs: number) => DeskCall) | undefined;
  readonly parseKeyRights: (body: Uint8Array) => KeyRights;
};
