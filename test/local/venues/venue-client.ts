/**
 * A plain client of the simulated venues for their tests: real sockets, JSON.parse, and the venues'
 * own procedure for a local book, written down as simply as possible. It shares no code with the
 * engine, so that agreement between the two means something.
 */
import WebSocket from "ws";
import type { Level } from "../../../local/venues/market/book.ts";

export type Message = Readonly<Record<string, unknown>>;

/** One session and everything it heard. */
export class VenueClient {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  readonly pings: string[] = [];
  readonly pongs: string[] = [];
  closeCode: number | null = null;
  #wake: (() => void) | null = null;

  constructor(url: string, options: WebSocket.ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.socket.on("message", (data) => this.#heard(() => this.texts.push(String(data))));
    this.socket.on("ping", (data) => this.#heard(() => this.pings.push(String(data))));
    this.socket.on("pong", (data) => this.#heard(() => this.pongs.push(String(data))));
    this.socket.on("error", () => {});
    this.socket.on("close", (code) => {
      this.#heard(() => {
        this.closeCode = code;
      });
    });
  }

  /** Waits until the session is open. */
  async opened(): Promise<this> {
    await this.until(() => this.socket.readyState !== WebSocket.CONNECTING, "open");
    return this;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Sends a control message and waits for the reply with its id. */
  async ask(message: { readonly id: number } & Message): Promise<Message> {
    this.send(message);
    return await this.find((one) => one.id === message.id);
  }

  /** Waits until something is true; looked at whenever something is heard. */
  async until(isTrue: () => boolean, what: string, timeoutMs = 5_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!isTrue()) {
      if (Date.now() > deadline) throw new Error(`never came true: ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Every message that is JSON, in order. */
  messages(): Message[] {
    return this.texts.flatMap((text) => {
      try {
        return [JSON.parse(text) as Message];
      } catch {
        return [];
      }
    });
  }

  /** The payloads of one stream, or of one event type, without the combined envelope. */
  data(streamOrEvent: string): Message[] {
    return this.messages().flatMap((message) => {
      const inner = (message.data ?? message) as Message;
      const isOne = message.stream === streamOrEvent || inner.e === streamOrEvent;
      return isOne ? [inner] : [];
    });
  }

  /** Waits for the first message that fits. */
  async find(fits: (message: Message) => boolean, timeoutMs = 5_000): Promise<Message> {
    let found: Message | undefined;
    await this.until(
      () => {
        found = this.messages().find(fits);
        return found !== undefined;
      },
      "a message",
      timeoutMs,
    );
    return found ?? {};
  }

  close(): void {
    this.socket.terminate();
  }

  #heard(note: () => void): void {
    note();
    this.#wake?.();
  }
}

/** `"0.12300000"` with 4 digits of step -> 1230; refuses what is not a whole number of steps. */
export function unitsOf(text: unknown, digits: number): number {
  const [whole = "", fraction = ""] = String(text).split(".");
  const kept = fraction.slice(0, digits).padEnd(digits, "0");
  if (/[1-9]/.test(fraction.slice(digits))) throw new Error(`${String(text)} is off its step`);
  return Number(`${whole}${kept}`);
}

export type Digits = { readonly price: number; readonly lot: number };

/** A local book after the venue's page: snapshot, buffered diffs, then one diff after another. */
export class LocalBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();
  seq: number;
  isBroken = false;
  readonly #isSpot: boolean;
  readonly #digits: Digits;
  #hasApplied = false;

  constructor(snapshot: Message, options: { isSpot: boolean; digits: Digits }) {
    this.#isSpot = options.isSpot;
    this.#digits = options.digits;
    this.seq = Number(snapshot.lastUpdateId);
    this.#set(this.bids, snapshot.bids);
    this.#set(this.asks, snapshot.asks);
  }

  /** Applies one diff by the rules of the venue; a gap breaks the book. */
  apply(diff: Message): void {
    const [first, last, previous] = [Number(diff.U), Number(diff.u), Number(diff.pu)];
    if (this.#isSpot ? last <= this.seq : last < this.seq) return;
    const isNext = this.#isSpot
      ? first <= this.seq + 1
      : this.#hasApplied
        ? previous === this.seq
        : first <= this.seq || previous === this.seq;
    if (!isNext) this.isBroken = true;
    if (this.isBroken) return;
    this.#set(this.bids, diff.b);
    this.#set(this.asks, diff.a);
    this.seq = last;
    this.#hasApplied = true;
  }

  levels(side: "bid" | "ask"): Level[] {
    const direction = side === "bid" ? -1 : 1;
    const levels = side === "bid" ? this.bids : this.asks;
    return [...levels].sort((a, b) => direction * (a[0] - b[0]));
  }

  #set(side: Map<number, number>, levels: unknown): void {
    for (const [price, quantity] of levels as [string, string][]) {
      const ticks = unitsOf(price, this.#digits.price);
      const lots = unitsOf(quantity, this.#digits.lot);
      if (lots === 0) side.delete(ticks);
      else side.set(ticks, lots);
    }
  }
}

/** Digits of the steps of one symbol, read from exchangeInfo as a stranger would. */
export async function digitsOf(apiRoot: string, symbol: string): Promise<Digits> {
  const info = (await (await fetch(`${apiRoot}/exchangeInfo`)).json()) as {
    symbols: { symbol: string; filters: Record<string, string>[] }[];
  };
  const found = info.symbols.find((one) => one.symbol === symbol);
  const step = (type: string, field: string): number => {
    const text = found?.filters.find((one) => one.filterType === type)?.[field] ?? "";
    return text.startsWith("0.") ? text.indexOf("1") - 1 : 0;
  };
  return { price: step("PRICE_FILTER", "tickSize"), lot: step("LOT_SIZE", "stepSize") };
}
