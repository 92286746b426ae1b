/**
 * Kraken's desk over real sockets to a simulated Kraken: the ports that the host gives it, as small as they
 * can be, and everything it tells.
 */
import WebSocket from "ws";
import { type Instrument, instrumentOf } from "../../../../hotpath/core/instrument.ts";
import type { AccountEvent, TradeEvent } from "../../../../hotpath/core/trade/events.ts";
import type { Desk, DeskCall } from "../../../../hotpath/venues/execution.ts";
import { kraken } from "../../../../hotpath/venues/kraken/index.ts";
import type { Rig } from "./rig.ts";

type Wanted<T extends AccountEvent["type"]> = Extract<AccountEvent, { type: T }>;

export class DeskClient {
  readonly events: TradeEvent[] = [];
  readonly desk: Desk;
  readonly instruments: readonly Instrument[];
  readonly #rig: Rig;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  constructor(rig: Rig) {
    this.#rig = rig;
    const body = JSON.stringify({
      error: [],
      result: Object.fromEntries(rig.market.instruments.map(({ rules }) => pairOf(rules))),
    });
    const published = kraken.parseRules(new TextEncoder().encode(body));
    this.instruments = (published?.instruments ?? []).map(
      (each, index) => instrumentOf(each, index) as Instrument,
    );
    const { trading } = rig.venue.endpoints;
    const keys = trading?.keys.hmac ?? { apiKey: "", secret: "", passphrase: "" };
    const { rest = "", stream = "", orders = "" } = trading ?? {};
    const make = kraken.execution?.makeDesk;
    if (make === undefined) throw new Error("Kraken has a desk");
    this.desk = make({
      venue: 0,
      instruments: this.instruments,
      addresses: { rest, stream, orders },
      keys,
      ports: {
        send: (_connection, text) => this.#send(text),
        call: (call) => void this.#call(rest, call),
        dial: (connection, url) => this.#dial(connection, url),
        hangUp: () => this.#hangUp(),
        emit: (event) => {
          this.events.push(event);
          this.#wake?.();
        },
        nowUs: rig.clock,
        wakeAt: (dueUs) => this.#wakeAt(dueUs),
      },
    });
  }

  #send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  #dial(connection: number, url: string): void {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#socket = socket;
    socket.on("open", () => this.desk.onOpen(connection));
    socket.on("message", (data: Buffer) => this.desk.onText(connection, data, this.#rig.clock()));
    socket.on("error", () => {});
    socket.on("close", () => {
      if (this.#socket === socket) this.desk.onClosed(connection, "closed");
    });
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
  }

  async #call(rest: string, call: DeskCall): Promise<void> {
    const { method, path, headers, body } = call;
    const response = await fetch(rest + path, { method, headers, body });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { status } = response;
    const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
    const answer = { kind: "body", status, header, body: bytes } as const;
    this.desk.onAnswer(call, answer, this.#rig.clock());
  }

  #wakeAt(dueUs: number): void {
    clearTimeout(this.#timer);
    if (dueUs === Number.POSITIVE_INFINITY) return;
    const waitMs = Math.max(0, Math.ceil((dueUs - this.#rig.clock()) / 1000));
    this.#timer = setTimeout(() => this.desk.onDue(this.#rig.clock()), Math.min(waitMs, 2 ** 30));
  }

  /** Waits for an event of a type that fits, from those after `from`. */
  async find<T extends AccountEvent["type"]>(
    type: T,
    fits: (event: Wanted<T>) => boolean = () => true,
    from = 0,
  ): Promise<Wanted<T>> {
    const deadline = Date.now() + 5_000;
    for (;;) {
      const found = this.events
        .slice(from)
        .find((event): event is Wanted<T> => event.type === type && fits(event as Wanted<T>));
      if (found !== undefined) return found;
      if (Date.now() > deadline) {
        throw new Error(`never told: ${type}, but ${JSON.stringify(this.events.slice(-6))}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 20);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Opens the account under an epoch and waits until it is ready. */
  async opened(epoch = 1): Promise<this> {
    this.desk.execute({ type: "openAccount", venue: 0, epoch, timeoutUs: 5_000_000 });
    await this.find("accountReady", (event) => event.epoch === epoch);
    return this;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#hangUp();
  }
}

function pairOf(rules: Rig["market"]["instruments"][number]["rules"]): [string, object] {
  const { base, quote, priceDigits, lotDigits } = rules;
  const steps = { pair_decimals: priceDigits, lot_decimals: lotDigits, cost_decimals: 8 };
  const old = (asset: string): string => (asset === "BTC" ? "XBT" : asset);
  return [`${base}${quote}`, { wsname: `${old(base)}/${old(quote)}`, ...steps, status: "online" }];
}
