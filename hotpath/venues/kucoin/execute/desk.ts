/**
 * Station: account commands -> order entry and REST of KuCoin spot -> trade events. One account, sans-io.
 *
 * An order is written once, and only while the private stream hears its fills. Whatever becomes of it is
 * told as it is learnt: by the answer, by the stream, or as unknown. It decides nothing and repeats nothing.
 */
import { assert } from "../../../../contracts/assert.ts";
import { CLIENT_ID_PREFIX } from "../../../../contracts/trade.ts";
import type { Instrument } from "../../../core/instrument.ts";
import type { AccountCommand, OrderName } from "../../../core/trade/commands.ts";
import type { Desk, DeskAnswer, DeskCall, DeskOptions, DeskPorts } from "../../execution.ts";
import { AccountLinks } from "./account-links.ts";
import { queryOrder, readAccount, readFees, readOpenOrders } from "./account-reads.ts";
import { POOL_RATE } from "./facts.ts";
import { deadManBody } from "./frames.ts";
import type { Fields } from "./json.ts";
import { CONNECTION } from "./link.ts";
import { OrderEntry } from "./order-entry.ts";
import { eventsOfPush } from "./pushes.ts";
import { Rest } from "./rest.ts";
import type { Told } from "./told.ts";

const US_PER_MS = 1000;
const TIMEOUT_MS = 5000;
/** Fills are read of all instruments up to so many; of more, those where something was going on. */
const INSTRUMENTS_READ_MAX = 40;
/** Orders of ours whose client ids are kept by the venue's own id; rows of fills are told without them. */
const ORDERS_KEPT_MAX = 20_000;

export class KucoinDesk implements Desk {
  readonly #venue: number;
  readonly #ports: DeskPorts;
  readonly #instruments: readonly Instrument[];
  readonly #byIndex: ReadonlyMap<number, Instrument>;
  readonly #bySymbol: ReadonlyMap<string, Instrument>;
  readonly #rest: Rest;
  readonly #links: AccountLinks;
  readonly #entry: OrderEntry;
  readonly #touched = new Set<number>();
  readonly #clientIds = new Map<string, string>();
  #epoch = 0;
  /** The venue's clock minus ours, as the last command or measurement tells it. */
  #offsetUs = 0;

  constructor({ venue, instruments, addresses, keys, ports }: DeskOptions) {
    this.#venue = venue;
    this.#ports = ports;
    // The list may be of the whole world, with holes where other venues' instruments stand.
    this.#instruments = instruments.filter((each) => each !== undefined);
    this.#byIndex = new Map(this.#instruments.map((each) => [each.index, each]));
    this.#bySymbol = new Map(this.#instruments.map((each) => [each.symbol, each]));
    const tell = (event: Told, recvUs: number): void => this.#tell(event, recvUs);
    const onUsage = (used: number, recvUs: number): void =>
      tell({ type: "usageReported", rate: POOL_RATE, instrument: -1, used }, recvUs);
    const onSilenced = (untilUs: number, recvUs: number): void =>
      tell({ type: "venueSilenced", untilUs, isBan: false }, recvUs);
    this.#rest = new Rest(ports, keys, { onUsage, onSilenced });
    this.#links = new AccountLinks(
      { ports, keys, orders: addresses.orders, rest: this.#rest },
      {
        onReady: () => tell({ type: "accountReady" }, ports.nowUs()),
        onEnded: (reason) => this.#onEnded(reason),
        onPush: (fields, recvUs) => this.#onPush(fields, recvUs),
        onOrderAnswer: (fields, recvUs) => this.#entry.onMessage(fields, recvUs),
        onOffset: (offsetUs) => {
          this.#offsetUs = offsetUs;
        },
      },
    );
    this.#entry = new OrderEntry({
      ports,
      rest: this.#rest,
      isSocketWanted: addresses.orders !== "",
      sendOrder: (text) => this.#links.sendOrder(text),
      tell,
      onUsage,
      onSilenced,
      onPlaced: (orderId, clientId) => this.#keepClientId(orderId, clientId),
    });
  }

  execute(command: AccountCommand): void {
    switch (command.type) {
      case "placeOrder":
        this.#offsetUs = command.stampUs - this.#ports.nowUs();
        this.#touched.add(command.instrument);
        this.#entry.place(command, this.#instrumentAt(command.instrument), this.#links.isReady);
        break;
      case "cancelOrder":
        this.#offsetUs = command.stampUs - this.#ports.nowUs();
        this.#cancel(command);
        break;
      case "cancelAll":
        this.#cancelAll(command.instrument);
        break;
      case "queryOrder":
        this.#query(command);
        break;
      case "readAccount":
        this.#readAccount(command);
        break;
      case "readFees":
        this.#readFees();
        break;
      case "armDeadMan":
        this.#armDeadMan(command.timeoutUs);
        break;
      case "openAccount":
        this.#end("replaced");
        this.#epoch = command.epoch;
        this.#links.open(command.timeoutUs);
        break;
      case "closeAccount":
        if (command.epoch === this.#epoch) this.#end(command.reason);
        break;
    }
    this.#wake();
  }

  onOpen(connection: number): void {
    assert(
      Object.values(CONNECTION).some((each) => each === connection),
      "it is one of ours",
    );
    // Both sides wait for the venue's first word.
  }

  onText(connection: number, frame: Uint8Array, recvUs: number): void {
    this.#links.onFrame(connection, frame, recvUs);
    this.#wake();
  }

  onClosed(connection: number, reason: string): void {
    this.#links.onClosed(connection, reason);
    this.#wake();
  }

  onAnswer(call: DeskCall, answer: DeskAnswer, recvUs: number): void {
    this.#rest.onAnswer(call, answer, recvUs);
    this.#wake();
  }

  onDue(nowUs: number): void {
    this.#links.onDue(nowUs);
    this.#entry.onDue(nowUs);
    this.#wake();
  }

  #wake(): void {
    this.#ports.wakeAt(Math.min(this.#links.dueUs, this.#entry.dueUs));
  }

  /** Ends both connections; what was on its way is unknown from here on. */
  #end(reason: string): void {
    this.#links.close();
    this.#rest.forget();
    this.#entry.loseAll(reason);
  }

  #onEnded(reason: string): void {
    this.#end(reason);
    this.#tell({ type: "accountClosed", reason }, this.#ports.nowUs());
  }

  #onPush(fields: Fields, recvUs: number): void {
    this.#tell({ type: "accountHeard" }, recvUs);
    for (const event of eventsOfPush(fields, this.#bySymbol)) {
      if (event.type === "orderReported") {
        const { orderId, clientId, instrument } = event.order;
        this.#keepClientId(orderId, clientId);
        this.#touched.add(instrument);
      }
      this.#tell(event, recvUs);
    }
  }

  #cancel(name: OrderName): void {
    this.#entry.cancel(name, this.#instrumentAt(name.instrument), this.#venueNowMs());
  }

  /** The venue's own cancel-all takes foreign orders along: ours are looked up and canceled one by one. */
  #cancelAll(index: number): void {
    const symbol = index === -1 ? undefined : this.#instrumentAt(index).symbol;
    readOpenOrders(this.#context, symbol, (read) => {
      if (read.kind !== "read") {
        this.#tell(
          { type: "accountGap", reason: `cancelAll: ${read.reason}` },
          this.#ports.nowUs(),
        );
        return;
      }
      for (const { clientId, orderId, instrument } of read.value) {
        if (!clientId.startsWith(CLIENT_ID_PREFIX) || instrument === -1) continue;
        this.#cancel({ venue: this.#venue, instrument, clientId, orderId });
      }
    });
  }

  #query(command: Extract<AccountCommand, { type: "queryOrder" }>): void {
    const { requestId, clientId } = command;
    const answer = { type: "orderQueried", requestId, clientId } as const;
    queryOrder(this.#context, command, this.#instrumentAt(command.instrument), (read) => {
      if (read.kind === "read") {
        const { order, fills } = read.value;
        this.#keepClientId(order.orderId, order.clientId);
        this.#tell({ ...answer, outcome: "found", order, fills, reason: "" }, read.recvUs);
        return;
      }
      const { kind: outcome, reason } = read;
      const nothing = { order: undefined, fills: [] };
      this.#tell({ ...answer, outcome, ...nothing, reason }, this.#ports.nowUs());
    });
  }

  #readAccount(command: Extract<AccountCommand, { type: "readAccount" }>): void {
    const answer = { type: "accountRead", requestId: command.requestId } as const;
    readAccount(this.#context, command.tradesSinceUs, (read) => {
      if (read.kind === "read") {
        for (const { orderId, clientId } of read.value.openOrders) {
          this.#keepClientId(orderId, clientId);
        }
        this.#tell({ ...answer, outcome: "read", ...read.value, reason: "" }, read.recvUs);
        return;
      }
      const nothing = { balances: [], openOrders: [], fills: [], reason: read.reason };
      this.#tell({ ...answer, outcome: "failed", ...nothing }, this.#ports.nowUs());
    });
  }

  #readFees(): void {
    readFees(this.#context, this.#instruments, (read) => {
      if (read.kind === "read") {
        this.#tell({ type: "feesRead", fees: read.value }, read.recvUs);
      } else this.#tell({ type: "feesFailed", reason: read.reason }, this.#ports.nowUs());
    });
  }

  /** Setting the timer twice is the same as once; a failure leaves the venue's orders without it. */
  #armDeadMan(timeoutUs: number): void {
    this.#rest.ask({
      method: "POST",
      target: "/api/v1/hf/orders/dead-cancel-all",
      body: deadManBody(timeoutUs),
      kind: "cancel",
      timeoutMs: TIMEOUT_MS,
      timeMs: this.#venueNowMs(),
      onDone: (outcome, recvUs) => {
        if (outcome.kind === "ok") return;
        const { code, text } = outcome.refusal;
        this.#tell({ type: "accountGap", reason: `dead man: ${code} ${text}`.trim() }, recvUs);
      },
    });
  }

  get #context() {
    return {
      ask: (question: Parameters<Rest["ask"]>[0]) => this.#rest.ask(question),
      symbols: this.#bySymbol,
      venueNowMs: () => this.#venueNowMs(),
      clientIdOf: (orderId: string) => this.#clientIds.get(orderId) ?? "",
      tradedInstruments: () => this.#tradedInstruments(),
    };
  }

  #venueNowMs(): number {
    return Math.floor((this.#ports.nowUs() + this.#offsetUs) / US_PER_MS);
  }

  #tell(event: Told, recvUs: number): void {
    this.#ports.emit({ ...event, venue: this.#venue, epoch: this.#epoch, recvUs });
  }

  #keepClientId(orderId: string, clientId: string): void {
    if (this.#clientIds.has(orderId) || clientId === "") return;
    this.#clientIds.set(orderId, clientId);
    if (this.#clientIds.size <= ORDERS_KEPT_MAX) return;
    for (const oldest of this.#clientIds.keys()) {
      this.#clientIds.delete(oldest);
      return;
    }
  }

  #tradedInstruments(): readonly Instrument[] {
    if (this.#instruments.length <= INSTRUMENTS_READ_MAX) return this.#instruments;
    return this.#instruments.filter(({ index }) => this.#touched.has(index));
  }

  #instrumentAt(index: number): Instrument {
    const instrument = this.#byIndex.get(index);
    assert(instrument !== undefined, "a command names an instrument of its venue");
    return instrument;
  }
}
