/**
 * Station: account commands -> WebSocket API of Binance spot -> trade events. One account, sans-io.
 *
 * An order is written once and only on a connection that also has the user data, so that its fills are
 * heard. Whatever becomes of it is told as it is learnt: by the answer, by the stream, or as unknown. It
 * asks nothing over REST, knows no dead-man switch, and repeats nothing.
 */
import { assert } from "../../../../contracts/assert.ts";
import type { Instrument } from "../../../core/instrument.ts";
import type { AccountCommand, OrderName, PlaceOrder } from "../../../core/trade/commands.ts";
import type { OrderView } from "../../../core/trade/events.ts";
import {
  accountRead,
  orderQueried,
  type Read,
  type Told,
  unheard,
} from "../../../io/trade/account-answers.ts";
import { AccountMemory, ownOrders } from "../../../io/trade/account-memory.ts";
import type { Desk, DeskOptions, DeskPorts } from "../../execution.ts";
import { queryOrder, readAccount, readFees, readOpenOrders } from "./account-reads.ts";
import { BACK_END_US, usageOf } from "./facts.ts";
import { OrderFrames, type Param } from "./frames.ts";
import { type Fields, fieldsOf, listOf, parseFrame } from "./json.ts";
import { CONNECTION, OrderSession } from "./order-session.ts";
import { orderParams, type ReadContext } from "./read-questions.ts";
import { fillOfAnswer, orderOfAnswer } from "./reports.ts";
import { signerOf } from "./signing.ts";
import { eventsOfUserData } from "./user-data.ts";

const US_PER_MS = 1000;
const CANCEL_TIMEOUT_US = 5_000_000;
const CANCEL_WINDOW_MS = 5000;

export class BinanceDesk implements Desk {
  readonly #venue: number;
  readonly #ports: DeskPorts;
  readonly #memory: AccountMemory;
  readonly #session: OrderSession;
  readonly #frames: OrderFrames;
  readonly #context: ReadContext;
  readonly #usage = new Map<string, number>();
  #epoch = 0;

  constructor({ venue, instruments, addresses, keys, ports }: DeskOptions) {
    this.#venue = venue;
    this.#ports = ports;
    this.#memory = new AccountMemory(instruments);
    const signing = { apiKey: keys.apiKey, signer: signerOf(keys) };
    this.#frames = new OrderFrames(signing);
    for (const each of this.#memory.instruments) this.#frames.prepare(each);
    const tell = (event: Told, recvUs: number): void => this.#tell(event, recvUs);
    this.#session = new OrderSession(ports, addresses.orders, signing, {
      onReady: (recvUs) => tell({ type: "accountReady" }, recvUs),
      onEnded: (reason) => tell({ type: "accountClosed", reason }, ports.nowUs()),
      onUserEvent: (event, recvUs) => this.#onUserEvent(event, recvUs),
      onUsage: (limits, recvUs) => this.#onUsage(limits, recvUs),
      onSilenced: (untilUs, isBan, recvUs) =>
        tell({ type: "venueSilenced", untilUs, isBan }, recvUs),
      onHeard: (recvUs) => tell({ type: "accountHeard" }, recvUs),
      onGap: (reason, recvUs) => tell({ type: "accountGap", reason }, recvUs),
      onContradiction: (reason, recvUs) => tell({ type: "accountContradicted", reason }, recvUs),
    });
    this.#context = { session: this.#session, memory: this.#memory };
  }

  execute(command: AccountCommand): void {
    switch (command.type) {
      case "placeOrder":
        this.#place(command);
        return;
      case "cancelOrder":
        this.#cancel(command, command.stampUs);
        return;
      case "cancelAll":
        this.#cancelAll(command.instrument);
        return;
      case "queryOrder":
        this.#query(command);
        return;
      case "readAccount":
        this.#readAccount(command);
        return;
      case "readFees":
        this.#readFees();
        return;
      case "armDeadMan":
        // Spot has none (README); the core is told so by `features.deadManSwitch`.
        return;
      case "openAccount":
        this.#session.end("replaced");
        this.#epoch = command.epoch;
        this.#session.open(command.timeoutUs);
        return;
      case "closeAccount":
        if (command.epoch === this.#epoch) this.#session.end(command.reason);
        return;
    }
  }

  onOpen(connection: number): void {
    assert(connection === CONNECTION, "this desk has one connection");
    this.#session.onOpen();
  }

  onText(connection: number, frame: Uint8Array, recvUs: number): void {
    assert(connection === CONNECTION, "this desk has one connection");
    this.#session.onFrame(parseFrame(frame), recvUs);
  }

  onClosed(connection: number, reason: string): void {
    assert(connection === CONNECTION, "this desk has one connection");
    this.#session.onClosed(reason);
  }

  onAnswer(): void {
    assert(false, "this desk asks nothing over REST");
  }

  onDue(nowUs: number): void {
    this.#session.onDue(nowUs);
  }

  #place(order: PlaceOrder): void {
    const { clientId } = order;
    const instrument = this.#memory.instrumentAt(order.instrument);
    const session = this.#session;
    this.#memory.touch(order.instrument);
    const isWritten =
      session.isReady &&
      session.write(clientId, this.#frames.place(order, instrument, session.isLoggedOn), {
        timeoutUs: order.windowUs + BACK_END_US,
        wantsLate: true,
        onResult: (result, recvUs) => this.#onPlaced(order, instrument, result, recvUs),
        onRefused: (refusal, recvUs) =>
          this.#tell({ type: "orderRefused", clientId, refusal }, recvUs),
        onLost: (code) => this.#tellUnknown(clientId, code),
      });
    if (isWritten) return;
    const reason = session.isReady ? "the socket is not open" : "the account is not open";
    this.#tell({ type: "orderNotSent", clientId, reason }, this.#ports.nowUs());
  }

  #tellUnknown(clientId: string, code: string): void {
    this.#tell({ type: "orderRefused", clientId, refusal: unheard(code) }, this.#ports.nowUs());
  }

  /** An accepted order: what the answer says must be about the order that was asked for. */
  #onPlaced(order: PlaceOrder, instrument: Instrument, result: unknown, recvUs: number): void {
    const { clientId } = order;
    if (order.isTest) {
      this.#tell({ type: "orderTested", clientId }, recvUs);
      return;
    }
    const fields = fieldsOf(result) ?? {};
    const reading = orderOfAnswer(fields, this.#memory.bySymbol);
    const fault = reading.view === undefined ? reading.fault : faultOf(reading.view, order);
    if (reading.view === undefined || fault !== "") {
      this.#tell({ type: "accountContradicted", reason: `${clientId}: ${fault}` }, recvUs);
      this.#tellUnknown(clientId, "unreadable");
      return;
    }
    const view = reading.view;
    const { orderId } = view;
    this.#memory.learn(view);
    this.#tell({ type: "orderAccepted", clientId, orderId }, recvUs);
    const rows = listOf(fields.fills) ?? [];
    let lots = 0;
    for (const row of rows) {
      const fill = fillOfAnswer(row, fields, { clientId, orderId, instrument });
      if (fill.view === undefined) {
        this.#tell({ type: "accountContradicted", reason: fill.fault }, recvUs);
        continue;
      }
      lots += fill.view.lots;
      this.#tell({ type: "orderFilled", source: "answer", fill: fill.view }, recvUs);
    }
    if (rows.length > 0 && lots !== view.filledLots) {
      const reason = `${clientId}: its fills are not what it says is filled`;
      this.#tell({ type: "accountContradicted", reason }, recvUs);
    }
    this.#tell({ type: "orderReported", source: "answer", order: view }, recvUs);
  }

  #cancel(name: OrderName, stampUs: number): void {
    const { clientId } = name;
    const instrument = this.#memory.instrumentAt(name.instrument);
    const params: readonly Param[] = [
      ...orderParams(instrument.symbol, name),
      ["recvWindow", CANCEL_WINDOW_MS],
      ["timestamp", Math.floor(stampUs / US_PER_MS)],
    ];
    this.#session.ask({
      method: "order.cancel",
      params,
      isSigned: true,
      timeoutUs: CANCEL_TIMEOUT_US,
      wantsLate: true,
      onResult: (result, recvUs) => {
        this.#tell({ type: "cancelAccepted", clientId }, recvUs);
        const reading = orderOfAnswer(fieldsOf(result) ?? {}, this.#memory.bySymbol);
        if (reading.view?.clientId !== clientId) {
          const reason = `${clientId}: canceled, by an answer about another order`;
          this.#tell({ type: "accountContradicted", reason }, recvUs);
          return;
        }
        this.#tell({ type: "orderReported", source: "answer", order: reading.view }, recvUs);
      },
      onRefused: (refusal, recvUs) =>
        this.#tell({ type: "cancelRefused", clientId, refusal }, recvUs),
      onLost: (code) => {
        const refusal = unheard(code);
        this.#tell({ type: "cancelRefused", clientId, refusal }, this.#ports.nowUs());
      },
    });
  }

  /**
   * The venue's own cancel-all takes foreign orders along, so the open ones are read first and those of
   * ours are canceled one by one.
   */
  #cancelAll(index: number): void {
    const instrument = index === -1 ? undefined : this.#memory.instrumentAt(index);
    readOpenOrders(this.#context, instrument, (outcome) => {
      if (outcome.kind !== "read") {
        const reason = `cancelAll: ${outcome.reason}`;
        this.#tell({ type: "accountGap", reason }, this.#ports.nowUs());
        return;
      }
      for (const order of ownOrders(outcome.value)) {
        this.#cancel({ ...order, venue: this.#venue }, this.#session.venueNowUs);
      }
    });
  }

  #query(command: Extract<AccountCommand, { type: "queryOrder" }>): void {
    queryOrder(this.#context, command, (read) => {
      if (read.kind === "read") this.#memory.learn(read.value.order);
      this.#tell(orderQueried(command, read), this.#timeOf(read));
    });
  }

  #readAccount(command: Extract<AccountCommand, { type: "readAccount" }>): void {
    const { requestId, tradesSinceUs } = command;
    readAccount(this.#context, tradesSinceUs, this.#session.venueNowUs, (read) => {
      if (read.kind === "read")
        for (const order of read.value.openOrders) this.#memory.learn(order);
      this.#tell(accountRead(requestId, read), this.#timeOf(read));
    });
  }

  #readFees(): void {
    readFees(this.#context, this.#memory.instruments, (outcome) => {
      if (outcome.kind === "read") {
        this.#tell({ type: "feesRead", fees: [outcome.value] }, outcome.recvUs);
      } else this.#tell({ type: "feesFailed", reason: outcome.reason }, this.#ports.nowUs());
    });
  }

  #onUserEvent(event: Fields, recvUs: number): void {
    for (const told of eventsOfUserData(event, this.#memory.bySymbol)) {
      if (told.type === "orderReported") {
        this.#memory.learn(told.order);
        this.#memory.touch(told.order.instrument);
      }
      this.#tell(told, recvUs);
    }
  }

  /** Only what changed is told: an answer repeats every limit. */
  #onUsage(limits: readonly Fields[], recvUs: number): void {
    for (const limit of limits) {
      const usage = usageOf(limit);
      if (usage === undefined || this.#usage.get(usage.rate) === usage.used) continue;
      this.#usage.set(usage.rate, usage.used);
      this.#tell({ type: "usageReported", ...usage, instrument: -1 }, recvUs);
    }
  }

  #tell(event: Told, recvUs: number): void {
    this.#ports.emit({ ...event, venue: this.#venue, epoch: this.#epoch, recvUs });
  }

  /** A read that failed has no time of its own. */
  #timeOf(read: Read<unknown>): number {
    return read.kind === "read" ? read.recvUs : this.#ports.nowUs();
  }
}

/** Where the order of an answer is not the one that was placed; "" where it is. */
function faultOf(view: OrderView, order: PlaceOrder): string {
  if (view.clientId !== order.clientId) return `the answer is about ${view.clientId}`;
  if (view.instrument !== order.instrument) return "the answer is about another instrument";
  if (view.side !== order.side) return "the answer is about the other side";
  return view.lots === order.lots ? "" : "the answer is about another quantity";
}
