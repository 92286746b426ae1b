/**
 * What the engine of the scene does all day: invented orders from their placing to their end, alarms, frames of
 * the market. Every number follows from the seed and a counter.
 */
import type { CoreCommand } from "../../../hotpath/core/commands.ts";
import { clientIdOf } from "../../../hotpath/core/order/client-id.ts";
import type { AlarmRecord } from "../../../hotpath/core/trade/commands.ts";
import type { Random } from "../../venues/market/random.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { type EngineJournal, SCENE_FENCE } from "./engine-journal.ts";

const ALARM_KINDS = ["lateFill", "residual", "foreignOrder", "banned", "overfill"] as const;
const FRAME_BYTES = 1_500;
const WINDOW_US = 1_000_000;
const ORDER_LOTS = 1_000;
const PRICE_TICKS = 5_000_012;

export class TradingLife {
  readonly #kernel: Kernel;
  readonly #random: Random;
  #command = 0;

  constructor(kernel: Kernel, random: Random) {
    this.#kernel = kernel;
    this.#random = random;
  }

  /** One order, its fill and its end, and the market beside it. */
  trade(journal: EngineJournal): void {
    this.#command += 1;
    const command = this.#command;
    const { nowUs } = this.#kernel;
    const clientId = clientIdOf(SCENE_FENCE, command);
    const order = { venue: 0, instrument: this.#random.integer(2), clientId, side: "buy" } as const;
    journal.command({
      ...order,
      type: "placeOrder",
      command,
      fence: SCENE_FENCE,
      timeInForce: "ioc",
      priceTicks: PRICE_TICKS,
      lots: ORDER_LOTS,
      purpose: "open",
      cycle: 0,
      leg: 0,
      stampUs: nowUs,
      windowUs: WINDOW_US,
      limitsVersion: 0,
      books: [],
      isTest: false,
    });
    const orderId = `o-${command}`;
    const seen = { venue: 0, epoch: 1, recvUs: nowUs } as const;
    journal.event({ ...seen, type: "orderAccepted", clientId, orderId });
    journal.command(this.#fill(order, orderId));
    journal.command({
      type: "recordOrder",
      order: {
        ...order,
        orderId,
        cycle: 0,
        leg: 0,
        state: "filled",
        cause: "",
        priceTicks: PRICE_TICKS,
        lots: ORDER_LOTS,
        filledLots: ORDER_LOTS,
      },
    });
    journal.frame(FRAME_BYTES);
  }

  #fill(
    order: { venue: 0; instrument: number; clientId: string; side: "buy" },
    orderId: string,
  ): CoreCommand {
    const { nowUs } = this.#kernel;
    return {
      type: "recordFill",
      fill: {
        ...order,
        orderId,
        tradeId: String(9_007_199_254_740_993n + BigInt(this.#command)),
        priceTicks: PRICE_TICKS,
        lots: ORDER_LOTS,
        quote: "500.0012",
        fee: "0.00001",
        feeAsset: "BTC",
        isMaker: false,
        cycle: 0,
        leg: 0,
        exchangeUs: nowUs - 300,
        recvUs: nowUs,
      },
    };
  }

  /** Something that people must hear of: severity 1 as often as 2. */
  alarm(journal: EngineJournal): void {
    const kind = ALARM_KINDS[this.#random.integer(ALARM_KINDS.length)] ?? "lateFill";
    const severity = this.#random.integer(2) === 0 ? 1 : 2;
    const text = `invented by the simulator at order ${this.#command}`;
    const alarm: AlarmRecord = { severity, kind, venue: 0, instrument: 0, text };
    journal.command({ type: "recordAlarm", alarm });
  }
}
