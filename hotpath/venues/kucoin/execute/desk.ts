/**
 * Station: account commands -> order entry and REST of KuCoin spot -> trade events. One account, sans-io.
 *
 * An order is written once, and only while the private stream hears its fills. Whatever becomes of it is
 * told as it is learnt: by the answer, by the stream, or as unknown. It decides nothing and repeats nothing.
 */
import { assert } from "../../../../contracts/assert.ts";
import type { AccountCommand, OrderName } from "../../../core/trade/commands.ts";
import {
  accountRead,
  orderQueried,
  type Read,
  type Told,
} from "../../../io/trade/account-answers.ts";
import { AccountMemory, ownOrders } from "../../../io/trade/account-memory.ts";
import type { Desk, DeskAnswer, DeskCall, DeskOptions, DeskPorts } from "../../execution.ts";
import { AccountLinks } from "./account-links.ts";
import {
  queryOrder,
  type ReadContext,
  readAccount,
  readFees,
  readOpenOrders,
} from "./account-reads.ts";
import { POOL_RATE } from "./facts.ts";
import { deadManBody } from "./frames.ts";
import type { Fields } from "./json.ts";
import { CONNECTION } from "./link.ts";
import { OrderEntry } from "./order-entry.ts";
import { eventsOfPush } from "./pushes.ts";
import { Rest } from "./rest.ts";

const US_PER_MS = 1000;
const TIMEOUT_MS = 5000;

export class KucoinDesk implements Desk {
  readonly #venue: number;
  readonly #ports: DeskPorts;
  readonly #memory: AccountMemory;
  readonly #rest: Rest;
  readonly #links: AccountLinks;
  readonly #entry: OrderEntry;
  readonly #context: ReadContext;
  #epoch = 0;
  /** The venue's clock minus ours, as the last command or measurement tells it. */
  #offsetUs = 0;

  constructor({ venue, instruments, addresses, keys, ports }: DeskOptions) {
    this.#venue = venue;
    this.#ports = ports;
    this.#memory = new AccountMemory(instruments);
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
      onPlaced: (orderId, clientId) => this.#memory.learn({ orderId, clientId }),
    });
    this.#context = {
      ask: (question) => this.#rest.ask(question),
      venueNowMs: () => this.#venueNowMs(),
      memory: this.#memory,
    };
  }

  execute(command: AccountCommand): void {
    switch (command.type) {
      case "placeOrder":
        this.#offsetUs = command.stampUs - this.#ports.nowUs();
        this.#memory.touch(command.instrument);
        this.#entry.place(
          command,
          this.#memory.instrumentAt(command.instrument),
          this.#links.isReady,
        );
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
    // Pongs too: an account to which nothing happens is sent nothing else.
    if (connection === CONNECTION.stream && this.#links.isReady) {
      this.#tell({ type: "accountHeard" }, recvUs);
    }
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
    for (const event of eventsOfPush(fields, this.#memory.bySymbol)) {
      if (event.type === "orderReported") {
        this.#memory.learn(event.order);
        this.#memory.touch(event.order.instrument);
      }
      this.#tell(event, recvUs);
    }
  }

  #cancel(name: OrderName): void {
    this.#entry.cancel(name, this.#memory.instrumentAt(name.instrument), this.#venueNowMs());
  }

  /** The venue's own cancel-all takes foreign orders along: ours are looked up and canceled one by one. */
  #cancelAll(index: number): void {
    const symbol = index === -1 ? undefined : this.#memory.instrumentAt(index).symbol;
    readOpenOrders(this.#context, symbol, (read) => {
      if (read.kind !== "read") {
        this.#tell(
          { type: "accountGap", reason: `cancelAll: ${read.reason}` },
          this.#ports.nowUs(),
        );
        return;
      }
      for (const order of ownOrders(read.value)) this.#cancel({ ...order, venue: this.#venue });
    });
  }

  #query(command: Extract<AccountCommand, { type: "queryOrder" }>): void {
    queryOrder(this.#context, command, (read) => {
      if (read.kind === "read") this.#memory.learn(read.value.order);
      this.#tell(orderQueried(command, read), this.#timeOf(read));
    });
  }

  #readAccount({
    requestId,
    tradesSinceUs,
  }: Extract<AccountCommand, { type: "readAccount" }>): void {
    readAccount(this.#context, tradesSinceUs, (read) => {
      if (read.kind === "read")
        for (const order of read.value.openOrders) this.#memory.learn(order);
      this.#tell(accountRead(requestId, read), this.#timeOf(read));
    });
  }

  #readFees(): void {
    readFees(this.#context, this.#memory.instruments, (read) => {
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

  #venueNowMs(): number {
    return Math.floor((this.#ports.nowUs() + this.#offsetUs) / US_PER_MS);
  }

  #tell(event: Told, recvUs: number): void {
    this.#ports.emit({ ...event, venue: this.#venue, epoch: this.#epoch, recvUs });
  }

  /** A read that failed has no time of its own. */
  #timeOf(read: Read<unknown>): number {
    return read.kind === "read" ? read.recvUs : this.#ports.nowUs();
  }
}
