/**
 * The rig with a memory of what a journal would hold of it: every event and command in order, with its tick.
 */
import type { CoreCommand } from "../../../../hotpath/core/commands.ts";
import type { TradeEvent } from "../../../../hotpath/core/trade/events.ts";
import type { TradingInput } from "../../../../hotpath/core/trade/restored.ts";
import { MS, type RigOptions, TradeRig } from "./rig.ts";

export class RecordingRig extends TradeRig {
  readonly inputs: TradingInput[] = [];
  readonly #asked = new Map<number, number>();
  #seen = 0;

  /** A rig that takes up what an earlier one left, as a process that begins anew. */
  static after(rig: TradeRig, restored: string, options: RigOptions = {}): RecordingRig {
    const fence = rig.trade.plan.fence + 1;
    return new RecordingRig({
      ...options,
      nowUs: rig.nowUs,
      plan: { ...options.plan, fence, restored },
    });
  }

  override event(event: TradeEvent): void {
    if (event.type === "accountRead") {
      const askedUs = this.#asked.get(event.requestId);
      if (askedUs !== undefined && event.outcome === "read") {
        const reading = { event, askedUs, nowUs: this.nowUs, hasBalances: true };
        this.inputs.push({ kind: "reading", reading });
      }
    } else if ("recvUs" in event) {
      this.inputs.push({ kind: "event", event, nowUs: this.nowUs });
    }
    super.event(event);
    this.#note();
  }

  override advance(us: number, stepUs = 50 * MS): void {
    const endUs = this.nowUs + us;
    while (this.nowUs < endUs) {
      super.advance(Math.min(stepUs, endUs - this.nowUs), stepUs);
      this.#note();
    }
  }

  override touch(...args: Parameters<TradeRig["touch"]>): void {
    super.touch(...args);
    this.#note();
  }

  #note(): void {
    for (; this.#seen < this.out.length; this.#seen++) {
      this.#noteOne(this.out[this.#seen] as CoreCommand);
    }
  }

  #noteOne(command: CoreCommand): void {
    const { nowUs, inputs } = this;
    switch (command.type) {
      case "placeOrder":
        inputs.push({ kind: "place", command, nowUs });
        return;
      case "cancelOrder":
        inputs.push({ kind: "cancel", clientId: command.clientId, nowUs });
        return;
      case "queryOrder":
        inputs.push({ kind: "query", clientId: command.clientId, nowUs });
        return;
      case "readAccount":
        this.#asked.set(command.requestId, nowUs);
        return;
      case "recordCycle":
        inputs.push({ kind: "cycleEnded", cycle: command.cycle.cycle });
        return;
      default:
        return;
    }
  }
}
