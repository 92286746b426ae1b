/**
 * Station: the word of the lease -> orders, by the production core as it is, in the place of a hot thread.
 *
 * Whoever holds it here would send at any moment: the gate and the core's own count of the lease are all that
 * keep it from that. Nothing in this file looks at the time that is left.
 */
import { assert } from "../../../contracts/assert.ts";
import { US_PER_MS, US_PER_S } from "../../../contracts/time.ts";
import { applyControl } from "../../../hotpath/core/engine.ts";
import type { ControlEvent } from "../../../hotpath/core/events.ts";
import type { PlaceOrder } from "../../../hotpath/core/trade/commands.ts";
import type { AccountEvent } from "../../../hotpath/core/trade/events.ts";
import { isDrained } from "../../../hotpath/core/trade/operator.ts";
import { sendOrder, stampOf } from "../../../hotpath/core/trade/send.ts";
import { TriangleTrader } from "../../../hotpath/core/trade/trader.ts";
import type { World } from "../../../hotpath/core/world.ts";
import { monotonicUs, nowUs } from "../../../hotpath/io/clock.ts";
import type { Random } from "../../venues/market/random.ts";
import type { Planned } from "../kernel/event-heap.ts";
import type { Kernel, Process } from "../kernel/kernel.ts";
import type { LeaseCounts } from "./lease-faults.ts";
import type { Fate, OrderDoor } from "./order-door.ts";
import {
  ASK_TICKS,
  type SenderStock,
  type SenderTerms,
  senderPlan,
  senderWorld,
} from "./sender-world.ts";

export type SenderParts = {
  readonly kernel: Kernel;
  readonly process: Process;
  readonly holder: string;
  readonly random: Random;
  readonly door: OrderDoor;
  readonly counts: LeaseCounts;
  readonly stock: SenderStock;
  readonly terms: SenderTerms;
  /** An order leaves. */
  readonly onSigned: (order: PlaceOrder) => void;
  /** The core has ended its own trading. */
  readonly onHalt: (reason: string) => void;
};

type WithoutAccount<Event> = Event extends unknown
  ? Omit<Event, "venue" | "epoch" | "recvUs">
  : never;
/** An event of the account before it is known of which connection it is. */
type Told = WithoutAccount<AccountEvent>;

const WISH_US: readonly [number, number] = [50 * US_PER_MS, 600 * US_PER_MS];
/** So many orders without an end are enough to know nothing of. */
const LIVE_MAX = 40;
const LOTS = 10;
const HEARD_EVERY_US = 5 * US_PER_S;
const FEE_PPB = 1_000_000;
const BALANCES = [
  { asset: "USDT", total: "100000", free: "", held: "" },
  { asset: "BTC", total: "1", free: "", held: "" },
];

export class Sender {
  readonly #parts: SenderParts;
  readonly #world: World;
  readonly #trader: TriangleTrader;
  #timer: Planned | undefined;
  #timerUs = Number.POSITIVE_INFINITY;
  #isStopped = false;
  #wishes = 0;
  #heardUs = 0;
  #deniedBy = "";

  constructor(parts: SenderParts) {
    this.#parts = parts;
    const { stock, terms } = parts;
    this.#world = senderWorld(stock, terms);
    this.#trader = TriangleTrader.inhabit(this.#world, senderPlan(stock, terms));
    this.#take({ type: "timerFired" });
    this.#wishLater();
  }

  /** A renewal, as `hotpath/hot-side.ts` takes it from the other thread. */
  onLease(validUntilUs: number, openFromUs: number): void {
    const shiftUs = nowUs() - monotonicUs();
    const untilUs = Math.floor(validUntilUs + shiftUs);
    const fromUs = openFromUs === 0 ? 0 : Math.ceil(openFromUs + shiftUs);
    this.#take({ type: "leaseHeld", untilUs, openFromUs: fromUs });
  }

  onLost(reason: string): void {
    this.#take({ type: "leaseLost", reason });
  }

  /** Begins nothing more. */
  drain(): void {
    this.#take({ type: "drainRequested", policy: "flatten", by: "sim" });
  }

  /** Answers took too long on the whole, so that it opens nothing for many minutes, lease or not. */
  get isCongested(): boolean {
    return this.#trader.trade.risk.venue(0).congestion.isCongested;
  }

  get isDrained(): boolean {
    return isDrained(this.#trader.trade);
  }

  /** Applies an event as the loop does, with a market that is always heard. */
  #take(event: ControlEvent): void {
    if (this.#isStopped) return;
    this.#hear();
    applyControl(this.#world, event, nowUs());
    this.#carryOut();
    this.#arm();
  }

  #hear(): void {
    const now = nowUs();
    for (const session of this.#world.sessions) session.lastRecvUs = now;
    for (const slot of this.#world.slots) slot.lastDeltaUs = now;
  }

  #tell(told: Told): void {
    const epoch = this.#trader.trade.accounts[0]?.epoch ?? 0;
    this.#take({ ...told, venue: 0, epoch, recvUs: nowUs() } as AccountEvent);
  }

  #arm(): void {
    const { kernel, process } = this.#parts;
    const dueUs = this.#trader.dueUs();
    if (dueUs === this.#timerUs || this.#isStopped) return;
    if (this.#timer !== undefined) kernel.cancel(this.#timer);
    this.#timer = undefined;
    this.#timerUs = dueUs;
    if (dueUs === Number.POSITIVE_INFINITY) return;
    const waitUs = Math.max(US_PER_MS, dueUs - nowUs());
    this.#timer = kernel.at(kernel.nowUs + waitUs, process, () => {
      this.#timerUs = Number.POSITIVE_INFINITY;
      this.#take({ type: "timerFired" });
    });
  }

  #wishLater(): void {
    const { kernel, process, random } = this.#parts;
    const waitUs = Math.round(random.between(...WISH_US));
    kernel.at(kernel.nowUs + waitUs, process, () => {
      if (this.#isStopped) return;
      this.#wish();
      if (kernel.nowUs - this.#heardUs >= HEARD_EVERY_US) {
        this.#heardUs = kernel.nowUs;
        this.#tell({ type: "accountHeard" });
      }
      this.#wishLater();
    });
  }

  /** A market event that wants an order at once: no timer of the core has run before it. */
  #wish(): void {
    const world = this.#world;
    const { trade } = this.#trader;
    if (trade.drain !== undefined || trade.orders.table.live.size >= LIVE_MAX) return;
    const [slot] = world.slots;
    assert(slot !== undefined, "the world has one book");
    this.#hear();
    world.tick++;
    world.nowUs = Math.max(world.nowUs, nowUs());
    this.#trader.onTouch(slot);
    this.#wishes++;
    const sent = sendOrder(
      world,
      trade,
      {
        venue: 0,
        instrument: 0,
        side: "buy",
        priceTicks: ASK_TICKS,
        lots: LOTS,
        purpose: "open",
        cycle: 0,
        leg: 0,
        books: [stampOf(world, 0)],
        deniedBy: this.#deniedBy,
      },
      { opportunity: this.#wishes, strategy: "triangle", edgePpm: 1000, cycleSinceUs: world.nowUs },
    );
    this.#deniedBy = sent.ok ? "" : sent.denial.control;
    if (!sent.ok) this.#countDenial(sent.denial.control);
    this.#carryOut();
    this.#arm();
  }

  #countDenial(control: string): void {
    const { seen } = this.#parts.counts;
    if (control === "PT31") seen.shortLeaseDenied++;
    else if (control === "PT30" || control === "PT21") seen.clockDenied++;
  }

  #carryOut(): void {
    const commands = this.#world.outbox.splice(0);
    for (const command of commands) {
      if (this.#isStopped) return;
      switch (command.type) {
        case "placeOrder":
          this.#place(command);
          break;
        case "halt":
          this.#isStopped = true;
          this.#parts.onHalt(command.reason);
          break;
        default:
          this.#ask(command);
          break;
      }
    }
  }

  #place(order: PlaceOrder): void {
    const { door, holder, process, onSigned } = this.#parts;
    onSigned(order);
    door.place(holder, order, process, (fate) => this.#onFate(order, fate));
  }

  #onFate({ clientId }: PlaceOrder, { kind, view }: Fate): void {
    if (kind === "accepted") {
      this.#tell({ type: "orderAccepted", clientId, orderId: view.orderId });
      this.#tell({ type: "orderReported", source: "answer", order: view });
      return;
    }
    const refusal = { class: "clock", code: "-1021", text: "outside of recvWindow" } as const;
    this.#tell({ type: "orderRefused", clientId, refusal: { ...refusal, isListed: true } });
  }

  /** Everything that is asked of the account and the clock. */
  #ask(command: World["outbox"][number]): void {
    const { kernel, door, process } = this.#parts;
    switch (command.type) {
      case "openAccount":
        door.ask(
          process,
          () => undefined,
          () => this.#tell({ type: "accountReady" }),
        );
        return;
      case "readFees": {
        const fee = { instrument: 0, makerPpb: FEE_PPB, takerPpb: FEE_PPB };
        const fees = [{ ...fee, paidIn: "quote", feeAsset: "" }] as const;
        door.ask(
          process,
          () => undefined,
          () => this.#tell({ type: "feesRead", fees }),
        );
        return;
      }
      case "readAccount": {
        const { requestId } = command;
        const none = { openOrders: [], fills: [], reason: "" };
        const told = {
          type: "accountRead",
          requestId,
          outcome: "read",
          balances: BALANCES,
        } as const;
        door.ask(
          process,
          () => undefined,
          () => this.#tell({ ...told, ...none }),
        );
        return;
      }
      case "queryOrder": {
        const { requestId, clientId } = command;
        const told = { type: "orderQueried", requestId, clientId, fills: [], reason: "" } as const;
        door.ask(
          process,
          () => door.find(clientId),
          (order) =>
            this.#tell({ ...told, outcome: order === undefined ? "notFound" : "found", order }),
        );
        return;
      }
      case "cancelOrder": {
        // Whatever was accepted has ended at once, so there is never anything to take back.
        const { clientId } = command;
        const refusal = { class: "noSuchOrder", code: "-2011", text: "", isListed: true } as const;
        door.ask(
          process,
          () => undefined,
          () => this.#tell({ type: "cancelRefused", clientId, refusal }),
        );
        return;
      }
      case "measureClock": {
        const askedUs = nowUs();
        door.ask(
          process,
          () => kernel.nowUs,
          (venueUs) => this.#onClock(askedUs, venueUs),
        );
        return;
      }
      default:
        return;
    }
  }

  /** Half of the round trip is the bound, as the reader of real venues reckons. */
  #onClock(askedUs: number, venueUs: number): void {
    const errorUs = Math.ceil((nowUs() - askedUs) / 2);
    const offsetUs = venueUs - (askedUs + errorUs);
    this.#take({ type: "clockMeasured", venue: 0, offsetUs, errorUs, weightUsed: -1 });
  }
}
