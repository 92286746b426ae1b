/**
 * Station: core, triangular arbitrage as the world's trader: the doors of this room, and nothing else.
 */
import type { BookSlot, Trader, World } from "../world.ts";
import type { TradeRecord } from "./commands.ts";
import { applyTradeEvent, checkTrading, closeAccounts, tradingDueUs } from "./engine.ts";
import type { TradeEvent } from "./events.ts";
import { recordFills } from "./fill-record.ts";
import { conclude, onBookVoid, onTouch } from "./fire.ts";
import type { TradingPlan } from "./plan.ts";
import { makeTrading, type Trading } from "./trading.ts";
import { digestOf } from "./trading-state.ts";

export class TriangleTrader implements Trader {
  readonly trade: Trading;
  readonly #world: World;
  #untold: readonly TradeRecord[];

  /** Makes the trader of a world and sets it in; a world has one. */
  static inhabit(world: World, plan: TradingPlan): TriangleTrader {
    const trader = new TriangleTrader(world, plan);
    world.trader = trader;
    return trader;
  }

  constructor(world: World, plan: TradingPlan) {
    this.#world = world;
    this.trade = makeTrading(world, plan);
    this.#untold = plan.untold ?? [];
  }

  onTouch(slot: BookSlot): void {
    onTouch(this.#world, this.trade, slot);
  }

  conclude(): void {
    conclude(this.#world, this.trade);
  }

  onVoid(slot: BookSlot): void {
    onBookVoid(this.trade, slot);
  }

  onEvent(event: TradeEvent): void {
    applyTradeEvent(this.#world, this.trade, event);
    recordFills(this.#world, this.trade);
  }

  onTimer(): void {
    this.#world.outbox.push(...this.#untold);
    this.#untold = [];
    checkTrading(this.#world, this.trade);
  }

  dueUs(): number {
    return tradingDueUs(this.#world, this.trade);
  }

  onShutdown(): void {
    closeAccounts(this.#world, this.trade, "shutdown");
  }

  fingerprint(): string {
    return digestOf(this.trade);
  }
}
