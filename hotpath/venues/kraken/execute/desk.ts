/**
 * Station: account commands -> requests to Kraken -> what became of them, as trade events.
 *
 * Orders and cancels go over the private connection, reads over signed REST. Nothing here repeats an order;
 * an answer that does not come makes it unknown, and an answer that comes late is told all the same.
 */
import { assert } from "../../../../contracts/assert.ts";
import { CLIENT_ID_PREFIX } from "../../../../contracts/trade.ts";
import type { AccountCommand, OrderName, PlaceOrder } from "../../../core/trade/commands.ts";
import type { FillView, OrderView, Refusal } from "../../../core/trade/events.ts";
import { type Told, unheard } from "../../../io/trade/account-answers.ts";
import { AccountMemory } from "../../../io/trade/account-memory.ts";
import type { Desk, DeskAnswer, DeskCall, DeskOptions, DeskPorts } from "../../execution.ts";
import { AccountReads } from "./account-reads.ts";
import { balancesOf, type Fields, KnownOrders, ledgerOf } from "./executions.ts";
import { BACK_END_US, THROTTLED_US } from "./facts.ts";
import { addOrderText, cancelText, deadManText } from "./order-frames.ts";
import { CONNECTION, type PrivateChannel, PrivateSession } from "./private-session.ts";
import { classifyRefusal, throttledUntilUs } from "./refusals.ts";
import { RestQueue } from "./rest-queue.ts";

const CANCEL_TIMEOUT_US = 5_000_000;
/** One message cancels at most so many; `batch_cancel` has the same bound. */
const CANCELS_PER_MESSAGE_MAX = 50;

export class KrakenDesk implements Desk {
  readonly #venue: number;
  readonly #ports: DeskPorts;
  readonly #memory: AccountMemory;
  readonly #session: PrivateSession;
  readonly #orders: KnownOrders;
  readonly #queue: RestQueue;
  readonly #reads: AccountReads;
  #epoch = 0;

  constructor({ venue, instruments, addresses, keys, ports }: DeskOptions) {
    this.#venue = venue;
    this.#ports = ports;
    this.#memory = new AccountMemory(instruments);
    const own = this.#memory.instruments;
    this.#orders = new KnownOrders(own);
    this.#queue = new RestQueue(keys, ports, (untilUs, recvUs) =>
      this.#tell({ type: "venueSilenced", untilUs, isBan: false }, recvUs),
    );
    this.#reads = new AccountReads(this.#queue, own, this.#orders);
    this.#session = new PrivateSession(ports, addresses.stream, {
      wantToken: () => this.#askToken(),
      onReady: (recvUs) => this.#tell({ type: "accountReady" }, recvUs),
      onEnded: (reason) => this.#onEnded(reason),
      onEntries: (channel, isSnapshot, entries, recvUs) =>
        this.#onEntries(channel, isSnapshot, entries, recvUs),
      onHeard: (recvUs) => this.#tell({ type: "accountHeard" }, recvUs),
      onGap: (reason, recvUs) => this.#tell({ type: "accountGap", reason }, recvUs),
      onContradiction: (reason, recvUs) =>
        this.#tell({ type: "accountContradicted", reason }, recvUs),
    });
  }

  execute(command: AccountCommand): void {
    switch (command.type) {
      case "placeOrder":
        this.#place(command);
        return;
      case "cancelOrder":
        this.#cancel(command);
        return;
      case "cancelAll":
        this.#cancelAll(command.instrument);
        return;
      case "queryOrder":
        this.#query(command, command.requestId);
        return;
      case "readAccount":
        this.#readAccount(command.requestId, command.tradesSinceUs);
        return;
      case "readFees":
        this.#readFees();
        return;
      case "armDeadMan":
        this.#armDeadMan(command.timeoutUs);
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
    this.#session.onText(frame, recvUs);
  }

  onClosed(connection: number, reason: string): void {
    assert(connection === CONNECTION, "this desk has one connection");
    this.#session.onClosed(reason);
  }

  onAnswer(call: DeskCall, answer: DeskAnswer, recvUs: number): void {
    this.#queue.onAnswer(call, answer, recvUs);
  }

  onDue(nowUs: number): void {
    this.#session.onDue(nowUs);
  }

  #tell(event: Told, recvUs: number): void {
    this.#ports.emit({ ...event, venue: this.#venue, epoch: this.#epoch, recvUs });
  }

  #askToken(): void {
    const epoch = this.#epoch;
    this.#reads.token((token, reason) => {
      if (epoch !== this.#epoch) return;
      if (token === undefined) this.#session.end(`no token: ${reason}`);
      else this.#session.onToken(token);
    });
  }

  #onEnded(reason: string): void {
    // What the stream told before is not told again: the next one begins with a snapshot.
    this.#tell({ type: "accountClosed", reason }, this.#ports.nowUs());
  }

  #onEntries(
    channel: PrivateChannel,
    isSnapshot: boolean,
    entries: readonly Fields[],
    recvUs: number,
  ): void {
    if (channel === "executions") {
      for (const entry of entries) {
        for (const told of this.#orders.read(entry)) this.#tell(told, recvUs);
      }
      return;
    }
    if (!isSnapshot) {
      for (const entry of entries) this.#tell(ledgerOf(entry), recvUs);
      return;
    }
    const balances = balancesOf(entries);
    if (balances === undefined) {
      this.#tell(
        { type: "accountGap", reason: "a snapshot of balances that cannot be read" },
        recvUs,
      );
      return;
    }
    const nothing = { cause: "unknown", delta: "", exchangeUs: 0 } as const;
    this.#tell({ type: "balanceReported", balances, ...nothing }, recvUs);
  }

  /** Written once; whatever becomes of it is told by its answer, its stream, or a query. */
  #place(order: PlaceOrder): void {
    const { clientId } = order;
    const instrument = this.#memory.instrumentAt(order.instrument);
    const session = this.#session;
    const isWritten = session.ask(
      (requestId) => addOrderText(order, instrument, session.token, requestId),
      {
        timeoutUs: order.windowUs + BACK_END_US,
        onResult: (result, recvUs) => this.#onPlaced(order, result, recvUs),
        onRefused: (error, recvUs) => {
          const refusal = this.#refusalOf(error, recvUs);
          this.#tell({ type: "orderRefused", clientId, refusal }, recvUs);
        },
        onLost: (code) => {
          const refusal = unheard(code);
          this.#tell({ type: "orderRefused", clientId, refusal }, this.#ports.nowUs());
        },
      },
    );
    if (isWritten) return;
    const reason = session.isReady ? "the socket is not open" : "the account is not open";
    this.#tell({ type: "orderNotSent", clientId, reason }, this.#ports.nowUs());
  }

  /** A throttle is obeyed by everything, wherever it was told; one without a time for as long as an order costs. */
  #refusalOf(error: string, recvUs: number): Refusal {
    const refusal = classifyRefusal(error, "");
    if (refusal.class === "throttled") {
      const untilUs = throttledUntilUs(error) ?? recvUs + THROTTLED_US;
      this.#tell({ type: "venueSilenced", untilUs, isBan: false }, recvUs);
    }
    return refusal;
  }

  /** An accepted order: the answer must be about the order that was asked for. */
  #onPlaced(order: PlaceOrder, result: Fields, recvUs: number): void {
    const { clientId } = order;
    if (order.isTest) {
      this.#tell({ type: "orderTested", clientId }, recvUs);
      return;
    }
    const orderId = typeof result.order_id === "string" ? result.order_id : "";
    const isOurs = result.cl_ord_id === undefined || result.cl_ord_id === clientId;
    if (orderId === "" || !isOurs) {
      const reason = `${clientId}: answered with another order`;
      this.#tell({ type: "accountContradicted", reason }, recvUs);
      this.#tell({ type: "orderRefused", clientId, refusal: unheard("unreadable") }, recvUs);
      return;
    }
    const { instrument, side, lots, priceTicks } = order;
    this.#orders.learn({ orderId, clientId, instrument, side, lots, priceTicks, filledLots: 0 });
    this.#tell({ type: "orderAccepted", clientId, orderId }, recvUs);
  }

  #cancel({ clientId }: OrderName): void {
    const session = this.#session;
    const refuse = (recvUs: number, refusal: Refusal): void =>
      this.#tell({ type: "cancelRefused", clientId, refusal }, recvUs);
    const isWritten = session.ask((requestId) => cancelText([clientId], session.token, requestId), {
      timeoutUs: CANCEL_TIMEOUT_US,
      onResult: (_result, recvUs) => this.#tell({ type: "cancelAccepted", clientId }, recvUs),
      onRefused: (error, recvUs) => refuse(recvUs, this.#refusalOf(error, recvUs)),
      onLost: (code) => refuse(this.#ports.nowUs(), unheard(code)),
    });
    if (!isWritten) refuse(this.#ports.nowUs(), unheard("closed"));
  }

  /**
   * The venue's own `cancel_all` takes foreign orders along. Those of ours that the stream has shown are
   * canceled in this turn; then the venue is asked for what it has open, and the rest follows.
   */
  #cancelAll(instrument: number): void {
    const told = this.#orders.openClientIds(instrument);
    this.#cancelList(told);
    this.#reads.openOrders((orders, reason, recvUs) => {
      if (orders === undefined) {
        this.#tell({ type: "accountGap", reason: `cancelAll: ${reason}` }, recvUs);
        return;
      }
      const left = orders
        .filter((order) => order.clientId.startsWith(CLIENT_ID_PREFIX))
        .filter((order) => instrument < 0 || order.instrument === instrument)
        .map(({ clientId }) => clientId);
      this.#cancelList(left);
    });
  }

  /** Answers are not waited for: the stream tells the end of each order. */
  #cancelList(clientIds: readonly string[]): void {
    const session = this.#session;
    const ignore = (): void => undefined;
    for (let from = 0; from < clientIds.length; from += CANCELS_PER_MESSAGE_MAX) {
      const some = clientIds.slice(from, from + CANCELS_PER_MESSAGE_MAX);
      session.ask((requestId) => cancelText(some, session.token, requestId), {
        timeoutUs: CANCEL_TIMEOUT_US,
        onResult: ignore,
        onRefused: ignore,
        onLost: ignore,
      });
    }
  }

  #query({ clientId, instrument }: OrderName, requestId: number): void {
    this.#reads.order(clientId, (found, recvUs) => {
      const nothing = { order: undefined, fills: [] as readonly FillView[] };
      const about = { type: "orderQueried", requestId, clientId } as const;
      if (found.kind !== "found") {
        this.#tell({ ...about, outcome: found.kind, ...nothing, reason: found.reason }, recvUs);
        return;
      }
      const { order, fills } = found;
      if (order.clientId !== clientId || order.instrument !== instrument) {
        const reason = `an answer about ${order.clientId}`;
        this.#tell({ ...about, outcome: "failed", ...nothing, reason }, recvUs);
        return;
      }
      this.#learn(order);
      this.#tell({ ...about, outcome: "found", order, fills, reason: "" }, recvUs);
    });
  }

  #learn({ orderId, clientId, instrument, side, lots, priceTicks, filledLots }: OrderView): void {
    this.#orders.learn({ orderId, clientId, instrument, side, lots, priceTicks, filledLots });
  }

  #readAccount(requestId: number, tradesSinceUs: number): void {
    this.#reads.account(tradesSinceUs, (read, recvUs) => {
      const about = { type: "accountRead", requestId } as const;
      if (read.kind === "failed") {
        const nothing = { balances: [], openOrders: [], fills: [] };
        this.#tell({ ...about, outcome: "failed", ...nothing, reason: read.reason }, recvUs);
        return;
      }
      const { balances, openOrders, fills } = read;
      for (const order of openOrders) this.#learn(order);
      this.#tell({ ...about, outcome: "read", balances, openOrders, fills, reason: "" }, recvUs);
    });
  }

  #readFees(): void {
    this.#reads.fees((fees, reason, recvUs) => {
      if (fees === undefined) this.#tell({ type: "feesFailed", reason }, recvUs);
      else this.#tell({ type: "feesRead", fees }, recvUs);
    });
  }

  /**
   * The whole account, foreign orders too: that is what the switch does. A refusal says that the venue is
   * busy or away and contradicts nothing; the timer that was set before runs on.
   */
  #armDeadMan(timeoutUs: number): void {
    const session = this.#session;
    const ignore = (): void => undefined;
    session.ask((requestId) => deadManText(timeoutUs, session.token, requestId), {
      timeoutUs: CANCEL_TIMEOUT_US,
      onResult: ignore,
      onRefused: (error, recvUs) =>
        this.#tell({ type: "accountGap", reason: `dead man: ${error}` }, recvUs),
      onLost: ignore,
    });
  }
}
